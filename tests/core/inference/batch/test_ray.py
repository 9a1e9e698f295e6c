"""Ray, for real, on a local cluster of several nodes: the same table, and no film lost when a node dies."""

from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from PIL import Image

from core.data.samples import list_samples
from core.inference.batch import engines, run
from core.inference.batch.engines import Scored
from core.inference.batch.films import Chunk, chunks
from core.inference.batch.score import Task
from core.runs.store import list_runs, served

pytestmark = [
    pytest.mark.slow,
    # Ray leaves sockets and files to the garbage collector.
    pytest.mark.filterwarnings("ignore"),
]
FILMS = 240


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("archive")
    samples = list_samples()
    for number in range(FILMS):
        with Image.open(samples[number % len(samples)].path) as film:
            film.convert("L").resize((900 + number, 700)).save(root / f"{number:03d}.png")
    (root / "broken.jpg").write_bytes(b"no film")
    return root


def test_a_node_dies_and_both_engines_give_equal_tables(archive, tmp_path, monkeypatch) -> None:
    """The only node with a free core scores the first chunk, and dies amid the next; then the other one gets free."""
    import ray
    from ray.cluster_utils import Cluster

    chosen = served(list_runs()[0])
    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 0, "include_dashboard": False})
    doomed = cluster.add_node(num_cpus=1)
    cluster.add_node(num_cpus=1, resources={"other": 1})
    left = []  # chunks that were not handed back when the node died

    class Busy:
        """Takes the core of the other node."""

    def on_a_failing_cluster(task: Task, work: list[Chunk], workers: int) -> Iterator[Scored]:
        for number, done in enumerate(engines.ray(task, work, workers)):
            if number == 0:
                cluster.remove_node(doomed, allow_graceful=False)
                ray.kill(busy)
            left.append(len(work) - number - 1)
            yield done

    monkeypatch.setattr(run, "chunks", lambda archive: chunks(archive, 4))
    monkeypatch.setitem(engines.ENGINES, "ray", on_a_failing_cluster)
    about = {"prevalence": 0.16, "workers": 3, "progress": False}
    try:
        ray.init(address=cluster.address, log_to_driver=False)
        cluster.wait_for_nodes()
        busy = ray.remote(num_cpus=1, resources={"other": 1})(Busy).remote()
        ray.get(busy.__ray_ready__.remote())
        done = run.screen(str(archive), tmp_path / "ray.parquet", chosen, engine="ray", **about)
    finally:
        ray.shutdown()
        cluster.shutdown()
    assert left == list(reversed(range(len(left))))
    assert left[0] > 50
    assert (done.scored + done.refused, done.error) == (FILMS + 1, 0)
    assert done.scored > FILMS / 2
    run.screen(str(archive), tmp_path / "local.parquet", chosen, **about)
    tables = [pq.read_table(tmp_path / f"{engine}.parquet") for engine in ("ray", "local")]
    assert tables[0].schema.equals(tables[1].schema, check_metadata=True)
    for found, expected in zip(*(table.to_pylist() for table in tables), strict=True):
        numbers = {name: pytest.approx(expected[name], abs=1e-6) for name in ("score", "probability")}
        assert found == expected | (numbers if expected["score"] is not None else {})

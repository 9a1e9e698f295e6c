"""Ray, for real, on a local cluster of several nodes: the same table, and no film lost when a node dies."""

import threading
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from PIL import Image

from core.runs import list_runs, served
from core.samples import list_samples
from core.screen.engines import ENGINES
from core.screen.films import chunks, open_archive
from core.screen.run import screen
from core.screen.score import Task

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
            film.convert("L").resize((96 + number, 96)).save(root / f"{number:03d}.png")
    (root / "broken.jpg").write_bytes(b"no film")
    return root


def test_a_node_dies_and_both_engines_give_equal_tables(archive, tmp_path) -> None:
    import ray
    from ray.cluster_utils import Cluster

    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 1, "include_dashboard": False})
    doomed = cluster.add_node(num_cpus=1)
    cluster.add_node(num_cpus=1)
    try:
        ray.init(address=cluster.address, log_to_driver=False)
        cluster.wait_for_nodes()
        chosen = served(list_runs()[0])
        task = Task(address=str(archive), model=chosen.run_id, weights_hash=chosen.record.weights_hash, prevalence=0.16)
        work = list(chunks(open_archive(str(archive)), 4))
        rows = {}
        killed = threading.Event()
        for chunk, table in ENGINES["ray"](task, work, 3):
            assert chunk.number not in rows
            rows[chunk.number] = table.to_pylist()
            if not killed.is_set():
                assert len(rows) < len(work)
                cluster.remove_node(doomed, allow_graceful=False)
                killed.set()
        assert killed.is_set()
    finally:
        ray.shutdown()
        cluster.shutdown()
    screen(str(archive), tmp_path / "local.parquet", chosen, prevalence=0.16, workers=1, progress=False)
    expected = pq.read_table(tmp_path / "local.parquet").to_pylist()
    found = [row for number in sorted(rows) for row in rows[number]]
    assert [row["file"] for row in found] == [row["file"] for row in expected]
    assert len(found) == FILMS + 1
    assert sum(row["status"] == "scored" for row in found) > FILMS / 2
    for one, other in zip(found, expected, strict=True):
        if other["score"] is not None:  # every other column is equal to the letter
            other |= {name: pytest.approx(other[name], abs=1e-6) for name in ("score", "probability")}
        assert one == other

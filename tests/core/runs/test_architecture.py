"""The layers in run records: complete for every committed run, readable in records of the first schema version."""

from pathlib import Path

import pytest

from core.errors import ArtifactError
from core.runs.architecture import field_centre
from core.runs.record import Run, RunRecord
from core.runs.store import committed_runs, read_run
from tests.support.runs import of_first_schema

RUNS = committed_runs()
every_run = pytest.mark.parametrize("run", RUNS, ids=lambda run: run.run_id)


@every_run
def test_layers_add_up_to_the_record(run: Run) -> None:
    found = run.architecture
    assert found.parameters == run.record.parameters
    assert found.multiply_adds == run.record.multiply_adds
    assert found.layers[-1].name == "logit"
    assert found.layers[-1].shape == (1,)


@every_run
def test_the_main_path_is_the_chain_of_shown_layers(run: Run) -> None:
    main = [layer.name for layer in run.architecture.main]
    assert [name for name in main if name not in ("average", "logit")] == [layer.name for layer in run.record.layers]


@every_run
def test_skips_join_layers_in_order(run: Run) -> None:
    order = [layer.name for layer in run.architecture.main]
    assert all(order.index(skip.start) < order.index(skip.end) for skip in run.architecture.skips)
    assert {skip.through for skip in run.architecture.skips} - {""} == run.architecture.beside
    assert bool(run.architecture.skips) == run.record.model.startswith("residual")


@every_run
def test_fields_grow_and_stay_on_the_film(run: Run) -> None:
    maps = [layer for layer in run.record.layers if layer.kind != "dense"]
    fields = [layer.receptive_field for layer in maps]
    assert fields == sorted(fields)
    for layer in maps:
        for centre, count, size in zip(
            layer.field_centre, layer.shape[:2], (run.input.height, run.input.width), strict=True
        ):
            assert 0 <= centre <= centre + (count - 1) * layer.field_step <= size - 1
    assert all(layer.field_centre == () for layer in run.architecture.of_kind("dense"))


@pytest.mark.parametrize(
    ("shape", "step", "field", "centre"),
    [
        ((62, 62, 32), 1, 3, (1.0, 1.0)),  # no padding: the first field begins at the edge
        ((8, 8, 4), 1, 3, (0.0, 0.0)),  # padding by one pixel on each side
        ((4, 2, 4), 2, 3, (0.5, 1.0)),  # the rows reach over the edge by one pixel, the columns do not
    ],
)
def test_first_fields_begin_at_the_edge_or_reach_over_it(shape, step, field, centre) -> None:
    size = {32: (64, 64), 4: (8, 8)}[shape[2]]
    assert field_centre(shape, step, field, size) == centre


@every_run
def test_runs_of_the_first_schema_version_keep_their_chain(run: Run) -> None:
    """Where the receptive fields lie follows from the chain, so that maps can be drawn on the film."""
    assert RunRecord.from_json(of_first_schema(run), Path("run.json")).layers == run.record.layers


def test_runs_of_the_first_schema_version_say_what_is_missing(tmp_path: Path) -> None:
    run = next(run for run in RUNS if run.architecture.skips)
    folder = tmp_path / run.run_id
    folder.mkdir()
    (folder / "run.json").write_text(of_first_schema(run))
    older = read_run(folder, own=True)
    assert older.record.threshold == run.record.threshold
    with pytest.raises(ArtifactError, match=r"did not record all layers; .*scripts\.describe_runs"):
        _ = older.architecture


def test_a_trained_run_has_all_layers(trained_folder: Path) -> None:
    for path in sorted(trained_folder.glob("*/run.json")):
        run = read_run(path.parent, own=True)
        assert run.architecture.parameters == run.record.parameters
        assert run.architecture.layers[-1].name == "logit"

"""The evidence of drawn films and brightness models: what it finds, what it keeps, what it enters into the ledger."""

import json

import pytest

from core.data.dataset import read_dataset
from core.errors import ArtifactError
from core.evaluation.metrics import auroc
from core.evidence import collect as module
from core.evidence.collect import collect
from core.evidence.groups import by_number, first_films, subgroups
from core.evidence.read import read_evidence
from core.imaging.perturbations import FACTORS
from core.manifest import check_all
from core.runs.ledger import read_ledger
from tests.core.evidence.conftest import write_brightness_run
from tests.support.scores import scores_of


@pytest.fixture
def dataset(planted_folder):
    return read_dataset(planted_folder)


@pytest.fixture
def no_classifier(monkeypatch) -> None:
    """The shift's classifier takes most of the time on drawn films and has tests of its own."""
    monkeypatch.setattr(module.image_shift, "tell_apart", lambda films: [])


@pytest.fixture
def runs(no_artifacts, planted_folder):
    return [write_brightness_run(no_artifacts, planted_folder, seed, 20.0 + 5 * seed) for seed in (0, 1)]


def test_what_is_found_and_kept(dataset, runs, no_artifacts, planted_folder, monkeypatch) -> None:
    evidence = collect(dataset, runs)
    assert read_evidence() == json.loads(json.dumps(module.without_nan(evidence)))
    assert evidence["runs"].keys() == {"dense-s0", "dense-s1"}
    assert check_all() == []
    found = evidence["runs"]["dense-s0"]
    for split in ("validation", "test"):
        shortcut = found["shortcut"][split]
        assert list(shortcut) == ["whole", "lungs_masked", "lungs_only"]
        assert shortcut["whole"]["by_patient"]["value"] > 0.95  # brightness was planted
        assert shortcut["lungs_masked"]["by_patient"]["value"] > 0.8  # and lies outside the lungs as well
    curves = found["stress_curves"]
    assert curves["films"] == 2 * curves["positives"]
    assert list(curves["factors"]) == list(FACTORS)
    for name, factor in curves["factors"].items():
        neutral = factor["levels"].index(factor["neutral"])
        assert factor["auroc"]["value"][neutral] == curves["factors"]["blur"]["auroc"]["value"][0], name
    sensitivity = curves["factors"]["exposure"]["sensitivity"]["value"]
    assert sensitivity == sorted(sensitivity, reverse=True)
    assert found["subgroups"].keys() == {"bacteria", "virus", "first_film"}
    assert evidence["baselines"].keys() == {"byte_size", "aspect_ratio", "thumbnail"}
    assert evidence["baselines"]["thumbnail"]["evaluations"]["test"]["metrics"]["auroc"]["value"] > 0.95
    assert "stress_validation" not in evidence["baselines"]["byte_size"]["evaluations"]
    variation = {(row["split"], row["metric"]): row for row in evidence["seed_variation"]}
    assert variation["test", "auroc"]["seeds"] == 2

    lines = read_ledger(no_artifacts)
    looks = sorted((line.run, line.note.split(":")[0].split(".")[0]) for line in lines)
    per_run = ["Shortcut score", "Shortcut score", "Subgroups"]
    assert looks == sorted(
        [(f"dense-s{seed}", note) for seed in (0, 1) for note in per_run]
        + [(f"baseline:{name}", "") for name in evidence["baselines"]]
        + [("films", module.SHIFT_NOTE.split(".")[0])]
    )
    by_name = {line.run: line for line in lines}
    assert by_name["baseline:byte_size"].weights_hash == evidence["baselines"]["byte_size"]["record_hash"]
    assert by_name["films"].auroc == ""

    scored: list[str] = []
    real = module.Model

    def counting(run):
        scored.append(run.run_id)
        return real(run)

    monkeypatch.setattr(module, "Model", counting)
    monkeypatch.setattr(module, "measure_films", lambda *a: pytest.fail("films were measured again"))
    again = collect(dataset, runs)
    assert scored == []
    assert json.loads(json.dumps(module.without_nan(again))) == read_evidence()
    assert again["runs"] == module.without_nan(evidence["runs"])
    assert len(read_ledger(no_artifacts)) == len(lines)

    runs[1] = write_brightness_run(no_artifacts, planted_folder, 1, 3.0)  # trained anew
    after = collect(dataset, runs)
    assert scored == ["dense-s1"]
    assert after["runs"]["dense-s0"] == again["runs"]["dense-s0"]
    assert after["runs"]["dense-s1"]["weights_hash"] == runs[1].record.weights_hash
    assert collect(dataset, runs[:1])["runs"].keys() == {"dense-s0"}


def test_test_labels_are_left_alone_when_told_so(dataset, runs, no_artifacts, no_classifier) -> None:
    evidence = collect(dataset, runs[:1], with_test=False)
    assert read_ledger(no_artifacts) == []
    assert list(evidence["runs"]["dense-s0"]["shortcut"]) == ["validation"]
    assert "subgroups" not in evidence["runs"]["dense-s0"]
    assert all("test" not in baseline["evaluations"] for baseline in evidence["baselines"].values())
    assert not list(no_artifacts.rglob("baselines/*/scores_test.csv"))
    assert "test" not in evidence["image_shift"]["means"]["normal"]["gray_mean"]


def test_a_run_kept_as_scores_alone_has_no_findings(dataset, runs, no_artifacts, no_classifier) -> None:
    (runs[1].folder / "model.onnx").unlink()
    module.write_manifest()
    evidence = collect(dataset, runs, with_test=False)
    assert evidence["runs"].keys() == {"dense-s0"}
    assert {row["seeds"] for row in evidence["seed_variation"]} == {2}


def test_evidence_of_other_settings_or_damaged_is_made_anew(dataset, runs, no_artifacts, no_classifier) -> None:
    collect(dataset, runs[:1], with_test=False)
    wanted = module.settings(dataset, with_test=False)
    assert module._known(wanted)["runs"].keys() == {"dense-s0"}
    assert module._known({**wanted, "schema_version": 0})["runs"] == {}
    (no_artifacts / "evidence.json").write_text("{")
    assert module._known(wanted)["runs"] == {}
    with pytest.raises(ArtifactError, match=r"evidence\.json is damaged"):
        read_evidence()
    module.write_manifest()
    with pytest.raises(ArtifactError, match=r"evidence\.json is damaged.*make_evidence"):
        read_evidence()


def test_missing_evidence_is_named(no_artifacts) -> None:
    with pytest.raises(ArtifactError, match=r"evidence\.json is missing"):
        read_evidence()


def test_first_films_are_one_for_each_patient_and_class() -> None:
    scores = scores_of([0, 0, 1, 1, 1], [0.1, 0.2, 0.7, 0.8, 0.9], ["a", "a", "b", "a", "b"])
    assert first_films(scores).sample_id.tolist() == ["film-0", "film-2", "film-3"]
    assert auroc(first_films(scores)) == 1


def test_films_are_parted_by_whether_their_number_is_in_train() -> None:
    scores = scores_of([0, 0, 1, 1], [0.1, 0.9, 0.2, 0.8], cluster_id=["IM-1", "IM-2", "person1", "person2"])
    found = by_number(scores, 0.5, {"IM-1", "person1"})
    assert (found["shared"].n, found["new"].n) == (2, 2)
    assert found["shared"].metrics["sensitivity"].value == 0
    assert found["new"].metrics["sensitivity"].value == 1
    assert by_number(scores, 0.5, set()).keys() == {"new"}


def test_a_data_set_without_pathogens_has_first_films_alone() -> None:
    scores = scores_of([0, 0, 1, 1], [0.1, 0.2, 0.7, 0.8])
    assert subgroups(scores, 0.5).keys() == {"first_film"}

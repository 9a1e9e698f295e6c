"""``evaluate`` on score tables: whose threshold it takes, and subgroups where the file names tell the pathogen."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.evaluation.evaluate import evaluate
from core.evaluation.tables import write_scores
from core.evaluation.types import Scores
from tests.support.scores import seeded


@pytest.fixture
def scores() -> Scores:
    """Normals, and pneumonias whose names tell bacteria, virus, or in four cases nothing."""
    plain = seeded(0, n=80)
    names = [f"test/NORMAL/IM-{i:04d}-0001.jpeg" for i in range(len(plain))]
    for number, film in enumerate(np.flatnonzero(plain.y_true)):
        pathogen = "bacteria" if number % 3 else "virus"
        names[film] = f"test/PNEUMONIA/{'film' if number < 4 else 'person'}{film}_{pathogen}_1.jpeg"
    return replace(plain, sample_id=np.array(names))


def documents(command, scores: Scores, path: Path) -> tuple[dict, str]:
    write_scores(scores, path)
    answers = [command("evaluate", "--scores", path, "--threshold", "0.5", *flag) for flag in (["--json"], [])]
    assert [status for status, _, _ in answers] == [0, 0]
    return json.loads(answers[0][1]), answers[1][1]


def test_each_pathogen_stands_against_all_normals(command, scores, tmp_path) -> None:
    found, text = documents(command, scores, tmp_path / "scores.csv")
    assert set(found["subgroups"]) == {"bacteria", "virus", "unknown pathogen"}
    assert found["subgroups"]["unknown pathogen"]["positives"] == 4
    for name, one in found["subgroups"].items():
        films = [
            truth == 0 or (("film" in sample) if name == "unknown pathogen" else f"person{i}_{name}" in sample)
            for i, (sample, truth) in enumerate(zip(scores.sample_id, scores.y_true, strict=True))
        ]
        again = evaluate(scores.take(np.array(films), name), 0.5).to_dict()
        assert one == again
    assert "By pathogen" in text


def test_names_that_tell_nothing_make_no_subgroups(command, tmp_path) -> None:
    found, text = documents(command, seeded(0, n=80), tmp_path / "scores.csv")
    assert found["subgroups"] == {}
    assert "pathogen" not in text


def test_a_strangers_table_is_not_judged_at_our_threshold(command, tmp_path) -> None:
    write_scores(seeded(0, n=80), tmp_path / "scores.csv")
    status, out, _ = command("evaluate", "--scores", tmp_path / "scores.csv")
    assert status == 0
    assert "threshold 0.5000 (default, since no run.json lies beside the table)" in out


def test_a_runs_table_gets_that_runs_frozen_threshold(command, no_artifacts, trained_folder, tmp_path) -> None:
    shutil.copytree(trained_folder / "dense-s3", tmp_path / "elsewhere" / "dense-s3")
    table = tmp_path / "elsewhere" / "dense-s3" / "scores_test.csv"
    frozen = json.loads((table.parent / "run.json").read_text())["threshold"]
    status, out, err = command("evaluate", "--scores", table, "--json")
    assert status == 0, err
    found = json.loads(out)
    assert (found["threshold"], found["threshold_source"]) == (frozen, "frozen threshold of dense-s3")


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (("--threshold", "1.2"), "--threshold 1.2: must lie between 0 and 1"),
        (("--threshold", "nan"), "--threshold nan"),
        (("--threshold", ".5", "--model", "dense"), "give one of them"),
    ],
)
def test_wrong_thresholds_are_refused(command, tmp_path, options, reason) -> None:
    write_scores(seeded(0, n=80), tmp_path / "scores.csv")
    status, out, err = command("evaluate", "--scores", tmp_path / "scores.csv", *options)
    assert (status, out) == (2, "")
    assert reason in err


def test_a_film_without_a_stored_score_is_named(
    command, no_artifacts, trained_folder, dataset_folder, tmp_path
) -> None:
    run = tmp_path / "runs" / "dense-s3"
    shutil.copytree(trained_folder / "dense-s3", run)
    kept = [line for line in (run / "scores_test.csv").read_text().splitlines() if "person100_virus" not in line]
    (run / "scores_test.csv").write_text("\n".join(kept) + "\n")
    arguments = ("evaluate", "--data", dataset_folder, "--split", "test", "--model", "own:dense-s3")
    status, out, err = command(*arguments, "--json")
    assert status == 0, err
    found = json.loads(out)
    assert found["difference_from_stored_scores"] < 1e-6
    assert found["without_stored_score"] == ["test/PNEUMONIA/person100_virus_1.jpeg"]
    assert "No stored score, since unreadable at training: test/PNEUMONIA/person100" in command(*arguments)[1]

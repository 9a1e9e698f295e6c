"""``compare`` on the command line: what it prints, where its thresholds come from, what it refuses."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.evaluation.paired_tests import COMPARED, Candidate, compare_all
from core.evaluation.tables import write_scores
from core.evaluation.types import Scores
from core.manifest import write_manifest
from core.wording import finding_sentence
from tests.support.scores import seeded


@pytest.fixture
def pair() -> tuple[Scores, Scores]:
    """A model and a noisier one on the same films of the same patients."""
    a = seeded(0, n=160, per_patient=2)
    noise = np.random.default_rng(1).normal(scale=0.4, size=len(a))
    return a, replace(a, y_score=np.clip(np.round(a.y_score + noise, 2), 0, 1))


@pytest.fixture
def tables(pair, tmp_path: Path) -> tuple[Path, Path]:
    paths = tmp_path / "a.csv", tmp_path / "b.csv"
    for scores, path in zip(pair, paths, strict=True):
        write_scores(scores, path)
    return paths


@pytest.fixture
def runs(no_artifacts, trained_folder) -> Path:
    """Two trained runs in place of the committed artifacts."""
    for path in trained_folder.iterdir():
        if path.is_dir():
            shutil.copytree(path, no_artifacts / path.name)
    write_manifest()
    return no_artifacts


def document(answer) -> dict:
    status, out, err = answer
    assert status == 0, err
    return json.loads(out)


def test_findings_are_those_of_the_paired_comparison(command, tables, pair) -> None:
    found = document(command("compare", *tables, "--threshold-a", ".4", "--threshold-b", ".6", "--json"))
    candidates = [
        Candidate(scores=replace(scores, name=path.name), threshold=threshold)
        for scores, path, threshold in zip(pair, tables, (0.4, 0.6), strict=True)
    ]
    assert found["findings"] == [
        finding.to_dict() | {"sentence": finding_sentence(finding)} for finding in compare_all(candidates)
    ]
    assert (found["n"], found["clusters"], found["draws"]) == (160, len(np.unique(pair[0].cluster_id)), 2000)
    assert [(one["threshold"], one["threshold_source"]) for one in found["tables"]] == [(0.4, "given"), (0.6, "given")]
    for finding in found["findings"]:
        a, b = (one["metrics"][finding["metric"]]["value"] for one in found["tables"])
        assert finding["difference"]["value"] == pytest.approx(a - b)


def test_text_names_thresholds_tests_and_verdicts(command, tables) -> None:
    status, out, _ = command("compare", *tables)
    assert status == 0
    assert out.count("threshold 0.5000 (default") == 2
    for expected in ("exact McNemar", "DeLong", "Holm", "AUROC: a.csv is clearly better than b.csv", "2,000 draws"):
        assert expected in out


def test_tables_of_runs_get_their_frozen_thresholds_and_names(command, runs) -> None:
    paths = [runs / run / "scores_test.csv" for run in ("dense-s3", "cnn_adam_dropout-s3")]
    frozen = [json.loads((path.parent / "run.json").read_text())["threshold"] for path in paths]
    found = document(command("compare", *paths, "--json"))["tables"]
    assert [one["name"] for one in found] == ["dense-s3", "cnn_adam_dropout-s3"]
    assert [one["threshold"] for one in found] == frozen
    assert found[0]["threshold_source"] == "frozen threshold of dense-s3"
    found = document(command("compare", *paths, "--model-a", "cnn_adam_dropout-s3", "--threshold-b", "0", "--json"))
    assert [one["threshold"] for one in found["tables"]] == [frozen[1], 0]


def test_three_tables_give_every_pair_and_holm_over_them(command, tables, pair, tmp_path) -> None:
    third = tmp_path / "c.csv"
    write_scores(replace(pair[0], y_score=1 - pair[0].y_score), third)
    found = document(command("compare", *tables, third, "--json"))["findings"]
    assert len(found) == 3 * len(COMPARED)
    aurocs = [finding for finding in found if finding["metric"] == "auroc"]
    assert [(one["a"], one["b"]) for one in aurocs] == [("a.csv", "b.csv"), ("a.csv", "c.csv"), ("b.csv", "c.csv")]
    assert max(one["p_adjusted"] for one in aurocs) >= max(one["p"] for one in aurocs)
    assert min(one["p_adjusted"] for one in aurocs) == pytest.approx(3 * min(one["p"] for one in aurocs))


def test_rows_in_another_order_change_nothing(command, tables, pair) -> None:
    before = document(command("compare", *tables, "--json"))
    write_scores(pair[1].take(np.random.default_rng(2).permutation(len(pair[1]))), tables[1])
    after = document(command("compare", *tables, "--json"))
    for one, other in zip(before["findings"], after["findings"], strict=True):
        assert one["difference"]["low"] == pytest.approx(other["difference"]["low"])
        assert one["sentence"] == other["sentence"]


def test_a_table_against_its_copy_is_indistinguishable(command, tables, tmp_path) -> None:
    (tmp_path / "other").mkdir()
    copy = Path(shutil.copy(tables[0], tmp_path / "other" / "a.csv"))
    found = document(command("compare", tables[0], copy, "--json"))
    assert [one["name"] for one in found["tables"]] == [str(tables[0]), str(copy)]
    assert all(one["difference"]["value"] == 0 and not one["distinguishable"] for one in found["findings"])


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (None, "no such file"),
        ("", "empty"),
        ("sample_id,y_true\nf,1\n", "no column y_score"),
        ("sample_id,y_true,y_score\nf,1,0.5\ng,1,0.6\n", "both classes"),
        ("sample_id,y_true,y_score\nf,1,1.5\ng,0,0.6\n", "between 0 and 1"),
        ("sample_id,y_true,y_score\nf,1,nan\ng,0,0.6\n", "finite"),
        ("sample_id,y_true,y_score\nf,1,\ng,0,0.6\n", "not a number"),
        ("sample_id,y_true,y_score\nf,2,0.5\ng,0,0.6\n", "y_true is 2"),
        ("sample_id,y_true,y_score\nf,1,0.5\nf,1,0.5\ng,0,0.6\n", "more than once"),
        ("sample_id,y_true,y_score\nf,1,0.5\ng,0,0.6\n", "different films"),
    ],
)
def test_a_bad_table_is_named_in_one_line(command, tables, content, reason) -> None:
    if content is None:
        tables[1].unlink()
    else:
        tables[1].write_text(content)
    refused(command("compare", *tables, "--json"), str(tables[1]), reason)


@pytest.mark.parametrize(("column", "reason"), [("y_true", "different labels"), ("cluster_id", "different patient")])
def test_tables_that_disagree_about_a_film_are_refused(command, tables, pair, column, reason) -> None:
    values = getattr(pair[1], column).copy()
    values[7] = 1 - values[7] if column == "y_true" else "somebody else"
    write_scores(replace(pair[1], **{column: values}), tables[1])
    refused(command("compare", *tables), str(tables[1]), reason)


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (("--threshold-a", "nan"), "--threshold-a"),
        (("--threshold-b", "1.2"), "--threshold-b 1.2"),
        (("--model-b", "resnet"), "'resnet'"),
        (("--model-a", "dense", "--threshold-a", ".5"), "not allowed with"),
    ],
)
def test_wrong_options_are_refused(command, tables, options, reason) -> None:
    status, out, err = command("compare", *tables, *options)
    assert (status, out) == (2, "")
    assert reason in err


def test_models_are_compared_on_a_labelled_folder(command, runs, dataset_folder) -> None:
    """The same findings as from tables of the same scores."""
    folder = document(command("compare", "dense", "cnn_adam_dropout", "--data", dataset_folder / "test", "--json"))
    split = document(
        command("compare", "dense", "cnn_adam_dropout", "--data", dataset_folder, "--split", "test", "--json")
    )
    assert (folder["n"], folder["clusters"]) == (16, 8)
    assert [one["name"] for one in folder["tables"]] == ["dense-s3", "cnn_adam_dropout-s3"]
    assert all(one["threshold_source"].startswith("frozen threshold of") for one in folder["tables"])
    assert folder["findings"] == split["findings"]


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("dense", "resnet", "--data", "{data}"), "'resnet'"),
        (("dense", "cnn_sgd", "--data", "{data}"), "cnn_sgd has not been trained"),
        (("dense", "cnn_adam_dropout", "--data", "nowhere"), "nowhere: no such folder"),
        (("dense", "cnn_adam_dropout", "--data", "{data}", "--threshold-a", ".5"), "leave out --threshold"),
    ],
)
def test_models_or_folders_that_cannot_be_compared_are_refused(command, runs, dataset_folder, arguments, reason):
    status, out, err = command("compare", *(word.format(data=dataset_folder) for word in arguments))
    assert (status, out) == (2, "")
    assert reason in err


def test_one_table_is_not_enough(command, tables) -> None:
    status, out, err = command("compare", tables[0])
    assert (status, out) == (2, "")
    assert "required: B" in err


def test_a_damaged_run_beside_the_table_is_named(command, tables) -> None:
    (tables[0].parent / "run.json").write_text("{")
    refused(command("compare", *tables), "run.json", "damaged")


def refused(answer, file: str, reason: str) -> None:
    """Exit status 2, nothing on standard output, one line with the file and the reason."""
    status, out, err = answer
    assert (status, out) == (2, "")
    assert len(err.strip().splitlines()) == 1
    assert file in err
    assert reason in err

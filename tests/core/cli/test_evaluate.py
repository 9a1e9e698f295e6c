"""``evaluate`` on score tables: subgroups by pathogen where the file names tell it."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.evaluation.evaluate import evaluate
from core.evaluation.tables import write_scores
from core.evaluation.types import Scores
from tests.core.evaluation.tables import seeded


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

"""The gate before the score: what is refused has no score, what is doubted says so, a damaged gate is an error."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.data.samples import list_not_films, list_samples
from core.gate.check import GATE_FILE, REASONS
from core.manifest import write_manifest
from core.paths import artifacts_dir
from core.runs.store import list_runs, served
from core.wording import UNCHECKED

ANSWER = ("score", "probability", "threshold", "positive", "conformal_set", "verdict")


def test_a_film_is_scored_and_a_picture_that_is_none_is_refused(command) -> None:
    film, other = list_samples()[0].path, list_not_films()[0].path
    status, out, err = command("score", film, other, "--json")
    rows = json.loads(out)["files"]
    assert status == 2
    assert [(row["status"], row["gate"]) for row in rows] == [("scored", "accept"), ("refused", "refuse")]
    assert rows[0]["reason"] is None
    assert all(rows[1][key] is None for key in ANSWER)
    assert rows[1]["reason"] == f"{other}: {REASONS['other']}"
    assert err.strip() == f"Refused: {rows[1]['reason']}"


def test_a_turned_film_is_refused_with_what_to_do(command, tmp_path: Path) -> None:
    turned = tmp_path / "turned.png"
    with Image.open(list_samples()[0].path) as image:
        Image.fromarray(np.rot90(np.asarray(image), 2)).save(turned)
    status, out, err = command("score", turned)
    assert status == 2
    assert "turn it by 180 degrees" in err
    assert "refused" in out


def test_a_checked_film_is_not_called_unchecked(command) -> None:
    status, out, err = command("score", list_samples()[0].path)
    assert (status, err) == (0, "")
    assert UNCHECKED not in out


@pytest.fixture
def copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The served run, the samples and the gate in an artifacts folder that a test may damage."""
    folder = tmp_path / "artifacts"
    for name in (served(list_runs()[0]).run_id, "samples", "gate"):
        shutil.copytree(artifacts_dir() / name, folder / name)
    monkeypatch.setenv("LUNGLENS_ARTIFACTS", str(folder))
    write_manifest()
    return folder


def test_without_a_gate_a_score_says_that_nobody_checked(copied: Path, command) -> None:
    shutil.rmtree(copied / "gate")
    write_manifest()
    film = list_not_films()[0].path
    status, out, _ = command("score", film, "--json")
    assert (status, json.loads(out)["files"][0]["gate"]) == (0, "not_checked")
    assert UNCHECKED in command("score", film)[1]


def test_a_damaged_gate_is_an_error_and_no_score(copied: Path, command) -> None:
    path = copied / GATE_FILE
    path.write_bytes(path.read_bytes()[:-1])
    status, out, err = command("score", list_samples()[0].path)
    assert (status, out) == (2, "")
    assert "gate.npz is damaged" in err

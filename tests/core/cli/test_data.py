import json
import sys
import types
from pathlib import Path

import pytest

from core.cli.main import main
from core.wording import LICENCE


@pytest.fixture(autouse=True)
def no_committed_split(tmp_path, monkeypatch):
    monkeypatch.setenv("LUNGLENS_ARTIFACTS", str(tmp_path / "artifacts"))


@pytest.fixture
def root(tmp_path, make_film) -> Path:
    """Six drawn films: one twice in train, one unreadable, one patient in train and test."""
    names = {
        "train/NORMAL/IM-0001-0001.jpeg": 1,
        "train/NORMAL/IM-0002-0001.jpeg": 2,
        "train/NORMAL/IM-0003-0001.jpeg": 2,
        "train/PNEUMONIA/person1_virus_1.jpeg": 3,
        "test/NORMAL/NORMAL2-IM-0001-0001.jpeg": 4,
        "test/PNEUMONIA/person7_bacteria_1.jpeg": None,
    }
    for name, seed in names.items():
        path = tmp_path / "set" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"" if seed is None else make_film(seed=seed, width=96, height=80))
    (tmp_path / "set" / "val").mkdir()
    return tmp_path / "set"


def test_json_is_one_document(root, capsys):
    assert main(["data", "--data", str(root), "--json"]) == 0
    captured = capsys.readouterr()
    document = json.loads(captured.out)
    assert document["films"] == 6
    assert document["notebook_films"] == 5385
    assert document["identical_pixels"]["groups"] == 1
    assert [film["sample_id"] for film in document["unreadable"]] == ["test/PNEUMONIA/person7_bacteria_1.jpeg"]
    assert document["licence"] == "CC BY 4.0"
    assert document["citation"] == LICENCE
    assert "Reading 6 films" in captured.err


def test_text(root, capsys):
    assert main(["data", "--data", str(root)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert any(line.startswith("6 films in train and test") and "5,385" in line for line in lines)
    assert any(
        line.split() == ["train", "|", "test", "wide", "NORMAL", "1", "1", "of", "3", "1", "of", "1"] for line in lines
    )
    assert any(line.startswith("identical pixels  1 ") for line in lines)
    assert "  train/NORMAL/IM-0002-0001.jpeg = train/NORMAL/IM-0003-0001.jpeg" in lines
    assert "Unreadable files: 1" in lines
    assert "  test/PNEUMONIA/person7_bacteria_1.jpeg: the file is empty; export it again." in lines
    assert any(line.startswith("Ignored val/") for line in lines)
    assert lines[-1] == LICENCE


def test_counts_add_up(root, capsys):
    main(["data", "--data", str(root)])
    table = [
        line.split() for line in capsys.readouterr().out.splitlines() if line.startswith(("train ", "all ", "test "))
    ]
    assert ["all", "both", "any", "6", "5", "6"] in table
    assert ["test", "PNEUMONIA", "bacteria", "1", "1", "1"] in table


def test_fetched_folder_is_audited(root, capsys, monkeypatch):
    kagglehub = types.ModuleType("kagglehub")
    kagglehub.dataset_download = lambda handle: str(root)
    monkeypatch.setitem(sys.modules, "kagglehub", kagglehub)
    assert main(["data", "--fetch", "kaggle", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["root"] == str(root)


@pytest.mark.parametrize("arguments", [["--data", "missing"], ["--fetch", "kaggle"]])
def test_mistakes_are_one_line_and_status_2(arguments, capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "kagglehub", None)
    assert main(["data", *arguments, "--json"]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.splitlines()[-1].startswith("Error: ")


@pytest.mark.parametrize("arguments", [[], ["--data", "a", "--fetch", "kaggle"], ["--fetch", "elsewhere"]])
def test_wrong_usage_is_status_2(arguments):
    with pytest.raises(SystemExit) as stopped:
        main(["data", *arguments])
    assert stopped.value.code == 2

"""Tiny data sets of drawn films, named as the real ones are."""

from collections.abc import Callable
from pathlib import Path

import pytest

FILMS = {
    "train/NORMAL": ["IM-0001-0001.jpeg", "NORMAL2-IM-0001-0001.jpeg", "IM-0003-0001-0001.jpeg", "IM-0004-0001.jpeg"],
    "train/PNEUMONIA": [
        "person1_bacteria_1.jpeg",
        "person1_bacteria_2.jpeg",
        "person1_virus_3.jpeg",
        "person2_virus_4.jpeg",
        "person3_virus_5_1.jpeg",
    ],
    "test/NORMAL": ["IM-0001-0002.jpeg", "IM-0009-0001.jpeg"],
    "test/PNEUMONIA": ["person1_bacteria_9.jpeg", "person8_bacteria_10.jpeg", "person8_bacteria_11.jpeg"],
}


@pytest.fixture(autouse=True)
def no_committed_split(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No split file is at hand unless a test writes one."""
    monkeypatch.setenv("LUNGLENS_ARTIFACTS", str(tmp_path / "artifacts"))


@pytest.fixture
def make_dataset(tmp_path: Path, make_film: Callable[..., bytes]) -> Callable[..., Path]:
    """``make_dataset(folder, films)`` draws a different film for each name; returns the folder."""

    def make(folder: str = "chest_xray", films: dict[str, list[str]] = FILMS) -> Path:
        names = [f"{place}/{name}" for place, members in films.items() for name in members]
        for seed, name in enumerate(names):
            path = tmp_path / folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(make_film(seed=seed, width=96, height=80))
        return tmp_path / folder

    return make

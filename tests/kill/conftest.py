"""The forking process, the drawn films and two small runs, made once for all kills."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.kill.killing import Forks
from tests.support.films import draw_dataset


@pytest.fixture(scope="session")
def films(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data set of 40 train and 16 test films; read only."""
    return draw_dataset(tmp_path_factory.mktemp("drawn"))


@pytest.fixture(scope="module")
def forks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Forks]:
    """A process with TensorFlow imported; each task is a child of it."""
    made = Forks(
        tmp_path_factory.mktemp("log") / "log.txt", "core.cli.train", "core.cli.search", "core.training.search"
    )
    yield made
    made.close()

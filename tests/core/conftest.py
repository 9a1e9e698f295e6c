"""A small drawn data set and a run trained on it, made once for all tests of core."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.films import draw_dataset
from tests.support.shared import made_once


@pytest.fixture(scope="session")
def dataset_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data set of 40 train and 16 test films; read only."""
    return made_once(tmp_path_factory, "drawn-data", draw_dataset)


@pytest.fixture(scope="session")
def trained_folder(dataset_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Runs of the dense baseline and of a CNN, two epochs each, trained on the drawn films."""

    def train(out: Path) -> None:
        from core.models.registry import get_model
        from core.training.run import train_run

        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("LUNGLENS_CACHE", str(tmp_path_factory.mktemp("cache")))
            for name in ("dense", "cnn_adam_dropout"):
                train_run(get_model(name), dataset_folder, out, seed=3, epochs=2, progress=False)

    return made_once(tmp_path_factory, "trained-runs", train)


@pytest.fixture
def no_artifacts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty artifacts folder in place of the committed one."""
    folder = tmp_path / "artifacts"
    folder.mkdir()
    monkeypatch.setenv("LUNGLENS_ARTIFACTS", str(folder))
    return folder


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    """``command("score", path)`` runs the command line; returns exit status, standard output and standard error."""
    from core.cli.main import main

    def run(*arguments: object) -> tuple[int, str, str]:
        try:
            status = main([str(argument) for argument in arguments])
        except SystemExit as stop:  # argparse
            status = int(stop.code or 0)
        captured = capsys.readouterr()
        return status, captured.out, captured.err

    return run

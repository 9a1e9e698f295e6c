"""scripts/setup.sh, which make calls first: chooses a Python, makes .venv once, says in one line what is missing."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from core.paths import ROOT

pytestmark = pytest.mark.skipif(shutil.which("sh") is None, reason="make and sh are not used on Windows")

# Answers as the real ones do to the questions that setup.sh asks, and notes what it is told to install.
FAKE_PYTHON = """#!/bin/sh
case "$*" in
    *version_info*) echo {version} ;;
    "-c import ensurepip"*) exit {without_venv} ;;
    "-m venv"*) mkdir -p .venv/bin; cp "$0" .venv/bin/python; rm -f .venv/*.stamp; echo venv >> calls ;;
    "-m pip install"*) echo "$*" >> calls; exit {pip_fails} ;;
esac
"""


class Machine:
    """A project folder with fake Pythons first on its path."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name in ("requirements.txt", "requirements-dev.txt", "scripts/setup.sh"):
            (folder / name).parent.mkdir(exist_ok=True)
            shutil.copy(ROOT / name, folder / name)
        (folder / "bin").mkdir()

    def add_python(self, name: str, version: str, without_venv: int = 0, pip_fails: int = 0) -> None:
        path = self.folder / "bin" / name
        path.write_text(FAKE_PYTHON.format(version=version, without_venv=without_venv, pip_fails=pip_fails))
        path.chmod(0o755)

    def setup(self, requirements: str = "requirements.txt", python: str = "") -> subprocess.CompletedProcess[str]:
        env = os.environ | {"PATH": f"{self.folder / 'bin'}{os.pathsep}{os.environ['PATH']}", "PYTHON": python}
        command = ["sh", "scripts/setup.sh", requirements]
        return subprocess.run(command, cwd=self.folder, env=env, capture_output=True, text=True, timeout=300)

    def calls(self) -> int:
        """Return how many environments and installations were made."""
        calls = self.folder / "calls"
        return len(calls.read_text().splitlines()) if calls.exists() else 0


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_second_time_does_nothing(machine: Machine) -> None:
    machine.add_python("python3", "3.12")
    assert "Making .venv with python3 (3.12)" in machine.setup().stdout
    assert machine.calls() == 2
    again = machine.setup()
    assert (again.returncode, again.stdout, again.stderr) == (0, "", "")
    assert machine.calls() == 2


def test_changed_requirements_are_installed(machine: Machine) -> None:
    machine.add_python("python3", "3.12")
    machine.setup()
    with (machine.folder / "requirements.txt").open("a") as file:
        file.write("another==1.0\n")
    machine.setup()
    assert machine.calls() == 3


def test_the_tests_environment_serves_the_app_too(machine: Machine) -> None:
    """`make run` after `make test` installs nothing."""
    machine.add_python("python3", "3.12")
    machine.setup("requirements-dev.txt")
    machine.setup("requirements.txt")
    machine.setup("requirements-dev.txt")
    assert machine.calls() == 2


def test_first_supported_python_is_taken(machine: Machine) -> None:
    machine.add_python("python3", "3.9")
    machine.add_python("python3.13", "3.13", without_venv=1)
    machine.add_python("python3.12", "3.12")
    assert "Making .venv with python3.12 (3.12)" in machine.setup().stdout


def test_another_python_remakes_the_environment(machine: Machine) -> None:
    machine.add_python("python3", "3.12")
    machine.add_python("python3.11", "3.11")
    machine.setup()
    assert "with python3.11 (3.11)" in machine.setup(python="python3.11").stdout


@pytest.mark.parametrize("version", ["3.10", "3.14", "2.7"])
def test_unsupported_python_gets_one_line(machine: Machine, version: str) -> None:
    machine.add_python("old", version)
    done = machine.setup(python="old")
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert f"needs Python 3.11, 3.12 or 3.13; found: old ({version})" in done.stderr
    assert machine.calls() == 0


def test_missing_python_gets_one_line(machine: Machine) -> None:
    done = machine.setup(python="no-such-python")
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert "found: none" in done.stderr


def test_python_without_venv_names_the_package(machine: Machine) -> None:
    machine.add_python("bare", "3.11", without_venv=1)
    done = machine.setup(python="bare")
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert "apt-get install python3-venv" in done.stderr


def test_failed_installation_is_tried_again(machine: Machine) -> None:
    machine.add_python("python3", "3.12", pip_fails=1)
    assert machine.setup().returncode == 1
    machine.add_python("python3", "3.12")
    shutil.copy(machine.folder / "bin" / "python3", machine.folder / ".venv" / "bin" / "python")
    assert machine.setup().returncode == 0
    assert machine.calls() == 3

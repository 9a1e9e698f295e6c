"""What is committed: pinned requirements, settings that Streamlit knows, no film of the data set."""

import re
import subprocess
import tomllib
from pathlib import Path

import pytest

from core.paths import ROOT

PICTURES = {
    "JPEG": rb"\xff\xd8\xff",
    "PNG": rb"\x89PNG",
    "GIF": rb"GIF8",
    "TIFF": rb"(II\*\x00|MM\x00\*)",
    "BMP": rb"BM.{4}\x00{4}",
    "WebP": rb"RIFF.{4}WEBP",
    "DICOM": rb".{128}DICM",
    "NumPy": rb"\x93NUMPY",
}


def tracked() -> list[Path]:
    """Return the committed files, or skip where the project is no git checkout (an unpacked archive)."""
    if not (ROOT / ".git").exists():
        pytest.skip("not a git checkout: what is committed cannot be told")
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [path for name in listed.split("\0") if name and (path := ROOT / name).is_file()]


def picture_kind(head: bytes) -> str | None:
    return next((kind for kind, magic in PICTURES.items() if re.match(magic, head, re.DOTALL)), None)


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_requirements_are_pinned(name: str) -> None:
    lines = [line.split("#")[0].strip() for line in (ROOT / name).read_text("utf-8").splitlines()]
    lines = [line for line in lines if line and not line.startswith("-r ")]
    assert lines
    assert [line for line in lines if not re.match(r"[a-z0-9-]+==[0-9][0-9.]*( ;.*)?$", line)] == []


def test_lock_holds_what_is_required_with_hashes() -> None:
    """`make lock` makes it anew after a change of requirements.txt."""
    lock = (ROOT / "requirements.lock").read_text("utf-8")
    locked = dict(re.findall(r"^([a-z0-9-]+)==([0-9][^ ;]*)", lock, re.MULTILINE))
    required = re.findall(
        r"^([a-z0-9-]+)==([0-9][0-9.]*)", (ROOT / "requirements.txt").read_text("utf-8"), re.MULTILINE
    )
    assert {name: locked.get(name) for name, _ in required} == dict(required)
    assert lock.count("--hash=sha256:") > len(locked)


def test_pictures_only_where_made_ones_belong() -> None:
    """Samples that the project makes and pictures for the docs; neither films nor arrays of films elsewhere."""
    # data_means.npy: means over hundreds of films, which core.evidence.data_card refuses to make of fewer.
    allowed = [ROOT / "artifacts" / "samples", ROOT / "artifacts" / "data_means.npy", ROOT / "docs"]
    found = {}
    for path in tracked():
        with path.open("rb") as file:
            kind = picture_kind(file.read(132))
        if kind and not any(path.is_relative_to(folder) for folder in allowed):
            found[path.relative_to(ROOT).as_posix()] = kind
    assert found == {}


def test_pictures_are_recognised(film_bytes: bytes) -> None:
    assert picture_kind(film_bytes) == "JPEG"
    assert picture_kind(b"BMI and other words") is None


def test_no_pickles() -> None:
    assert [path.name for path in tracked() if path.suffix in {".pkl", ".pickle", ".joblib"}] == []


def test_streamlit_knows_every_setting() -> None:
    """Streamlit warns of an unknown option in its log, and goes on with the default."""
    from streamlit import config

    settings = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text("utf-8"))
    known = set(config.get_config_options(force_reparse=True))
    named = []
    for section, values in settings.items():
        for key, value in values.items():
            inner = value if isinstance(value, dict) else None
            named += [f"{section}.{key}.{name}" for name in inner] if inner else [f"{section}.{key}"]
    assert [name for name in named if name not in known] == []


def test_privacy_settings() -> None:
    settings = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text("utf-8"))
    assert settings["browser"]["gatherUsageStats"] is False
    assert settings["server"]["address"] == "127.0.0.1"
    assert settings["client"]["showErrorDetails"] == "none"
    assert settings["runner"]["postScriptGC"] is False

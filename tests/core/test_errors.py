"""An error tells its file and its reason apart, also once it comes out of a worker process."""

import pickle
from pathlib import Path

import pytest

from core.errors import InputError


@pytest.mark.parametrize(
    ("error", "file", "text"),
    [
        (InputError("cut off.", file="a: b.png"), "a: b.png", "a: b.png: cut off."),
        (InputError("cut off.", file=Path("a/b.png")), str(Path("a/b.png")), f"{Path('a/b.png')}: cut off."),
        (InputError("cut off."), "", "cut off."),
    ],
)
def test_file_and_reason(error: InputError, file: str, text: str) -> None:
    for copy in (error, pickle.loads(pickle.dumps(error))):
        assert (copy.file, copy.reason, str(copy)) == (file, "cut off.", text)

import hashlib
import stat

import pytest

from core.files import atomic_path, sha256, write_text


def test_text_is_written_and_folders_are_made(tmp_path):
    path = tmp_path / "new" / "folder" / "a.txt"
    write_text(path, "ein Röntgenbild\n")
    assert path.read_bytes() == "ein Röntgenbild\n".encode()
    write_text(path, "two\n")
    assert path.read_text() == "two\n"
    assert list(path.parent.iterdir()) == [path]


def test_a_reader_never_meets_half_a_file(tmp_path):
    path = tmp_path / "a.txt"
    write_text(path, "old")
    with atomic_path(path) as temporary:
        temporary.write_text("ne")
        assert path.read_text() == "old"
        assert temporary.parent == path.parent
        assert temporary.suffix == path.suffix
        temporary.write_text("new")
    assert path.read_text() == "new"


def test_failure_leaves_the_old_file_and_no_other(tmp_path):
    path = tmp_path / "a.txt"
    write_text(path, "old")
    with pytest.raises(RuntimeError), atomic_path(path) as temporary:  # noqa: PT012
        temporary.write_text("half")
        raise RuntimeError
    assert path.read_text() == "old"
    assert list(tmp_path.glob("*a.txt*")) == [path]


def test_others_may_read(tmp_path):
    path = tmp_path / "a.txt"
    write_text(path, "text")
    assert stat.S_IMODE(path.stat().st_mode) & 0o444 == 0o444


def test_sha256(tmp_path):
    path = tmp_path / "a.bin"
    path.write_bytes(b"film" * 100_000)
    assert sha256(path) == hashlib.sha256(b"film" * 100_000).hexdigest()

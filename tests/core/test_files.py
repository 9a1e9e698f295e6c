import errno
import hashlib
import os
import stat

import numpy as np
import pytest

from core.errors import StorageError
from core.files import atomic_path, read_npz, remove_leftovers, replace_folder, restore_folder, sha256, write_text


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


@pytest.mark.parametrize("code", ["ENOSPC", "EROFS", "EFBIG", "EIO"])
def test_a_disk_that_takes_nothing_is_named(tmp_path, code):
    path = tmp_path / "a.txt"
    write_text(path, "old")
    with pytest.raises(StorageError, match=rf"a\.txt: cannot be written \({os.strerror(getattr(errno, code))}\)"):  # noqa: SIM117
        with atomic_path(path):
            raise OSError(getattr(errno, code), "said by the system")
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_another_mistake_is_no_fault_of_the_disk(tmp_path):
    with pytest.raises(PermissionError), atomic_path(tmp_path / "a.txt"):
        raise PermissionError(errno.EACCES, "not yours")


def test_leftovers_of_one_file_are_removed_and_nothing_else(tmp_path):
    kept = [".b.txt.abcdefgh.txt", ".a.txt.old.txt", "a.txt", ".a.txt.abcdefgh.csv"]
    for name in (*kept, ".a.txt.ab_defg1.txt"):
        (tmp_path / name).write_text("x")
    remove_leftovers(tmp_path / "a.txt")
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(kept)


def test_a_folder_takes_the_place_of_another_and_comes_back_after_a_kill(tmp_path):
    def folder(name, text):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.txt").write_text(text)
        return tmp_path / name

    target = folder("run", "old")
    replace_folder(folder(".run.abcdefgh", "new"), target)
    assert (target / "a.txt").read_text() == "new"
    assert list(tmp_path.iterdir()) == [target]
    target.rename(tmp_path / ".run.old")  # killed between the two renames
    folder(".run.abcdefgh", "newer")
    restore_folder(target)
    assert (target / "a.txt").read_text() == "new"
    assert list(tmp_path.iterdir()) == [target]


def test_no_damage_to_arrays_goes_unnoticed(tmp_path):
    """Each bit that is turned, and each end that is cut off, is an error or changes nothing that is read."""
    path = tmp_path / "a.npz"
    arrays = {"numbers": np.arange(5, dtype=np.int16), "text": np.array("words")}
    np.savez(path, **arrays)
    whole = path.read_bytes()
    changed = [whole[:end] for end in range(0, len(whole), 7)]
    changed += [whole[:at] + bytes([whole[at] ^ 1 << at % 8]) + whole[at + 1 :] for at in range(len(whole))]
    noticed = 0
    for data in changed:
        path.write_bytes(data)
        try:
            found = read_npz(path, "numbers", "text")
        except ValueError:
            noticed += 1
            continue
        assert all(np.array_equal(found[name], array) for name, array in arrays.items())
    assert noticed > len(changed) / 2
    with pytest.raises(ValueError, match="FileNotFoundError"):
        read_npz(tmp_path / "none.npz")

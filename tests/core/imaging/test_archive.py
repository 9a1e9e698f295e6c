"""Films from folders and zips: limits, hidden files, hostile members."""

import io
import stat
import tracemalloc
import zipfile

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

from core.errors import InputError
from core.imaging import archive
from core.imaging.archive import list_zip, read_paths, read_zip, read_zip_member
from core.imaging.film import MAX_BYTES
from tests.support.damage import CHANGES, change
from tests.support.dicom_files import make_dicom


def pack(members: dict[str, bytes]) -> io.BytesIO:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as packed:
        for name, data in members.items():
            packed.writestr(name, data)
    file.seek(0)
    return file


def entries(members: dict[str, bytes]) -> list[archive.Entry]:
    return list(read_zip(pack(members), "films.zip"))


def test_films_are_read_in_order_and_hidden_files_left_out(tmp_path, film_bytes) -> None:
    for name in ("b.jpeg", "a.JPG", "sub/c.png", ".hidden.jpeg", "__MACOSX/a.jpeg", "notes.txt"):
        path = tmp_path / "films" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(film_bytes)
    found = [entry.file.split("films/")[1] for entry in read_paths([tmp_path / "films"])]
    assert found == ["a.JPG", "b.jpeg", "sub/c.png"]


def test_missing_path_and_empty_folder_are_named(tmp_path) -> None:
    with pytest.raises(InputError, match=r"nowhere: no such file"):
        list(read_paths([tmp_path / "nowhere"]))
    with pytest.raises(InputError, match="holds no films"):
        list(read_paths([tmp_path]))


def test_zip_members_are_scored_one_by_one(film_bytes) -> None:
    found = entries({"a.jpeg": film_bytes, "bad.jpeg": film_bytes[:500], "sub/b.jpeg": film_bytes})
    assert [entry.film is not None for entry in found] == [True, False, True]
    assert "bad.jpeg" in str(found[1].error)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("../out.jpeg", "leads out"),
        ("/etc/x.jpeg", "leads out"),
        ("C:\\x.jpeg", "leads out"),
        ("in.zip", "inside a zip"),
    ],
)
def test_members_that_lead_out_or_nest_are_refused(film_bytes, name, reason) -> None:
    found = entries({name: film_bytes, "good.jpeg": film_bytes})
    assert reason in str(found[0].reason)
    assert found[1].film is not None


def test_limits_hold(film_bytes, monkeypatch) -> None:
    monkeypatch.setattr(archive, "MAX_MEMBERS", 2)
    assert "more than 2" in str(entries({f"{i}.jpeg": film_bytes for i in range(3)})[0].reason)
    monkeypatch.setattr(archive, "MAX_UNPACKED", len(film_bytes))
    assert "unpacks to more" in str(entries({f"{i}.jpeg": film_bytes for i in range(2)})[0].reason)
    monkeypatch.setattr(archive, "MAX_PACKED", 10)
    assert "larger than" in str(entries({"a.jpeg": film_bytes})[0].reason)


def test_a_member_larger_than_it_says_is_refused() -> None:
    file = pack({"bomb.png": b"\0" * 5_000_000})
    data = bytearray(file.getvalue())
    for place in (data.find(b"PK\x03\x04") + 22, data.find(b"PK\x01\x02") + 24):
        data[place : place + 4] = (1000).to_bytes(4, "little")
    found = list(read_zip(io.BytesIO(bytes(data)), "films.zip"))
    assert [entry.film for entry in found] == [None]


def test_a_damaged_member_is_refused_and_the_others_read(film_bytes) -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("bad.jpeg", b"hello world " * 5_000)
        packed.writestr("good.jpeg", film_bytes)
    data = bytearray(file.getvalue())
    for place in range(50, 65):
        data[place] ^= 0xFF
    bad, good = read_zip(io.BytesIO(bytes(data)), "films.zip")
    assert "bad.jpeg: damaged in the zip file" in str(bad.error)
    assert good.film is not None


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_methods_that_unpack_a_block_whole_are_refused(film_bytes, method) -> None:
    """4 MB here, and 20 GB in a megabyte of bzip2, before the first byte can be looked at."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as packed:
        packed.writestr("bomb.png", b"\0" * 2**22, compress_type=method)
        packed.writestr("good.jpeg", film_bytes)
    tracemalloc.start()
    bad, good = read_zip(file, "films.zip")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert str(bad.error) == "bomb.png: packed by a rare method; pack it again as a plain zip file."
    assert good.film is not None
    assert peak < 2**21


def test_a_deflated_bomb_is_refused_by_its_stated_size() -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("bomb.png", bytes(MAX_BYTES + 1))
    (entry,) = read_zip(file, "films.zip")
    assert "bomb.png: larger than 25 MB" in str(entry.error)


def test_an_encrypted_member_is_refused_and_the_others_read(film_bytes) -> None:
    data = bytearray(pack({"secret.jpeg": film_bytes, "good.jpeg": film_bytes}).getvalue())
    for place in (data.find(b"PK\x03\x04") + 6, data.find(b"PK\x01\x02") + 8):
        data[place] |= 1
    secret, good = read_zip(io.BytesIO(bytes(data)), "films.zip")
    assert str(secret.error) == "secret.jpeg: encrypted; pack it without a password."
    assert good.film is not None


def test_a_link_is_refused(film_bytes) -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as packed:
        link = zipfile.ZipInfo("link.jpeg")
        link.create_system = 3
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        packed.writestr(link, "/etc/passwd")
        packed.writestr("good.jpeg", film_bytes)
    bad, good = read_zip(file, "films.zip")
    assert str(bad.error) == "link.jpeg: a link to a file, not a file; pack the file itself."
    assert good.film is not None


def test_a_zip_named_as_a_film_inside_a_zip_is_refused(film_bytes) -> None:
    (entry,) = entries({"film.jpeg": pack({"a.jpeg": film_bytes}).getvalue()})
    assert "a zip file inside a zip file" in str(entry.reason)


def test_a_list_of_files_without_end_is_refused_before_it_is_read() -> None:
    data = bytearray(pack({"a.jpeg": b""}).getvalue())
    data[-10:-6] = (archive.MAX_DIRECTORY + 1).to_bytes(4, "little")
    assert "lists far more than 500 files" in str(next(read_zip(io.BytesIO(bytes(data)), "films.zip")).reason)
    plain = pack({"a.jpeg": b""}).getvalue()
    big = plain[:-22] + b"PK\x06\x07" + bytes(16) + plain[-22:]
    assert "64-bit" in str(next(read_zip(io.BytesIO(big), "films.zip")).reason)


def test_a_name_that_breaks_lines_or_never_ends_is_made_printable(film_bytes) -> None:
    found = entries({"a\nFilm: normal\u202e.jpeg": b"x", "b" * 5000 + ".jpeg": b"x"})
    assert found[0].file == "films.zip/a?Film: normal?.jpeg"
    assert all("\n" not in str(entry.error) and len(str(entry.error)) < 400 for entry in found)


def test_a_member_without_a_name_is_read_like_another(film_bytes) -> None:
    """Found by the fuzzer: `zipfile.ZipInfo.is_dir` looks at the last letter of the name."""
    data = bytearray(pack({"a": film_bytes, "b.jpeg": film_bytes}).getvalue())
    for place in (data.find(b"PK\x03\x04") + 26, data.find(b"PK\x01\x02") + 28):
        data[place : place + 4] = b"\0\0\1\0"  # the letter belongs to the extra field now
    first, second = read_zip(io.BytesIO(bytes(data)), "films.zip")
    assert first.film is not None
    assert second.film is not None


def test_dicom_without_a_suffix_is_found_in_a_folder(tmp_path, film_bytes) -> None:
    film = make_dicom(np.zeros((40, 40), np.uint8))
    for name, data in {"1.2.840.1": film, "IM0001": film, "DICOMDIR": film, "notes": b"", "a.jpeg": film_bytes}.items():
        (tmp_path / name).write_bytes(data)
    found = list(read_paths([tmp_path]))
    assert [entry.file.rsplit("/", 1)[1] for entry in found] == ["1.2.840.1", "IM0001", "a.jpeg"]
    assert all(entry.film is not None for entry in found)


def test_dicom_in_a_zip(film_bytes) -> None:
    film = make_dicom(np.zeros((40, 40), np.uint8))
    found = entries({"IM0001": film, "film.dcm": film, "a.jpeg": film})
    assert [entry.film is not None for entry in found] == [True, True, False]
    assert "a.jpeg: holds DICOM, unlike its name" in str(found[2].error)


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(changes=CHANGES)
def test_any_mutation_of_a_zip_gives_films_or_reasons(film_bytes, changes) -> None:
    data = change(pack({"a.jpeg": film_bytes[:3000], "b/c.png": b"\x89PNG", "d.zip": b"PK"}).getvalue(), changes)
    for entry in read_zip(io.BytesIO(data), "films.zip"):
        assert (entry.film is None) != (entry.reason is None)
        assert "\n" not in str(entry.error)


def test_a_zip_that_cannot_be_opened_is_one_row_with_a_reason(tmp_path, monkeypatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    path = tmp_path / "locked.zip"
    path.write_bytes(b"")
    monkeypatch.setattr(type(path), "open", refuse)
    (entry,) = read_paths([path])
    assert str(entry.error) == f"{path}: cannot be read (Permission denied)."


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04 cut off", b"not a zip", b"PK\x05\x06" + b"\0" * 18])
def test_what_is_no_zip_is_one_row_with_a_reason(data) -> None:
    found = list(read_zip(io.BytesIO(data), "films.zip"))
    assert len(found) == 1
    assert "films.zip" in str(found[0].error)


def test_members_are_listed_without_reading_them_and_read_one_at_a_time(film_bytes) -> None:
    file = pack({"b/film.jpeg": film_bytes, "__MACOSX/x": b"", "broken.png": b"no picture", "a.zip": b"PK"})
    assert list_zip(file, "films.zip") == ["b/film.jpeg", "broken.png", "a.zip"]
    assert read_zip_member(file, "films.zip", 0) == film_bytes
    assert read_zip_member(file, "films.zip", 1) == b"no picture"
    with pytest.raises(InputError, match="a zip file inside a zip file"):
        read_zip_member(file, "films.zip", 2)


def test_listing_holds_the_limits(monkeypatch) -> None:
    with pytest.raises(InputError, match="not a zip file that can be read"):
        list_zip(io.BytesIO(b"no zip"), "films.zip")
    with pytest.raises(InputError, match="holds no files"):
        list_zip(pack({}), "films.zip")
    monkeypatch.setattr(archive, "MAX_MEMBERS", 1)
    with pytest.raises(InputError, match="more than 1; split it"):
        list_zip(pack({"a.jpeg": b"", "b.jpeg": b""}), "films.zip")
    monkeypatch.setattr(archive, "MAX_PACKED", 10)
    with pytest.raises(InputError, match="larger than"):
        read_zip_member(pack({"a.jpeg": b""}), "films.zip", 0)

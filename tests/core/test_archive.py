"""Films from folders and zips: limits, hidden files, hostile members."""

import io
import zipfile

import pytest

from core import archive
from core.archive import list_zip, read_paths, read_zip, read_zip_member
from core.errors import InputError


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
    assert "bad.jpeg" in str(found[1].reason)


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


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_damaged_member_is_refused_and_the_others_read(film_bytes, method) -> None:
    """Each decompressor has errors of its own, which are no OSErrors."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as packed:
        packed.writestr("bad.jpeg", b"hello world " * 5_000)
        packed.writestr("good.jpeg", film_bytes)
    data = bytearray(file.getvalue())
    for place in range(50, 65):
        data[place] ^= 0xFF
    bad, good = read_zip(io.BytesIO(bytes(data)), "films.zip")
    assert "bad.jpeg: damaged in the zip file" in str(bad.reason)
    assert good.film is not None


def test_a_zip_that_cannot_be_opened_is_one_row_with_a_reason(tmp_path, monkeypatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    path = tmp_path / "locked.zip"
    path.write_bytes(b"")
    monkeypatch.setattr(type(path), "open", refuse)
    (entry,) = read_paths([path])
    assert entry.reason == f"{path}: cannot be read (Permission denied)."


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04 cut off", b"not a zip", b"PK\x05\x06" + b"\0" * 18])
def test_what_is_no_zip_is_one_row_with_a_reason(data) -> None:
    found = list(read_zip(io.BytesIO(data), "films.zip"))
    assert len(found) == 1
    assert "films.zip" in str(found[0].reason)


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

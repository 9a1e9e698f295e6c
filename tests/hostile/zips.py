"""Zip files that unpack to too much, hold too many, lead out, hide or lie; and members that are no film."""

import gzip
import io
import stat
import struct
import zipfile
import zlib

from tests.hostile.others import SVG, tar
from tests.hostile.parts import GRAY, SCRIPT, Kind, encode, even_jpeg, jpeg, zeros
from tests.support.dicom_files import make_dicom

GOOD = "good.jpeg"
LOCAL, CENTRAL, END = b"PK\3\4", b"PK\1\2", b"PK\5\6"


def zipped(count: int) -> bytes:
    """A deflate stream of that many zeros."""
    return zeros(count)[2:-4]


def pack(members: dict[str, bytes], method: int = zipfile.ZIP_STORED, *, good: bool = True) -> bytes:
    """Members in order, and a film after them."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as packed:
        for name, data in (members | ({GOOD: jpeg()} if good else {})).items():
            info = zipfile.ZipInfo(name)  # of a fixed date
            packed.writestr(info, data, zipfile.ZIP_STORED if name == GOOD else method)
    return file.getvalue()


def by_hand(
    *members: tuple[bytes, bytes, int, int],
    method: int = 8,
    flags: int = 0,
    overlap: bool = False,
    count: int | None = None,
) -> bytes:
    """Entries of name, packed bytes, stated size and checksum; with ``overlap`` all share the bytes of the first."""
    body, directory = io.BytesIO(), io.BytesIO()
    for name, data, size, check in members:
        place = 0 if overlap else body.tell()
        head = struct.pack("<HHHHHIIIHH", 20, flags, method, 0, 33, check, len(data), size, len(name), 0)
        if not overlap or not body.tell():
            body.write(LOCAL + head + name + data)
        directory.write(CENTRAL + struct.pack("<H", 20) + head + struct.pack("<HHHII", 0, 0, 0, 0, place) + name)
    counted = len(members) if count is None else count
    end = struct.pack("<HHHHIIH", 0, 0, counted, counted, directory.tell(), body.tell(), 0)
    return body.getvalue() + directory.getvalue() + END + end


def changed(data: bytes, local: int, central: int, value: bytes) -> bytes:
    """Bytes of the first entry overwritten, in its own head and in the list; a place below zero is left alone."""
    found = bytearray(data)
    for magic, place in ((LOCAL, local), (CENTRAL, central)):
        if place >= 0:
            at = found.find(magic) + place
            found[at : at + len(value)] = value
    return bytes(found)


def special(mode: int, target: bytes = b"/etc/passwd") -> bytes:
    """A member that is a link, a device or a pipe."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as packed:
        info = zipfile.ZipInfo("odd.jpeg")
        info.create_system = 3
        info.external_attr = (mode | 0o777) << 16
        packed.writestr(info, target)
        packed.writestr(GOOD, jpeg())
    return file.getvalue()


def bombs(count: int, size: int, *, overlap: bool = False, stated: int | None = None) -> bytes:
    data = zipped(size)
    check = zlib.crc32(bytes(size))
    names = [(f"{i}.png".encode(), data, size if stated is None else stated, check) for i in range(count)]
    return by_hand(*names, overlap=overlap)


def nested(depth: int) -> bytes:
    data = jpeg()
    for level in range(depth):
        data = pack({f"{level}.zip": data}, good=False)
    return data


def locator() -> bytes:
    plain = pack({"a.jpeg": jpeg()}, good=False)
    return plain[:-22] + b"PK\6\7" + bytes(16) + plain[-22:]


def hidden(count: int) -> bytes:
    return by_hand(*[(b"__MACOSX/%d" % i, b"", 0, 0) for i in range(count)], (b"good.jpeg", b"", 0, 0), method=0)


MB = 2**20
WHOLE = {  # the zip as a whole is refused: nothing of it is read
    "nothing": (lambda: b"", "not a zip file"),
    "no zip": (lambda: b"no zip at all", "not a zip file"),
    "film, named zip": (jpeg, "not a zip file"),
    "start alone": (lambda: b"PK\3\4", "not a zip file"),
    "end alone": (lambda: END + bytes(18), "holds no files"),
    "NULs": (lambda: bytes(100_000), "not a zip file"),
    "cut off in its middle": (lambda: pack({"a.jpeg": jpeg()})[:1500], "not a zip file"),
    "cut off at its end": (lambda: pack({"a.jpeg": jpeg()})[:-12], "not a zip file"),
    "no list": (lambda: pack({"a.jpeg": jpeg()})[:2000] + END + bytes(18), "holds no files|not a zip"),
    "list beyond the end": (
        lambda: changed(pack({"a.jpeg": jpeg()}), -1, -1, b"")[:-6] + b"\xff\xff\xff\x7f\0\0",
        "zip file",
    ),
    "list longer than the file": (lambda: pack({})[:-10] + b"\xff\xff\x0f\0" + bytes(6), "not a zip file"),
    "list of 2 GB": (lambda: pack({})[:-10] + b"\0\0\0\x7f" + bytes(6), "far more than 500"),
    "64-bit": (locator, "64-bit"),
    "501 files": (lambda: pack({f"{i}.jpeg": b"x" for i in range(501)}, good=False), "more than 500"),
    "20,000 files": (lambda: by_hand(*[(b"%d" % i, b"", 0, 0) for i in range(20_000)], method=0), "more than 500"),
    "60,000 hidden files": (lambda: hidden(60_000), "far more"),
    "100,000 files": (lambda: by_hand(*[(b"", b"", 0, 0) for i in range(100_000)], method=0, count=65_535), "far more"),
    "600 MB of zeros": (lambda: bombs(24, 25 * MB), "unpacks to more than 500 MB"),
    "4 GB, stated": (lambda: bombs(1, MB, stated=2**32 - 2), "unpacks to more than 500 MB"),
    "281 TB by overlapping": (lambda: bombs(30, 25 * MB, overlap=True), "unpacks to more than 500 MB"),
    "only folders": (lambda: pack({"a/": b"", "b/": b""}, good=False), "holds no files"),
    "only hidden files": (lambda: pack({"__MACOSX/a.jpeg": jpeg(), ".b.jpeg": jpeg()}, good=False), "holds no files"),
    "a program in front, cut off": (lambda: b"MZ" + bytes(900) + pack({"a.jpeg": jpeg()})[:900], "not a zip file"),
    "name that is no text": (
        lambda: by_hand((b"\xff\xfe\xfd.jpeg", b"", 0, 0), method=0, flags=0x800),
        "not a zip file",
    ),
}

MEMBER = {  # the member is refused, the film beside it is read
    **{
        f"leads out as {name!r}": ((lambda name=name: pack({name: jpeg()})), "leads out")
        for name in (
            "../film.jpeg",
            "a/../../film.jpeg",
            "..\\film.jpeg",
            "/etc/film.jpeg",
            "\\film.jpeg",
            "\\\\server\\share\\film.jpeg",
            "C:\\film.jpeg",
            "C:film.jpeg",
            "//server/film.jpeg",
            "./../film.jpeg",
        )
    },
    "link to a file": (lambda: special(stat.S_IFLNK), "a link"),
    "link to a folder above": (lambda: special(stat.S_IFLNK, b"../../.."), "a link"),
    "link to itself": (lambda: special(stat.S_IFLNK, b"odd.jpeg"), "a link"),
    "device": (lambda: special(stat.S_IFCHR), "a device or pipe"),
    "block device": (lambda: special(stat.S_IFBLK), "a device or pipe"),
    "pipe": (lambda: special(stat.S_IFIFO), "a device or pipe"),
    "socket": (lambda: special(stat.S_IFSOCK), "a device or pipe"),
    "zip": (lambda: pack({"in.zip": pack({})}), "inside a zip"),
    "zip, named as a film": (lambda: pack({"in.jpeg": pack({})}), "inside a zip"),
    "zip in a zip, 40 deep": (lambda: pack({"in.zip": nested(40)}), "inside a zip"),
    "zip behind a program": (lambda: pack({"in.jpeg": b"MZ" + bytes(90) + pack({})}), "not a picture"),
    "tar": (lambda: pack({"in.tar": tar()}), "not a picture"),
    "tar with a link": (lambda: pack({"in.jpeg": tar(link=True)}), "not a picture"),
    "gzip": (lambda: pack({"in.gz": gzip.compress(jpeg(), mtime=0)}), "not a picture"),
    "7z": (lambda: pack({"in.7z": b"7z\xbc\xaf\x27\x1c" + bytes(90)}), "not a picture"),
    "RAR": (lambda: pack({"in.rar": b"Rar!\x1a\7\1\0" + bytes(90)}), "not a picture"),
    "SVG with a script": (lambda: pack({"in.svg": SVG + b">" + SCRIPT + b"</svg>"}), "not a picture"),
    "HTML with a script": (lambda: pack({"in.jpeg": b"<html>" + SCRIPT}), "not a picture"),
    "program": (lambda: pack({"setup.exe": b"MZ" + bytes(900)}), "not a picture"),
    "Word document": (lambda: pack({"word/document.xml": b"<w:document/>"}), "not a picture"),
    "class of Java": (lambda: pack({"META-INF/MANIFEST.MF": b"Main-Class: X\n"}), "not a picture"),
    "index of a disc": (lambda: pack({"DICOMDIR": make_dicom(GRAY)[:300]}), ""),
    "film cut off": (lambda: pack({"a.jpeg": jpeg()[:600]}), "cut off"),
    "film named as another kind": (lambda: pack({"a.png": jpeg()}), "unlike its name"),
    "empty film": (lambda: pack({"a.jpeg": b""}), "empty"),
    "film bomb": (lambda: pack({"a.jpeg": even_jpeg(7000, 7000)}, zipfile.ZIP_DEFLATED), "hardly any bytes"),
    "animated film": (
        lambda: pack({"a.png": encode(GRAY, "PNG", save_all=True, append_images=[_other()])}),
        "several pictures",
    ),
    "26 MB of zeros": (lambda: by_hand((b"a.png", zipped(26 * MB), 26 * MB, 0), _film()), "larger than 25 MB"),
    "larger than stated": (lambda: by_hand((b"a.png", zipped(25 * MB), 1000, 0), _film()), "damaged|not a picture"),
    "smaller than stated": (lambda: by_hand((b"a.png", zipped(1000), 20 * MB, 0), _film()), "damaged"),
    "checksum": (lambda: by_hand((b"a.png", zipped(1000), 1000, 7), _film()), "damaged"),
    "no deflate stream": (lambda: by_hand((b"a.png", b"\xff" * 900, 1000, 0), _film()), "damaged"),
    "another name in its own head": (lambda: changed(pack({"a.jpeg": jpeg()}), 30, -1, b"z"), "damaged"),
    "head missing": (lambda: changed(pack({"a.jpeg": jpeg()}), 0, -1, b"XXXX"), "damaged"),
    "head beyond the end": (lambda: changed(pack({"a.jpeg": jpeg()}), -1, 42, b"\xff\xff\xff\x7f"), "damaged"),
    "encrypted": (lambda: changed(pack({"a.jpeg": jpeg()}), 6, 8, b"\1"), "encrypted"),
    "encrypted by AES": (lambda: changed(changed(pack({"a.jpeg": jpeg()}), 6, 8, b"\1"), 8, 10, b"\x63"), "encrypted"),
    "encrypted strongly": (lambda: changed(pack({"a.jpeg": jpeg()}), 6, 8, b"\x41"), "encrypted"),
    "patched data": (lambda: changed(pack({"a.jpeg": jpeg()}), 6, 8, b"\x20"), "damaged"),
    "packed by bzip2": (lambda: pack({"a.png": bytes(2**22)}, zipfile.ZIP_BZIP2), "rare method"),
    "packed by LZMA": (lambda: pack({"a.png": bytes(2**22)}, zipfile.ZIP_LZMA), "rare method"),
    **{
        f"packed by method {method}": (
            (lambda method=method: changed(pack({"a.jpeg": jpeg()}), 8, 10, bytes([method]))),
            "rare method",
        )
        for method in (1, 6, 9, 93, 95, 98)
    },
    "name with a NUL": (lambda: by_hand((b"a.jpeg\0.exe", zipped(99), 99, zlib.crc32(bytes(99))), _film()), ""),
    "name of 60,000 letters": (lambda: pack({"b" * 60_000 + ".jpeg": b"x"}), "not a picture"),
    "name that breaks the line": (lambda: pack({"a\nFilm, normal\u202e.jpeg": b"x"}), "not a picture"),
    "name that is a script": (lambda: pack({"<img src=x onerror=alert(1)>.jpeg": b"x"}), "not a picture"),
    "name of a device of Windows": (lambda: pack({"CON.jpeg": b"x", "NUL": b"x"}), "not a picture"),
    "same name twice": (lambda: by_hand((b"a.png", zipped(99), 99, zlib.crc32(bytes(99))), *[_film()] * 1), ""),
}


def _other() -> object:
    from PIL import Image

    return Image.fromarray(GRAY[::-1])


def _film() -> tuple[bytes, bytes, int, int]:
    """The film beside a bad member, deflated by hand."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return GOOD.encode(), packer.compress(jpeg()) + packer.flush(), len(jpeg()), zlib.crc32(jpeg())


def kinds() -> dict[str, Kind]:
    whole = {f"zip: {name}": Kind(make=make, file="films.zip", reason=why) for name, (make, why) in WHOLE.items()}
    members = {
        f"zip member: {name}": Kind(make=make, file="films.zip", reason=why, good=(GOOD,))
        for name, (make, why) in MEMBER.items()
    }
    return whole | members

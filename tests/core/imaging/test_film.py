import io
import re
import struct
import time
import warnings
import zlib
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from core.errors import InputError
from core.imaging.decode import DRAFT_SIDE, decode_film, read_film
from core.imaging.film import MAX_BYTES, MIN_SIDE, resize
from core.imaging.notes import Note, NoteKind
from tests.support.damage import CHANGES, change

# Film as drawn: dark but for a bright corner and a grey one, so that every turn and mirror is told apart.
DRAWN = np.full((60, 90), 20, np.uint8)
DRAWN[:20, :30] = 250
DRAWN[40:, 60:] = 130


def encode(image, kind, **options):
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def png_header(width, height, mode=0, depth=8):
    """A PNG which claims a size and holds next to nothing."""

    def chunk(name, body):
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    head = struct.pack(">IIBBBBB", width, height, depth, mode, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0")) + chunk(b"IEND", b"")


@pytest.mark.parametrize("kind", ["PNG", "TIFF", "BMP"])
def test_gray_values_are_kept(kind):
    film = decode_film(encode(Image.fromarray(DRAWN), kind), "a")
    np.testing.assert_array_equal(film.pixels, DRAWN)
    assert film.pixels.dtype == np.uint8
    assert film.size == (90, 60)
    assert film.name == "a"


@pytest.mark.parametrize("kind", ["JPEG", "WEBP"])
def test_lossy_formats_come_close(kind):
    film = decode_film(encode(Image.fromarray(DRAWN), kind, quality=95), "a")
    assert np.abs(film.pixels.astype(int) - DRAWN).mean() < 2


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA"])
def test_modes_of_an_opaque_film(mode):
    drawn = np.where(DRAWN > 100, 255, 0).astype(np.uint8)
    film = decode_film(encode(Image.fromarray(drawn).convert(mode), "PNG"), "a")
    np.testing.assert_array_equal(film.pixels, drawn)


@pytest.mark.parametrize(("kind", "order"), [("PNG", "<u2"), ("TIFF", "<u2"), ("TIFF", ">u2")])
def test_16_bit(kind, order):
    deep = DRAWN.astype(np.uint16) * 257
    image = Image.frombytes("I;16" if order == "<u2" else "I;16B", (90, 60), deep.astype(order).tobytes())
    film = decode_film(encode(image, kind), "a")
    np.testing.assert_array_equal(film.pixels, DRAWN)


def test_32_bit_float():
    film = decode_film(encode(Image.fromarray(DRAWN.astype(np.float32) * 4), "TIFF"), "a")
    np.testing.assert_array_equal(film.pixels, np.rint(DRAWN / 250.0 * 255.0))


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_float_that_is_not_finite_is_refused(value):
    film = DRAWN.astype(np.float32)
    film[3, 3] = value
    with pytest.raises(InputError, match=r"^a: "):
        decode_film(encode(Image.fromarray(film), "TIFF"), "a")


def test_transparent_parts_are_black():
    alpha = np.full_like(DRAWN, 255)
    alpha[:, :30] = 0
    film = decode_film(encode(Image.merge("LA", [Image.fromarray(DRAWN), Image.fromarray(alpha)]), "PNG"), "a")
    assert (film.pixels[:, :30] == 0).all()
    np.testing.assert_array_equal(film.pixels[:, 30:], DRAWN[:, 30:])


def test_half_transparent_parts_are_half_as_bright():
    picture = Image.merge("RGBA", [*[Image.fromarray(DRAWN)] * 3, Image.new("L", (90, 60), 128)])
    film = decode_film(encode(picture, "PNG"), "a")
    assert np.abs(film.pixels - DRAWN * (128 / 255)).max() <= 1


def test_palette_and_its_transparency():
    image = Image.fromarray(DRAWN).convert("RGB").convert("P", palette=Image.Palette.ADAPTIVE, colors=8)
    np.testing.assert_array_equal(decode_film(encode(image, "PNG"), "a").pixels, DRAWN)
    clear = image.getpixel((5, 5))
    film = decode_film(encode(image, "PNG", transparency=clear), "a")
    assert film.pixels[5, 5] == 0
    assert film.pixels[-5, -5] == 130


@pytest.mark.parametrize("kind", ["JPEG", "TIFF"])
def test_cmyk(kind):
    film = decode_film(encode(Image.fromarray(DRAWN).convert("CMYK"), kind), "a")
    assert np.abs(film.pixels.astype(int) - DRAWN).mean() < 3


ORIENTED = {  # EXIF orientation: how the stored picture must be turned to stand upright
    1: lambda stored: stored,
    2: np.fliplr,
    3: lambda stored: np.rot90(stored, 2),
    4: np.flipud,
    5: np.transpose,
    6: lambda stored: np.rot90(stored, -1),
    7: lambda stored: np.rot90(stored, 2).T,
    8: np.rot90,
}


@pytest.mark.parametrize("orientation", ORIENTED)
@pytest.mark.parametrize("kind", ["PNG", "TIFF", "JPEG", "WEBP"])
def test_exif_orientation(kind, orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    film = decode_film(encode(Image.fromarray(DRAWN), kind, exif=exif), "a")
    upright = ORIENTED[orientation](DRAWN)
    assert film.pixels.shape == upright.shape
    assert film.size == upright.shape[::-1]
    assert np.abs(film.pixels.astype(int) - upright).mean() < 3


@pytest.mark.parametrize("mode", ["L", "RGB"])
@pytest.mark.parametrize("size", [(1000, 900), (2000, 1500), (4000, 500), (448, 448), (300, 900)])
def test_draft_follows_one_size_rule(mode, size):
    """A JPEG is decoded at the smallest of 1, 1/2, 1/4 and 1/8 whose sides still reach 448 pixels, gray or colour."""
    film = decode_film(encode(Image.new(mode, size, 90 if mode == "L" else (90, 90, 90)), "JPEG"), "a")
    scale = max((scale for scale in (1, 2, 4, 8) if min(size) // scale >= DRAFT_SIDE), default=1)
    width, height = (-(-side // scale) for side in size)
    assert film.pixels.shape == (height, width)
    assert film.size == size
    assert np.abs(film.pixels.astype(int) - 90).max() <= 1


def test_draft_comes_close_to_the_whole_film(make_film):
    data = make_film(width=1400, height=1100)
    with Image.open(io.BytesIO(data)) as image:
        whole = resize(np.array(image.convert("L")), 64, 64)
    drafted = resize(decode_film(data, "a").pixels, 64, 64)
    assert np.abs(drafted.astype(int) - whole).mean() < 1


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"),
        (b"\0" * 4096, "not a picture"),
        (b"This is no picture, whatever its name says.\n" * 20, "not a picture"),
        (b"%PDF-1.7\n", "not a picture"),
        (b"\xff\xd8\xff", "not a picture|damaged"),
        (b"\0" * (MAX_BYTES + 1), "larger than 25 MB"),
        (png_header(7200, 7200), "more than 50 megapixels"),
        (png_header(40_000, 40_000), "more than 50 megapixels"),
        (png_header(200, 200), "damaged"),
        (png_header(0, 0), "not a picture|too small|damaged"),
    ],
    ids=["empty", "zeros", "text", "pdf", "start", "25 MB", "52 MP", "bomb", "header", "no size"],
)
def test_what_is_no_film_is_refused_with_a_reason(data, reason):
    with pytest.raises(InputError, match=rf"^scan\.jpg: .*({reason})") as refused:
        decode_film(data, "scan.jpg")
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("size", [(MIN_SIDE - 1, 200), (200, MIN_SIDE - 1), (1, 1)])
def test_tiny(size):
    with pytest.raises(InputError, match="too small"):
        decode_film(encode(Image.new("L", size), "PNG"), "a")


def test_smallest():
    assert decode_film(encode(Image.new("L", (MIN_SIDE, MIN_SIDE)), "PNG"), "a").pixels.shape == (MIN_SIDE, MIN_SIDE)


@pytest.mark.parametrize("kind", ["TIFF", "WEBP", "PNG", "GIF"])
def test_several_pictures_in_one_file(kind):
    frames = [Image.fromarray(np.roll(DRAWN, 20 * i, axis=1)) for i in range(3)]
    data = encode(frames[0], kind, save_all=True, append_images=frames[1:])
    with pytest.raises(InputError, match="several pictures" if kind != "GIF" else "not a picture"):
        decode_film(data, "a")


@pytest.mark.parametrize("kind", ["GIF", "PPM", "ICO", "PDF", "JPEG2000"])
def test_other_formats(kind):
    with pytest.raises(InputError, match="use JPEG, PNG, TIFF, WebP, BMP or DICOM"):
        decode_film(encode(Image.fromarray(DRAWN), kind), "a")


ENCODED = {
    "JPEG": {},
    "JPEG progressive": {"progressive": True},
    "PNG": {},
    "PNG interlaced": {},
    "TIFF": {},
    "TIFF LZW": {"compression": "tiff_lzw"},
    "TIFF deflate": {"compression": "tiff_adobe_deflate"},
    "TIFF JPEG": {"compression": "jpeg"},
    "TIFF packbits": {"compression": "packbits"},
    "WEBP": {},
    "WEBP lossless": {"lossless": True},
    "BMP": {},
}


def noise(kind, width=90, height=60):
    pixels = np.random.default_rng(0).integers(0, 255, (height, width), dtype=np.uint8)
    return encode(Image.fromarray(pixels), kind.split()[0], **ENCODED[kind])


@pytest.mark.parametrize("kind", ENCODED)
def test_cut_off_files_are_refused(kind):
    """At 40 places; a file that lacks no more than its last bytes may be read if not a pixel is missing."""
    data = noise(kind)
    whole = decode_film(data, "a").pixels
    for kept in [*np.linspace(1, len(data) - 1, 30).astype(int), *range(len(data) - 10, len(data))]:
        film, reason = outcome(data[:kept])
        if film is None:
            assert reason.startswith("a: ")
        else:
            assert kept > len(data) - 300  # of TIFF the list of tags, of WebP the padding
            np.testing.assert_array_equal(film.pixels, whole)


@pytest.mark.parametrize(
    "kind", ["JPEG", "JPEG progressive", "PNG", "TIFF LZW", "TIFF deflate", "WEBP", "WEBP lossless"]
)
def test_downloads_that_stopped_and_were_filled_with_zeros_are_refused(kind):
    data = noise(kind)
    for kept in (0.3, 0.6, 0.9):
        size = int(kept * len(data))
        with pytest.raises(InputError):
            decode_film(data[:size] + bytes(len(data) - size), "a")


@pytest.mark.parametrize("mode", ["L", "RGB", "CMYK"])
@pytest.mark.parametrize("options", [{}, {"progressive": True}, {"restart_marker_blocks": 4}], ids=str)
def test_jpeg_that_ends_early_is_refused_though_an_end_was_put_on(mode, options):
    """libjpeg fills up with gray, and Pillow says nothing. The places lie within scans: between two it is no damage."""
    pixels = np.random.default_rng(0).integers(0, 255, (120, 160), dtype=np.uint8)
    data = encode(Image.fromarray(pixels).convert(mode), "JPEG", **options)
    assert decode_film(data, "a").size == (160, 120)
    for kept in np.linspace(0.32, 0.99, 8) * len(data):
        with pytest.raises(InputError, match="damaged or cut off"):
            decode_film(data[: int(kept)] + b"\xff\xd9", "a")


@pytest.mark.parametrize("options", [{}, {"progressive": True}], ids=str)
def test_most_jpegs_damaged_in_their_middle_are_refused(options):
    """A piece taken out or overwritten; by chance what is left may decode to the right number of blocks."""
    data = encode(
        Image.fromarray(np.random.default_rng(0).integers(0, 255, (400, 400), dtype=np.uint8)), "JPEG", **options
    )
    refused = []
    for place in np.linspace(0.3, 0.9, 20) * len(data):
        at = int(place)
        for filled in (b"", bytes(200)):
            film, reason = outcome(data[:at] + filled + data[at + 200 :])
            refused.append(film is None and "damaged or cut off" in reason)
    assert np.mean(refused) >= 0.8


def test_odd_headers_do_not_make_a_jpeg_damaged(film_bytes):
    """Another version of JFIF, and bytes after the end: libjpeg warns of the first, and not a pixel is missing."""
    plain = decode_film(film_bytes, "a").pixels
    assert film_bytes[6:11] == b"JFIF\0"
    odd = film_bytes[:11] + b"\x07" + film_bytes[12:] + b"appended by an archive"
    np.testing.assert_array_equal(decode_film(odd, "a").pixels, plain)


def outcome(data, name="a"):
    """The film, or the reason why there is none."""
    try:
        return decode_film(data, name), ""
    except InputError as refused:
        return None, str(refused)


SEEDS = {
    **{kind: noise(kind, 48, 40) for kind in ENCODED},
    "orientation": encode(
        Image.fromarray(DRAWN), "JPEG", exif=b"Exif\0\0MM\0*\0\0\0\x08\0\1\1\x12\0\3\0\0\0\1\0\6\0\0\0\0\0\0"
    ),
    "16 bit": encode(Image.fromarray(DRAWN.astype(np.uint16) * 257), "PNG"),
    "palette": encode(Image.fromarray(DRAWN).convert("P"), "PNG", transparency=3),
    "float": encode(Image.fromarray(DRAWN.astype(np.float32)), "TIFF"),
}


@settings(max_examples=250, deadline=None)
@given(kind=st.sampled_from(list(SEEDS)), changes=CHANGES)
def test_any_mutation_gives_a_film_or_a_reason(kind, changes):
    check_outcome(change(SEEDS[kind], changes))


STARTS = [
    b"",
    b"\xff\xd8\xff\xe0",
    b"\x89PNG\r\n\x1a\n",
    b"II*\0",
    b"MM\0*",
    b"RIFF\0\0\0\0WEBPVP8 ",
    b"BM",
    b"\x08\0\5\0CS",
    b"PK\3\4",
]


@settings(max_examples=200, deadline=None)
@given(start=st.sampled_from([*STARTS, bytes(128) + b"DICM"]), rest=st.binary(max_size=400))
def test_any_bytes_give_a_film_or_a_reason(start, rest):
    check_outcome(start + rest)


def check_outcome(data):
    film, reason = outcome(data)
    assert (film is None) == reason.startswith("a: ")
    assert "\n" not in reason
    if film is not None:
        assert film.pixels.dtype == np.uint8
        assert film.pixels.ndim == 2
        assert min(film.pixels.shape) >= MIN_SIDE
        assert min(film.size) >= MIN_SIDE
        assert film.pixels.flags.c_contiguous


def tiff(width, height, *, tags=(), pages=1):
    """A gray TIFF that claims a size, with more tags or many pages of it."""
    first = [
        (256, width),
        (257, height),
        (258, 8),
        (259, 1),
        (262, 1),
        (273, 8),
        (277, 1),
        (278, height),
        (279, width * height % 2**32),
    ]
    entries = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in sorted(dict([*first, *tags]).items()))
    pixels = bytes(64 * 64)
    size = 2 + len(entries) + 4
    start = 8 + len(pixels)
    lists = b"".join(
        struct.pack("<H", len(entries) // 12)
        + entries
        + struct.pack("<I", start + (page + 1) * size if page + 1 < pages else 0)
        for page in range(pages)
    )
    return struct.pack("<2sHI", b"II", 42, start) + pixels + lists


def png_chunks(*chunks):
    data = encode(Image.fromarray(DRAWN), "PNG")
    packed = b"".join(
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body)) for name, body in chunks
    )
    return data[:33] + packed + data[33:]


def jpeg_of_scans():
    data = encode(Image.new("L", (1000, 1000)), "JPEG", progressive=True)
    scan = data[data.rfind(b"\xff\xda") : -2]
    return data[:-2] + scan * 2000 + b"\xff\xd9"


HOSTILE = {
    "52 megapixels": (lambda: png_header(7200, 7200), "megapixels"),
    "PNG bomb": (lambda: png_header(2**31 - 1, 2**31 - 1), "megapixels|damaged"),
    "PNG bomb of 16 bits": (lambda: png_header(6000, 6000, depth=16), "hardly any bytes"),
    "PNG bomb of text": (
        lambda: png_chunks((b"zTXt", b"a\0\0" + zlib.compress(bytes(60 * 1024**2)))),
        "damaged|not a picture",
    ),
    "PNG bomb of colours": (
        lambda: png_chunks((b"iCCP", b"a\0\0" + zlib.compress(bytes(60 * 1024**2)))),
        "damaged|not a picture|^$",
    ),
    "PNG of chunks": (lambda: png_chunks(*[(b"tEXt", b"a\0b")] * 300_000), "damaged"),
    "JPEG of comments": (lambda: b"\xff\xd8" + b"\xff\xfe\0\2" * 300_000 + noise("JPEG")[2:], "damaged"),
    "JPEG of padding": (lambda: b"\xff\xd8" + b"\xff" * 5_000_000 + noise("JPEG")[2:], "damaged"),
    "PNG of another checksum": (lambda: png_header(64, 64).replace(b"IHDR", b"IHDr"), "not a picture|damaged"),
    "JPEG of scans": (jpeg_of_scans, "too many scans"),
    "JPEG without an end": (lambda: noise("JPEG")[:-2], "no end"),
    "JPEG that starts again": (lambda: noise("JPEG")[:2000] + noise("JPEG"), "damaged|^$"),
    "TIFF bomb": (lambda: tiff(2**31 - 1, 2**31 - 1), "megapixels|damaged|not a picture"),
    "TIFF of strips that are not there": (lambda: tiff(3000, 3000), "damaged"),
    "TIFF of a strip far away": (lambda: tiff(64, 64, tags=[(273, 2**32 - 2)]), "damaged"),
    "TIFF of a gigantic tile": (
        lambda: tiff(64, 64, tags=[(259, 8), (322, 2**15), (323, 2**15), (324, 8), (325, 4096)]),
        "damaged",
    ),
    "TIFF of tiles that overflow": (
        lambda: tiff(64, 64, tags=[(259, 5), (322, 2**31), (323, 2**31), (324, 8), (325, 9)]),
        "damaged|not",
    ),
    "TIFF of pages": (lambda: tiff(64, 64, pages=100_000), "several pictures"),
    "TIFF of many samples": (lambda: tiff(64, 64, tags=[(277, 60_000)]), "not a picture|damaged"),
    "TIFF of a palette that is missing": (lambda: tiff(64, 64, tags=[(262, 3)]), "damaged|not a picture"),
    "32-bit whole numbers": (lambda: encode(Image.fromarray(DRAWN.astype(np.int32) << 16), "TIFF"), "damaged"),
    "numbers below zero": (lambda: encode(Image.fromarray(DRAWN.astype(np.int32) - 90), "TIFF"), "damaged"),
    "BMP of a gigantic size": (
        lambda: b"BM" + struct.pack("<IHHIIiiHHIIiiII", 99, 0, 0, 54, 40, 40_000, 40_000, 1, 24, 0, 9, 0, 0, 0, 0),
        "megapixels",
    ),
    "BMP of run lengths": (
        lambda: (
            b"BM" + struct.pack("<IHHIIiiHHIIiiII", 99, 0, 0, 54, 40, 64, 64, 1, 8, 1, 9, 0, 0, 256, 0) + bytes(1024)
        ),
        "run lengths",
    ),
    "WebP of a gigantic size": (
        lambda: b"RIFF\x1a\0\0\0WEBPVP8L\x0d\0\0\0\x2f\xff\xff\xff\x0f" + bytes(9),
        "megapixels|damaged|not",
    ),
    "SVG": (lambda: b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>', "not a picture"),
    "HTML": (lambda: b"<!doctype html><title>film</title>" * 9, "not a picture"),
    "font": (lambda: b"\0\1\0\0\0\x0c\0\x80\0\3\0\x40" + bytes(900), "not a picture"),
    "OpenType font": (lambda: b"OTTO\0\x0c" + bytes(900), "not a picture"),
    "PostScript": (lambda: b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 90 90\n" * 3, "not a picture"),
    "zip": (lambda: b"PK\3\4" + bytes(900), "not a picture"),
    "program": (lambda: b"MZ" + bytes(900), "not a picture"),
    "GIF": (lambda: encode(Image.fromarray(DRAWN), "GIF"), "not a picture"),
    "AVIF": (lambda: b"\0\0\0\x1cftypavif" + bytes(900), "not a picture"),
    "JPEG 2000": (lambda: encode(Image.fromarray(DRAWN), "JPEG2000"), "not a picture"),
    "icon": (lambda: encode(Image.fromarray(DRAWN), "ICO"), "not a picture"),
}


@pytest.mark.parametrize(("make", "reason"), HOSTILE.values(), ids=HOSTILE)
def test_hostile_files_are_refused_quickly(make, reason):
    """``^$`` in a reason: the film is whole, and what is odd about its file costs nothing."""
    data = make()
    start = time.process_time()
    film, said = outcome(data, "a.jpg" if "^$" not in reason else "a")
    assert time.process_time() - start < 5
    assert re.search(reason, said)
    assert (film is None) == bool(said)


@pytest.mark.parametrize("bits", [8, 10, 12, 14])
def test_16_bit_files_of_fewer_bits_are_shown_whole_and_say_so(bits):
    deep = np.rint(DRAWN / 250 * (2**bits - 1)).astype(np.uint16)
    film = decode_film(encode(Image.fromarray(deep), "PNG"), "a")
    np.testing.assert_array_equal(film.pixels, np.rint(deep / (2**bits - 1) * 255))
    assert film.notes == (
        Note(NoteKind.UNUSED_BITS, f"Only the lowest {bits} of 16 bits are used: their top is shown as white."),
    )


def test_plain_films_have_no_notes(film_bytes):
    assert decode_film(film_bytes, "a").notes == ()
    assert decode_film(encode(Image.fromarray(DRAWN.astype(np.uint16) * 257), "PNG"), "a").notes == ()


@pytest.mark.parametrize(
    ("name", "kind", "ending"),
    [
        ("a.png", "JPEG", ".jpeg"),
        ("a.JPG", "PNG", ".png"),
        ("a.tif", "BMP", ".bmp"),
        ("a.dcm", "TIFF", ".tif"),
        ("a.bmp", "WEBP", ".webp"),
    ],
)
def test_wrongly_named_files_are_refused(name, kind, ending):
    with pytest.raises(InputError, match=rf"^{name}: holds .*, unlike its name; .* end in \{ending}\.$"):
        decode_film(encode(Image.fromarray(DRAWN), kind), name)


@pytest.mark.parametrize("name", ["a", "film.txt", "film.JPEG", "x.jpg", "film.1.2.3"])
def test_names_that_say_nothing_else(name):
    assert decode_film(encode(Image.fromarray(DRAWN), "JPEG"), name).name == name


def test_names_are_made_printable():
    with pytest.raises(InputError) as refused:
        decode_film(b"x", "a\nFilm: normal\u202e.jpg" + "x" * 5000)
    assert str(refused.value).startswith("a?Film: normal?.jpg")
    assert len(str(refused.value)) < 400


def test_threads_leave_warnings_as_they_were(film_bytes):
    filters = list(warnings.filters)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: decode_film(film_bytes, "a"), range(60)))
    assert warnings.filters == filters


def test_read_film(tmp_path, film_bytes):
    path = tmp_path / "film.txt"  # a name that claims no other format
    path.write_bytes(film_bytes)
    film = read_film(path)
    np.testing.assert_array_equal(film.pixels, decode_film(film_bytes, "film.txt").pixels)
    assert film.name == "film.txt"


def test_read_film_refuses_with_the_path(tmp_path):
    with pytest.raises(InputError, match=r"missing\.jpeg: cannot be read"):
        read_film(tmp_path / "missing.jpeg")
    with pytest.raises(InputError, match="cannot be read"):
        read_film(tmp_path)
    large = tmp_path / "large.jpeg"
    with large.open("wb") as file:
        file.truncate(MAX_BYTES + 1)
    with pytest.raises(InputError, match=r"large\.jpeg: larger than 25 MB"):
        read_film(large)


def test_resize():
    assert resize(DRAWN, 60, 90) is DRAWN
    small = resize(DRAWN, 12, 30)
    assert small.shape == (12, 30)
    assert small.dtype == np.uint8
    assert small[0, 0] == 250
    assert small[-1, -1] == 130
    assert small[0, -1] == 20


def test_resize_is_antialiased():
    stripes = np.tile(np.array([0, 255], np.uint8), (64, 32))
    assert np.abs(resize(stripes, 16, 16).astype(int) - 127).max() < 20

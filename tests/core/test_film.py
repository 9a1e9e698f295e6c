import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from core.errors import InputError
from core.film import DRAFT_SIDE, MAX_BYTES, MIN_SIDE, decode_film, read_film, resize

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


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF", "WEBP", "BMP"])
@pytest.mark.parametrize("kept", [0.2, 0.5, 0.9])
def test_truncated(kind, kept):
    noise = np.random.default_rng(0).integers(0, 255, (60, 90), dtype=np.uint8)
    data = encode(Image.fromarray(noise), kind)
    with pytest.raises(InputError):
        decode_film(data[: int(kept * len(data))], "a")


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF", "WEBP", "BMP"])
def test_mutations_decode_or_are_refused(kind, make_film):
    """300 damaged copies a format: bytes changed, removed, doubled, blocks zeroed, ends cut."""
    with Image.open(io.BytesIO(make_film(width=48, height=40))) as image:
        exif = Image.Exif()
        exif[0x0112] = 6
        options = {} if kind == "BMP" else {"exif": exif}
        data = encode(image.convert("RGB"), kind, **options)
    draw = np.random.default_rng(len(kind))
    reasons = []
    for _ in range(300):
        try:
            film = decode_film(mutate(data, draw), "a")
        except InputError as refused:
            reasons.append(str(refused))
        else:
            assert film.pixels.dtype == np.uint8
            assert film.pixels.ndim == 2
            assert min(film.pixels.shape) > 0
    assert reasons
    assert all(reason.startswith("a: ") and "\n" not in reason for reason in reasons)


def mutate(data, draw):
    changed = bytearray(data)
    for _ in range(draw.integers(1, 12)):
        if not changed:
            break
        # half of the changes hit the header, where parsers are
        place = int(draw.integers(min(len(changed), 200) if draw.random() < 0.5 else len(changed)))
        length = int(draw.integers(1, 40))
        match draw.integers(5):
            case 0:
                changed[place] = draw.integers(256)
            case 1:
                del changed[place : place + length]
            case 2:
                changed[place:place] = changed[place : place + length]
            case 3:
                changed[place : place + length] = bytes(length)
            case 4 if draw.random() < 0.2:
                del changed[place:]
            case _:
                changed[place] ^= 1 << int(draw.integers(8))
    return bytes(changed)


def test_read_film(tmp_path, film_bytes):
    path = tmp_path / "film.txt"  # the format is read from the bytes
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

"""Draw or derive, from a seed, images that are not frontal chest X-rays: material for the input gate.

Each generator draws an image of one kind; none was made after seeing what a gate accepts. They are
stand-ins: a drawn scene is not a photograph, and a drawn hand is not a radiograph.
"""

from collections.abc import Callable

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from core.imaging.film import resize
from core.types import Float64Array, UInt8Array

SIDE = 192  # px, drawn pictures
CROP = (0.15, 0.5)  # share of the width and of the height that a crop to a small part keeps
WORDS = [
    "the",
    "patient",
    "was",
    "seen",
    "on",
    "a",
    "second",
    "visit",
    "and",
    "left",
    "invoice",
    "date",
    "of",
    "birth",
    "total",
    "amount",
    "number",
    "report",
    "summary",
    "table",
    "figure",
    "street",
    "city",
    "phone",
    "order",
    "item",
    "price",
    "quantity",
    "signature",
    "results",
    "method",
]

Draw = np.random.Generator
Drawing = Callable[[Draw], UInt8Array]
Change = Callable[[UInt8Array, Draw], UInt8Array]


def _gray(values: Float64Array) -> UInt8Array:
    return np.clip(np.rint(values), 0, 255).astype(np.uint8)


def _grid() -> tuple[Float64Array, Float64Array]:
    """Return rows and columns in [-1, 1], each (SIDE, SIDE)."""
    rows, columns = np.meshgrid(np.linspace(-1, 1, SIDE), np.linspace(-1, 1, SIDE), indexing="ij")
    return rows, columns


def _stretch(values: Float64Array, draw: Draw) -> UInt8Array:
    """Stretch values to a range of gray levels drawn at random, at least 60 wide."""
    low = draw.uniform(0, 100)
    high = draw.uniform(low + 60, 255)
    span = float(np.ptp(values)) or 1.0
    return _gray(low + (values - values.min()) / span * (high - low))


def _cloud(draw: Draw, power: float) -> Float64Array:
    """Draw noise whose amplitude falls with the frequency to this power, mean 0 and spread 1, (SIDE, SIDE)."""
    frequency = np.hypot(*np.meshgrid(np.fft.fftfreq(SIDE), np.fft.fftfreq(SIDE), indexing="ij"))
    frequency[0, 0] = 1.0
    spectrum = np.fft.fft2(draw.standard_normal((SIDE, SIDE))) / frequency**power
    spectrum[0, 0] = 0
    cloud = np.fft.ifft2(spectrum).real
    return np.asarray(cloud / cloud.std())


def _canvas(shade: int) -> tuple[Image.Image, ImageDraw.ImageDraw]:
    image = Image.new("L", (SIDE, SIDE), shade)
    return image, ImageDraw.Draw(image)


def _point(draw: Draw, low: float = 0.0, high: float = 1.0) -> tuple[int, int]:
    x, y = draw.uniform(low * SIDE, high * SIDE, size=2)
    return int(x), int(y)


def _box(draw: Draw, smallest: int = 8, largest: int = 90) -> tuple[int, int, int, int]:
    x, y = _point(draw, -0.1, 0.9)
    width, height = draw.integers(smallest, largest, size=2)
    return x, y, x + int(width), y + int(height)


def draw_blank(draw: Draw) -> UInt8Array:
    """Draw one gray level, with or without grain, sometimes with a plain frame."""
    values = np.full((SIDE, SIDE), draw.uniform(0, 255)) + draw.uniform(0, 4) * draw.standard_normal((SIDE, SIDE))
    if draw.random() < 0.3:
        width = int(draw.integers(2, 20))
        framed = np.full_like(values, draw.uniform(0, 255))
        framed[width:-width, width:-width] = values[width:-width, width:-width]
        values = framed
    return _gray(values)


def draw_gradient(draw: Draw) -> UInt8Array:
    """Draw a straight, radial or saddle-shaped run of gray, with a little grain."""
    rows, columns = _grid()
    angle, bend = draw.uniform(0, 2 * np.pi), draw.uniform(0.5, 2)
    y, x = draw.uniform(-0.7, 0.7, size=2)
    straight = np.cos(angle) * columns + np.sin(angle) * rows
    shapes = (
        straight,
        np.tanh(4 * straight * bend),
        np.hypot(rows - y, bend * (columns - x)),
        (rows - y) * (columns - x),
        np.exp(-((rows - y) ** 2 + (columns - x) ** 2) * 4 * bend) * draw.choice([-1, 1]),
    )
    values = _stretch(shapes[draw.integers(len(shapes))], draw)
    return _gray(values + draw.uniform(0, 5) * draw.standard_normal(values.shape))


def draw_noise(draw: Draw) -> UInt8Array:
    """Draw white, coarse, sparse or smoothed noise."""
    kind = draw.integers(4)
    side = SIDE if kind != 1 else int(draw.integers(6, 64))
    values = draw.standard_normal((side, side)) if draw.random() < 0.5 else draw.uniform(-1, 1, (side, side))
    if kind == 2:
        values = (draw.random((side, side)) < draw.uniform(0.01, 0.5)).astype(np.float64)
    image = Image.fromarray(_stretch(values, draw)).resize((SIDE, SIDE), Image.Resampling.NEAREST)
    return np.array(image.filter(ImageFilter.GaussianBlur(draw.uniform(1, 8)))) if kind == 3 else np.array(image)


def draw_texture(draw: Draw) -> UInt8Array:
    """Draw clouds, stripes, checks, cells, rings or bricks."""
    rows, columns = _grid()
    angle, count = draw.uniform(0, np.pi), draw.uniform(3, 25)
    along = np.cos(angle) * columns + np.sin(angle) * rows
    across = np.cos(angle) * rows - np.sin(angle) * columns
    bend = 0.05 * _cloud(draw, 1.5)
    kind = draw.integers(6)
    if kind == 0:
        values = _cloud(draw, draw.uniform(0.5, 2.2))
    elif kind == 1:
        values = np.sin(np.pi * count * (along + bend * draw.uniform(0, 2)))
    elif kind == 2:
        values = np.sign(np.sin(np.pi * count * along) * np.sin(np.pi * count * across))
    elif kind == 3:
        seeds = draw.uniform(-1, 1, size=(int(draw.integers(10, 90)), 2))
        distance = np.hypot(rows[..., None] - seeds[:, 0], columns[..., None] - seeds[:, 1])
        nearest = np.sort(distance, axis=-1)[..., :2]
        values = nearest[..., 0] if draw.random() < 0.5 else np.minimum(nearest[..., 1] - nearest[..., 0], 0.08)
    elif kind == 4:
        y, x = draw.uniform(-1, 1, size=2)
        values = np.sin(np.pi * count * (np.hypot(rows - y, 0.4 * (columns - x)) + bend))
    else:
        course = np.floor(rows * count / 2)
        values = np.minimum(
            np.abs(np.sin(np.pi * rows * count / 2)), np.abs(np.sin(np.pi * (columns * count / 4 + course / 2)))
        )
        values = np.minimum(values, 0.3)
    return _stretch(values + draw.uniform(0, 0.15) * values.std() * draw.standard_normal(values.shape), draw)


def draw_text(draw: Draw) -> UInt8Array:
    """Draw a page of printed words, in one or two columns, with headings, rules and a table at times."""
    dark_page = draw.random() < 0.2
    paper, ink = (int(draw.integers(0, 40)), 230) if dark_page else (int(draw.integers(200, 256)), 25)
    image, pen = _canvas(paper)
    columns = int(draw.integers(1, 3))
    size = int(draw.integers(6, 20))
    font, margin = ImageFont.load_default(size=size), int(draw.integers(4, 24))
    width = (SIDE - margin * (columns + 1)) // columns
    for column in range(columns):
        left, top = margin + column * (width + margin), margin
        while top < SIDE - margin - size:
            words = " ".join(draw.choice(WORDS, size=12))
            letters = int(width / (0.55 * size) * draw.uniform(0.5, 1.0))
            if draw.random() < 0.9:
                pen.text((left, top), words[:letters], font=font, fill=ink)
            if draw.random() < 0.06:
                pen.line((left, top, left + width, top), fill=ink)
            top += int(size * 1.3)
    return np.array(image.rotate(draw.uniform(-4, 4), fillcolor=paper, resample=Image.Resampling.BILINEAR))


def draw_drawing(draw: Draw) -> UInt8Array:
    """Draw shapes, strokes, a chart or a face: flat shades and sharp lines."""
    paper = int(draw.choice([0, 255, int(draw.integers(0, 256))], p=[0.25, 0.5, 0.25]))
    image, pen = _canvas(paper)
    kind = draw.integers(4)
    if kind == 0:
        for _ in range(int(draw.integers(2, 12))):
            fill = int(draw.integers(0, 256)) if draw.random() < 0.6 else None
            shape = pen.ellipse if draw.random() < 0.5 else pen.rectangle
            shape(_box(draw), fill=fill, outline=int(draw.integers(0, 256)), width=int(draw.integers(1, 5)))
    elif kind == 1:
        for _ in range(int(draw.integers(1, 8))):
            walk = np.cumsum(draw.normal(0, 14, size=(int(draw.integers(4, 40)), 2)), axis=0) + _point(draw)
            pen.line([(float(x), float(y)) for x, y in walk], fill=255 - paper, width=int(draw.integers(1, 5)))
    elif kind == 2:
        ink, base = 255 - paper, SIDE - 20
        pen.line((20, 10, 20, base, SIDE - 10, base), fill=ink, width=2)
        heights = draw.uniform(10, SIDE - 40, size=int(draw.integers(3, 12)))
        step = (SIDE - 40) / len(heights)
        if draw.random() < 0.5:
            for index, height in enumerate(heights):
                left = 25 + index * step
                pen.rectangle((left, base - height, left + step * 0.7, base), fill=int(draw.integers(0, 256)))
        else:
            pen.line([(25 + step * index, base - height) for index, height in enumerate(heights)], fill=ink, width=2)
    else:
        ink, (x, y) = 255 - paper, _point(draw, 0.4, 0.6)
        r = int(draw.integers(35, 75))
        pen.ellipse((x - r, y - r, x + r, y + r), outline=ink, width=3, fill=int(draw.integers(0, 256)))
        for side in (-1, 1):
            eye, half = x + side * r // 2, max(2, r // 8)
            pen.ellipse((eye - half, y - r // 3 - half, eye + half, y - r // 3 + half), fill=ink)
        pen.arc((x - r // 2, y - r // 3, x + r // 2, y + r // 2), 20, 160, fill=ink, width=3)
        pen.line((x, y + r, x, SIDE), fill=ink, width=3)
    return np.array(image)


def draw_scene(draw: Draw) -> UInt8Array:
    """Draw a landscape, a street or a portrait in soft light, with grain: like a photograph from afar."""
    rows, columns = _grid()
    values = draw.uniform(120, 230) - draw.uniform(-40, 60) * rows + draw.uniform(2, 25) * _cloud(draw, 1.6)
    kind = draw.integers(3)
    if kind == 0:
        for depth in range(int(draw.integers(1, 5))):
            ridge = draw.uniform(-0.3, 0.6) + 0.12 * _cloud(draw, 1.8)[0]
            behind = draw.uniform(20, 180) + draw.uniform(5, 30) * _cloud(draw, draw.uniform(0.8, 1.6))
            values = np.where(rows > ridge[None, :] + 0.1 * depth, behind, values)
    elif kind == 1:
        ground = draw.uniform(0.2, 0.7)
        values = np.where(rows > ground, draw.uniform(40, 140) + 12 * _cloud(draw, 1.2), values)
        for _ in range(int(draw.integers(2, 7))):
            left, width, top = draw.uniform(-1, 0.8), draw.uniform(0.2, 0.7), draw.uniform(-0.9, 0.1)
            house = (columns > left) & (columns < left + width) & (rows > top) & (rows < ground)
            windows = np.sin(columns * draw.uniform(20, 50)) * np.sin(rows * draw.uniform(20, 50)) > 0.3
            values = np.where(house, draw.uniform(30, 200) + 45 * windows * draw.choice([-1, 1]), values)
    else:
        x, y, r = draw.uniform(-0.3, 0.3), draw.uniform(-0.4, 0.1), draw.uniform(0.2, 0.4)
        light = 25 * (columns - x) * draw.choice([-1, 1])
        body = ((columns - x) / (2.2 * r)) ** 2 + ((rows - y - 3.0 * r) / (1.6 * r)) ** 2 < 1
        values = np.where(body, draw.uniform(20, 160) + light + 10 * _cloud(draw, 1.4), values)
        face = ((columns - x) / r) ** 2 + ((rows - y) / (1.3 * r)) ** 2
        values = np.where(face < 1, draw.uniform(120, 220) - 30 * face + light, values)
        values = np.where((face < 1.25) & (rows < y - 0.6 * r), draw.uniform(10, 120), values)
        for side in (-1, 1):
            eye = np.hypot(columns - x - side * 0.4 * r, rows - y + 0.15 * r) < 0.1 * r
            values = np.where(eye, 40.0, values)
    values = values + draw.uniform(1, 6) * draw.standard_normal(values.shape)
    soft = Image.fromarray(_gray(values)).filter(ImageFilter.GaussianBlur(draw.uniform(0.3, 1.5)))
    return _stretch(np.asarray(soft, np.float64), draw)


def draw_bones(draw: Draw) -> UInt8Array:
    """Draw a hand, a long bone with its joint, or a skull, bright on dark: other parts of the body."""
    soft, soft_pen = _canvas(0)
    bone, bone_pen = _canvas(0)

    def limb(start: tuple[float, float], end: tuple[float, float], width: float) -> None:
        for pen, factor in ((soft_pen, 2.4), (bone_pen, 1.0)):
            pen.line((*start, *end), fill=255, width=max(2, int(width * factor)))
        for x, y in (start, end):
            knob = width * 0.75
            bone_pen.ellipse((x - knob, y - knob, x + knob, y + knob), fill=255)

    kind = draw.integers(3)
    x, y = SIDE * draw.uniform(0.4, 0.6), SIDE * draw.uniform(0.6, 0.75)
    if kind == 0:
        soft_pen.ellipse((x - 38, y - 35, x + 38, y + 35), fill=255)
        limb((x, y + 30), (x + draw.uniform(-10, 10), SIDE), draw.uniform(14, 20))
        for finger, angle in enumerate(np.linspace(-0.75, 0.75, 5) + draw.uniform(-0.1, 0.1)):
            reach, width = draw.uniform(18, 26), draw.uniform(5, 8)
            start = (x + 28 * np.sin(angle), y - 5 - 20 * np.cos(angle))
            for _ in range(3 if finger in (0, 4) else 4):
                end = (start[0] + reach * np.sin(angle), start[1] - reach * np.cos(angle))
                limb(start, end, width)
                start = (end[0] + 4 * np.sin(angle), end[1] - 4 * np.cos(angle))
                reach *= 0.75
    elif kind == 1:
        angle, width = draw.uniform(-0.6, 0.6), draw.uniform(14, 30)
        for sign in (-1, 1):
            start = (x + sign * 8 * np.sin(angle), SIDE / 2 + sign * 8 * np.cos(angle) + sign * width * 0.75)
            limb(start, (x + sign * 130 * np.sin(angle), SIDE / 2 + sign * 130 * np.cos(angle)), width)
    else:
        r = draw.uniform(50, 75)
        soft_pen.ellipse((x - r, SIDE / 2 - r * 1.2, x + r, SIDE / 2 + r * 1.2), fill=255)
        bone_pen.ellipse((x - r, SIDE / 2 - r * 1.2, x + r, SIDE / 2 + r), outline=255, width=int(draw.integers(5, 10)))
        for side in (-1, 1):
            eye = x + side * r * 0.4
            bone_pen.ellipse((eye - r * 0.25, SIDE / 2, eye + r * 0.25, SIDE / 2 + r * 0.4), outline=255, width=4)
        bone_pen.rectangle((x - r * 0.4, SIDE / 2 + r * 0.8, x + r * 0.4, SIDE / 2 + r * 1.1), fill=255)
    blurred = [np.asarray(layer.filter(ImageFilter.GaussianBlur(draw.uniform(1, 3))), float) for layer in (soft, bone)]
    values = draw.uniform(0, 25) + draw.uniform(0.2, 0.4) * blurred[0] + draw.uniform(0.35, 0.6) * blurred[1]
    return _gray(values * (1 + 0.05 * _cloud(draw, 1.2)) + draw.uniform(1, 5) * draw.standard_normal(values.shape))


def invert(film: UInt8Array, draw: Draw) -> UInt8Array:
    """Invert the gray levels: bones become dark; the draw is not used."""
    return 255 - film


def rotate(film: UInt8Array, draw: Draw) -> UInt8Array:
    """Turn the film by 90, 180 or 270 degrees."""
    return np.ascontiguousarray(np.rot90(film, int(draw.integers(1, 4))))


def crop(film: UInt8Array, draw: Draw) -> UInt8Array:
    """Cut out a part of 15 to 50 % of the width and of the height, at the size of the film."""
    height, width = film.shape
    part_height, part_width = (np.array(film.shape) * draw.uniform(*CROP, size=2)).astype(int)
    top, left = int(draw.integers(height - part_height + 1)), int(draw.integers(width - part_width + 1))
    return resize(film[top : top + part_height, left : left + part_width], height, width)


DRAWN: dict[str, Drawing] = {
    "blank": draw_blank,
    "gradient": draw_gradient,
    "noise": draw_noise,
    "texture": draw_texture,
    "text": draw_text,
    "drawing": draw_drawing,
    "scene": draw_scene,
    "bones": draw_bones,
}
CHANGED: dict[str, Change] = {"inverted": invert, "rotated": rotate, "cropped": crop}


def draw_picture(kind: str, seed: int) -> UInt8Array:
    """Draw one picture of a kind of `DRAWN`; the same seed gives the same picture, (192, 192) uint8."""
    return DRAWN[kind](np.random.default_rng([seed, *kind.encode()]))


def change_film(kind: str, film: UInt8Array, seed: int) -> UInt8Array:
    """Turn a film (H, W) uint8 into no chest X-ray by a kind of `CHANGED`; the same seed gives the same image."""
    return CHANGED[kind](film, np.random.default_rng([seed, *kind.encode()]))

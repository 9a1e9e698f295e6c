"""Drawing films from the statistics of one label's films: an appearance model with shape and grey values.

Films are aligned to their common mean by smooth displacement fields; principal components of the aligned films and of
the fields are taken; one joint Gaussian is fitted to both sets of coefficients (after Cootes, Edwards and Taylor 1998).
"""

from concurrent.futures import ProcessPoolExecutor
from itertools import repeat
from typing import Any

import numpy as np
from scipy import ndimage
from sklearn.decomposition import PCA

SIZE = 160  # px, side of the square frame in which films are modelled (the data set's own frame is square)
FIELD = 80  # px, side of the displacement fields
LEVELS = ((20, 30), (40, 30), (80, 20))  # (side in px, iterations) of the alignment, coarse to fine
ROUNDS = 2
TAPER = 0.06  # share of the frame's side over which displacements across its edge fade to zero
SMOOTH = 1.5  # px at each level, spread of the Gaussian that smooths a displacement field
GAIN = 2.0  # most that sharpening may raise a frequency
COMPONENTS, FIELD_COMPONENTS = 200, 40
SHRINK = 0.85  # factor on the drawn coefficients: the tails of a Gaussian fit are not films
GRAIN = 0.35  # factor on the fine detail that the components leave out, drawn anew with random phases
SETTINGS = (
    "SIZE",
    "FIELD",
    "LEVELS",
    "ROUNDS",
    "TAPER",
    "SMOOTH",
    "GAIN",
    "COMPONENTS",
    "FIELD_COMPONENTS",
    "SHRINK",
    "GRAIN",
)

Array = np.ndarray[Any, Any]


def resized(image: Array, side: int) -> Array:
    """Square image at another side length, bilinear."""
    return np.asarray(ndimage.zoom(image, side / image.shape[0], order=1, grid_mode=True, mode="nearest"))


def resized_field(field: Array, side: int) -> Array:
    """Displacement field (2, s, s) at another side length, its displacements in the new pixels."""
    return np.stack([resized(part, side) for part in field]) * (side / field.shape[1])


def warped(image: Array, field: Array) -> Array:
    """Image read at ``position + field``."""
    rows, columns = np.indices(image.shape)
    return np.asarray(ndimage.map_coordinates(image, [rows + field[0], columns + field[1]], order=1, mode="nearest"))


def inverted(field: Array, iterations: int = 30) -> Array:
    """Inverse of a displacement field by fixed-point iteration."""
    inverse = -field
    for _ in range(iterations):
        inverse = -np.stack([warped(part, inverse) for part in field])
    return inverse


def local_contrast(image: Array, sigma: float) -> Array:
    """Image with its local mean removed and its local spread made one: exposure must not steer alignment."""
    detail = image - ndimage.gaussian_filter(image, sigma)
    return np.asarray(detail / np.sqrt(ndimage.gaussian_filter(detail * detail, sigma) + 25))


def frame_taper(side: int) -> Array:
    """Weights (2, side, side) which keep displacements across the frame's edge at zero: no border is smeared."""
    edge = np.clip((np.minimum(np.arange(side), np.arange(side)[::-1]) + 0.5) / (TAPER * side), 0, 1)
    return np.stack(np.broadcast_arrays(edge[:, None], edge[None, :]))


def alignment(film: Array, atlas: Array) -> Array:
    """Field (2, FIELD, FIELD) float32 from film to atlas by demons (Thirion 1998), coarse to fine."""
    field = np.zeros((2, LEVELS[0][0], LEVELS[0][0]), np.float32)
    for side, iterations in LEVELS:
        field = resized_field(field, side)
        moving, fixed = (
            local_contrast(resized(ndimage.gaussian_filter(image, 0.4 * FIELD / side), side), side / 8)
            for image in (film, atlas)
        )
        fixed_gradient, taper = np.stack(np.gradient(fixed)), frame_taper(side)
        for _ in range(iterations):
            current = warped(moving, field)
            gradient = (fixed_gradient + np.stack(np.gradient(current))) / 2
            difference = fixed - current
            step = difference * gradient / ((gradient**2).sum(0) + 0.5 * difference**2 + 1e-3)
            field = field + ndimage.gaussian_filter(np.clip(step, -1, 1), (0, 1.5, 1.5))
            field = ndimage.gaussian_filter(field, (0, SMOOTH, SMOOTH)) * taper
    return field.astype(np.float32)


def aligned(films: Array, pool: ProcessPoolExecutor) -> tuple[Array, Array]:
    """Films in the frame of their common mean, (n, SIZE, SIZE) float32, and the fields that took them there."""
    step = SIZE // FIELD
    small = films.reshape(len(films), FIELD, step, FIELD, step).mean((2, 4), dtype=np.float32)
    atlas = small.mean(0)
    for _ in range(ROUNDS):
        fields = np.stack(list(pool.map(alignment, small, repeat(atlas), chunksize=16)))
        fields -= fields.mean(0)
        atlas = np.mean([warped(film, field) for film, field in zip(small, fields, strict=True)], axis=0)
    large = [
        warped(film.astype(np.float32), resized_field(field, SIZE)) for film, field in zip(films, fields, strict=True)
    ]
    return np.stack(large), fields


def radial(spectrum: Array) -> Array:
    """Mean of a 2-D spectrum over rings, laid out again as a 2-D array."""
    frequency = np.hypot(*np.meshgrid(np.fft.fftfreq(SIZE), np.fft.fftfreq(SIZE), indexing="ij"))
    ring = np.round(frequency * SIZE).astype(int)
    return np.asarray((np.bincount(ring.ravel(), spectrum.ravel()) / np.bincount(ring.ravel()))[ring])


def mean_spectrum(images: Array) -> Array:
    """Radial mean amplitude of windowed images (n, SIZE, SIZE)."""
    window = np.outer(np.hanning(SIZE), np.hanning(SIZE))
    return np.sqrt(radial(np.mean([np.abs(np.fft.fft2((im - im.mean()) * window)) ** 2 for im in images], axis=0)))


class FilmModel:
    """One class's joint Gaussian over principal components of aligned films and of their displacement fields."""

    def __init__(self, films: Array, pool: ProcessPoolExecutor) -> None:
        flat, fields = aligned(films, pool)
        flat, fields = flat.reshape(len(films), -1), fields.reshape(len(films), -1)
        self.grey = PCA(COMPONENTS, svd_solver="randomized", random_state=0).fit(flat)
        self.field = PCA(FIELD_COMPONENTS, svd_solver="randomized", random_state=0).fit(fields)
        coefficients = self.grey.transform(flat)
        joint = np.cov(np.hstack([coefficients, self.field.transform(fields)]), rowvar=False)
        self.factor = np.linalg.cholesky(joint + 1e-6 * np.trace(joint) / len(joint) * np.eye(len(joint)))
        residual = (flat - self.grey.inverse_transform(coefficients)).reshape(-1, SIZE, SIZE)
        self.grain_map = ndimage.gaussian_filter(residual.std(0), 4)
        self.grain_spectrum = mean_spectrum(residual[::7])
        plain = np.stack([self._smooth(np.random.default_rng([9, i]))[0] for i in range(100)])
        self.gain = np.clip(mean_spectrum(films[::7]) / mean_spectrum(plain), 1, GAIN)
        self.tone = np.percentile(films, [0.5, 99.5], axis=(1, 2)).mean(1)

    def _smooth(self, rng: np.random.Generator) -> tuple[Array, Array]:
        draw = SHRINK * self.factor @ rng.standard_normal(COMPONENTS + FIELD_COMPONENTS)
        grey = (self.grey.mean_ + draw[:COMPONENTS] @ self.grey.components_).reshape(SIZE, SIZE)
        field = (self.field.mean_ + draw[COMPONENTS:] @ self.field.components_).reshape(2, FIELD, FIELD)
        inverse = inverted(resized_field(field, SIZE))
        return warped(grey, inverse), inverse

    def draw(self, seed: int) -> Array:
        """One film (SIZE, SIZE) float in [0, 255], without its label text."""
        rng = np.random.default_rng([seed, 160])
        film, inverse = self._smooth(rng)
        padded = np.pad(film, SIZE, mode="reflect")  # no wrap-around of the frame's edges
        gain = ndimage.zoom(np.fft.fftshift(self.gain), 3, order=1, grid_mode=True, mode="nearest")
        film = np.fft.ifft2(np.fft.fft2(padded) * np.fft.ifftshift(gain)).real[SIZE:-SIZE, SIZE:-SIZE]
        noise = np.fft.ifft2(np.fft.fft2(rng.standard_normal((SIZE, SIZE))) * self.grain_spectrum).real
        film = film + GRAIN * warped(noise / noise.std() * self.grain_map, inverse)
        low, high = np.percentile(film, [0.5, 99.5])
        film = (film - low) / (high - low) * (self.tone[1] - self.tone[0]) + self.tone[0]
        return np.clip(film, 0, 255)

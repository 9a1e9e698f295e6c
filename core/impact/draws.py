"""Draws of what is not known exactly, from distributions fitted to a low, a base and a high value."""

import math
import zlib
from collections.abc import Mapping

import numpy as np

from core.errors import InputError
from core.impact.inputs import Assumption
from core.types import Float64Array

WIDTH = 3.919927969080108  # standard deviations between the ends of a 95 % interval


def stream(name: str, seed: int) -> np.random.Generator:
    """Random numbers that depend on an input's name and the seed alone."""
    return np.random.default_rng([seed, zlib.crc32(name.encode())])


def draw(inputs: Mapping[str, Assumption], draws: int, seed: int) -> dict[str, Float64Array]:
    """Draws of inputs, each from its own stream of random numbers, so that one input never shuffles another.

    A range is read as a 95 % interval: its width is 3.92 standard deviations. Beta and gamma have the base as mean
    (method of moments); lognormal has it as median and its logarithm spreads by log(high / low) / 3.92. A change of
    time is drawn as the factor 1 + change. Inputs are independent of each other.

    Returns
    -------
    dict of (draws,) or (1,) float64
        A single element where an input is exact.

    Raises
    ------
    InputError
        No such distribution fits the range.
    """
    values = {}
    for key, assumption in inputs.items():
        if (
            assumption.spread == "exact" or (assumption.high - assumption.low) ** 2 == 0
        ):  # no range, or one below what a float squares
            values[key] = np.array([assumption.base])
            continue
        values[key] = _spread(key, assumption, stream(key, seed), draws)
    return values


def _spread(key: str, assumption: Assumption, rng: np.random.Generator, draws: int) -> Float64Array:
    mean, deviation = assumption.base, (assumption.high - assumption.low) / WIDTH
    if assumption.spread == "beta":
        if not 0 < mean < 1 or mean * (1 - mean) <= deviation**2:
            raise InputError(
                f"{key}: no Beta distribution fits a range from {assumption.low:g} to {assumption.high:g} at {mean:g}."
            )
        size = mean * (1 - mean) / deviation**2 - 1
        return rng.beta(mean * size, (1 - mean) * size, draws)
    shift = 1.0 if assumption.least < 0 else 0.0  # a change of time: as a factor
    if (not assumption.low + shift > 0 and assumption.spread == "lognormal") or not mean + shift > 0:
        raise InputError(f"{key}: a range that spreads like times or costs needs values above zero.")
    if assumption.spread == "gamma":
        return rng.gamma((mean / deviation) ** 2, deviation**2 / mean, draws)
    sigma = math.log((assumption.high + shift) / (assumption.low + shift)) / WIDTH
    return rng.lognormal(math.log(mean + shift), sigma, draws) - shift

import inspect
import itertools

import numpy as np
import pytest

from core.data import stress
from core.data.stress import stress_film
from core.imaging.decode import decode_film
from core.imaging.film import resize


@pytest.fixture
def film(make_film):
    return decode_film(make_film(seed=3, width=400, height=300), "a.jpeg").pixels


def test_shape_and_type_whatever_the_size(make_film):
    for width, height in ((400, 300), (90, 500), (224, 224)):
        changed = stress_film(decode_film(make_film(width=width, height=height), "a.jpeg").pixels, "a")
        assert changed.shape == (224, 224)
        assert changed.dtype == np.uint8


def test_deterministic_and_independent_of_order(film):
    first = {name: stress_film(film, name) for name in ("a", "b", "c")}
    np.random.seed(1)  # noqa: NPY002 - the global state must not matter
    again = {name: stress_film(film, name) for name in ("c", "a", "b")}
    for name, pixels in first.items():
        np.testing.assert_array_equal(pixels, again[name])


def test_input_is_left_alone(film):
    before = film.copy()
    stress_film(film, "a")
    np.testing.assert_array_equal(film, before)


def test_every_film_changes_and_each_name_otherwise(film):
    changed = [stress_film(film, f"train/NORMAL/IM-{i:04d}-0001.jpeg").astype(int) for i in range(20)]
    plain = resize(film, 224, 224).astype(int)
    for pixels in changed:
        assert np.abs(pixels - plain).mean() > 3
    for one, other in itertools.pairwise(changed):
        assert np.abs(one - other).mean() > 3


def test_alike_for_both_classes(film):
    """The changes take no label, and names of the two classes draw from the same ranges."""
    assert list(inspect.signature(stress_film).parameters) == ["pixels", "sample_id"]
    normal = [stress_film(film, f"train/NORMAL/IM-{i:04d}-0001.jpeg").mean() for i in range(60)]
    ill = [stress_film(film, f"train/PNEUMONIA/person{i}_virus_1.jpeg").mean() for i in range(60)]
    spread = np.std(normal + ill)
    assert abs(np.mean(normal) - np.mean(ill)) < 4 * spread * np.sqrt(2 / 60)
    assert 0.6 < np.std(normal) / np.std(ill) < 1.67


def test_the_rule_as_written_down():
    """Trained runs hold figures made under these constants: a change needs a new version."""
    assert stress.VERSION == 1
    assert (stress.SIDE, stress.CROP, stress.GAMMA, stress.CONTRAST) == (224, (0.7, 1.0), (0.65, 1.55), (0.75, 1.25))
    assert (stress.BLUR, stress.BORDER, stress.QUALITY) == ((0.0, 1.5), (0.0, 0.06), (30, 95))

"""Random changes to training films: seeded, within their range, and each doing what its field says."""

import numpy as np
import pytest

from core.models.residual import STRONG
from core.models.spec import Augmentation

FILMS = np.random.default_rng(0).uniform(0, 255, (12, 64, 64, 1)).astype(np.float32)


def changed(films: np.ndarray, seed: tuple[int, int] = (1, 2), **fields) -> np.ndarray:
    import tensorflow as tf

    from core.training.augment import augment

    return augment(tf.constant(films), Augmentation(**fields), tf.constant(seed)).numpy()


def test_zoom_and_shear_are_around_the_centre() -> None:
    spot = np.zeros((8, 65, 65, 1), np.float32)
    spot[:, 31:34, 31:34] = 255
    moved = changed(spot, shear=0.2, zoom=0.2)
    rows, columns = np.mgrid[:65, :65]
    for film in moved[..., 0]:
        assert np.average(rows, weights=film) == pytest.approx(32, abs=0.3)
        assert np.average(columns, weights=film) == pytest.approx(32, abs=0.3)


@pytest.mark.parametrize("fields", [vars(STRONG), {"shear": 0.2, "zoom": 0.2}])
def test_seeded_and_within_the_range_of_gray_values(fields) -> None:
    once, again, other = (changed(FILMS, seed, **fields) for seed in ((1, 2), (1, 2), (1, 3)))
    np.testing.assert_array_equal(once, again)
    assert np.abs(once - other).max() > 1
    assert once.min() >= 0
    assert once.max() <= 255


def test_without_any_field_films_stay() -> None:
    np.testing.assert_array_equal(changed(FILMS), FILMS)


def test_flip_exchanges_left_and_right_in_some_films() -> None:
    result = changed(FILMS, flip=True)
    mirrored = [np.allclose(film, source[:, ::-1], atol=1e-2) for film, source in zip(result, FILMS, strict=True)]
    same = [np.allclose(film, source, atol=1e-2) for film, source in zip(result, FILMS, strict=True)]
    assert all(np.logical_xor(mirrored, same))
    assert any(mirrored)
    assert any(same)


def test_crop_changes_the_aspect_ratio_and_shows_only_the_film() -> None:
    ramp = np.tile(np.linspace(0, 255, 64, dtype=np.float32)[:, None, None], (200, 1, 64, 1))
    ramp = np.concatenate([ramp, ramp.transpose(0, 2, 1, 3)], axis=-1)  # height in one channel, width in the other
    shown = np.ptp(changed(ramp, crop=(0.65, 1.0)), axis=(1, 2)) / 255
    assert shown.min() == pytest.approx(0.65, abs=0.02)
    assert shown.max() == pytest.approx(1.0, abs=0.02)
    assert np.abs(np.corrcoef(shown.T)[0, 1]) < 0.2  # height and width are drawn apart


def test_rotation_turns_around_the_centre_by_at_most_the_angle() -> None:
    bar = np.zeros((50, 65, 65, 1), np.float32)
    bar[:, 31:34, 8:57] = 255
    rows, columns = np.mgrid[-32:33, -32:33]
    angles = []
    for film in changed(bar, rotation=10.0)[..., 0]:
        assert np.average(rows, weights=film) == pytest.approx(0, abs=0.3)
        slope = np.average(rows * columns, weights=film) / np.average(columns**2, weights=film)
        angles.append(np.degrees(np.arctan(slope)))
    assert -10.5 < min(angles) < -7
    assert 7 < max(angles) < 10.5


def test_gamma_and_contrast_keep_the_order_of_gray_values() -> None:
    steps = np.tile(np.linspace(5, 250, 64, dtype=np.float32)[:, None, None], (50, 1, 64, 1))
    result = changed(steps, gamma=1.6)[:, :, 0, 0]
    assert (np.diff(result, axis=1) > 0).all()
    powers = np.log(result[:, 30] / 255) / np.log(steps[0, 30, 0, 0] / 255)
    assert 1 / 1.61 < powers.min() < 0.75
    assert 1.35 < powers.max() < 1.61
    stretched = changed(steps, contrast=0.25)[:, 20:44, 0, 0]
    spread = np.ptp(stretched, axis=1) / np.ptp(steps[0, 20:44])
    assert spread.min() == pytest.approx(0.75, abs=0.05)
    assert spread.max() == pytest.approx(1.25, abs=0.05)


def test_blur_and_noise() -> None:
    assert changed(FILMS, blur=1.0).std() < 0.9 * FILMS.std()
    flat = np.full((400, 16, 16, 1), 128, np.float32)
    np.testing.assert_allclose(changed(flat, blur=1.0), flat, atol=1e-3)
    spread = changed(flat, noise=8.0).std(axis=(1, 2, 3))
    assert spread.max() == pytest.approx(8, abs=0.6)
    assert spread.min() < 1


def test_border_blackens_edges_and_cutout_hides_a_place() -> None:
    flat = np.tile(np.linspace(100, 200, 64, dtype=np.float32)[:, None, None], (200, 1, 64, 1))
    black = changed(flat, border=0.1)[..., 0] == 0
    assert not black[:, 7:57, 7:57].any()
    for edge in (black[:, 0, 32], black[:, -1, 32], black[:, 32, 0], black[:, 32, -1]):
        assert 0.3 < edge.mean() < 0.7
    hidden = np.abs(changed(flat, cutout=0.3) - flat)[..., 0] > 1e-3
    assert 0.3 < hidden.any(axis=(1, 2)).mean() < 0.6
    assert hidden.mean(axis=(1, 2)).max() < 0.3**2 + 0.02

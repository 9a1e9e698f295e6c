"""Sliders begin at the film's own score and follow the changes that stress curves were measured with."""

import numpy as np
import pytest

from core.data.samples import list_samples
from core.explain.counterfactual import CHANGES, POINTS, counterfactual, levels
from core.imaging.decode import read_film
from core.imaging.film import Film, resize
from core.imaging.perturbations import FACTORS
from core.inference.model import Model
from core.runs.store import list_runs, served


@pytest.fixture(scope="module")
def model() -> Model:
    return Model(served(run for run in list_runs()[0] if not run.own))


@pytest.fixture(scope="module")
def film() -> Film:
    return read_film(list_samples()[0].path)


@pytest.mark.parametrize("change", CHANGES)
def test_levels_rise_and_hold_the_neutral_one(change: str) -> None:
    factor, found = FACTORS[change], levels(change)
    assert len(found) == POINTS
    assert found == sorted(found)
    assert factor.neutral in found
    assert (found[0], found[-1]) == pytest.approx((min(factor.levels), max(factor.levels)))


def test_frame(model: Model, film: Film) -> None:
    frame = counterfactual(model, film)
    assert list(frame.columns) == ["change", "value", "score", "logit"]
    assert frame.groupby("change", sort=False).size().to_dict() == dict.fromkeys(CHANGES, POINTS)
    np.testing.assert_allclose(frame["score"], 1 / (1 + np.exp(-frame["logit"])), atol=1e-6)
    plain = model.predict(film)
    for change, rows in frame.groupby("change"):
        neutral = rows[rows["value"] == FACTORS[change].neutral]
        assert neutral["logit"].item() == pytest.approx(plain.logit, abs=1e-5)
        assert rows["logit"].nunique() > 10, f"{change} does nothing"


@pytest.mark.parametrize("change", CHANGES)
def test_points_are_the_scores_of_the_changed_film(change: str, model: Model, film: Film) -> None:
    frame = counterfactual(model, film, (change,), points=5)
    size = model.run.input
    for row in frame.itertuples():
        changed = resize(FACTORS[change].apply(film.pixels, row.value, film.name), size.height, size.width)
        assert row.logit == pytest.approx(model.network.score(changed[np.newaxis])[1][0], abs=1e-4)


def test_a_large_film_is_changed_at_a_smaller_size(model: Model, film: Film) -> None:
    """Its curve is that of the film it was enlarged from, but for the resampling; its own score stays its own."""
    large = Film(name=film.name, pixels=film.pixels.repeat(4, 0).repeat(4, 1), size=(1, 1))
    ours, theirs = counterfactual(model, large), counterfactual(model, film)
    assert np.abs(ours["logit"] - theirs["logit"]).max() < 0.5
    neutral = ours[(ours["change"] == "exposure") & (ours["value"] == 1)]
    assert neutral["logit"].item() == pytest.approx(model.predict(large).logit, abs=1e-5)

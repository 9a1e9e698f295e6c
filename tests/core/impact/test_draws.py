"""Distributions fitted to a low, a base and a high value."""

from dataclasses import replace

import numpy as np
import pytest

from core.errors import InputError
from core.impact.draws import draw
from core.impact.inputs import INPUTS, PREVALENCE, Assumption

MANY = 200_000


@pytest.mark.parametrize("key", [key for key, one in INPUTS.items() if one.spread in ("beta", "gamma")])
def test_beta_and_gamma_have_the_base_as_mean_and_the_range_as_width(key: str) -> None:
    one = INPUTS[key]
    drawn = draw({key: one}, MANY, 0)[key]
    assert drawn.mean() == pytest.approx(one.base, rel=0.01)
    assert drawn.std() == pytest.approx((one.high - one.low) / 3.92, rel=0.02)
    assert drawn.min() >= 0
    assert one.spread == "gamma" or drawn.max() <= 1


@pytest.mark.parametrize("key", [key for key, one in INPUTS.items() if one.spread == "lognormal"])
def test_times_have_the_base_as_median_and_the_ratio_as_width(key: str) -> None:
    one = INPUTS[key]
    drawn = draw({key: one}, MANY, 0)[key]
    shift = 1 if one.least < 0 else 0
    assert np.median(drawn) == pytest.approx(one.base, abs=0.01 * (one.base + shift))
    low, high = np.quantile(drawn + shift, [0.025, 0.975])
    assert high / low == pytest.approx((one.high + shift) / (one.low + shift), rel=0.02)
    assert drawn.min() > -shift


def test_one_input_never_shuffles_another() -> None:
    both = draw({"prevalence": PREVALENCE, "hourly": INPUTS["hourly"]}, 50, 3)
    alone = draw({"prevalence": PREVALENCE}, 50, 3)
    np.testing.assert_array_equal(both["prevalence"], alone["prevalence"])
    assert not np.array_equal(alone["prevalence"], draw({"prevalence": PREVALENCE}, 50, 4)["prevalence"])


@pytest.mark.parametrize(
    ("key", "change"),
    [
        ("prevalence", {"low": 0.001, "base": 0.01, "high": 0.99}),
        ("read_time", {"low": 0.0, "base": 60.0, "high": 90.0}),
        ("hourly", {"low": 0.0, "base": 0.0, "high": 90.0}),
    ],
)
def test_a_range_that_no_distribution_fits_is_named(key: str, change: dict[str, float]) -> None:
    with pytest.raises(InputError, match=key):
        draw({key: replace(INPUTS[key], **change)}, 10, 0)


def test_exact_inputs_are_not_drawn() -> None:
    one: Assumption = replace(PREVALENCE, low=0.2, base=0.2, high=0.2)
    assert draw({"prevalence": one}, 10, 0)["prevalence"].tolist() == [0.2]


def test_a_range_too_narrow_for_a_number_is_exact() -> None:
    one = replace(INPUTS["accept_right"], low=1e-170, base=2e-170, high=3e-170)
    assert draw({"accept_right": one}, 10, 0)["accept_right"].tolist() == [2e-170]

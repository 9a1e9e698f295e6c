"""Triage against worked values and against a simulated queue."""

import heapq
import math

import numpy as np
import pytest

from core.impact.inputs import ASSUMPTIONS, EURO, PRICE, RADIOLOGIST, TIME_SAVED
from core.impact.waiting import p95_of_missed, waits, worth_of_time

WORKED = {"prevalence": 0.15, "sensitivity": 0.95, "specificity": 0.90, "utilisation": 0.8, "read_time": 2.0}


def test_worked_example_of_triage() -> None:
    found = waits(**WORKED)
    assert found["in_order"] == pytest.approx(8.00)
    assert found["pneumonia"] == pytest.approx(2.35, abs=0.005)
    assert found["normal"] == pytest.approx(9.00, abs=0.005)
    assert found["missed"] == pytest.approx(9.78, abs=0.005)


@pytest.mark.parametrize("prevalence", [0.05, 0.16, 0.6])
@pytest.mark.parametrize("utilisation", [0.3, 0.8, 0.95])
def test_triage_moves_waiting_and_saves_none(prevalence: float, utilisation: float) -> None:
    found = waits(**WORKED | {"prevalence": prevalence, "utilisation": utilisation})
    by_flag = found["flagged_share"] * found["flagged"] + (1 - found["flagged_share"]) * found["unflagged"]
    by_label = prevalence * found["pneumonia"] + (1 - prevalence) * found["normal"]
    assert by_flag == pytest.approx(found["in_order"])
    assert by_label == pytest.approx(found["in_order"])


def test_a_model_that_flags_everyone_changes_nothing() -> None:
    found = waits(**WORKED | {"sensitivity": 1.0, "specificity": 0.0})
    assert found["pneumonia"] == pytest.approx(found["in_order"])


def test_formulas_agree_with_a_simulated_worklist() -> None:
    flagged_share = waits(**WORKED)["flagged_share"]
    rng = np.random.default_rng(0)
    n = 200_000
    arrival = np.cumsum(rng.exponential(2.0 / 0.8, n))
    service = rng.exponential(2.0, n)
    later = rng.random(n) >= flagged_share
    wait, queue, now, following = np.empty(n), [], 0.0, 0
    for _ in range(n):
        if not queue:
            now = max(now, arrival[following])
        while following < n and arrival[following] <= now:
            heapq.heappush(queue, (bool(later[following]), following))
            following += 1
        _, film = heapq.heappop(queue)
        wait[film] = now - arrival[film]
        now += service[film]
    found = waits(**WORKED)
    assert wait[~later].mean() == pytest.approx(found["flagged"], rel=0.05)
    assert wait[later].mean() == pytest.approx(found["unflagged"], rel=0.1)
    p95 = p95_of_missed(flagged_share=flagged_share, utilisation=0.8, read_time=2.0)
    assert np.quantile(wait[later], 0.95) == pytest.approx(p95, rel=0.1)


@pytest.mark.parametrize("utilisation", [0.1, 0.8, 0.99])
def test_without_flags_the_percentile_is_that_of_a_plain_queue(utilisation: float) -> None:
    found = p95_of_missed(flagged_share=1e-12, utilisation=utilisation, read_time=2.0)
    assert found == pytest.approx(2 * math.log(utilisation / 0.05) / (1 - utilisation))
    assert p95_of_missed(flagged_share=0.3, utilisation=utilisation, read_time=2.0) > found
    assert p95_of_missed(flagged_share=0.3, utilisation=0.05, read_time=2.0) == 0  # 95 % begin at once


def test_arrays_of_inputs_give_arrays_of_waits() -> None:
    found = waits(**WORKED | {"prevalence": np.array([0.15, 0.3])})
    assert found["pneumonia"][0] == pytest.approx(waits(**WORKED)["pneumonia"])
    assert found["pneumonia"][1] == pytest.approx(waits(**WORKED | {"prevalence": 0.3})["pneumonia"])


def test_assumptions_lie_in_their_own_range_and_name_a_source() -> None:
    for assumption in ASSUMPTIONS:
        assert assumption.low <= assumption.base <= assumption.high
        assert assumption.source


def test_saved_seconds_are_worth_less_than_any_published_price() -> None:
    worth = worth_of_time(TIME_SAVED.high, RADIOLOGIST.high)
    assert worth == pytest.approx(0.08, abs=0.005)  # EUR
    for rate in (EURO.low, EURO.base, EURO.high):
        assert worth * rate < PRICE.low  # USD
    assert PRICE.low / worth > 1.4 * EURO.high  # a euro dearer by 40 % than it ever was would not turn this round

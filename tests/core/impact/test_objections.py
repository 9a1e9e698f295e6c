"""Objections of three readers, answered with the figures of the scenario at hand."""

from dataclasses import replace

import pytest

from core.evaluation.types import Estimate
from core.impact.figures import format_number, format_result
from core.impact.inputs import PRICE, RADIOLOGIST
from core.impact.objections import READERS, Objection, describe_swing, objections, time_alone
from core.impact.scenario import LOSING, PRESETS, Scenario, preset
from core.impact.simulate import Simulation, Swing

VALIDATION = {"specificity": Estimate(value=0.981, low=0.963, high=0.996, method="m")}
LOOKS = "The test images were used 3 times."


def answered(name: str) -> tuple[Scenario, Simulation, dict[str, list[Objection]]]:
    scenario = preset(name)
    rates = scenario.rates()
    simulation = scenario.simulate(rates)
    return scenario, simulation, objections(scenario, rates, simulation, VALIDATION, LOOKS)


@pytest.mark.parametrize("name", PRESETS + LOSING)
def test_every_reader_is_answered_without_an_undefined_number(name: str) -> None:
    _, _, found = answered(name)
    assert list(found) == list(READERS)
    for several in found.values():
        assert len(several) == 4
        for one in several:
            assert "nan" not in one.answer
            assert "inf" not in one.answer.split()
            assert "–" not in one.answer


def test_a_cfo_reads_cash_apart_from_capacity_and_the_films_needed() -> None:
    _, simulation, found = answered("imaging_lab")
    text = " ".join(one.answer for one in found["CFO"])
    assert f"Cash: {format_result(simulation, 'cash')}" in text
    assert f"Readers' time ({format_result(simulation, 'reader_time')}) is not cash" in text
    assert f"From {format_number(simulation.figures['break_even_volume'].value)} X-rays a year" in text
    assert format_result(simulation, "cost_per_case") in text
    assert (
        f"The price of all X-rays is {format_result(simulation, 'price')} and the fixed cost "
        f"{format_result(simulation, 'fixed')}" in text
    )
    assert f"does not pay for treatment sees {format_result(simulation, 'own_books')} in its own books" in text
    assert "No volume pays" in " ".join(one.answer for one in answered("triage_for_money")[2]["CFO"])


def test_a_safety_lead_reads_misses_waits_alerts_and_trust() -> None:
    _, simulation, found = answered("triage_for_money")
    text = " ".join(one.answer for one in found["Safety lead"])
    for name in ("missed_alone", "wait_missed", "wait_missed_p95", "flagged", "false_flags", "npv_model", "npv"):
        assert format_result(simulation, name) in text
    _, simulation, found = answered("imaging_lab")
    assert (f"{format_result(simulation, 'given_up')} of 1,000 children: the radiologist") in found["Safety lead"][
        1
    ].answer
    _, simulation, found = answered("rule_out_at_threshold")
    assert f"{format_result(simulation, 'removed_with_pneumonia')} of 1,000 children" in found["Safety lead"][1].answer


def test_a_statistician_reads_the_shift_the_draws_and_the_looks_at_test() -> None:
    _, _, found = answered("imaging_lab")
    text = " ".join(one.answer for one in found["Statistician"])
    for words in (
        "98.1 % (96.3 to 99.6) on validation",
        LOOKS,
        "resampled together by patient",
        "never",
        "nobody measured",
    ):
        assert words in text or words in " ".join(one.objection for one in found["Statistician"])
    given = " ".join(one.answer for one in answered("model_elsewhere")[2]["Statistician"])
    assert "assumption" in given
    assert "chosen on validation" not in given  # there is no threshold of ours


@pytest.mark.parametrize("point", ["half", 0.3])
def test_a_given_threshold_is_not_said_to_be_chosen(point: str | float) -> None:
    scenario = replace(preset("imaging_lab"), point=point)
    rates = scenario.rates()
    found = objections(scenario, rates, scenario.simulate(rates), {}, LOOKS)
    said = found["Statistician"][0].answer
    assert f"The threshold, {rates.threshold:g}, is given and was not chosen on any images" in said


def test_time_alone_does_not_pay_at_published_prices() -> None:
    text = time_alone(preset("imaging_lab"))
    assert "worth 0.08 EUR" in text
    assert "Reading time alone does not pay for it." in text
    cheap = preset("imaging_lab").with_values({"euro": 2.0})
    assert f"{PRICE.low / 2:.2f} to {PRICE.high / 2:.2f} EUR" in time_alone(cheap)  # dollars at half the price


@pytest.mark.parametrize(
    ("hourly", "text"),
    [
        (
            196,
            "The published saving of 1.5 s per X-ray is worth 0.08 EUR at 196 EUR an hour, the highest published "
            "rate. AI "
            "costs 0.18 to 2.65 EUR per X-ray. Reading time alone does not pay for it.",
        ),
        (
            600,
            "The published saving of 1.5 s per X-ray is worth 0.25 EUR at 600 EUR an hour, the highest published "
            "rate. AI "
            "costs 0.18 to 2.65 EUR per X-ray. Reading time pays for the cheapest alone.",
        ),
    ],
)
def test_what_reading_time_is_worth(monkeypatch: pytest.MonkeyPatch, hourly: float, text: str) -> None:
    monkeypatch.setattr("core.impact.objections.RADIOLOGIST", replace(RADIOLOGIST, high=hourly))
    assert time_alone(preset("imaging_lab")) == text


@pytest.mark.parametrize(
    ("swing", "text"),
    [
        (
            Swing(key="ai_price", title="Price (a)", low=0.19, high=2.78, net_at_low=11_700, net_at_high=-12_900),
            "Price: 0.19 to 2.78 USD moves the net from 11,700 to −12,900 EUR",
        ),
        (
            Swing(key="specificity", title="Its specificity", low=0.848, high=0.933, net_at_low=-900, net_at_high=50),
            "Its specificity: 84.8 % to 93.3 % moves the net from −900 to 50 EUR",
        ),
    ],
)
def test_a_swing_in_words(swing: Swing, text: str) -> None:
    assert describe_swing(swing) == text

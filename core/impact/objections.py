"""What a CFO, a safety lead and a statistician object, answered with the figures of a scenario."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from core.evaluation.types import Estimate
from core.impact.figures import format_chance, format_end, format_number, format_result, shorten_title, to_euro
from core.impact.inputs import PRICE, RADIOLOGIST, TIME_SAVED
from core.impact.rates import ModelRates, is_fixed
from core.impact.scenario import Scenario
from core.impact.simulate import DRAWS, SEED, Simulation, Swing
from core.impact.waiting import worth_of_time
from core.wording import format_percent, format_rate

READERS = {
    "CFO": ":material/payments:",
    "Safety lead": ":material/health_and_safety:",
    "Statistician": ":material/query_stats:",
}
_BEHAVIOUR = ("dependence", "accept_right", "accept_wrong", "drop_right", "second_look", "read_time_change")


@dataclass(frozen=True, kw_only=True)
class Objection:
    """An objection and its answer, in Markdown."""

    objection: str
    answer: str


def time_alone(scenario: Scenario) -> str:
    """Answer that reading time alone does not pay for AI at published prices."""
    worth = worth_of_time(TIME_SAVED.base, RADIOLOGIST.high)
    low, high = (to_euro(PRICE, scenario, price) for price in (PRICE.low, PRICE.high))
    outcome = "Reading time alone does not pay for it." if worth < low else "Reading time pays for the cheapest alone."
    return (
        f"The published saving of {TIME_SAVED.base:g} s per X-ray is worth {worth:.2f} EUR at {RADIOLOGIST.high:g} EUR "
        f"an hour, the highest published rate. AI costs {low:.2f} to {high:.2f} EUR per X-ray. {outcome}"
    )


def objections(
    scenario: Scenario, rates: ModelRates, simulation: Simulation, validation: Mapping[str, Estimate], looks: str
) -> dict[str, list[Objection]]:
    """Objections by reader.

    Parameters
    ----------
    validation : mapping
        The model's ``specificity`` on validation at the same threshold, if it is known.
    looks : str
        How often the test films have been used.
    """
    return {
        "CFO": _cfo(scenario, simulation),
        "Safety lead": _safety(scenario, rates, simulation),
        "Statistician": _statistician(scenario, rates, simulation, validation, looks),
    }


def _cfo(scenario: Scenario, simulation: Simulation) -> list[Objection]:
    figures, top = simulation.figures, simulation.tornado[0]
    volume = figures["break_even_volume"]
    enough = (
        "No volume pays: each X-ray costs more than it brings."
        if math.isinf(volume.value)
        else f"From {format_number(volume.value)} X-rays a year ({format_number(volume.low)} to "
        f"{format_number(volume.high)}), at this price."
        if not math.isnan(volume.low)
        else f"From {format_number(volume.value)} X-rays a year, at this price."
    )
    cost_per_case = figures["cost_per_case"]
    case = (
        "No further pneumonia is found."
        if math.isinf(cost_per_case.value)
        else f"One more pneumonia found costs {format_result(simulation, 'cost_per_case')}, before what finding it "
        "saves."
    )
    say = partial(format_result, simulation)
    return [
        Objection(objection="It reads faster, so it pays for itself.", answer=time_alone(scenario)),
        Objection(
            objection="Is that cash?",
            answer=f"Cash: {say('cash')}, with care counted. The price of all X-rays is {say('price')} and the fixed "
            f"cost {say('fixed')}. Readers' time ({say('reader_time')}) is not cash until other work fills it. A lab "
            f"that does not pay for treatment sees {say('own_books')} in its own books; savings from better care go to "
            "whoever pays for treatment. Charges are never counted as costs.",
        ),
        Objection(objection="How many X-rays do we need?", answer=f"{enough} {case}"),
        Objection(objection="What could turn it?", answer=f"{describe_swing(top)}. The chart shows the others."),
    ]


def _safety(scenario: Scenario, rates: ModelRates, simulation: Simulation) -> list[Objection]:
    figures, say = simulation.figures, partial(format_result, simulation)
    false_per_true = figures["false_flags"].value / max(figures["flagged"].value - figures["false_flags"].value, 1e-9)
    return [
        Objection(
            objection="Will more children be missed?",
            answer=f"With the model {say('missed')} of 1,000 are missed, by one reader alone {say('missed_alone')}; "
            "the "
            f"chance that it is more is {format_chance(simulation.p_more_missed)}. False alarms: {say('alarms')} with "
            f"the model, {say('alarms_alone')} without.",
        ),
        Objection(objection="And those whom the model misses?", answer=_whom_the_model_misses(scenario, simulation)),
        Objection(
            objection="How many alerts?",
            answer=f"{say('flagged')} of 1,000 X-rays are flagged, {say('false_flags')} of them normal: "
            f"{false_per_true:.1f} false flags for each true one.",
        ),
        Objection(
            objection="Can we trust an X-ray that is not flagged?",
            answer=f"At this share of pneumonia {say('npv_model')} of the X-rays that are not flagged are normal by "
            "the "
            f"model alone, {say('npv')} after reader and model, {say('npv_alone')} after one reader alone. The model "
            f"misses {format_percent(1 - rates.sensitivity.value)} of pneumonias.",
        ),
    ]


def _whom_the_model_misses(scenario: Scenario, simulation: Simulation) -> str:
    figures, say = simulation.figures, partial(format_result, simulation)
    if scenario.use == "triage":
        return (
            f"A missed child waits {say('wait_missed')} on average instead of "
            f"{format_number(figures['wait_in_order'].value, 1)}; 1 in 20 waits more than {say('wait_missed_p95')}. "
            "The longest waits grow more: in a simulated service (PMC8128725) from 890 to 1,293 min, with a cap to "
            "979. "
            "Set a cap."
        )
    if scenario.use == "second_reader":
        return (
            f"{say('given_up')} of 1,000 children: the radiologist reads the X-ray correctly and reverses the reading "
            "because the model does not flag it. They are among the missed above. The order of reading does not change."
        )
    return (
        f"Nobody reads their X-rays: {say('removed_with_pneumonia')} of 1,000 children. The model knows two labels and "
        "cannot rule out any other finding. That is why this use is hypothetical."
    )


def _statistician(
    scenario: Scenario, rates: ModelRates, simulation: Simulation, validation: Mapping[str, Estimate], looks: str
) -> list[Objection]:
    if rates.threshold is None:
        chosen = ""
    elif not is_fixed(scenario.point):
        chosen = "The threshold was chosen on validation images, not on these. "
    else:
        chosen = f"The threshold, {rates.threshold:g}, is given and was not chosen on any images. "
    moved = ""
    if "specificity" in validation:
        moved = (
            f"Specificity was {format_rate(validation['specificity'])} on validation and "
            f"{format_rate(rates.specificity)} on test: other normals alone moved it that far within one hospital. "
        )
    behaviour = [swing for swing in simulation.tornado if swing.key in _BEHAVIOUR and swing.width > 0]
    unknown = (
        "True: nobody measured reader and model together. The assumption on readers that matters most: "
        f"{describe_swing(behaviour[0])}."
        if behaviour and scenario.use == "second_reader"
        else "True: nobody measured reader and model together. This use needs no assumption on how readers react."
    )
    return [
        Objection(
            objection="Whose error rates are these?",
            answer=f"Sensitivity {format_rate(rates.sensitivity)}, specificity {format_rate(rates.specificity)}: "
            f"{rates.evidence}, {rates.source}. {chosen}{looks}",
        ),
        Objection(
            objection="A range is not a distribution.",
            answer=f"{DRAWS:,} simulations, seed {SEED}. The model's two rates are resampled together by patient; "
            "shares are Beta, times lognormal, costs gamma, each as wide as its range read as a 95 % interval. Inputs "
            "are independent of each other, which is an assumption. Price, volume, exchange rate and how busy the "
            "reader is stay fixed.",
        ),
        Objection(
            objection="Your prevalence and your X-rays are not mine.",
            answer=f"{moved}The rates are assumed to hold at every share of pneumonia. The scenario *Model performs "
            "worse at our site* shows what it costs if they do not.",
        ),
        Objection(objection="You never tested this with radiologists.", answer=unknown),
    ]


def describe_swing(swing: Swing) -> str:
    """Return ``Price of AI for one film: 0.19 to 2.78 USD moves the net from 11,700 to −12,900 EUR``."""
    low, high = (format_end(swing, value) for value in (swing.low, swing.high))
    ends = f"{low if low.endswith('%') else low.rpartition(' ')[0]} to {high}"
    nets = f"{format_number(swing.net_at_low)} to {format_number(swing.net_at_high)}"
    return f"{shorten_title(swing.title)}: {ends} moves the net from {nets} EUR"

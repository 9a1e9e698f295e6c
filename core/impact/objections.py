"""What a CFO, a safety lead and a statistician object, answered with the figures of a scenario."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

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

    said: str
    answer: str


def time_alone(scenario: Scenario) -> str:
    """Reading time alone does not pay for AI at published prices."""
    worth = worth_of_time(TIME_SAVED.base, RADIOLOGIST.high)
    low, high = (to_euro(PRICE, scenario, price) for price in (PRICE.low, PRICE.high))
    outcome = "It does not pay by reading time alone." if worth < low else "Only the cheapest would pay by time alone."
    return (
        f"The published saving of {TIME_SAVED.base:g} s a film is worth {worth:.2f} EUR at {RADIOLOGIST.high:g} EUR an "
        f"hour, the dearest published. AI is sold for {low:.2f} to {high:.2f} EUR a film. {outcome}"
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
        "No volume pays: each film costs more than it brings."
        if math.isinf(volume.value)
        else f"From {format_number(volume.value)} films a year ({format_number(volume.low)} to "
        f"{format_number(volume.high)}), at this price."
        if not math.isnan(volume.low)
        else f"From {format_number(volume.value)} films a year, at this price."
    )
    found = figures["cost_per_case"]
    case = (
        "No further pneumonia is found."
        if math.isinf(found.value)
        else f"One more pneumonia found costs {format_result(simulation, 'cost_per_case')}, before what finding it "
        "saves."
    )
    return [
        Objection(said="It reads faster, so it pays for itself.", answer=time_alone(scenario)),
        Objection(
            said="Is that cash?",
            answer=f"Cash {format_result(simulation, 'cash')}, with care counted. In it the price of all films is "
            f"{format_result(simulation, 'price')} and the fixed cost {format_result(simulation, 'fixed')}. Readers' "
            "time, "
            f"{format_result(simulation, 'reader_time')}, is capacity: it turns into cash only where other work fills "
            "it. A lab "
            f"that bears no cost of care sees {format_result(simulation, 'own_books')} in its own books: what changes "
            "in care "
            "falls to others. Costs are costs; charges are never added.",
        ),
        Objection(said="How many films do we need?", answer=f"{enough} {case}"),
        Objection(said="What could turn it?", answer=f"{describe_swing(top)}. The chart shows the others."),
    ]


def _safety(scenario: Scenario, rates: ModelRates, simulation: Simulation) -> list[Objection]:
    figures = simulation.figures
    false_per_true = figures["false_flags"].value / max(figures["flagged"].value - figures["false_flags"].value, 1e-9)
    wait = (
        f"A missed child waits {format_result(simulation, 'wait_missed')} on average instead of "
        f"{format_number(figures['wait_in_order'].value, 1)}; 1 in 20 waits more than "
        f"{format_result(simulation, 'wait_missed_p95')}. "
        "Longest waits grow more: in a simulated service (PMC8128725) from 890 to 1,293 min, 979 with a cap. Cap it."
        if scenario.use == "triage"
        else f"Of them {format_result(simulation, 'given_up')} of 1,000 children had been found by the reader, who "
        "gives the "
        "call up where the model is silent; they are among the missed above. The order of reading stays as it is: "
        "choose triage to see what another does."
        if scenario.use == "second_reader"
        else f"Nobody reads their films: {format_result(simulation, 'removed_with_pneumonia')} of 1,000 children. Two "
        "labels "
        "cannot exclude any other finding either. That is why this use is hypothetical."
    )
    return [
        Objection(
            said="Will more children be missed?",
            answer=f"Missed {format_result(simulation, 'missed')} of 1,000 with the model, "
            f"{format_result(simulation, 'missed_alone')} by one reader alone; the chance that it is more than by "
            f"the reader alone is {format_chance(simulation.p_more_missed)}. False positives "
            f"{format_result(simulation, 'alarms')} against {format_result(simulation, 'alarms_alone')}.",
        ),
        Objection(said="And those whom the model misses?", answer=wait),
        Objection(
            said="How many alerts?",
            answer=f"{format_result(simulation, 'flagged')} of 1,000 films are flagged, "
            f"{format_result(simulation, 'false_flags')} of "
            f"them normal: {false_per_true:.1f} false for each true flag.",
        ),
        Objection(
            said="Can we trust a film that is not flagged?",
            answer=f"At this share of pneumonia {format_result(simulation, 'npv_model')} of films without a flag are "
            "normal by "
            f"the model alone, {format_result(simulation, 'npv')} after reader and model, "
            f"{format_result(simulation, 'npv_alone')} "
            f"after one reader alone. The model misses {format_percent(1 - rates.sensitivity.value)} of pneumonias.",
        ),
    ]


def _statistician(
    scenario: Scenario, rates: ModelRates, simulation: Simulation, validation: Mapping[str, Estimate], looks: str
) -> list[Objection]:
    if rates.threshold is None:
        chosen = ""
    elif not is_fixed(scenario.point):
        chosen = "The threshold was chosen on validation, not on these films. "
    else:
        chosen = f"The threshold, {rates.threshold:g}, is given and was chosen on no films. "
    moved = ""
    if "specificity" in validation:
        moved = (
            f"Specificity was {format_rate(validation['specificity'])} on validation and "
            f"{format_rate(rates.specificity)} on test: "
            "normals alone moved it that far within one hospital. "
        )
    behaviour = [swing for swing in simulation.tornado if swing.key in _BEHAVIOUR and swing.width > 0]
    unknown = (
        f"True: nobody measured reader and model together. Of those assumptions the widest, "
        f"{describe_swing(behaviour[0])[0].lower()}{describe_swing(behaviour[0])[1:]}."
        if behaviour and scenario.use == "second_reader"
        else "True: nobody measured reader and model together. This use needs no assumption on how they react."
    )
    return [
        Objection(
            said="Whose error rates are these?",
            answer=f"Sensitivity {format_rate(rates.sensitivity)}, specificity {format_rate(rates.specificity)}: "
            f"{rates.evidence}, "
            f"{rates.source}. {chosen}{looks}",
        ),
        Objection(
            said="A range is not a distribution.",
            answer=f"{DRAWS:,} draws, seed {SEED}. The model's two rates are resampled together by patient; shares are "
            "Beta, times lognormal, costs gamma, each as wide as its range read as a 95 % interval. Inputs are "
            "independent of each other, which is an assumption. Price, volume, exchange rate and how busy the reader "
            "is stay fixed.",
        ),
        Objection(
            said="Your prevalence and your films are not mine.",
            answer=f"{moved}Rates are taken to hold at every share of pneumonia. A model that does not travel "
            "stands among the scenarios: that is what it costs if they do not.",
        ),
        Objection(said="The reader was never there.", answer=unknown),
    ]


def describe_swing(swing: Swing) -> str:
    """``Price of AI for one film: 0.19 to 2.78 USD moves the net from 11,700 to -12,900 EUR``."""
    low, high = (format_end(swing, value) for value in (swing.low, swing.high))
    ends = f"{low if low.endswith('%') else low.rpartition(' ')[0]} to {high}"
    nets = f"{format_number(swing.net_at_low)} to {format_number(swing.net_at_high)}"
    return f"{shorten_title(swing.title)}: {ends} moves the net from {nets} EUR"

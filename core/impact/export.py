"""A scenario and its figures as a table and as nested data."""

import csv
import io
import math
from collections.abc import Iterable
from dataclasses import asdict

from core.impact.figures import FIGURES
from core.impact.formulas import USES
from core.impact.inputs import SHARE, Assumption
from core.impact.rates import ModelRates
from core.impact.scenario import Scenario
from core.impact.simulate import DRAWS, SEED, Simulation
from core.wording import safe_cell


def used_inputs(scenario: Scenario, rates: ModelRates) -> list[tuple[str, Assumption]]:
    """Return the scenario's inputs and the model's two rates, by name."""
    model = [
        (
            f"model_{name}",
            Assumption(
                title=f"{name.capitalize()} of the model",
                low=rate.value if math.isnan(rate.low) else rate.low,
                base=rate.value,
                high=rate.value if math.isnan(rate.high) else rate.high,
                unit=SHARE,
                evidence=rates.evidence,
                source=f"{rates.title}, {rates.point}: {rates.source}",
                spread="beta",
            ),
        )
        for name, rate in (("sensitivity", rates.sensitivity), ("specificity", rates.specificity))
    ]
    return [*scenario.inputs.items(), *model]


def to_csv(scenario: Scenario, rates: ModelRates, simulation: Simulation) -> str:
    """All inputs and all outputs as one table: kind, name, title, low, base, high, unit, evidence, source."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["kind", "name", "title", "low", "base", "high", "unit", "evidence", "source"])
    for name, value in _choices(scenario, rates):
        writer.writerow(["choice", name, safe_cell(value), "", "", "", "", "", ""])
    for name, assumption in used_inputs(scenario, rates):
        writer.writerow(
            [
                "input",
                name,
                assumption.title,
                assumption.low,
                assumption.base,
                assumption.high,
                assumption.unit,
                assumption.evidence,
                safe_cell(assumption.source),
            ]
        )
    for name, (title, unit) in FIGURES.items():
        if (row := simulation.figures.get(name)) is None:
            continue
        cells = [f"{value:.6g}" for value in (row.low, row.value, row.high)]
        writer.writerow(["output", name, title, *cells, unit.partition(",")[0], "", row.method])
    for name, share in (("p_positive", simulation.p_positive), ("p_more_missed", simulation.p_more_missed)):
        writer.writerow(["output", name, name, "", f"{share:.6g}", "", SHARE, "", f"{DRAWS:,} draws, seed {SEED}"])
    for swing in simulation.tornado:
        ends = [f"{swing.net_at_low:.6g}", "", f"{swing.net_at_high:.6g}"]
        writer.writerow(["net at the ends of one input", swing.key, swing.title, *ends, "EUR", "", ""])
    return text.getvalue()


def _choices(scenario: Scenario, rates: ModelRates) -> Iterable[tuple[str, str]]:
    yield "scenario", scenario.title
    yield "use", USES[scenario.use]
    yield "model", f"{rates.title} {rates.run_id}".strip()
    yield "operating_point", rates.point
    yield "threshold", "" if rates.threshold is None else f"{rates.threshold:.6g}"


def to_dict(scenario: Scenario, rates: ModelRates, simulation: Simulation) -> dict[str, object]:
    """Everything as nested data; NaN and infinity are left to the caller."""
    return {
        "scenario": scenario.to_dict(),
        "model": {
            "title": rates.title,
            "run_id": rates.run_id,
            "operating_point": rates.point,
            "threshold": rates.threshold,
            "sensitivity": asdict(rates.sensitivity),
            "specificity": asdict(rates.specificity),
            "evidence": rates.evidence,
            "source": rates.source,
        },
        "currency": "EUR",
        "draws": DRAWS,
        "seed": SEED,
        "p_positive": simulation.p_positive,
        "p_more_missed": simulation.p_more_missed,
        "figures": {
            name: asdict(simulation.figures[name]) | {"title": title, "unit": unit.partition(",")[0]}
            for name, (title, unit) in FIGURES.items()
            if name in simulation.figures
        },
        "tornado": [asdict(swing) for swing in simulation.tornado],
    }

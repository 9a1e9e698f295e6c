"""``python -m core impact``: simulates the business case of a scenario."""

import argparse
from pathlib import Path

from core.cli.document import Document
from core.cli.format import table
from core.evaluation.evaluate import without_nan
from core.impact.export import to_dict, used_inputs
from core.impact.figures import FIGURES, answer, format_chance, format_input, format_result, verdict
from core.impact.inputs import Assumption
from core.impact.scenario import FOLDER, LOSING, PRESETS, preset, read_scenario
from core.impact.simulate import DRAWS
from core.wording import BANNER

_SHOWN = 8  # bars of the tornado in the text; the JSON document has all


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the scenario: a file, or the name of one that is shipped."""
    parser.add_argument(
        "--scenario",
        metavar="FILE",
        default=PRESETS[0],
        help=f"TOML or JSON file, or one of {', '.join(PRESETS + LOSING)} (default %(default)s); "
        f"examples are in {FOLDER.relative_to(FOLDER.parents[2])}",
    )


def run(arguments: argparse.Namespace) -> Document:
    """Simulate a scenario and return its inputs, figures and sentences."""
    name = arguments.scenario
    scenario = preset(name) if name in PRESETS + LOSING else read_scenario(Path(name))
    rates = scenario.rates()
    simulation = scenario.simulate(rates)
    answers = answer(scenario, simulation)
    document = to_dict(scenario, rates, simulation) | {
        "verdict": verdict(simulation),
        "answer": {"money": answers.money, "time": answers.time, "children": answers.children},
        "note": BANNER,
    }
    words = {
        "figures": [[FIGURES[key][0], format_result(simulation, key)] for key in FIGURES if key in simulation.figures],
        "inputs": [_row(assumption) for _, assumption in used_inputs(scenario, rates)],
    }
    clean: Document = without_nan(document)
    return clean if arguments.json else clean | {"words": words}


def _row(assumption: Assumption) -> list[str]:
    spread = f"{format_input(assumption.low)} to {format_input(assumption.high)}" if assumption.varies else "exact"
    return [assumption.title, format_input(assumption.base), spread, assumption.unit, assumption.evidence]


def text(document: Document) -> str:
    """Return three sentences, the figures, the inputs with the largest effect, and all inputs."""
    scenario, model, words = document["scenario"], document["model"], document["words"]
    swings = [
        [swing["title"], f"{swing['net_at_low']:,.0f}", f"{swing['net_at_high']:,.0f}"]
        for swing in document["tornado"][:_SHOWN]
    ]
    lines = [
        f"{scenario['title']}: {model['title']}, {model['operating_point'].lower()}. {scenario['note']}".strip(),
        "",
        *(f"{name.capitalize()}: {sentence}".replace("**", "") for name, sentence in document["answer"].items()),
        "",
        f"{document['verdict']}: net above zero in {format_chance(document['p_positive'])} of {DRAWS:,} draws "
        f"(seed {document['seed']}). In brackets: 95 % of draws.",
        "",
        table(["figure", "value"], words["figures"]),
        "",
        table(["net in EUR with one input at", "low", "high"], swings),
        "",
        table(["input", "base", "range", "unit", "evidence"], words["inputs"]),
        "",
        document["note"],
    ]
    return "\n".join(lines)

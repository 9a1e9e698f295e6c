"""Scenarios as data: a lab, a use and a model, in TOML or JSON; what a file leaves out keeps its base value."""

import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from core.errors import InputError
from core.impact.formulas import USES, Use
from core.impact.inputs import ACCOUNTING, EVIDENCE, INPUTS, SHARE, Assumption, checked, moved
from core.impact.rates import FROZEN, POINTS, ModelRates, given_rates, measured_rates
from core.impact.simulate import DRAWS, SEED, Simulation, simulate
from core.runs.store import choose_run

FOLDER = Path(__file__).parent / "scenarios"
PRESETS = ("imaging_lab", "small_clinic", "childrens_hospital")
LOSING = (
    "reading_time_alone",
    "triage_for_money",
    "dear_price",
    "few_pneumonias",
    "obedient_readers",
    "model_elsewhere",
    "rule_out_at_threshold",
)
LARGEST = 100_000  # bytes
LONGEST = 200  # characters of a title, note or source
RATES = ("sensitivity", "specificity")
_FIELDS = {"title", "note", "use", "model", "inputs"}
_INPUT_FIELDS = {"low", "base", "high", "unit", "source", "evidence", "accounting"}
_RATE = Assumption(
    title="", low=0, base=0, high=0, unit=SHARE, evidence="assumption", source="Given in the scenario", spread="beta"
)


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """A lab, a use of a model, and the model.

    Parameters
    ----------
    title : str
    note : str
        Why somebody should look at it.
    use : {"triage", "second_reader", "rule_out"}
    model : str or None
        Name or run id; None is the served one.
    point : str or float
        Operating point of `core.impact.rates.POINTS`, or a threshold.
    given : tuple of two Assumption or None
        Sensitivity and specificity of a model that is not ours, in place of a run.
    inputs : dict of Assumption
        By the names of `core.impact.inputs.INPUTS`.
    """

    title: str
    use: Use = "second_reader"
    note: str = ""
    model: str | None = None
    point: str | float = FROZEN
    given: tuple[Assumption, Assumption] | None = None
    inputs: dict[str, Assumption] = field(default_factory=lambda: dict(INPUTS))

    def with_values(self, values: Mapping[str, float]) -> "Scenario":
        """Return the scenario with other values of inputs, their ranges moved along (`core.impact.inputs.moved`)."""
        inputs = {
            key: moved(assumption, values[key]) if key in values else assumption
            for key, assumption in self.inputs.items()
        }
        return replace(self, inputs={key: checked(key, assumption) for key, assumption in inputs.items()})

    def rates(self) -> ModelRates:
        """Return the model's rates: measured here on test films, or as given."""
        if self.given:
            return given_rates("Another model", *self.given, draws=DRAWS, seed=SEED)
        return measured_rates(choose_run(self.model), self.point)

    def simulate(self, rates: ModelRates) -> Simulation:
        """Compute the base case, 10,000 draws and the tornado."""
        return simulate(self.use, self.inputs, rates)

    def to_dict(self) -> dict[str, object]:
        """Return the scenario as `read_scenario` takes it."""
        model: dict[str, object] = (
            {name: _plain(rate) for name, rate in zip(RATES, self.given, strict=True)}
            if self.given
            else {"operating_point": self.point, **({"name": self.model} if self.model else {})}
        )
        return {
            "title": self.title,
            "note": self.note,
            "use": self.use,
            "model": model,
            "inputs": {key: _plain(assumption) for key, assumption in self.inputs.items()},
        }


def _plain(assumption: Assumption) -> dict[str, object]:
    names = ("low", "base", "high", "unit", "evidence", "source", *(["accounting"] if assumption.accounting else []))
    return {name: getattr(assumption, name) for name in names}


def read_scenario(path: Path) -> Scenario:
    """Read a scenario file; by its name TOML or JSON.

    Raises
    ------
    InputError
        The file cannot be read, or something in it is unknown, of the wrong kind or outside its range.
    """
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST + 1)  # a device has no end
    except OSError as error:
        raise InputError(f"{error.strerror or 'cannot be read'}.", file=path) from None
    if len(data) > LARGEST:
        raise InputError(f"is larger than {LARGEST:,} bytes, which no scenario needs.", file=path)
    if path.suffix.lower() not in (".toml", ".json"):
        raise InputError("a scenario ends in .toml or .json.", file=path)
    try:
        text = data.decode("utf-8-sig")
        content = tomllib.loads(text) if path.suffix.lower() == ".toml" else json.loads(text)
    except UnicodeDecodeError:
        raise InputError("is not text in UTF-8.", file=path) from None
    except (ValueError, RecursionError) as error:
        raise InputError(f"{error}.", file=path) from None
    try:
        return parse_scenario(content)
    except InputError as error:
        raise InputError(f"{error}", file=path) from None


def parse_scenario(content: object) -> Scenario:
    """Build a scenario from nested data; raises `InputError` that names the field."""
    table = _table("scenario", content, _FIELDS)
    use = table.get("use", "second_reader")
    if use not in USES:
        raise InputError(f"use: {use!r} is none of {', '.join(USES)}.")
    model = _table("model", table.get("model", {}), {"name", "operating_point", *RATES})
    given = None
    if any(name in model for name in RATES):
        if not all(name in model for name in RATES) or len(model) > len(RATES):
            raise InputError("model: give both sensitivity and specificity, or a name and an operating point.")
        sensitivity, specificity = (_input(name, _RATE, model[name]) for name in RATES)
        given = (sensitivity, specificity)
    changes = _table("inputs", table.get("inputs", {}), set(INPUTS))
    inputs = {
        key: _input(key, assumption, changes[key]) if key in changes else assumption
        for key, assumption in INPUTS.items()
    }
    return Scenario(
        title=_text("title", table.get("title", "Scenario")),
        note=_text("note", table.get("note", "")),
        use=use,
        model=_text("model.name", model["name"]) if "name" in model else None,
        point=_point(model.get("operating_point", FROZEN)),
        given=given,
        inputs=inputs,
    )


def _table(name: str, content: object, allowed: set[str]) -> dict[str, Any]:
    if not isinstance(content, dict):
        raise InputError(f"{name}: must be a table of names and values.")
    unknown = sorted(set(map(str, content)) - allowed)
    if unknown:
        raise InputError(f"{name}: {unknown[0][:60]!r} is unknown; known are {', '.join(sorted(allowed))}.")
    return content


def _text(name: str, value: object) -> str:
    if not isinstance(value, str) or len(value) > LONGEST or not value.isprintable():
        raise InputError(f"{name}: must be a line of at most {LONGEST} characters.")
    return value


def _number(name: str, value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise InputError(f"{name}: must be a number, not {str(value)[:60]!r}.")
    try:
        return float(value)
    except OverflowError:
        raise InputError(f"{name}: is too large.") from None


def _point(value: object) -> str | float:
    if isinstance(value, str):
        if value not in POINTS:
            raise InputError(f"operating_point: {value[:60]!r} is none of {', '.join(POINTS)}, nor a threshold.")
        return value
    return _number("operating_point", value)


def _input(key: str, assumption: Assumption, content: object) -> Assumption:
    """Build an input from a file's entry: a number moves the range along, a table may set everything."""
    if not isinstance(content, dict):
        base = _number(key, content)
        checked(key, replace(assumption, low=base, base=base, high=base))
        return _own(moved(assumption, base), assumption)
    table = _table(key, content, _INPUT_FIELDS)
    base = _number(f"{key}.base", table.get("base", assumption.base))
    if "low" in table or "high" in table:
        low, high = (_number(f"{key}.{end}", table.get(end, base)) for end in ("low", "high"))
        changed = replace(assumption, low=low, base=base, high=high)
    else:
        checked(key, replace(assumption, low=base, base=base, high=base))
        changed = moved(assumption, base)
    changed = _own(changed, assumption)
    evidence = table.get("evidence", changed.evidence)
    if evidence not in EVIDENCE:
        raise InputError(f"{key}.evidence: must be one of {', '.join(EVIDENCE)}.")
    accounting = table.get("accounting", assumption.accounting)
    if accounting != assumption.accounting and (not assumption.is_money or accounting not in ACCOUNTING):
        raise InputError(f"{key}.accounting: must be one of {', '.join(ACCOUNTING)}, and money is counted by it.")
    return checked(
        key,
        replace(
            changed,
            unit=_unit(key, assumption, table.get("unit", assumption.unit)),
            source=_text(f"{key}.source", table.get("source", changed.source)),
            evidence=evidence,
            accounting=accounting,
        ),
    )


def _own(changed: Assumption, assumption: Assumption) -> Assumption:
    """Return the input with the scenario as its source where it differs from ours and names none."""
    return (
        assumption if changed == assumption else replace(changed, evidence="assumption", source="Given in the scenario")
    )


def _unit(key: str, assumption: Assumption, unit: object) -> str:
    allowed = ["EUR", "USD"] if assumption.is_money and key != "euro" else [assumption.unit]
    if unit not in allowed:
        raise InputError(f"{key}.unit: must be {' or '.join(allowed)}, not {str(unit)[:60]!r}.")
    return str(unit)


@lru_cache(maxsize=32)
def preset(name: str) -> Scenario:
    """Return a scenario that is shipped, by its name in `PRESETS` or `LOSING`."""
    if name not in PRESETS + LOSING:
        raise InputError(f"There is no scenario {name!r}; shipped are {', '.join(PRESETS + LOSING)}.")
    return read_scenario(FOLDER / f"{name}.toml")

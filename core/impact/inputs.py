"""The inputs of the business model: values, ranges, sources, and how each is known."""

import math
from dataclasses import dataclass, replace
from typing import Literal

from core.errors import InputError
from core.evaluation.calibration import DEFAULT_PREVALENCE

Evidence = Literal["measured here", "published elsewhere", "assumption"]
Spread = Literal["beta", "lognormal", "gamma", "exact"]
Accounting = Literal["cost", "charge", "price"]
EVIDENCE: tuple[Evidence, ...] = ("measured here", "published elsewhere", "assumption")
ACCOUNTING: tuple[Accounting, ...] = ("cost", "charge", "price")
SHARE = "share"


@dataclass(frozen=True, kw_only=True)
class Assumption:
    """An input of the business case.

    Parameters
    ----------
    title : str
    low, base, high : float
        The value used at first and the range that sources give; all three alike where it is exact.
    unit : str
        ``share`` for a number in [0, 1], or of a change; money begins with ``EUR`` or ``USD``.
    evidence : {"measured here", "published elsewhere", "assumption"}
        Of the base value.
    source : str
    spread : {"beta", "lognormal", "gamma", "exact"}
        How the draws spread over the range; ``exact`` inputs stay at their base in every draw.
    accounting : {"cost", "charge", "price"} or None
        What kind of money it is.
    least, most : float
        What the model accepts.
    """

    title: str
    low: float
    base: float
    high: float
    unit: str
    evidence: Evidence
    source: str
    spread: Spread = "exact"
    accounting: Accounting | None = None
    least: float = 0.0
    most: float = 1.0

    @property
    def varies(self) -> bool:
        """Whether there is a range."""
        return self.low < self.high

    @property
    def is_money(self) -> bool:
        return self.unit[:3] in ("EUR", "USD")


def checked(key: str, assumption: Assumption) -> Assumption:
    """Return the input unchanged, if the model can use it.

    Raises
    ------
    InputError
        A number is not finite, outside what the model accepts or out of order, or the money is a charge.
    """
    for name in ("low", "base", "high"):
        value = getattr(assumption, name)
        if not math.isfinite(value) or not assumption.least <= value <= assumption.most:
            raise InputError(
                f"{key}: {name} is {value:g}; it must lie between {assumption.least:g} and {assumption.most:g}."
            )
    if not assumption.low <= assumption.base <= assumption.high:
        raise InputError(
            f"{key}: low, base and high must rise, not {assumption.low:g}, {assumption.base:g}, {assumption.high:g}."
        )
    if assumption.accounting == "charge":
        raise InputError(
            f"{key}: is a charge. Charges are what a hospital asks for, several times what care costs, and are never "
            "added to costs: give the cost."
        )
    return assumption


def moved(assumption: Assumption, base: float) -> Assumption:
    """Return the input at a value of the user's, with its range moved along.

    Shares keep the ratio of their odds to the base's, other numbers their ratio: what is not known about a value stays
    as large. A change of a share that may be negative keeps its width. A value at which there is no ratio is exact.
    """
    if base == assumption.base:
        return assumption
    if assumption.least < 0:
        low, high = base - (assumption.base - assumption.low), base + (assumption.high - assumption.base)
    elif assumption.unit == SHARE and 0 < assumption.base < 1 and 0 < base < 1:
        low, high = (_moved_share(end, assumption.base, base) for end in (assumption.low, assumption.high))
    elif assumption.unit != SHARE and assumption.base > 0:
        low, high = assumption.low * base / assumption.base, assumption.high * base / assumption.base
    else:
        low = high = base
    low, high = max(assumption.least, min(low, base)), min(assumption.most, max(high, base))
    return replace(assumption, low=low, base=base, high=high, evidence="assumption", source="Yours")


def _moved_share(end: float, old: float, new: float) -> float:
    """Move an end of a range as its base moves from ``old`` to ``new``, all in (0, 1) but the end.

    An end of 0 or 1 has no odds to keep: its distance follows that of a small change of odds, p (1 - p).
    """
    if end in (0.0, 1.0):
        return new + (end - old) * new * (1 - new) / (old * (1 - old))
    odds = _odds(end) * _odds(new) / _odds(old)
    return odds / (1 + odds)


def _odds(share: float) -> float:
    return share / (1 - share)


VOLUME = Assumption(
    title="Children imaged a year",
    low=10_000,
    base=10_000,
    high=10_000,
    unit="films",
    evidence="assumption",
    source="Yours; 10,000 is a round number to begin with",
    least=1,
    most=10_000_000,
)
PREVALENCE = Assumption(
    title="Pneumonia among imaged children",
    low=0.085,
    base=DEFAULT_PREVALENCE,
    high=0.222,
    unit=SHARE,
    evidence="published elsewhere",
    source="Emergency departments: Hirsch, J Pediatr; 10.1542/peds.2010-3367; Pediatrics 2022;149(1):e2021051405",
    spread="beta",
    least=0.001,
    most=0.999,
)
READER_SENSITIVITY = Assumption(
    title="Sensitivity of one reader",
    low=0.71,
    base=0.77,
    high=0.81,
    unit=SHARE,
    evidence="assumption",
    source="10.1002/ppul.22806: children under five, 3,033 films; the base within that range is ours",
    spread="beta",
)
READER_SPECIFICITY = Assumption(
    title="Specificity of one reader",
    low=0.91,
    base=0.95,
    high=0.98,
    unit=SHARE,
    evidence="assumption",
    source="10.1002/ppul.22806: children under five, 3,033 films; the base within that range is ours",
    spread="beta",
)
READ_TIME = Assumption(
    title="Time to read one film",
    low=15,
    base=60,
    high=150,
    unit="s",
    evidence="assumption",
    source="15 s in adults: 10.1038/s41746-023-00829-4; 2 to 2.5 min: Dockray 1978; the base between them is ours",
    spread="lognormal",
    least=1,
    most=3_600,
)
READ_TIME_CHANGE = Assumption(
    title="Change of reading time with AI",
    low=-0.10,
    base=0.0,
    high=0.10,
    unit=SHARE,
    evidence="assumption",
    source="10.1038/s41746-023-00829-4, adults: -1.5 s of 14.8 overall, none on abnormal films; the slowdown is ours",
    spread="lognormal",
    least=-0.9,
    most=1.0,
)
UTILISATION = Assumption(
    title="How busy the reader is",
    low=0.5,
    base=0.8,
    high=0.95,
    unit=SHARE,
    evidence="assumption",
    source="Ours: share of the time in which a film is being read; waiting grows steeply near 100 %",
    most=0.99,
)
RADIOLOGIST = Assumption(
    title="An hour of a radiologist",
    low=45,
    base=127,
    high=196,
    unit="EUR",
    evidence="published elsewhere",
    source="Poland, United Kingdom, United States: 10.1186/s13244-023-01561-z",
    spread="gamma",
    accounting="cost",
    most=2_000,
)
PRICE = Assumption(
    title="Price of AI for one film",
    low=0.19,
    base=1.00,
    high=2.78,
    unit="USD",
    evidence="assumption",
    source="Computer-aided detection of tuberculosis, Bashir 2022; the base within that range is ours",
    accounting="price",
    most=1_000,
)
FIXED = Assumption(
    title="Fixed cost of a system",
    low=2_000,
    base=5_000,
    high=15_000,
    unit="EUR",
    evidence="assumption",
    source="Yours; ours to begin with, for connecting, testing and watching the system, a year",
    spread="gamma",
    accounting="cost",
    most=100_000_000,
)
MISS_COST = Assumption(
    title="Cost of a missed pneumonia",
    low=133,
    base=255,
    high=637,
    unit="USD",
    evidence="assumption",
    source="Cost of the later visit, a proxy: 10.1542/hpeds.2023-007506; the base within that range is ours",
    spread="gamma",
    accounting="cost",
    most=100_000,
)
ALARM_COST = Assumption(
    title="Cost of a false positive",
    low=0,
    base=56,
    high=97,
    unit="USD",
    evidence="assumption",
    source="Antibiotics and what follows within 30 days: PMC9136626; the base within that range is ours",
    spread="gamma",
    accounting="cost",
    most=100_000,
)
DEPENDENCE = Assumption(
    title="Share of missed cases the model would catch (k)",
    low=0.4,
    base=0.7,
    high=1.0,
    unit=SHARE,
    evidence="assumption",
    source="Ours: 1 if errors are independent, 0 if the model misses all that the reader misses",
    spread="beta",
)
ACCEPT_RIGHT = Assumption(
    title="Correct flags the radiologist accepts (a)",
    low=0.3,
    base=0.5,
    high=0.8,
    unit=SHARE,
    evidence="assumption",
    source="Ours: of pneumonias that the reader missed and the model flags",
    spread="beta",
)
ACCEPT_WRONG = Assumption(
    title="Wrong flags the radiologist accepts (b)",
    low=0.05,
    base=0.2,
    high=0.4,
    unit=SHARE,
    evidence="assumption",
    source="Ours: of normal films that the reader called normal",
    spread="beta",
)
DROP_RIGHT = Assumption(
    title="Correct readings the radiologist reverses (h)",
    low=0.0,
    base=0.05,
    high=0.15,
    unit=SHARE,
    evidence="assumption",
    source="Ours: where the model disagrees",
    spread="beta",
)
SECOND_LOOK = Assumption(
    title="Second look where model and reader disagree",
    low=20,
    base=60,
    high=120,
    unit="s",
    evidence="assumption",
    source="Ours: as long as a first reading",
    spread="lognormal",
    most=3_600,
)
EURO = Assumption(
    title="Exchange rate (USD per EUR)",
    low=0.8252,
    base=1.05,
    high=1.599,
    unit="USD",
    evidence="assumption",
    source="Base: a round figure of ours for 2022, the year of the price of AI, not looked up; range: European Central "
    "Bank reference rates, lowest 26 October 2000, highest 15 July 2008, as quoted by others",
    least=0.1,
    most=10,
)
INPUTS = {
    "volume": VOLUME,
    "prevalence": PREVALENCE,
    "read_time": READ_TIME,
    "hourly": RADIOLOGIST,
    "ai_price": PRICE,
    "fixed_cost": FIXED,
    "miss_cost": MISS_COST,
    "alarm_cost": ALARM_COST,
    "reader_sensitivity": READER_SENSITIVITY,
    "reader_specificity": READER_SPECIFICITY,
    "utilisation": UTILISATION,
    "read_time_change": READ_TIME_CHANGE,
    "dependence": DEPENDENCE,
    "accept_right": ACCEPT_RIGHT,
    "accept_wrong": ACCEPT_WRONG,
    "drop_right": DROP_RIGHT,
    "second_look": SECOND_LOOK,
    "euro": EURO,
}
TIME_SAVED = Assumption(
    title="Reading time that AI saves on a film",
    low=0,
    base=1.5,
    high=1.5,
    unit="s",
    evidence="published elsewhere",
    source="10.1038/s41746-023-00829-4, adults: 1.5 s overall, none on abnormal films",
    most=3_600,
)
ADMISSION = Assumption(
    title="An admission for pneumonia (a charge, not used)",
    low=10_238,
    base=10_238,
    high=13_104,
    unit="USD",
    evidence="published elsewhere",
    source="PMC6824156: charges, not costs; shown so that nobody adds it to the costs above",
    accounting="charge",
    most=1_000_000,
)
NOT_SUMMED = (TIME_SAVED, ADMISSION)  # shown beside the inputs, part of no sum
ASSUMPTIONS = (*INPUTS.values(), *NOT_SUMMED)
if unlisted := [
    name for name, value in globals().items() if isinstance(value, Assumption) and value not in ASSUMPTIONS
]:
    raise RuntimeError(
        f"core/impact/inputs.py: {', '.join(unlisted)} is in neither INPUTS nor NOT_SUMMED: add it to one."
    )

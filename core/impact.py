"""What a model would change per 1,000 imaged children: found, missed, false alarms, and who waits for the doctor."""

from dataclasses import dataclass
from itertools import product
from typing import Literal

from core.errors import InputError
from core.evaluation.types import Estimate

Evidence = Literal["measured here", "published elsewhere", "assumption"]
CHILDREN = 1_000
MOST_BUSY = 0.99
CORNERS = "ends of both intervals"


@dataclass(frozen=True, kw_only=True)
class Assumption:
    """An input of the business case that this project did not measure.

    Parameters
    ----------
    title : str
    low, base, high : float
        The value used at first and the range that sources give.
    unit : str
        ``share`` for a number in [0, 1].
    evidence : {"published elsewhere", "assumption"}
        Of the base value.
    source : str
    """

    title: str
    low: float
    base: float
    high: float
    unit: str
    evidence: Evidence
    source: str


PREVALENCE = Assumption(
    title="Pneumonia among imaged children",
    low=0.085,
    base=0.16,
    high=0.222,
    unit="share",
    evidence="published elsewhere",
    source="Emergency departments: Hirsch, J Pediatr; 10.1542/peds.2010-3367; Pediatrics 2022;149(1):e2021051405",
)
READER_SENSITIVITY = Assumption(
    title="Sensitivity of one reader",
    low=0.71,
    base=0.77,
    high=0.81,
    unit="share",
    evidence="published elsewhere",
    source="10.1002/ppul.22806: children under five, 3,033 films; the base within that range is ours",
)
READER_SPECIFICITY = Assumption(
    title="Specificity of one reader",
    low=0.91,
    base=0.95,
    high=0.98,
    unit="share",
    evidence="published elsewhere",
    source="10.1002/ppul.22806: children under five, 3,033 films; the base within that range is ours",
)
READ_TIME = Assumption(
    title="Time to read one film",
    low=15,
    base=60,
    high=150,
    unit="s",
    evidence="assumption",
    source="15 s in adults: 10.1038/s41746-023-00829-4; 2 to 2.5 min: Dockray 1978; the base between them is ours",
)
UTILISATION = Assumption(
    title="How busy the reader is",
    low=0.5,
    base=0.8,
    high=0.95,
    unit="share",
    evidence="assumption",
    source="Ours: share of the time in which a film is being read; waiting grows steeply near 100 %",
)
TIME_SAVED = Assumption(
    title="Reading time that AI saves on a film",
    low=0,
    base=1.5,
    high=1.5,
    unit="s",
    evidence="published elsewhere",
    source="10.1038/s41746-023-00829-4, adults: 1.5 s overall, none on abnormal films",
)
RADIOLOGIST = Assumption(
    title="An hour of a radiologist",
    low=45,
    base=127,
    high=196,
    unit="EUR",
    evidence="published elsewhere",
    source="Poland, United Kingdom, United States: 10.1186/s13244-023-01561-z",
)
PRICE = Assumption(
    title="Price of AI for one film",
    low=0.19,
    base=1.00,
    high=2.78,
    unit="USD",
    evidence="published elsewhere",
    source="Computer-aided detection of tuberculosis, Bashir 2022; the base within that range is ours",
)
EURO = Assumption(
    title="Price of a euro",
    low=0.8252,
    base=1.05,
    high=1.599,
    unit="USD",
    evidence="assumption",
    source="Base: a round figure of ours for 2022, the year of the price of AI, not looked up; range: European Central "
    "Bank reference rates, lowest 26 October 2000, highest 15 July 2008, as quoted by others",
)
ASSUMPTIONS = (
    PREVALENCE,
    READER_SENSITIVITY,
    READER_SPECIFICITY,
    READ_TIME,
    UTILISATION,
    TIME_SAVED,
    RADIOLOGIST,
    PRICE,
    EURO,
)


def worth_of_time(seconds: float, hourly: float) -> float:
    """What seconds of a person's time cost at an hourly rate, in the rate's currency."""
    return seconds / 3600 * hourly


@dataclass(frozen=True, kw_only=True)
class PerThousand:
    """Counts among 1,000 imaged children.

    Parameters
    ----------
    pneumonias, normals : float
    found, missed : Estimate
        Of the pneumonias.
    false_alarms, cleared : Estimate
        Of the normals.
    """

    pneumonias: float
    normals: float
    found: Estimate
    missed: Estimate
    false_alarms: Estimate
    cleared: Estimate


def per_thousand(sensitivity: Estimate, specificity: Estimate, prevalence: float) -> PerThousand:
    """Found, missed, false alarms and cleared of 1,000 children; intervals are those of the two rates, scaled.

    The prevalence is taken as exact.

    Raises
    ------
    InputError
        The prevalence is not a share.
    """
    _check_share("prevalence", prevalence)
    pneumonias, normals = CHILDREN * prevalence, CHILDREN * (1 - prevalence)
    return PerThousand(
        pneumonias=pneumonias,
        normals=normals,
        found=_scaled(sensitivity, pneumonias),
        missed=_scaled(_complement(sensitivity), pneumonias),
        false_alarms=_scaled(_complement(specificity), normals),
        cleared=_scaled(specificity, normals),
    )


def _complement(rate: Estimate) -> Estimate:
    return Estimate(value=1 - rate.value, low=1 - rate.high, high=1 - rate.low, method=rate.method)


def _scaled(rate: Estimate, count: float) -> Estimate:
    return Estimate(value=count * rate.value, low=count * rate.low, high=count * rate.high, method=rate.method)


@dataclass(frozen=True, kw_only=True)
class Triage:
    """Mean waits until reading starts, when flagged films are read first; in the unit of the read time.

    Parameters
    ----------
    flagged_share : float in [0, 1]
        Films that the model moves to the front.
    in_order : float
        Wait of every film when they are read in order of arrival.
    flagged, unflagged : float
        Wait of films at the front and of the others.
    pneumonia, normal, missed : float
        Wait of all children with pneumonia, of those without, and of those whose pneumonia the model does not flag.
    """

    flagged_share: float
    in_order: float
    flagged: float
    unflagged: float
    pneumonia: float
    normal: float
    missed: float


def triage(
    *, prevalence: float, sensitivity: float, specificity: float, utilisation: float, read_time: float
) -> Triage:
    """Waits in a worklist with two priorities: non-preemptive M/M/1 (10.1007/s11134-024-09927-w).

    f = pi Se + (1 - pi)(1 - Sp); W0 = rho t; W_high = W0 / (1 - f rho); W_low = W_high / (1 - rho);
    in order of arrival W0 / (1 - rho). The mean over all films is the same in both orders: triage moves waiting from
    one child to another and saves no reading time.

    Parameters
    ----------
    prevalence, sensitivity, specificity : float in [0, 1]
    utilisation : float in [0, .99]
        Share of the time in which the reader is reading.
    read_time : float
        Mean time for one film, in any unit.

    Raises
    ------
    InputError
        An input is outside its range.
    """
    for name, share in (("prevalence", prevalence), ("sensitivity", sensitivity), ("specificity", specificity)):
        _check_share(name, share)
    if not 0 <= utilisation <= MOST_BUSY:
        raise InputError(f"A reader cannot be busy {utilisation:.0%} of the time; choose 0 to {MOST_BUSY:.0%}.")
    if not read_time > 0:
        raise InputError("The time to read a film must be above zero.")
    flagged_share = prevalence * sensitivity + (1 - prevalence) * (1 - specificity)
    at_work = utilisation * read_time
    flagged = at_work / (1 - flagged_share * utilisation)
    unflagged = flagged / (1 - utilisation)
    return Triage(
        flagged_share=flagged_share,
        in_order=at_work / (1 - utilisation),
        flagged=flagged,
        unflagged=unflagged,
        pneumonia=sensitivity * flagged + (1 - sensitivity) * unflagged,
        normal=specificity * unflagged + (1 - specificity) * flagged,
        missed=unflagged,
    )


@dataclass(frozen=True, kw_only=True)
class TriageEstimate:
    """Triage with what the intervals of sensitivity and specificity leave open.

    Parameters
    ----------
    in_order : float
        Minutes, in order of arrival.
    flagged_share : Estimate
        In [0, 1].
    pneumonia, normal, missed : Estimate
        Mean waits in minutes with flagged films first.
    hours_moved : Estimate
        Hours of waiting a year that children with pneumonia no longer wait, and the others wait instead.
    """

    in_order: float
    flagged_share: Estimate
    pneumonia: Estimate
    normal: Estimate
    missed: Estimate
    hours_moved: Estimate


def triage_estimate(
    sensitivity: Estimate,
    specificity: Estimate,
    *,
    prevalence: float,
    utilisation: float,
    read_minutes: float,
    films_a_year: float,
) -> TriageEstimate:
    """Triage at a model's rates, with the range over the ends of both intervals.

    Raises
    ------
    InputError
        An input is outside its range.
    """

    def at(se: float, sp: float) -> Triage:
        return triage(
            prevalence=prevalence, sensitivity=se, specificity=sp, utilisation=utilisation, read_time=read_minutes
        )

    centre = at(sensitivity.value, specificity.value)
    corners = [at(*ends) for ends in product(_ends(sensitivity), _ends(specificity))]

    def span(field: str) -> Estimate:
        values = [getattr(corner, field) for corner in corners]
        return Estimate(value=getattr(centre, field), low=min(values), high=max(values), method=CORNERS)

    pneumonia = span("pneumonia")
    hours = films_a_year * prevalence / 60
    return TriageEstimate(
        in_order=centre.in_order,
        flagged_share=span("flagged_share"),
        pneumonia=pneumonia,
        normal=span("normal"),
        missed=span("missed"),
        hours_moved=Estimate(
            value=hours * (centre.in_order - pneumonia.value),
            low=hours * (centre.in_order - pneumonia.high),
            high=hours * (centre.in_order - pneumonia.low),
            method=pneumonia.method,
        ),
    )


def _ends(rate: Estimate) -> tuple[float, float]:
    known = rate.low == rate.low  # NaN where there is no interval
    return (rate.low, rate.high) if known else (rate.value, rate.value)


def _check_share(name: str, value: float) -> None:
    if not 0 <= value <= 1:
        raise InputError(f"The {name} must lie between 0 and 1, not {value:g}.")

"""The gate's measured rates, as pages and exports quote them."""

from dataclasses import dataclass

from core.evaluation.types import Estimate
from core.manifest import read_as

RATES_FILE = "gate/gate.json"  # below the artifacts folder
SCHEMA_VERSION = 1
_REMEDY = "python -m scripts.make_gate --data DIR --other DIR"


@dataclass(frozen=True, kw_only=True)
class Share:
    """How many pictures of a group were refused or warned of.

    Parameters
    ----------
    n : int
    refused, not_accepted : Estimate
        Shares of n with Wilson's interval; ``not_accepted`` counts refusals and warnings.
    """

    n: int
    refused: Estimate
    not_accepted: Estimate


@dataclass(frozen=True, kw_only=True)
class GateRates:
    """What was measured of the gate.

    Parameters
    ----------
    validation, stress : Share
        Children's chest films of plain and of stress validation; refusals are false.
    adults : Share
        Adults' chest films that the gate was not fitted on.
    native : Share or None
        Train films at their native resolution.
    test : Share or None
        The test films, counted once with the frozen gate.
    left_out : dict of Share
        For each kind of what is no chest film: as judged by a gate that was fitted without that kind.
    caught_mean, caught_worst : float in [0, 1]
        Mean over the kinds of the share refused by the gate that never saw them, and that of the worst kind.
    worst_kind : str
    """

    validation: Share
    stress: Share
    adults: Share
    native: Share | None
    test: Share | None
    left_out: dict[str, Share]
    caught_mean: float
    caught_worst: float
    worst_kind: str


@dataclass(frozen=True, kw_only=True)
class _LeftOut:
    """Share refused of kinds of pictures that a gate was not fitted on: mean over the kinds, and the worst of them."""

    mean: float
    worst: float
    worst_kind: str


@dataclass(frozen=True, kw_only=True)
class _Validation:
    plain: Share
    stress: Share


@dataclass(frozen=True, kw_only=True)
class _Summary:
    left_out: _LeftOut


@dataclass(frozen=True, kw_only=True)
class _Document:
    validation: _Validation
    adults: Share
    native: Share | None = None
    left_out: dict[str, Share]
    summary: _Summary
    test: Share | None


def gate_rates() -> GateRates:
    """Read ``gate.json``; raises `ArtifactError` if it is missing or damaged."""
    document = read_as(_Document, RATES_FILE, _REMEDY, SCHEMA_VERSION)
    summary = document.summary.left_out
    return GateRates(
        validation=document.validation.plain,
        stress=document.validation.stress,
        adults=document.adults,
        native=document.native,
        test=document.test,
        left_out=document.left_out,
        caught_mean=summary.mean,
        caught_worst=summary.worst,
        worst_kind=summary.worst_kind,
    )

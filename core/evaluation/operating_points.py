"""Rates at any threshold, with intervals and paired tests, fast enough for a slider; the frozen threshold stays.

The draws of patients are made once for a set of films; a threshold then costs one product of matrices. Figures that
need no threshold (AUROC, average precision, Brier score, calibration error) stay as they are.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
import numpy.typing as npt

from core.evaluation.bootstrap import DRAWS, METHOD, interval, resampling
from core.evaluation.decision import error_cost
from core.evaluation.evaluate import Evaluation
from core.evaluation.metrics import Confusion, confusion
from core.evaluation.metrics import rates as rates_of_counts
from core.evaluation.paired_tests import MCNEMAR, Finding, holm, mcnemar
from core.evaluation.tables import align_samples
from core.evaluation.types import Estimate, Scores
from core.types import Float32Array, Float64Array, StrArray

MOVED = ("sensitivity", "specificity", "accuracy")  # the compared figures that a threshold moves
_BLOCK = 500  # draws at a time


@dataclass(frozen=True, kw_only=True, eq=False)
class Draws:
    """How often each patient is drawn.

    Parameters
    ----------
    clusters : (k,) str
        Distinct patient keys, sorted.
    counts : (draws, k) float32
        Whole numbers, those of `core.evaluation.bootstrap.Resampling`.
    """

    clusters: StrArray
    counts: Float32Array


@dataclass(frozen=True, kw_only=True, eq=False)
class RatesAt:
    """What a model gets right at a threshold.

    Parameters
    ----------
    threshold : float
    confusion : Confusion
    estimates : dict of str to Estimate
        Every rate, by patient; the same as `core.evaluation.evaluate.evaluate` gives.
    resampled : dict of str to (draws,) float64
        Every rate in each draw.
    """

    threshold: float
    confusion: Confusion
    estimates: dict[str, Estimate]
    resampled: dict[str, Float64Array]


def make_draws(scores: Scores, *, draws: int = DRAWS, seed: int = 0) -> Draws:
    """Return the draws that all models on these films share."""
    samples = resampling(scores, draws=draws, seed=seed)
    counts = np.concatenate([block.astype(np.float32) for block in samples.counts(_BLOCK)])
    return Draws(clusters=samples.clusters, counts=counts)


def rates_at(scores: Scores, threshold: float, draws: Draws) -> RatesAt:
    """Return every rate at a threshold with its interval.

    Parameters
    ----------
    scores : Scores
    threshold : float
        Positive if score >= threshold.
    draws : Draws
        Of the same films.
    """
    code = np.searchsorted(draws.clusters, scores.cluster_id)
    positive, truth = scores.y_score >= threshold, scores.y_true == 1
    cells = (positive & truth, positive & ~truth, ~positive & ~truth, ~positive & truth)
    sums = np.column_stack([np.bincount(code, weights=cell, minlength=len(draws.clusters)) for cell in cells])
    drawn_tp, drawn_fp, drawn_tn, drawn_fn = (draws.counts @ sums.astype(np.float32)).T.astype(np.float64)
    resampled = rates_of_counts(tp=drawn_tp, fp=drawn_fp, tn=drawn_tn, fn=drawn_fn)
    tp, fp, tn, fn = sums.T > 0
    patients = {
        "sensitivity": tp | fn,
        "specificity": tn | fp,
        "ppv": tp | fp,
        "npv": tn | fn,
        "accuracy": tp | fp | tn | fn,
    }
    counts = confusion(scores, threshold)
    estimates = {
        name: interval(value, resampled[name], name=name, clusters=int(patients[name].sum()) if name in patients else 0)
        for name, value in counts.rates.items()
    }
    return RatesAt(threshold=threshold, confusion=counts, estimates=estimates, resampled=resampled)


def moved(evaluation: Evaluation, rates: RatesAt) -> Evaluation:
    """Return an evaluation at another threshold; intervals by film are left out."""
    return replace(
        evaluation,
        threshold=rates.threshold,
        confusion=rates.confusion,
        metrics=evaluation.metrics | rates.estimates,
        by_film={},
    )


def threshold_steps(frozen: float) -> list[float]:
    """Return thresholds to try, ascending: hundredths, finer ones where networks crowd their scores, the frozen one."""
    fine = (0.001, 0.002, 0.005, 0.995, 0.998, 0.999)
    return sorted({*(step / 100 for step in range(1, 100)), *fine, frozen})


@dataclass(frozen=True, kw_only=True)
class Costs:
    """What the errors of several models cost per 1,000 children, counted in false alarms.

    Parameters
    ----------
    each : tuple of Estimate
        In the order of the models, with intervals by patient.
    dearer : tuple of bool
        Whether a model costs more than the cheapest beyond chance: the 95 % interval of the difference, from common
        draws, leaves out zero.
    nobody, everybody : float
        Cost of raising no alarm at all, and of one for each child.
    """

    each: tuple[Estimate, ...]
    dearer: tuple[bool, ...]
    nobody: float
    everybody: float


def costs_at(rates: Sequence[RatesAt], miss: float, prevalence: float) -> Costs:
    """Return misses and false alarms per 1,000 children, a miss counted as so many false alarms (`error_cost`).

    Parameters
    ----------
    rates : sequence of RatesAt
        Of each model, at least one, with common draws.
    miss : float
        False alarms that weigh as much as a miss.
    prevalence : float in [0, 1]
        Of pneumonia among the children.
    """

    def per_thousand(sensitivity: npt.ArrayLike, specificity: npt.ArrayLike) -> Float64Array:
        cost = error_cost(sensitivity=sensitivity, specificity=specificity, miss=miss, prevalence=prevalence)
        return 1000 * cost

    values = [float(per_thousand(model.confusion.sensitivity, model.confusion.specificity)) for model in rates]
    resampled = [per_thousand(model.resampled["sensitivity"], model.resampled["specificity"]) for model in rates]
    cheapest = resampled[int(np.argmin(values))]
    return Costs(
        each=tuple(interval(value, draws) for value, draws in zip(values, resampled, strict=True)),
        dearer=tuple(bool(np.quantile(draws - cheapest, 0.025) > 0) for draws in resampled),
        nobody=float(per_thousand(0.0, 1.0)),
        everybody=float(per_thousand(1.0, 0.0)),
    )


def findings_at(tables: Sequence[Scores], rates: Sequence[RatesAt]) -> list[Finding]:
    """All pairs of models on the rates of `MOVED`; Holm runs over the pairs of each figure, as in `compare_all`.

    Parameters
    ----------
    tables : sequence of Scores
        Of the same films.
    rates : sequence of RatesAt
        Of each table, with common draws.

    Raises
    ------
    InputError
        If the tables hold different films, labels or patients.
    """
    aligned = align_samples(list(tables))
    truth = aligned[0].y_true == 1
    right = [(table.y_score >= model.threshold) == truth for table, model in zip(aligned, rates, strict=True)]
    films = {"sensitivity": truth, "specificity": ~truth, "accuracy": np.ones(len(truth), dtype=bool)}
    findings = []
    for metric in MOVED:
        pairs = []
        for i, j in combinations(range(len(aligned)), 2):
            low, high = np.quantile(rates[i].resampled[metric] - rates[j].resampled[metric], [0.025, 0.975])
            value = rates[i].estimates[metric].value - rates[j].estimates[metric].value
            only_a, only_b, p = mcnemar(right[i][films[metric]], right[j][films[metric]])
            pairs.append(
                Finding(
                    a=aligned[i].name,
                    b=aligned[j].name,
                    metric=metric,
                    difference=Estimate(value=value, low=float(low), high=float(high), method=METHOD),
                    test=MCNEMAR,
                    p=p,
                    p_adjusted=p,
                    only_a=only_a,
                    only_b=only_b,
                )
            )
        adjusted = holm([finding.p for finding in pairs])
        findings += [replace(finding, p_adjusted=p) for finding, p in zip(pairs, adjusted, strict=True)]
    return findings

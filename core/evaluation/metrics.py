"""Figures of merit of a score table, with their names and directions as data.

Only NumPy is imported here, since serving needs `Confusion`; frames import pandas when they are made.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
import numpy.typing as npt

from core.evaluation.types import Scores
from core.types import Float64Array, Int64Array

if TYPE_CHECKING:
    import pandas as pd

ECE_BINS = 10


@dataclass(frozen=True, kw_only=True)
class Metric:
    """What a figure is called and which way is better.

    Parameters
    ----------
    name : str
        Key in results and tables.
    title : str
        What people read.
    better : {"higher", "lower"}
    is_rate : bool
        True for a share of films, shown in per cent.
    meaning : str
        One sentence in plain words.
    """

    name: str
    title: str
    better: Literal["higher", "lower"] = "higher"
    is_rate: bool = True
    meaning: str


METRICS = {
    metric.name: metric
    for metric in (
        Metric(name="sensitivity", title="Sensitivity", meaning="Share of the pneumonia films that are found."),
        Metric(name="specificity", title="Specificity", meaning="Share of the normal films that raise no alarm."),
        Metric(
            name="ppv",
            title="Precision, pneumonia (PPV)",
            meaning="Share of the alarms that are pneumonia, at the prevalence of these films.",
        ),
        Metric(
            name="npv",
            title="Precision, normal (NPV)",
            meaning="Share of the cleared films that are normal, at the prevalence of these films.",
        ),
        Metric(
            name="accuracy",
            title="Accuracy",
            meaning="Share of the verdicts that are right, at the prevalence of these films.",
        ),
        Metric(
            name="f1_pneumonia",
            title="F1, pneumonia",
            is_rate=False,
            meaning="Harmonic mean of precision and recall of pneumonia.",
        ),
        Metric(
            name="f1_normal",
            title="F1, normal",
            is_rate=False,
            meaning="Harmonic mean of precision and recall of normal.",
        ),
        Metric(
            name="auroc",
            title="AUROC",
            is_rate=False,
            meaning="Chance that a pneumonia film scores above a normal one, ties counted half.",
        ),
        Metric(
            name="average_precision",
            title="Average precision",
            is_rate=False,
            meaning="Precision averaged over the pneumonia films, from the highest score down.",
        ),
        Metric(
            name="brier",
            title="Brier score",
            better="lower",
            is_rate=False,
            meaning="Mean squared distance of the score from the label.",
        ),
        Metric(
            name="ece",
            title=f"Calibration error (ECE, {ECE_BINS} bins)",
            better="lower",
            is_rate=False,
            meaning="Mean distance between score and observed share of pneumonia in bins of equal width.",
        ),
    )
}


def ratio(numerator: npt.ArrayLike, denominator: npt.ArrayLike) -> Float64Array:
    """Quotient, elementwise; NaN where the denominator is zero."""
    top, bottom = np.broadcast_arrays(np.asarray(numerator, dtype=float), np.asarray(denominator, dtype=float))
    quotient: Float64Array = np.divide(top, bottom, out=np.full(top.shape, np.nan), where=bottom != 0)
    return quotient


def rates(*, tp: npt.ArrayLike, fp: npt.ArrayLike, tn: npt.ArrayLike, fn: npt.ArrayLike) -> dict[str, Float64Array]:
    """Every rate of a two-by-two table, elementwise over arrays of counts; NaN where undefined.

    Parameters
    ----------
    tp, fp, tn, fn : (...) counts
        True and false positives, true and false negatives.

    Returns
    -------
    dict of (...) float64
        Keyed by the names in `METRICS`.
    """
    tp, fp, tn, fn = (np.asarray(count, dtype=float) for count in (tp, fp, tn, fn))
    return {
        "sensitivity": ratio(tp, tp + fn),
        "specificity": ratio(tn, tn + fp),
        "ppv": ratio(tp, tp + fp),
        "npv": ratio(tn, tn + fn),
        "accuracy": ratio(tp + tn, tp + fp + tn + fn),
        "f1_pneumonia": ratio(2 * tp, 2 * tp + fp + fn),
        "f1_normal": ratio(2 * tn, 2 * tn + fp + fn),
    }


@dataclass(frozen=True, kw_only=True)
class Confusion:
    """Counts of right and wrong verdicts; the rates are NaN where they are undefined."""

    tp: int
    fp: int
    tn: int
    fn: int

    @property
    def n(self) -> int:
        return self.tp + self.fp + self.tn + self.fn

    @property
    def positives(self) -> int:
        return self.tp + self.fn

    @property
    def negatives(self) -> int:
        return self.tn + self.fp

    @property
    def prevalence(self) -> float:
        return float(ratio(self.positives, self.n))

    @property
    def rates(self) -> dict[str, float]:
        """Every rate, keyed by the names in `METRICS`."""
        return {name: float(rate) for name, rate in rates(tp=self.tp, fp=self.fp, tn=self.tn, fn=self.fn).items()}

    @property
    def sensitivity(self) -> float:
        return self.rates["sensitivity"]

    @property
    def specificity(self) -> float:
        return self.rates["specificity"]

    @property
    def ppv(self) -> float:
        return self.rates["ppv"]

    @property
    def npv(self) -> float:
        return self.rates["npv"]

    @property
    def accuracy(self) -> float:
        return self.rates["accuracy"]

    @property
    def f1_pneumonia(self) -> float:
        return self.rates["f1_pneumonia"]

    @property
    def f1_normal(self) -> float:
        return self.rates["f1_normal"]


def confusion(scores: Scores, threshold: float) -> Confusion:
    """Count outcomes at a threshold; a film is positive if its score is at the threshold or above."""
    positive = scores.y_score >= threshold
    truth = scores.y_true == 1
    return Confusion(
        tp=int(np.sum(positive & truth)),
        fp=int(np.sum(positive & ~truth)),
        tn=int(np.sum(~positive & ~truth)),
        fn=int(np.sum(~positive & truth)),
    )


def operating_points(scores: Scores) -> tuple[Float64Array, Int64Array, Int64Array]:
    """Every distinct operating point, from the highest threshold down.

    Returns
    -------
    threshold : (k + 1,) float64
        Infinity (no film is positive), then each distinct score, descending.
    tp, fp : (k + 1,) int64
        True and false positives at each threshold.
    """
    order = np.argsort(-scores.y_score, kind="stable")
    ordered = scores.y_score[order]
    ends = np.append(np.flatnonzero(np.diff(ordered)), len(ordered) - 1)
    tp = np.cumsum(scores.y_true[order])[ends]
    fp = ends + 1 - tp
    return np.append(np.inf, ordered[ends]), np.append(0, tp), np.append(0, fp)


def auroc(scores: Scores) -> float:
    """Area under the ROC curve, ties counted half; NaN if a class is missing."""
    _, tp, fp = operating_points(scores)
    area = np.sum(np.diff(fp) * (tp[1:] + tp[:-1]) / 2)
    return float(ratio(area, float(tp[-1]) * float(fp[-1])))


def average_precision(scores: Scores) -> float:
    """Precision averaged over the positives, without interpolation; NaN if there are no positives."""
    _, tp, fp = operating_points(scores)
    return float(ratio(np.sum(np.diff(tp) * tp[1:] / (tp[1:] + fp[1:])), tp[-1]))


def brier(scores: Scores) -> float:
    """Mean squared distance of the score from the label."""
    return float(np.mean((scores.y_score - scores.y_true) ** 2))


def bin_index(probability: Float64Array, bins: int) -> Int64Array:
    """Return the bin of equal width that holds each value of [0, 1]; the last bin includes 1."""
    return np.minimum((probability * bins).astype(np.int64), bins - 1)


def ece(scores: Scores, *, bins: int = ECE_BINS) -> float:
    """Return the expected calibration error: sum of n_b / n times abs(observed share - mean score) over the bins."""
    gap = np.bincount(bin_index(scores.y_score, bins), weights=scores.y_score - scores.y_true, minlength=bins)
    return float(np.abs(gap).sum() / len(scores))


def roc_curve(scores: Scores) -> "pd.DataFrame":
    """ROC curve from no alarm to all alarms: threshold, sensitivity, specificity, false_positive_rate."""
    import pandas as pd  # pandas doubles the start of the first page

    threshold, tp, fp = operating_points(scores)
    false_positive_rate = ratio(fp, fp[-1])
    return pd.DataFrame(
        {
            "threshold": threshold,
            "sensitivity": ratio(tp, tp[-1]),
            "specificity": 1 - false_positive_rate,
            "false_positive_rate": false_positive_rate,
        }
    )


def precision_recall_curve(scores: Scores) -> "pd.DataFrame":
    """Precision and recall of pneumonia, from the highest threshold down: threshold, precision, recall."""
    import pandas as pd  # pandas doubles the start of the first page

    threshold, tp, fp = operating_points(scores)
    return pd.DataFrame({"threshold": threshold, "precision": ratio(tp, tp + fp), "recall": ratio(tp, tp[-1])})[1:]


def classification_report(counts: Confusion) -> "pd.DataFrame":
    """Precision, recall, F1 and support for each class, then accuracy and averages, as scikit-learn reports them.

    Returns
    -------
    DataFrame
        Rows ``pneumonia``, ``normal``, ``accuracy``, ``macro average``, ``weighted average`` in the column ``row``;
        columns precision, recall, f1, support. Accuracy is in f1, as in scikit-learn; undefined cells are NaN.
    """
    import pandas as pd  # pandas doubles the start of the first page

    columns = ["precision", "recall", "f1"]
    values = np.array(
        [
            [counts.ppv, counts.sensitivity, counts.f1_pneumonia],
            [counts.npv, counts.specificity, counts.f1_normal],
        ]
    )
    support = np.array([counts.positives, counts.negatives])
    averages = [[np.nan, np.nan, counts.accuracy], values.mean(axis=0), ratio(support @ values, counts.n)]
    frame = pd.DataFrame(np.vstack([values, averages]), columns=columns)
    frame.insert(0, "row", ["pneumonia", "normal", "accuracy", "macro average", "weighted average"])
    frame["support"] = [*support, counts.n, counts.n, counts.n]
    return frame

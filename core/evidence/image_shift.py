"""What the shift between splits looks like in numbers: framing, exposure, sharpness and file size, each class apart."""

import numpy as np
import pandas as pd

from core.evaluation.bootstrap import METHOD, interval, resampled_metrics, resampling
from core.evaluation.metrics import auroc
from core.evaluation.types import LABELS, Estimate, Scores
from core.evidence.measures import MEASURES, THUMBNAIL_COLUMNS
from core.evidence.types import ImageShift, MeasureDifference, Moments, SplitAuroc

SEED = 2018
FOLDS = 5
PAIRS = (("train", "validation"), ("train", "test"), ("validation", "test"))
LOOKS_AT = {"measures": list(MEASURES), "thumbnail": THUMBNAIL_COLUMNS, "both": [*MEASURES, *THUMBNAIL_COLUMNS]}
SETTINGS: dict[str, object] = {
    "seed": SEED,
    "folds": FOLDS,
    "classifier": "logistic regression, classes weighted alike",
    "intervals": METHOD,
}


def measure_shift(films: pd.DataFrame) -> ImageShift:
    """Return all that is measured of the shift of ``measure_films``'s films between splits."""
    return ImageShift(means=describe(films), differences=tuple(differences(films)), tell_apart=tuple(tell_apart(films)))


def describe(films: pd.DataFrame) -> dict[str, dict[str, dict[str, Moments]]]:
    """Return mean and deviation of each measure by label, measure and split.

    Parameters
    ----------
    films : DataFrame
        `core.evidence.measures.measure_films`.
    """
    groups = [(label, str(split), rows) for (label, split), rows in films.groupby(["y_true", "split"])]
    return {
        name: {
            measure: {
                split: Moments(
                    n=int(rows[measure].count()),
                    mean=float(rows[measure].mean()),
                    deviation=float(rows[measure].std()),
                )
                for of, split, rows in groups
                if of == label
            }
            for measure in MEASURES
        }
        for label, name in enumerate(LABELS)
    }


def standardised_difference(before: pd.Series, after: pd.Series) -> float:
    """Difference of means over the root of the mean variance (10.1002/sim.3697); NaN without spread."""
    spread = float(np.sqrt((before.var() + after.var()) / 2))
    return float((after.mean() - before.mean()) / spread) if spread > 0 else float("nan")


def differences(films: pd.DataFrame) -> list[MeasureDifference]:
    """Return how far each measure moves between the splits of `PAIRS`, each class apart."""
    return [
        MeasureDifference(
            label=name,
            measure=measure,
            before=before,
            after=after,
            difference=standardised_difference(first[measure], second[measure]),
        )
        for label, name in enumerate(LABELS)
        for before, after, first, second in _pairs(films, label)
        for measure in MEASURES
    ]


def tell_apart(films: pd.DataFrame) -> list[SplitAuroc]:
    """Return how well a simple classifier tells the films of two splits apart within a class; 0.5 is not at all."""
    return [
        SplitAuroc(
            label=name,
            before=before,
            after=after,
            looks_at=looks_at,
            n=(len(first), len(second)),
            auroc=split_auroc(first, second, columns),
        )
        for label, name in enumerate(LABELS)
        for before, after, first, second in _pairs(films, label)
        for looks_at, columns in LOOKS_AT.items()
    ]


def split_auroc(first: pd.DataFrame, second: pd.DataFrame, columns: list[str]) -> Estimate:
    """AUROC of a logistic regression that tells two sets of films apart, over folds of whole patients.

    Films of one patient key stay in one fold also where the key occurs in both sets. Where lungs were not found their
    place is set to the mean of the others. The interval draws patients, not folds: it holds for these fitted folds.
    """
    from sklearn.impute import SimpleImputer  # scikit-learn starts slowly; Limits reads committed figures
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import StratifiedGroupKFold, cross_val_predict
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    films = pd.concat([first, second], ignore_index=True)
    origin = np.repeat([0, 1], [len(first), len(second)])
    known = [column for column in columns if films[column].notna().any()]
    model = make_pipeline(
        SimpleImputer(keep_empty_features=True),
        StandardScaler(),
        LogisticRegression(class_weight="balanced", max_iter=2_000),
    )
    folds = StratifiedGroupKFold(FOLDS, shuffle=True, random_state=SEED)
    score = cross_val_predict(
        model, films[known].to_numpy(), origin, groups=films["cluster_id"], cv=folds, method="predict_proba"
    )
    scores = Scores(
        sample_id=films["sample_id"].to_numpy(dtype=str),
        cluster_id=films["cluster_id"].to_numpy(dtype=str),
        y_true=origin,
        y_score=score[:, 1],
    )
    resampled = resampled_metrics(scores, 0.5, resampling(scores))["auroc"]
    return interval(auroc(scores), resampled, name="auroc")


def _pairs(films: pd.DataFrame, label: int) -> list[tuple[str, str, pd.DataFrame, pd.DataFrame]]:
    """Return the pairs of splits that exist, with their films of one class."""
    of_label = films[films["y_true"] == label]
    by_split = {str(split): rows for split, rows in of_label.groupby("split")}
    return [(a, b, by_split[a], by_split[b]) for a, b in PAIRS if a in by_split and b in by_split]

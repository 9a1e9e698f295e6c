"""Make the golden tables of the conformal sets with crepes (pip install crepes==0.9.1).

Run it from the repository root: python tests/golden/make_conformal.py

Scores of two drawn models' films, rounded so that many are tied. A label stays in crepes' set where its p-value is at
least alpha, in ours where it is above alpha; the numbers of films are such that no p-value equals an alpha.
"""

from pathlib import Path

import numpy as np
import pandas as pd
from crepes import WrapClassifier

FOLDER = Path(__file__).parent
ALPHAS = (0.05, 0.1, 0.2)
CALIBRATION = {0: 80, 1: 130}
TEST = {0: 60, 1: 90}


class ScoreItself:
    """A fitted learner whose probability of pneumonia is its only feature."""

    classes_ = np.array([0, 1])

    def predict_proba(self, score: np.ndarray) -> np.ndarray:
        return np.column_stack([1 - score[:, 0], score[:, 0]])


def draw(counts: dict[int, int], rng: np.random.Generator) -> pd.DataFrame:
    """Overlapping scores of both classes, with ties."""
    y_true = np.repeat(list(counts), list(counts.values()))
    y_score = np.round(1 / (1 + np.exp(-rng.normal(2 * y_true - 1, 1.2))), 2)
    return pd.DataFrame({"sample_id": [f"film-{i}" for i in range(len(y_true))], "y_true": y_true, "y_score": y_score})


def main() -> None:
    """Write the scores to fit on, and for other scores crepes' p-values and sets."""
    rng = np.random.default_rng(20)
    calibration, test = draw(CALIBRATION, rng), draw(TEST, rng)
    fitted = WrapClassifier(ScoreItself()).calibrate(
        calibration[["y_score"]].to_numpy(), calibration["y_true"], class_cond=True
    )
    films = test[["y_score"]].to_numpy()
    test[["p_normal", "p_pneumonia"]] = fitted.predict_p(films, smoothing=False)
    tables = []
    for alpha in ALPHAS:
        inside = fitted.predict_set(films, confidence=1 - alpha, smoothing=False)
        tables.append(
            test.assign(alpha=alpha, normal=[0 in one for one in inside], pneumonia=[1 in one for one in inside])
        )
    calibration.to_csv(FOLDER / "conformal_scores.csv", index=False)
    pd.concat(tables).to_csv(FOLDER / "conformal.csv", index=False)


if __name__ == "__main__":
    main()

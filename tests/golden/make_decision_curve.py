"""Make the golden tables of the decision curve with dcurves (pip install dcurves==1.1.7).

Run it from the repository root: python tests/golden/make_decision_curve.py

The scores are the marker of the cancer example that dcurves brings (MSKCC, Apache-2.0).
"""

from pathlib import Path

import dcurves
import pandas as pd

FOLDER = Path(__file__).parent
THRESHOLDS = [round(0.01 * step, 2) for step in range(1, 100)]


def main() -> None:
    """Write the scores, and the net benefit at two prevalences."""
    example = pd.read_csv(Path(dcurves.__file__).parent / "data" / "df_binary.csv")
    films = pd.DataFrame({"y_true": example["cancer"].astype(int), "y_score": example["cancerpredmarker"]})
    films.insert(0, "sample_id", [f"patient-{number}" for number in range(len(films))])
    films.to_csv(FOLDER / "decision_curve_scores.csv", index=False)

    tables = []
    for prevalence in (None, 0.3):
        curve = dcurves.dca(
            data=films, outcome="y_true", modelnames=["y_score"], thresholds=THRESHOLDS, prevalence=prevalence
        )
        wide = curve.pivot(index="threshold", columns="model", values="net_benefit")
        table = wide.rename(columns={"y_score": "model", "all": "treat_all", "none": "treat_none"}).reset_index()
        table.insert(0, "prevalence", films["y_true"].mean() if prevalence is None else prevalence)
        tables.append(table.rename(columns={"threshold": "probability"}))
    pd.concat(tables).to_csv(FOLDER / "decision_curve.csv", index=False)


if __name__ == "__main__":
    main()

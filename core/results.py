"""The one results file that pages, README and exports quote: every committed run, evaluated at its frozen threshold."""

import json
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Any

from core.errors import ArtifactError
from core.evaluation.types import Estimate
from core.files import write_text
from core.manifest import check_file
from core.paths import artifacts_dir
from core.runs import Run, ScoredSplit

RESULTS = "results.json"
SPLITS: tuple[ScoredSplit, ...] = ("validation", "stress_validation", "test")
Results = dict[str, dict[str, dict[str, Any]]]


def compute_results(runs: Iterable[Run]) -> Results:
    """Evaluations by run id and split, from stored scores; `core.evaluation.evaluate.Evaluation.to_dict` each."""
    from core.evaluation.evaluate import evaluate

    results: Results = {}
    for run in runs:
        results[run.run_id] = {}
        for split in SPLITS:
            if (run.folder / f"scores_{split}.csv").exists():
                results[run.run_id][split] = evaluate(run.scores(split), run.record.threshold).to_dict()
    return results


def write_results(runs: Iterable[Run]) -> None:
    """Write ``artifacts/results.json`` anew for the committed runs."""
    results = compute_results(run for run in runs if not run.own)
    write_text(artifacts_dir() / RESULTS, json.dumps(results, indent=1, sort_keys=True) + "\n")


def read_results() -> Results:
    """The committed results; raises `ArtifactError` if they are missing or damaged."""
    path = check_file(artifacts_dir() / RESULTS)
    return _read(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=4)
def _read(path: Path, changed: int) -> Results:
    try:
        return dict(json.loads(path.read_text()))
    except ValueError:
        raise ArtifactError(f"{path} is damaged; fetch artifacts/ again or run: make results") from None


def estimate(evaluation: dict[str, Any], metric: str) -> Estimate:
    """One figure of an evaluation read from results, such as ``sensitivity``."""
    stored = evaluation["metrics"][metric]
    numbers = {key: float("nan") if stored[key] is None else stored[key] for key in ("value", "low", "high")}
    return Estimate(method=stored["method"], **numbers)

"""All evidence that needs films, for every committed run: ``artifacts/evidence.json``."""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
import pandas as pd

from core.data.arrays import Films, load_films
from core.data.dataset import Dataset
from core.data.split import with_split
from core.evaluation.evaluate import evaluate, without_nan
from core.evaluation.types import Scores
from core.evidence import image_shift, shortcuts, stress_curves
from core.evidence.baselines import (
    FOLDER,
    RECORD,
    baseline_scores,
    baseline_specs,
    fit_baseline,
    read_baseline,
    write_baseline,
)
from core.evidence.groups import subgroups, variation
from core.evidence.measures import SIDE, measure_films
from core.evidence.read import EVIDENCE, SCHEMA_VERSION
from core.files import sha256, write_text
from core.imaging.film import resize
from core.imaging.perturbations import FACTORS
from core.inference.model import Model
from core.manifest import write_manifest
from core.paths import artifacts_dir
from core.runs.ledger import record_look, record_test
from core.runs.record import Run
from core.types import UInt8Array

MASKED, LUNGS_ONLY = "lungs_masked", "lungs_only"
Change = Callable[[UInt8Array, str], UInt8Array]
CHANGES: dict[str, tuple[Change, str]] = {
    MASKED: (shortcuts.without_lungs, "Shortcut score: lungs masked."),
    LUNGS_ONLY: (shortcuts.lungs_only, "Shortcut score: lungs only."),
}
SUBGROUP_NOTE = "Subgroups: bacterial, viral, first film of each patient."
SHIFT_NOTE = "Framing, exposure and sharpness of the test films were compared with those of train, each class apart."


def settings(dataset: Dataset, *, with_test: bool) -> dict[str, Any]:
    """What the findings depend on besides the models; other settings make all of them anew."""
    return {
        "schema_version": SCHEMA_VERSION,
        "data_hash": dataset.hash,
        "with_test": with_test,
        "shortcut": shortcuts.SETTINGS,
        "stress_curves": stress_curves.SETTINGS,
        "image_shift": image_shift.SETTINGS,
    }


def collect(
    dataset: Dataset, runs: Sequence[Run], *, with_test: bool = True, say: Callable[[str], None] = lambda line: None
) -> dict[str, Any]:
    """Compute what is missing in ``artifacts/evidence.json``, write it and the manifest, and enter looks at test.

    Parameters
    ----------
    dataset : Dataset
    runs : sequence of Run
        The committed runs; others' findings are dropped. Those whose weights and threshold are known are kept; runs of
        which only scores are kept have none but their part in ``seed_variation``.
    with_test : bool
        Whether test labels may be looked at; each look stands in the ledger.
    say : callable
        Takes a line about the progress.

    Returns
    -------
    dict
        ``settings``; ``unreadable``: sample_id of the films that none of this is of; ``baselines``: title, meaning,
        threshold and `Evaluation.to_dict` by split; ``image_shift``: means, differences and the classifier's AUROC;
        ``runs``: shortcut scores, stress curves and subgroups by run
        id; ``seed_variation``.
    """
    wanted = settings(dataset, with_test=with_test)
    known = _known(wanted)
    table = with_split(dataset)
    if not with_test:
        table = table[table["split"] != "test"]
    if not _films_known(known):
        say("Measuring films for baselines and shift")
        known |= _film_findings(dataset, table)
        for sample_id in known["unreadable"]:
            say(f"Left out, cannot be read: {sample_id}")
    weighed = [run for run in runs if run.has_weights]
    findings = {run.run_id: known["runs"].get(run.run_id) for run in weighed}
    missing = [run for run in weighed if not _is_current(findings[run.run_id], run)]
    if missing:
        say(f"{len(missing)} of {len(weighed)} runs are new: {', '.join(run.run_id for run in missing)}")
        findings |= _run_findings(dataset, table, missing, say)
    evidence = {
        "settings": wanted,
        "unreadable": known["unreadable"],
        "baselines": known["baselines"],
        "image_shift": known["image_shift"],
        "runs": findings,
        "seed_variation": variation(runs, with_test=with_test),
    }
    write_text(artifacts_dir() / EVIDENCE, json.dumps(without_nan(evidence), indent=1) + "\n")
    write_manifest()
    return evidence


def _known(wanted: dict[str, Any]) -> dict[str, Any]:
    """The findings on disk where they were made with the same settings."""
    path = artifacts_dir() / EVIDENCE
    try:
        stored = json.loads(path.read_text())
        if stored["settings"] == wanted:
            return {name: stored[name] for name in ("unreadable", "baselines", "image_shift", "runs")}
    except (OSError, ValueError, KeyError, TypeError):
        pass  # missing or damaged: made anew
    return {"unreadable": [], "baselines": {}, "image_shift": {}, "runs": {}}


def _films_known(known: dict[str, Any]) -> bool:
    """Whether the baselines on disk are those of the findings."""
    records = {name: artifacts_dir() / FOLDER / name / RECORD for name in known["baselines"]}
    return bool(records) and all(
        path.is_file() and sha256(path) == known["baselines"][name]["record_hash"] for name, path in records.items()
    )


def _is_current(finding: dict[str, Any] | None, run: Run) -> bool:
    return (
        finding is not None
        and finding["weights_hash"] == run.record.weights_hash
        and finding["threshold"] == run.record.threshold
    )


def _film_findings(dataset: Dataset, table: pd.DataFrame) -> dict[str, Any]:
    measured = measure_films(table)
    films = measured.table
    by_split = {str(split): rows for split, rows in films.groupby("split")}
    train = by_split.pop("train")
    by_split["stress_validation"] = measure_films(table[table["split"] == "validation"], "stress").table
    written = {}
    for spec in baseline_specs(train):
        written[spec.name] = write_baseline(fit_baseline(spec, train), by_split, dataset.hash)
    write_manifest()  # the tables are read back below
    found = {name: _baseline_finding(name, dataset.hash) for name in written}
    if "test" in by_split:
        record_look(artifacts_dir(), run="films", weights_hash="", data_hash=dataset.hash, note=SHIFT_NOTE)
    shift = {
        "means": image_shift.describe(films),
        "differences": image_shift.differences(films),
        "tell_apart": [{**row, "auroc": asdict(row["auroc"])} for row in image_shift.tell_apart(films)],
    }
    return {"unreadable": measured.unreadable, "baselines": found, "image_shift": shift}


def _baseline_finding(name: str, data_hash: str) -> dict[str, Any]:
    record = read_baseline(name)
    record_hash = sha256(artifacts_dir() / FOLDER / name / RECORD)
    evaluations = {}
    for split in record["splits"]:
        scores = baseline_scores(name, split)
        evaluations[split] = evaluate(scores, record["threshold"]).to_dict()
        if split == "test":
            record_look(
                artifacts_dir(), run=f"baseline:{name}", weights_hash=record_hash, data_hash=data_hash, scores=scores
            )
    kept = ("title", "meaning", "columns", "fitted_on", "threshold", "threshold_rule")
    return {**{key: record[key] for key in kept}, "record_hash": record_hash, "evaluations": evaluations}


def _run_findings(
    dataset: Dataset, table: pd.DataFrame, runs: Sequence[Run], say: Callable[[str], None]
) -> dict[str, dict[str, Any]]:
    """Shortcut scores, stress curves and subgroups; every change of a film is made once for all runs."""
    models = [Model(run) for run in runs]
    has_test = bool((table["split"] == "test").any())
    test_scores = [run.scores("test") if has_test else None for run in runs]  # now: a training may replace them
    films = {
        split: load_films(dataset, table[table["split"] == split], SIDE, SIDE)
        for split in ("validation", "test")
        if (table["split"] == split).any()
    }
    shortcut: dict[str, dict[str, Any]] = {run.run_id: {} for run in runs}
    for split, part in films.items():
        say(f"Shortcut scores on {split}")
        for run_id, figures in _shortcut(dataset, models, part, split).items():
            shortcut[run_id][split] = figures
    chosen = _take(films["validation"], stress_curves.choose_films(films["validation"].table))
    curves = _curves(models, chosen, say)
    counts = {"films": len(chosen.table), "positives": int(chosen.y_true.sum())}
    found: dict[str, dict[str, Any]] = {}
    for run, scores in zip(runs, test_scores, strict=True):
        found[run.run_id] = {
            "model": run.record.model,
            "seed": run.record.seed,
            "weights_hash": run.record.weights_hash,
            "threshold": run.record.threshold,
            "shortcut": shortcut[run.run_id],
            "stress_curves": {**counts, "factors": curves[run.run_id]},
        }
        if scores is not None:
            record_test(run, scores, dataset.hash, SUBGROUP_NOTE)
            found[run.run_id]["subgroups"] = subgroups(scores, run.record.threshold)
    return found


def _shortcut(dataset: Dataset, models: Iterable[Model], films: Films, split: str) -> dict[str, dict[str, Any]]:
    """AUROC of whole films, lungs masked and lungs only, by run id; with either interval."""
    found: dict[str, dict[str, Any]] = {model.run.run_id: {} for model in models}
    names = films.table["sample_id"]
    variants: dict[str, UInt8Array] = {"whole": films.pixels}
    for name, (change, _) in CHANGES.items():
        variants[name] = np.stack([change(film, sample) for film, sample in zip(films.pixels, names, strict=True)])
    for name, pixels in variants.items():
        for model, scores in zip(models, _score_all(models, pixels, films.table), strict=True):
            evaluation = evaluate(scores, model.run.record.threshold)
            by_patient, by_film = evaluation.metrics["auroc"], evaluation.by_film["auroc"]
            found[model.run.run_id][name] = {"by_patient": asdict(by_patient), "by_film": asdict(by_film)}
            if split == "test" and name in CHANGES:
                record_test(model.run, scores, dataset.hash, CHANGES[name][1])
    return found


def _curves(models: Sequence[Model], films: Films, say: Callable[[str], None]) -> dict[str, dict[str, Any]]:
    """A curve for each factor, by run id."""
    found: dict[str, dict[str, Any]] = {model.run.run_id: {} for model in models}
    names = films.table["sample_id"]
    unchanged = _points(models, films.pixels, films.table)
    for factor in FACTORS.values():
        say(f"Stress curve: {factor.title.lower()}")
        points: list[list[stress_curves.Point]] = []
        for level in factor.levels:
            if level == factor.neutral:
                points.append(unchanged)
                continue
            changed = [factor.apply(film, level, name) for film, name in zip(films.pixels, names, strict=True)]
            points.append(_points(models, np.stack(changed), films.table))
        for model, of_model in zip(models, zip(*points, strict=True), strict=True):
            found[model.run.run_id][factor.name] = {
                "title": factor.title,
                "unit": factor.unit,
                "neutral": factor.neutral,
                "levels": list(factor.levels),
                **stress_curves.curve(list(of_model)),
            }
    return found


def _points(models: Sequence[Model], pixels: UInt8Array, table: pd.DataFrame) -> list[stress_curves.Point]:
    return [
        stress_curves.figures_at(scores, model.run.record.threshold)
        for model, scores in zip(models, _score_all(models, pixels, table), strict=True)
    ]


def _score_all(models: Iterable[Model], pixels: UInt8Array, table: pd.DataFrame) -> list[Scores]:
    """Scores of each model on films (n, H, W) uint8, which are made smaller once for each input size."""
    sized: dict[tuple[int, int], UInt8Array] = {}
    scored = []
    for model in models:
        size = (model.run.input.height, model.run.input.width)
        if size not in sized:
            sized[size] = np.stack([resize(film, *size) for film in pixels])
        scored.append(
            Scores(
                sample_id=table["sample_id"].to_numpy(dtype=str),
                cluster_id=table["cluster_id"].to_numpy(dtype=str),
                y_true=table["y_true"].to_numpy(dtype=np.int64),
                y_score=model.network.score(sized[size])[0].astype(np.float64),
                name=model.run.title,
            )
        )
    return scored


def _take(films: Films, rows: pd.DataFrame) -> Films:
    """The films of these rows, in their order."""
    position = pd.Series(films.table.index, index=films.table["sample_id"])[rows["sample_id"]].to_numpy()
    return Films(pixels=films.pixels[position], table=films.table.iloc[position].reset_index(drop=True), unreadable=[])

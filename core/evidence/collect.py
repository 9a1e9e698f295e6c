"""All evidence that needs films, for every committed run: ``artifacts/evidence.json``."""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.data.arrays import Films, load_films
from core.data.dataset import Dataset
from core.data.split import with_split
from core.evaluation.evaluate import evaluate
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
from core.evidence.types import (
    BaselineEvidence,
    BothIntervals,
    Evidence,
    ImageShift,
    RunEvidence,
    ShortcutScores,
    StressCurve,
    StressCurves,
)
from core.files import sha256, write_text
from core.imaging.film import resize
from core.imaging.perturbations import FACTORS
from core.inference.model import Model
from core.manifest import write_manifest
from core.paths import artifacts_dir
from core.runs.ledger import record_look, record_test
from core.runs.record import Run
from core.typed_json import decode
from core.types import UInt8Array

MASKED, LUNGS_ONLY = "lungs_masked", "lungs_only"
Change = Callable[[UInt8Array, str], UInt8Array]
CHANGES: dict[str, tuple[Change, str]] = {
    MASKED: (shortcuts.without_lungs, "Shortcut score: lungs masked."),
    LUNGS_ONLY: (shortcuts.lungs_only, "Shortcut score: lungs only."),
}
SUBGROUP_NOTE = "Subgroups: bacterial, viral, first film of each patient."
SHIFT_NOTE = "Framing, exposure and sharpness of the test films were compared with those of train, each class apart."


def settings(dataset: Dataset, *, with_test: bool) -> dict[str, object]:
    """Return what the findings depend on besides the models; other settings make all of them anew."""
    return {
        "schema_version": SCHEMA_VERSION,
        "data_hash": dataset.hash,
        "with_test": with_test,
        "shortcut": shortcuts.SETTINGS,
        "stress_curves": stress_curves.SETTINGS,
        "image_shift": image_shift.SETTINGS,
    }


@dataclass(frozen=True, kw_only=True)
class FilmEvidence:
    """The part of `Evidence` that depends on the films alone."""

    unreadable: tuple[str, ...]
    baselines: dict[str, BaselineEvidence]
    image_shift: ImageShift


def collect(
    dataset: Dataset, runs: Sequence[Run], *, with_test: bool = True, say: Callable[[str], None] = lambda line: None
) -> Evidence:
    """Compute what is missing in ``artifacts/evidence.json``, write it and the manifest, and enter looks at test.

    Parameters
    ----------
    dataset : Dataset
    runs : sequence of Run
        The committed runs; others' findings are dropped. Those whose weights and threshold are known are kept; runs of
        which only scores are kept have none but their part in ``seed_variation``.
    with_test : bool
        Whether test labels may be looked at; each look is recorded in the ledger.
    say : callable
        Takes a line about the progress.
    """
    wanted = settings(dataset, with_test=with_test)
    known = stored_evidence(wanted)
    table = with_split(dataset)
    if not with_test:
        table = table[table["split"] != "test"]
    films: FilmEvidence | Evidence
    if known is not None and _are_current(known.baselines):
        films = known
    else:
        say("Measuring films for baselines and shift")
        films = _film_evidence(dataset, table)
        for sample_id in films.unreadable:
            say(f"Left out, cannot be read: {sample_id}")
    weighed = [run for run in runs if run.has_weights]
    current = {run.run_id: known.runs[run.run_id] for run in weighed if known is not None and _is_current(known, run)}
    missing = [run for run in weighed if run.run_id not in current]
    if missing:
        say(f"{len(missing)} of {len(weighed)} runs are new: {', '.join(run.run_id for run in missing)}")
        current |= _run_evidence(dataset, table, missing, say)
    evidence = Evidence(
        settings=wanted,
        unreadable=films.unreadable,
        baselines=films.baselines,
        image_shift=films.image_shift,
        runs={run.run_id: current[run.run_id] for run in weighed},
        seed_variation=tuple(variation(runs, with_test=with_test)),
    )
    write_text(artifacts_dir() / EVIDENCE, json.dumps(evidence.to_dict(), indent=1) + "\n")
    write_manifest()
    return evidence


def stored_evidence(wanted: dict[str, object]) -> Evidence | None:
    """Return the evidence on disk if it was made with the same settings; None if it is missing or damaged."""
    try:
        stored = decode(Evidence, json.loads((artifacts_dir() / EVIDENCE).read_text()))
    except (OSError, ValueError):
        return None
    return stored if stored.settings == wanted else None


def _are_current(baselines: dict[str, BaselineEvidence]) -> bool:
    """Return whether the baselines on disk are those of the evidence."""
    records = {name: artifacts_dir() / FOLDER / name / RECORD for name in baselines}
    return bool(records) and all(
        path.is_file() and sha256(path) == baselines[name].record_hash for name, path in records.items()
    )


def _is_current(known: Evidence, run: Run) -> bool:
    evidence = known.runs.get(run.run_id)
    return (
        evidence is not None
        and evidence.weights_hash == run.record.weights_hash
        and evidence.threshold == run.record.threshold
    )


def _film_evidence(dataset: Dataset, table: pd.DataFrame) -> FilmEvidence:
    measured = measure_films(table)
    films = measured.table
    by_split = {str(split): rows for split, rows in films.groupby("split")}
    train = by_split.pop("train")
    by_split["stress_validation"] = measure_films(table[table["split"] == "validation"], "stress").table
    names = []
    for spec in baseline_specs(train):
        write_baseline(fit_baseline(spec, train), by_split, dataset.hash)
        names.append(spec.name)
    write_manifest()  # the tables are read back below
    baselines = {name: _baseline_evidence(name, dataset.hash) for name in names}
    if "test" in by_split:
        record_look(artifacts_dir(), run="films", weights_hash="", data_hash=dataset.hash, note=SHIFT_NOTE)
    return FilmEvidence(
        unreadable=tuple(measured.unreadable), baselines=baselines, image_shift=image_shift.measure_shift(films)
    )


def _baseline_evidence(name: str, data_hash: str) -> BaselineEvidence:
    record = read_baseline(name)
    record_hash = sha256(artifacts_dir() / FOLDER / name / RECORD)
    evaluations = {}
    for split in record["splits"]:
        scores = baseline_scores(name, split)
        evaluations[split] = evaluate(scores, record["threshold"])
        if split == "test":
            record_look(
                artifacts_dir(), run=f"baseline:{name}", weights_hash=record_hash, data_hash=data_hash, scores=scores
            )
    return BaselineEvidence(
        title=record["title"],
        meaning=record["meaning"],
        columns=tuple(record["columns"]),
        fitted_on=record["fitted_on"],
        threshold=record["threshold"],
        threshold_rule=record["threshold_rule"],
        record_hash=record_hash,
        evaluations=evaluations,
    )


def _run_evidence(
    dataset: Dataset, table: pd.DataFrame, runs: Sequence[Run], say: Callable[[str], None]
) -> dict[str, RunEvidence]:
    """Return shortcut scores, stress curves and subgroups; every change of a film is made once for all runs."""
    models = [Model(run) for run in runs]
    has_test = bool((table["split"] == "test").any())
    test_scores = [run.scores("test") if has_test else None for run in runs]  # now: a training may replace them
    films = {
        split: load_films(dataset, table[table["split"] == split], SIDE, SIDE)
        for split in ("validation", "test")
        if (table["split"] == split).any()
    }
    shortcut: dict[str, dict[str, ShortcutScores]] = {run.run_id: {} for run in runs}
    for split, part in films.items():
        say(f"Shortcut scores on {split}")
        for run_id, scored in _shortcut(dataset, models, part, split).items():
            shortcut[run_id][split] = scored
    chosen = _take(films["validation"], stress_curves.choose_films(films["validation"].table))
    curves = _curves(models, chosen, say)
    evidence = {}
    for run, scores in zip(runs, test_scores, strict=True):
        if scores is not None:
            record_test(run, scores, dataset.hash, SUBGROUP_NOTE)
        evidence[run.run_id] = RunEvidence(
            model=run.record.model,
            seed=run.record.seed,
            weights_hash=run.record.weights_hash,
            threshold=run.record.threshold,
            shortcut=shortcut[run.run_id],
            stress_curves=StressCurves(
                films=len(chosen.table), positives=int(chosen.y_true.sum()), factors=curves[run.run_id]
            ),
            subgroups={} if scores is None else subgroups(scores, run.record.threshold),
        )
    return evidence


def _shortcut(dataset: Dataset, models: Iterable[Model], films: Films, split: str) -> dict[str, ShortcutScores]:
    """Return AUROC of whole films, lungs masked and lungs only, by run id."""
    views: dict[str, dict[str, BothIntervals]] = {model.run.run_id: {} for model in models}
    names = films.table["sample_id"]
    variants: dict[str, UInt8Array] = {"whole": films.pixels}
    for name, (change, _) in CHANGES.items():
        variants[name] = np.stack([change(film, sample) for film, sample in zip(films.pixels, names, strict=True)])
    for name, pixels in variants.items():
        for model, scores in zip(models, _score_all(models, pixels, films.table), strict=True):
            evaluation = evaluate(scores, model.run.record.threshold)
            views[model.run.run_id][name] = BothIntervals(
                by_patient=evaluation.metrics["auroc"], by_film=evaluation.by_film["auroc"]
            )
            if split == "test" and name in CHANGES:
                record_test(model.run, scores, dataset.hash, CHANGES[name][1])
    return {run_id: ShortcutScores(**by_view) for run_id, by_view in views.items()}


def _curves(models: Sequence[Model], films: Films, say: Callable[[str], None]) -> dict[str, dict[str, StressCurve]]:
    """Return a curve for each factor, by run id."""
    curves: dict[str, dict[str, StressCurve]] = {model.run.run_id: {} for model in models}
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
            curves[model.run.run_id][factor.name] = stress_curves.curve(factor, list(of_model))
    return curves


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
    """Return the films of these rows, in their order."""
    position = pd.Series(films.table.index, index=films.table["sample_id"])[rows["sample_id"]].to_numpy()
    return Films(pixels=films.pixels[position], table=films.table.iloc[position].reset_index(drop=True), unreadable=[])

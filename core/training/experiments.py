"""The configurations to try, written down before they ran; selected on plain and stress validation only."""

import csv
import io
import json
from collections.abc import Iterable
from dataclasses import asdict, astuple, dataclass, replace
from pathlib import Path
from typing import Any

from core.data.dataset import Dataset
from core.evaluation.freeze import selection_figures
from core.evaluation.metrics import confusion
from core.evaluation.tables import write_scores
from core.evaluation.threshold import PROTOCOL_RULE, choose_threshold
from core.files import write_text
from core.models.registry import get_model
from core.models.residual import STRONG, variant
from core.models.spec import Augmentation, Distillation, ModelSpec
from core.paths import cache_dir
from core.runs.record import Run
from core.training.processor import with_supported_precision
from core.training.search_files import COLUMNS, ExperimentRow, read_experiment_rows
from core.typed_json import decode

SEEDS = (0, 1, 2)
LONG = 36
FRAME_ONLY = Augmentation(
    crop=STRONG.crop, rotation=STRONG.rotation, shear=STRONG.shear, flip=True, border=STRONG.border
)


@dataclass(frozen=True, kw_only=True)
class Experiment:
    """One configuration of the list.

    Parameters
    ----------
    spec : ModelSpec
        Its name is the experiment's, its reason the question that the experiment asks.
    minutes : float
        Time budget for one seed on one core.
    """

    spec: ModelSpec
    minutes: float


def _residual(
    name: str,
    question: str,
    minutes: float,
    *,
    distillation: Distillation | None = None,
    **changes: Any,
) -> Experiment:
    title = name.replace("_", " ").capitalize()
    spec = variant(name, title, question, **changes)
    return Experiment(spec=replace(spec, distillation=distillation), minutes=minutes)


def _registered(name: str, minutes: float) -> Experiment:
    return Experiment(spec=get_model(name), minutes=minutes)


# In the order in which they run: by expected gain, those that tell most about the recipe first.
EXPERIMENTS: dict[str, Experiment] = {
    experiment.spec.name: experiment
    for experiment in (
        _residual("residual", "What does the recipe of the first trials reach, 18 epochs?", 5),
        _residual("residual_long", "Do 36 epochs under strong augmentation beat 18?", 9, max_epochs=LONG),
        _registered("cnn_adam_128", 12),
        _residual(
            "residual_equalise",
            "Does equalising each film's histogram inside the model help against exposure?",
            6,
            layers={"contrast": "equalise"},
        ),
        _residual(
            "residual_wide",
            "Do filters 1.5 times as many help, over 36 epochs?",
            13,
            layers={"blocks": (24, 48, 96, 192)},
            max_epochs=LONG,
        ),
        _residual("residual_160", "Do 160 px show more than 128, over 36 epochs?", 13, side=160, max_epochs=LONG),
        _residual(
            "residual_local",
            "Does a local normalisation of contrast, 8 x 8 tiles, help against exposure and framing?",
            5,
            layers={"contrast": "local"},
        ),
        _residual(
            "residual_light",
            "How much of stress validation is due to strong augmentation? Shear, zoom and flip only.",
            4,
            augmentation=Augmentation(shear=0.1, zoom=0.1, flip=True),
        ),
        _residual(
            "residual_frame_only",
            "Is it the frame alone? Strong crop, rotation, shear and flip, gray values untouched.",
            5,
            augmentation=FRAME_ONLY,
        ),
        _residual(
            "residual_stronger",
            "Is strong augmentation strong enough? Crop from 0.5, gamma 2, contrast 0.4, noise 12, over 36 epochs.",
            9,
            max_epochs=LONG,
            augmentation=replace(STRONG, crop=(0.5, 1.15), gamma=2.0, contrast=0.4, noise=12.0, rotation=15.0),
        ),
        _residual(
            "residual_deep",
            "Do two residual blocks at each width help, over 36 epochs?",
            13,
            layers={"blocks": (16, 16, 32, 32, 64, 64, 128, 128)},
            max_epochs=LONG,
        ),
        _registered("cnn_adam_224", 35),
        _residual(
            "residual_wide_long",
            "Do 72 epochs of the wide net go on gaining?",
            26,
            layers={"blocks": (24, 48, 96, 192)},
            max_epochs=2 * LONG,
        ),
        _residual(
            "residual_distilled",
            "Does one net learn what three seeds of residual_long know together, over 36 epochs?",
            14,
            max_epochs=LONG,
            distillation=Distillation(
                teachers=("residual_long-s0", "residual_long-s1", "residual_long-s2"), weight=0.7
            ),
        ),
        _registered("residual_pretrained", 30),
        _residual(
            "residual_frame_long",
            "Framing alone explained most of stress validation over 18 epochs: does it reach further over 36?",
            9,
            max_epochs=LONG,
            augmentation=FRAME_ONLY,
        ),
        _residual(
            "residual_frame_160",
            "The same at 160 px?",
            16,
            side=160,
            max_epochs=LONG,
            augmentation=FRAME_ONLY,
        ),
        _residual(
            "residual_searched",
            "Does the best trial of the search on our net, trial 21, go on gaining over 36 epochs?",
            13,
            layers={"blocks": (24, 48, 96, 192), "dropout": 0.0552},
            max_epochs=LONG,
            learning_rate=7.86e-4,
            weight_decay=6.62e-3,
            augmentation=replace(STRONG, crop=(0.7155, 1.1), gamma=1.4444, noise=3.666),
        ),
    )
}


def run_experiment(experiment: Experiment, dataset: Dataset, seed: int, out: Path) -> ExperimentRow:
    """Train one configuration and write ``<name>-s<seed>.json`` and its validation scores; test films stay unread.

    The checkpoint stays, so that `train_run` of a model of the same name and spec can write the run without training.

    Sensitivity and specificity are those on plain validation at the threshold that the protocol would freeze.
    """
    from scipy.special import expit  # scipy starts slowly

    from core.training.fit import fit, predict_logits  # TensorFlow takes seconds; pages read the list of experiments
    from core.training.run import load_splits, score_table, serving_model

    spec = with_supported_precision(experiment.spec)
    films = load_splits(dataset, spec, test=False)
    name = f"{spec.name}-s{seed}"
    checkpoint = cache_dir() / "checkpoints" / name / "state.npz"
    resume = checkpoint.is_file()
    trained = fit(
        spec, films["train"], films["validation"], seed=seed, checkpoint=checkpoint, resume=resume, progress=False
    )
    model = serving_model(spec, trained.model)
    scores = {
        split: score_table(films[split], expit(predict_logits(model, films[split].pixels)), split)
        for split in ("validation", "stress_validation")
    }
    counts = confusion(scores["validation"], choose_threshold(PROTOCOL_RULE, scores["stress_validation"]))
    row = ExperimentRow(
        experiment=spec.name,
        seed=seed,
        epochs=len(trained.history),
        precision=spec.train.precision,
        parameters=model.count_params(),
        seconds=trained.seconds,
        **selection_figures(scores["validation"], scores["stress_validation"]),
        sensitivity=counts.sensitivity,
        specificity=counts.specificity,
    )
    out.mkdir(parents=True, exist_ok=True)
    for split, table in scores.items():
        write_scores(table, out / f"{name}-{split}.csv")
    settings = {**asdict(row), "input": asdict(spec.input), "layers": spec.layers, "train": asdict(spec.train)}
    write_text(out / f"{name}.json", json.dumps(settings, indent=1) + "\n")
    return row


def write_table(out: Path, table: Path, committed: Iterable[Run] = ()) -> int:
    """Add the finished runs below ``out`` to one CSV table, in the list's order; returns how many rows it has.

    Rows of runs that another machine made stay. A model of the registry that was trained without an experiment of its
    own gets the rows of its committed runs.
    """
    order = list(EXPERIMENTS)
    made = [_row(run) for run in committed if run.record.model in order]
    trained = [decode(ExperimentRow, json.loads(path.read_text())) for path in out.glob("*-s*.json")]
    rows = {(row.experiment, row.seed): row for row in (*made, *read_experiment_rows(table), *trained)}
    listed = [row for row in rows.values() if row.experiment in order]
    listed.sort(key=lambda row: (order.index(row.experiment), row.seed))
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows([round(v, 6) if isinstance(v, float) else v for v in astuple(row)] for row in listed)
    write_text(table, text.getvalue())
    return len(listed)


def _row(run: Run) -> ExperimentRow:

    record, counts = run.record, confusion(run.scores("validation"), run.record.threshold)
    return ExperimentRow(
        experiment=record.model,
        seed=record.seed,
        epochs=record.epochs,
        precision=record.spec["train"]["precision"],
        parameters=record.parameters,
        seconds=record.seconds,
        **record.selection,
        sensitivity=counts.sensitivity,
        specificity=counts.specificity,
    )

"""The report on one film: everything that it states as data, for the printed page, JSON and the command line."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime

from core.charts.film import Overlay, make_overlay
from core.evaluation.calibration import DEFAULT_PREVALENCE, Calibration
from core.evaluation.conformal import ConformalRule
from core.evaluation.threshold import ThresholdRule
from core.evaluation.verdict import Verdict
from core.explain.methods import METHODS, Explanation, explain
from core.explain.trust import NO_REASON, doubt, leading_method
from core.gate import GateAnswer
from core.imaging.film import Film
from core.inference.model import Model, Prediction
from core.inference.sentences import prediction_sentences
from core.paths import artifacts_dir, software_version
from core.reports.film.limits import TestFigures, limits_of, test_figures
from core.runs.ledger import count_looks, read_ledger
from core.wording import (
    BANNER,
    UNCHECKED,
    VERDICT_WORDS,
)

SCHEMA_VERSION = 3  # since 3 a verdict is a name and a note has a kind
_SPLITS = {"stress_validation": "stress validation, the validation films under seeded changes"}
NOT_CHECKED = {"verdict": "not_checked", "reason": UNCHECKED, "score": None}
REFUSED = "No verdict: this picture was refused"


@dataclass(frozen=True, kw_only=True)
class Reading:
    """What one model says of the film, and what has to be known of the model.

    Parameters
    ----------
    prediction : Prediction
    run_id, model, weights_hash : str
    own : bool
        Trained by the user.
    input_size : (int, int)
        Width and height that the model sees, pixels.
    threshold_rule : str
        The rule in words, with the split that it was applied to.
    calibration : Calibration
    conformal : ConformalRule
    test : TestFigures or None
        None where the model has not been evaluated on the test films.
    """

    prediction: Prediction
    run_id: str
    model: str
    weights_hash: str
    own: bool
    input_size: tuple[int, int]
    threshold_rule: str
    calibration: Calibration
    conformal: ConformalRule
    test: TestFigures | None


@dataclass(frozen=True, kw_only=True, eq=False)
class Report:
    """A report on one film; nothing of a DICOM header is in it.

    Parameters
    ----------
    film : Film
        Its name without folders.
    gate : GateAnswer or None
        None where nobody has checked that this is a chest film.
    readings : tuple of Reading
        The model that the verdict rests on first; empty where the gate refuses.
    explanation : Explanation or None
        Map of the first model by its leading method; None where the gate refuses.
    map_note : str
        What the map shows, or why there is none.
    prevalence : float
    limits : tuple of str
        Sentences.
    ledger : (int, int)
        Full evaluations on the test films, and further looks at them.
    created : datetime
    version : str
        Of the software.
    """

    film: Film
    gate: GateAnswer | None
    readings: tuple[Reading, ...]
    explanation: Explanation | None
    map_note: str
    prevalence: float
    limits: tuple[str, ...]
    ledger: tuple[int, int]
    created: datetime
    version: str

    @property
    def refused(self) -> bool:
        """Whether there is no verdict."""
        return not self.readings

    @property
    def doubt(self) -> str:
        """Why the picture was refused or may not be what the models can judge; empty where the gate accepts it."""
        return UNCHECKED if self.gate is None else self.gate.reason

    @property
    def overlay(self) -> Overlay | None:
        """The map over the film; None where there is none or it is blank."""
        return None if self.explanation is None or self.explanation.blank else make_overlay(self.explanation)

    @property
    def map_title(self) -> str:
        """Model and method of the map; empty where the gate refuses."""
        if self.explanation is None:
            return ""
        return f"{self.readings[0].prediction.title}, {METHODS[self.explanation.method].title}"

    @property
    def headline(self) -> str:
        """The verdict in a few words."""
        return REFUSED if self.refused else VERDICT_WORDS[self.readings[0].prediction.verdict]

    @property
    def verdicts(self) -> list[Verdict]:
        """Of each model."""
        return [reading.prediction.verdict for reading in self.readings]


def make_report(
    film: Film,
    models: Sequence[Model],
    *,
    prevalence: float = DEFAULT_PREVALENCE,
    gate: GateAnswer | None = None,
    created: datetime | None = None,
) -> Report:
    """Judge a film by each model and gather what a reader of the verdict has to know.

    Parameters
    ----------
    film : Film
    models : sequence of Model
        At least one; the verdict rests on the first.
    prevalence : float in (0, 1)
    gate : GateAnswer, optional
        None where nothing was checked.
    created : datetime, optional
        With time zone; now by default.
    """
    refused = gate is not None and gate.verdict == "refuse"
    explanation, note = (None, "") if refused else _map(models[0], film)
    return Report(
        film=replace(film, name=base_name(film.name)),
        gate=gate,
        readings=() if refused else tuple(_reading(model, film, prevalence) for model in models),
        explanation=explanation,
        map_note=note,
        prevalence=prevalence,
        limits=tuple(limits_of(models[0].run)),
        ledger=count_looks(read_ledger(artifacts_dir())),
        created=created or datetime.now(UTC),
        version=software_version(),
    )


def base_name(name: str) -> str:
    """Return a file's name without folders, whichever system wrote it."""
    return name.replace("\\", "/").rsplit("/", 1)[-1]


def sentence(report: Report) -> str:
    """Return what belongs below the headline: score beside threshold, agreement of the models and probability."""
    if report.refused:
        return f"{report.doubt} This says nothing about the patient."
    return prediction_sentences(report.readings[0].prediction, report.verdicts)


def report_document(report: Report) -> dict[str, object]:
    """Return the report as one JSON document; pictures are left out, the map's values are in it."""
    width, height = report.film.size
    full, further = report.ledger
    return {
        "schema_version": SCHEMA_VERSION,
        "kind": "lunglens.report",
        "created": report.created.astimezone(UTC).isoformat(timespec="seconds"),
        "software": {"name": "LungLens", "version": report.version},
        "film": {
            "file": report.film.name,
            "width": width,
            "height": height,
            "notes": [note.to_dict() for note in report.film.notes],
        },
        "gate": asdict(report.gate) if report.gate else dict(NOT_CHECKED),
        "prevalence": report.prevalence,
        "verdict": None if report.refused else report.verdicts[0],
        "headline": report.headline,
        "sentence": sentence(report),
        "models": [_reading_document(reading) for reading in report.readings],
        "agreement": None
        if report.refused
        else {
            "flagged": report.verdicts.count(Verdict.FLAGGED),
            "not_flagged": report.verdicts.count(Verdict.NOT_FLAGGED),
            "cannot_tell": report.verdicts.count(Verdict.NO_CALL),
        },
        "map": _map_document(report),
        "limits": list(report.limits),
        "ledger": {"full_evaluations": full, "further_looks": further},
        "banner": BANNER,
    }


def _reading(model: Model, film: Film, prevalence: float) -> Reading:
    run = model.run
    rule = {key: value for key, value in run.record.threshold_rule.items() if key != "split"}
    split = _SPLITS.get(str(run.record.threshold_rule.get("split")), "validation")
    return Reading(
        prediction=model.predict(film, prevalence),
        run_id=run.run_id,
        model=run.record.model,
        weights_hash=run.record.weights_hash,
        own=run.own,
        input_size=(run.input.width, run.input.height),
        threshold_rule=f"{ThresholdRule(**rule).title} on {split}",
        calibration=run.calibration,
        conformal=run.conformal,
        test=test_figures(run),
    )


def _map(model: Model, film: Film) -> tuple[Explanation, str]:
    """Return the map of a model's leading method and what to say of it."""
    method = leading_method(model.run)
    explanation = explain(model.network, model.prepare(film), method.name)
    if explanation.blank:
        return explanation, f"The map of {model.run.title} is blank: no place of this film moves its logit."
    note = f"{method.title} of {model.run.title}. {method.meaning} {NO_REASON} {doubt(model.run, method.name)}"
    return explanation, note.rstrip()


def _reading_document(reading: Reading) -> dict[str, object]:
    return {
        **asdict(reading.prediction),
        "conformal_set": list(reading.prediction.conformal_set),
        "verdict": reading.prediction.verdict,
        "model": reading.model,
        "weights_hash": reading.weights_hash,
        "own": reading.own,
        "input": {"width": reading.input_size[0], "height": reading.input_size[1]},
        "threshold_rule": reading.threshold_rule,
        "calibration": reading.calibration.to_dict(),
        "conformal": reading.conformal.to_dict(),
        "test": asdict(reading.test) if reading.test else None,
    }


def _map_document(report: Report) -> dict[str, object] | None:
    explanation = report.explanation
    if explanation is None or explanation.blank:
        return None
    return {
        "run_id": report.readings[0].run_id,
        "method": explanation.method,
        "unit": "logits; positive towards pneumonia",
        "rows": asdict(explanation.rows),
        "columns": asdict(explanation.columns),
        "values": [[round(float(value), 5) for value in row] for row in explanation.values],
        "note": report.map_note,
    }

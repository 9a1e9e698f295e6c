"""One film, one row: what the command line, the HTTP interface and an archive's table say of it."""

from typing import Any

from core.film import Film
from core.serving import Model

ANSWER = ("score", "probability", "prevalence", "threshold", "positive", "conformal_set")


def score_film(film: Film, model: Model, prevalence: float) -> dict[str, Any]:
    """The row of a film that can be judged: file, status, model and answer."""
    prediction = model.predict(film, prevalence)
    return {
        "file": film.name,
        "status": "scored",
        "model": model.run.record.model,
        "run_id": model.run.run_id,
        "weights_hash": model.run.record.weights_hash,
        **{name: getattr(prediction, name) for name in ANSWER},
        "gate": {"verdict": "not_checked"},
    }

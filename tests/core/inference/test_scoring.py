"""A film's row: what it holds before and after a model has judged the film, and as plain data."""

from dataclasses import fields

import numpy as np

from core.errors import InputError
from core.evaluation.verdict import Verdict
from core.imaging.archive import Entry
from core.imaging.film import Film
from core.inference.batch.score import SCHEMA
from core.inference.model import Prediction
from core.inference.scoring import NOT_CHECKED, FilmRow, add_prediction, start_row

FILM = Film(name="a.png", pixels=np.zeros((64, 64), np.uint8), size=(64, 64))
PREDICTION = Prediction(
    run_id="dense-s0",
    title="Dense",
    score=0.8,
    logit=1.4,
    probability=0.4,
    prevalence=0.16,
    threshold=0.5,
    positive=True,
    conformal_set=("pneumonia",),
)


def test_a_row_has_the_columns_of_the_table_in_their_order() -> None:
    assert [field.name for field in fields(FilmRow)] == SCHEMA.names


def test_a_film_is_to_be_scored_and_a_file_that_cannot_be_read_is_refused() -> None:
    row = start_row(Entry(file="a.png", film=FILM), None)
    assert (row.status, row.reason, row.score, row.gate) == ("scored", None, None, NOT_CHECKED)
    refused = start_row(Entry(file="b.png", error=InputError("is empty.", file="b.png")), None)
    assert (refused.status, refused.reason, refused.notes) == ("refused", "b.png: is empty.", ())


def test_a_prediction_fills_its_fields_and_leaves_the_others() -> None:
    row = add_prediction(start_row(Entry(file="a.png", film=FILM), None), PREDICTION)
    assert row.to_dict() == {
        "file": "a.png",
        "status": "scored",
        "reason": None,
        "score": 0.8,
        "probability": 0.4,
        "threshold": 0.5,
        "positive": True,
        "conformal_set": ("pneumonia",),
        "verdict": Verdict.FLAGGED,
        "gate": NOT_CHECKED,
        "notes": [],
    }

"""A morning of films: bad files stop nothing, the order is the stated one, nothing grows without bound."""

import io
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np
import pytest

from core.errors import InputError
from core.evaluation.verdict import Verdict
from core.imaging.archive import Entry
from core.imaging.decode import decode_film
from core.imaging.film import Film
from core.imaging.notes import Note, NoteKind
from core.inference.model import Model
from core.runs.store import list_runs, served
from core.worklist import queue as worklist
from core.worklist.queue import (
    Row,
    at_prevalence,
    count_films,
    counts,
    judge_all,
    pace,
    read_uploads,
    reading_order,
    summary,
)
from tests.support.rows import broken, clear, flagged, unsure


@pytest.fixture(scope="module")
def model() -> Model:
    return Model(served(list_runs()[0]))


@dataclass(frozen=True)
class Answer:
    verdict: str
    reason: str = ""


class GateByName:
    """Refuses and warns by what stands in the file's name."""

    def check(self, film: Film) -> Answer:
        if "cat" in film.name:
            return Answer("refuse", "not a chest film")
        return Answer("warn", "lateral view?") if "side" in film.name else Answer("accept")


def uploads(make_film: Callable[..., bytes]) -> list[tuple[str, io.BytesIO]]:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("one.jpeg", make_film(seed=1))
        archive.writestr("broken.jpeg", make_film(seed=2)[:700])
        archive.writestr("__MACOSX/one.jpeg", b"hidden")
        archive.writestr("two.jpeg", make_film(seed=3))
    letter = io.BytesIO(b"This is a letter.")
    return [("a.jpeg", io.BytesIO(make_film(seed=0))), ("letter.png", letter), ("films.zip", packed)]


def test_files_and_zips_are_judged_and_bad_ones_stop_nothing(model: Model, make_film: Callable[..., bytes]) -> None:
    files = uploads(make_film)
    assert count_films(files) == 5
    rows = list(judge_all(read_uploads(files), model))
    assert [(row.number, row.file, row.status) for row in rows] == [
        (1, "a.jpeg", "scored"),
        (2, "letter.png", "refused"),
        (3, "films.zip/one.jpeg", "scored"),
        (4, "films.zip/broken.jpeg", "refused"),
        (5, "films.zip/two.jpeg", "scored"),
    ]
    assert "not a picture" in str(rows[1].reason)
    assert "damaged or cut off" in str(rows[3].reason)
    expected = model.predict(decode_film(make_film(seed=3), "two.jpeg"))
    assert rows[4].prediction == expected
    assert rows[4].gate == "not_checked"
    assert all(row.prediction is None and row.thumbnail is None for row in (rows[1], rows[3]))


def test_a_zip_that_cannot_be_read_is_one_line(model: Model, film_bytes: bytes) -> None:
    files = [("bad.zip", io.BytesIO(b"PK nonsense")), ("a.jpeg", io.BytesIO(film_bytes))]
    assert count_films(files) == 2
    rows = list(judge_all(read_uploads(files), model))
    assert [row.status for row in rows] == ["refused", "scored"]
    assert "not a zip file" in str(rows[0].reason)


def test_files_together_are_no_larger_than_a_zip_may_be(
    model: Model, film_bytes: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worklist, "MAX_PACKED", 2 * len(film_bytes))
    files = [(f"{number}.jpeg", io.BytesIO(film_bytes)) for number in range(3)]
    rows = list(judge_all(read_uploads(files), model))
    assert [row.status for row in rows] == ["scored", "scored", "refused"]
    assert "exceed 0 MB together; give fewer" in str(rows[2].reason)


def test_the_gate_refuses_and_warns(model: Model, film_bytes: bytes) -> None:
    files = [(name, io.BytesIO(film_bytes)) for name in ("cat.jpeg", "side.jpeg", "film.jpeg")]
    cat, side, film = judge_all(read_uploads(files), model, GateByName())
    assert (cat.status, cat.gate, cat.prediction) == ("refused", "refuse", None)
    assert cat.reason == "not a chest film"
    assert cat.thumbnail is not None
    assert (side.status, side.gate, side.reason) == ("scored", "warn", "lateral view?")
    assert (film.status, film.gate, film.reason) == ("scored", "accept", None)


def test_what_a_file_says_of_itself_stands_beside_the_reason(model: Model, film_bytes: bytes) -> None:
    notes = (Note(NoteKind.LATERAL_VIEW, "A lateral view."), Note(NoteKind.NO_WINDOW, "No window."))
    film = replace(decode_film(film_bytes, "film.jpeg"), notes=notes)
    (silent,) = judge_all([Entry(file="film.jpeg", film=film)], model, GateByName())
    assert (silent.status, silent.reason, silent.remark) == ("scored", None, "A lateral view. No window.")
    kept = silent.film()
    assert kept is not None
    assert kept.notes == notes
    assert replace(silent, reason="Take care.").remark == "Take care. A lateral view. No window."
    assert broken(1).remark == "damaged"
    assert clear(1).remark == ""


def test_a_fault_of_ours_is_a_row_and_never_a_verdict(model: Model, film_bytes: bytes) -> None:
    class Faulty:
        def check(self, film: Film) -> Answer:
            if film.name == "b.jpeg":
                raise ZeroDivisionError
            return Answer("accept")

    files = [(name, io.BytesIO(film_bytes)) for name in ("a.jpeg", "b.jpeg", "c.jpeg")]
    rows = list(judge_all(read_uploads(files), model, Faulty()))
    assert [row.status for row in rows] == ["scored", "error", "scored"]
    assert rows[1].verdict is None
    assert rows[1].reason == "could not be judged (ZeroDivisionError); read it without."


def test_kept_films_have_the_pixels_that_were_judged(model: Model, make_film: Callable[..., bytes]) -> None:
    film = decode_film(make_film(width=1400, height=1000), "large.jpeg")
    (row,) = judge_all([Entry(file="large.jpeg", film=film)], model)
    kept = row.film()
    assert kept is not None
    assert kept.size == (1400, 1000)
    assert np.array_equal(kept.pixels, film.pixels)
    assert row.prediction == model.predict(kept)


def test_what_is_kept_stays_within_its_budget(model: Model, make_film: Callable[..., bytes]) -> None:
    entries = [Entry(file=f"{seed}", film=decode_film(make_film(seed=seed), "f")) for seed in range(4)]
    all_kept = list(judge_all(entries, model))
    budget = sum(len(row.packed or b"") for row in all_kept[:2]) + 100
    rows = list(judge_all(entries, model, kept_bytes=budget))
    assert [row.packed is not None for row in rows] == [True, True, False, False]
    assert rows[3].film() is None
    assert sum(len(row.packed or b"") for row in rows) <= budget
    assert all(row.prediction == other.prediction for row, other in zip(rows, all_kept, strict=True))
    assert all(0 < len(row.thumbnail or b"") < 6_000 for row in rows)


def test_no_more_than_the_most_films_are_read(
    model: Model, make_film: Callable[..., bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worklist, "MAX_FILMS", 3)
    film = decode_film(make_film(), "f")
    asked = 0

    def endless() -> Iterator[Entry]:
        nonlocal asked
        while True:
            asked += 1
            yield Entry(file=f"{asked}.jpeg", film=film)

    rows = list(judge_all(endless(), model))
    assert asked == 4
    assert [row.status for row in rows] == ["scored"] * 3 + ["refused"]
    assert "More than 3 films" in str(rows[3].reason)


def test_another_prevalence_moves_the_probability_alone(model: Model, film_bytes: bytes) -> None:
    rows = list(judge_all(read_uploads([("a.jpeg", io.BytesIO(film_bytes)), ("b.png", io.BytesIO(b"x"))]), model))
    moved, bad = at_prevalence(rows, model, 0.6)
    expected = model.predict(decode_film(film_bytes, "a.jpeg"), 0.6)
    assert moved.prediction == expected
    assert rows[0].prediction is not None
    assert moved.prediction.probability > rows[0].prediction.probability
    assert bad is rows[1]


def test_reading_order() -> None:
    rows = [clear(1), flagged(2, 0.8), broken(3), unsure(4, 0.4), clear(5, 0.2), flagged(6, 0.95), unsure(7, 0.6)]
    assert [row.number for row in reading_order(rows)] == [6, 2, 7, 4, 3, 5, 1]
    ties = [flagged(3), flagged(1), flagged(2), broken(5), broken(4)]
    assert [row.number for row in reading_order(ties)] == [1, 2, 3, 4, 5]


def test_verdicts_lie_in_order_of_the_score_for_every_run() -> None:
    """What `reading_order` says of itself: no call lies between the other two by score, in each served model."""
    ranks = {Verdict.NOT_FLAGGED: 0, Verdict.NO_CALL: 1, Verdict.FLAGGED: 2}
    for run in [run for run in list_runs()[0] if run.has_weights]:
        one = Model(run)
        scores = np.unique(
            np.concatenate([np.linspace(0, 1, 501), [run.record.threshold, *run.conformal.abstain_band]])
        )
        said = [one.judge(float(score), 0.0) for score in scores]
        found = [ranks[Row(number=1, file="", status="scored", prediction=one).verdict] for one in said]
        assert found == sorted(found)
        probabilities = [one.probability for one in said]
        assert probabilities == sorted(probabilities)


def test_pace_by_hand() -> None:
    rows = [clear(1), clear(2), flagged(3), flagged(4)]
    changed = pace(rows, 2.0)
    assert changed.in_arrival == {1: 0, 2: 2, 3: 4, 4: 6}
    assert changed.in_order == {3: 0, 4: 2, 1: 4, 2: 6}
    assert changed.flagged_sooner == 4
    assert changed.others_later == 4
    assert sum(changed.in_arrival.values()) == sum(changed.in_order.values())
    for wrong in (0.0, -1.0, float("nan"), float("inf")):
        with pytest.raises(InputError, match="above zero"):
            pace(rows, wrong)


def test_summary_in_words() -> None:
    rows = [clear(1), broken(2), flagged(3), unsure(4), flagged(5)]
    assert counts(rows) == {Verdict.FLAGGED: 2, Verdict.NO_CALL: 1, None: 1, Verdict.NOT_FLAGGED: 1}
    assert summary(rows, 2.0) == (
        "5 films: 2 flagged, 1 no call, 1 not flagged, 1 not judged; flagged first opens the median flagged film "
        "5 minutes sooner and the median other film 4 minutes later, at 2 minutes a film."
    )
    assert summary([clear(1)], 2.0) == "1 film: 0 flagged, 1 not flagged. With none flagged, the order changes little."
    assert "order is that of their scores" in summary([flagged(1), flagged(2)], 2.0)
    already = summary([flagged(1), clear(2)], 2.0)
    assert "median flagged film at the same time" in already
    assert summary([], 2.0).startswith("0 films: 0 flagged.")
    failed = Row(number=2, file="2.png", status="error", reason="a fault")
    assert summary([broken(1), failed], 2.0).startswith("2 films: 0 flagged, 2 not judged.")

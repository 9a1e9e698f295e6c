"""A morning of films: each one judged, then put in two orders of reading. Nothing is written to disk."""

import io
import statistics
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import IO, Literal

import numpy as np
from PIL import Image

from core.errors import InputError
from core.evaluation.calibration import DEFAULT_PREVALENCE
from core.evaluation.verdict import Verdict
from core.gate import Gate
from core.imaging.archive import MAX_MEMBERS, MAX_PACKED, Entry, list_zip, read_zip
from core.imaging.decode import decode_film
from core.imaging.film import MAX_BYTES, Film
from core.imaging.notes import Note
from core.inference.model import Model, Prediction
from core.inference.scoring import NOT_CHECKED, admit
from core.wording import VERDICT_WORDS

Status = Literal["scored", "refused", "error"]
MAX_FILMS = MAX_MEMBERS
KEPT_BYTES = 96 * 1024**2  # of decoded films, packed without loss, for a look at one of them
THUMBNAIL_SIDE = 72  # pixels
# A film that no model has judged may hold anything, so it does not wait behind those that a model found unremarkable.
ORDER: tuple[Verdict | None, ...] = (Verdict.FLAGGED, Verdict.NO_CALL, None, Verdict.NOT_FLAGGED)


@dataclass(frozen=True, kw_only=True, eq=False)
class Row:
    """One line of the worklist.

    Parameters
    ----------
    number : int
        Place of arrival, from 1.
    file : str
    status : {"scored", "refused", "error"}
        Refused by the gate or since it cannot be read; an error is a fault of ours.
    reason : str or None
        Why it is not scored, or what the gate warns of; without the name of the file.
    notes : tuple of Note
        Of the film.
    gate : {"accept", "warn", "refuse", "not_checked"}
    prediction : Prediction or None
    size : (int, int) or None
        Width and height of the original in pixels.
    thumbnail : bytes or None
        A JPEG file.
    packed : bytes or None
        The decoded film as PNG, for `film`; None where the budget was spent.
    """

    number: int
    file: str
    status: Status
    reason: str | None = None
    notes: tuple[Note, ...] = ()
    gate: str = NOT_CHECKED
    prediction: Prediction | None = None
    size: tuple[int, int] | None = None
    thumbnail: bytes | None = None
    packed: bytes | None = None

    @property
    def verdict(self) -> Verdict | None:
        """None where no model has judged the film."""
        return self.prediction.verdict if self.prediction else None

    @property
    def remark(self) -> str:
        """The reason, then the notes of the file; empty if there are none."""
        return " ".join([*([self.reason] if self.reason else []), *(note.text for note in self.notes)])

    def film(self) -> Film | None:
        """Return the film with the pixels that were judged; None where they were not stored."""
        if self.packed is None or self.size is None:
            return None
        with Image.open(io.BytesIO(self.packed), formats=["PNG"]) as image:
            return Film(name=self.file, pixels=np.array(image), size=self.size, notes=self.notes)


def read_uploads(files: Iterable[tuple[str, IO[bytes]]]) -> Iterator[Entry]:
    """Films of named files and zips, at most 200 MB together, each decoded when it is asked for."""
    packed = 0
    for name, file in files:
        packed += file.seek(0, 2)
        if packed > MAX_PACKED:
            reason = f"with it the files exceed {MAX_PACKED // 1024**2} MB together; give fewer."
            yield Entry(file=name, error=InputError(reason, file=name))
        elif name.lower().endswith(".zip"):
            yield from read_zip(file, name)
        else:
            file.seek(0)
            try:
                yield Entry(file=name, film=decode_film(file.read(MAX_BYTES + 1), name))
            except InputError as error:
                yield Entry(file=name, error=error)


def count_films(files: Iterable[tuple[str, IO[bytes]]]) -> int:
    """How many entries `read_uploads` will give, at most `MAX_FILMS`; decodes nothing."""
    return min(sum(_count(name, file) for name, file in files), MAX_FILMS)


def _count(name: str, file: IO[bytes]) -> int:
    try:
        return len(list_zip(file, name)) if name.lower().endswith(".zip") else 1
    except InputError:
        return 1  # one line says what is wrong with it


def judge_all(
    entries: Iterable[Entry],
    model: Model,
    gate: Gate | None = None,
    *,
    prevalence: float = DEFAULT_PREVALENCE,
    kept_bytes: int = KEPT_BYTES,
) -> Iterator[Row]:
    """Yield a row for each entry as soon as it is judged; an entry that cannot be judged gets a row with its reason.

    Parameters
    ----------
    entries : iterable of Entry
        Beyond `MAX_FILMS` they are not read: one last row says so.
    model : Model
    gate : Gate, optional
        What it refuses is not scored.
    prevalence : float in (0, 1)
    kept_bytes : int
        Budget for the films that can be looked at again; the rows after it is spent have a thumbnail alone.
    """
    left = kept_bytes
    for number, entry in enumerate(entries, 1):
        if number > MAX_FILMS:
            reason = f"More than {MAX_FILMS} films: this one and those after it were not read; give them apart."
            yield Row(number=number, file=entry.file, status="refused", reason=reason)
            return
        row = _judge(entry, number, model, gate, prevalence)
        if row.packed is not None and len(row.packed) > left:
            row = replace(row, packed=None)
        left -= len(row.packed or b"")
        yield row


def _judge(entry: Entry, number: int, model: Model, gate: Gate | None, prevalence: float) -> Row:
    if entry.film is None:
        return Row(number=number, file=entry.file, status="refused", reason=entry.reason)
    film = entry.film
    row = Row(number=number, file=entry.file, status="error", size=film.size, notes=film.notes)
    try:
        row = replace(row, thumbnail=_thumbnail(film), packed=_packed(film))
        admission = admit(entry, gate)
        row = replace(row, gate=admission.gate, reason=admission.warning)
        if admission.error is not None:
            return replace(row, status="refused", reason=admission.error.reason)
        return replace(row, status="scored", prediction=model.predict(film, prevalence))
    except Exception as error:  # whatever one film provokes, the others are judged
        return replace(row, reason=f"could not be judged ({type(error).__name__}); read it without.")


def _thumbnail(film: Film) -> bytes:
    picture = Image.fromarray(film.pixels)
    picture.thumbnail((THUMBNAIL_SIDE, THUMBNAIL_SIDE), Image.Resampling.BILINEAR, reducing_gap=2.0)
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=80)
    return file.getvalue()


def _packed(film: Film) -> bytes:
    file = io.BytesIO()
    Image.fromarray(film.pixels).save(file, "PNG", compress_level=1)
    return file.getvalue()


def at_prevalence(rows: Iterable[Row], model: Model, prevalence: float) -> list[Row]:
    """Return the same rows with probabilities at another prevalence; score, threshold and set stay."""
    return [
        row
        if row.prediction is None
        else replace(row, prediction=model.judge(row.prediction.score, row.prediction.logit, prevalence))
        for row in rows
    ]


def reading_order(rows: Iterable[Row]) -> list[Row]:
    """Return flagged films first, then those without a call, those that no model judged, and the others.

    Within each kind by score, the highest first, then by arrival. Since threshold and conformal set are both cuts
    through the score, films without a call lie between the others by score as well: the order is that of the score,
    and of the probability, which rises with it.
    """

    def key(row: Row) -> tuple[int, float, int]:
        return ORDER.index(row.verdict), -row.prediction.score if row.prediction else 0.0, row.number

    return sorted(rows, key=key)


@dataclass(frozen=True, kw_only=True)
class Pace:
    """What the order of the list changes at a lab's pace, when all films are there at the start.

    Parameters
    ----------
    minutes : float
        From one film to the next, for the whole lab.
    in_arrival, in_order : dict of int to float
        Minutes until each film, by its number, is opened in order of arrival and in `reading_order`.
    flagged_sooner : float or None
        Minutes by which the median flagged film is opened sooner; None if none is flagged.
    others_later : float or None
        Minutes by which the median film that is not flagged is opened later; None if all are flagged.
    """

    minutes: float
    in_arrival: dict[int, float]
    in_order: dict[int, float]
    flagged_sooner: float | None
    others_later: float | None


def pace(rows: Sequence[Row], minutes: float) -> Pace:
    """Compare both orders; raises `InputError` unless the minutes for a film are above zero."""
    if not 0 < minutes < float("inf"):
        raise InputError("The minutes from one film to the next must be above zero.")
    in_arrival = {row.number: place * minutes for place, row in enumerate(sorted(rows, key=lambda row: row.number))}
    in_order = {row.number: place * minutes for place, row in enumerate(reading_order(rows))}
    sooner = {row.number: in_arrival[row.number] - in_order[row.number] for row in rows}
    flagged = [sooner[row.number] for row in rows if row.verdict is Verdict.FLAGGED]
    others = [-sooner[row.number] for row in rows if row.verdict is not Verdict.FLAGGED]
    return Pace(
        minutes=minutes,
        in_arrival=in_arrival,
        in_order=in_order,
        flagged_sooner=statistics.median(flagged) if flagged else None,
        others_later=statistics.median(others) if others else None,
    )


def counts(rows: Iterable[Row]) -> dict[Verdict | None, int]:
    """Return the number of films with each verdict and with none, in reading order."""
    verdicts = [row.verdict for row in rows]
    return {verdict: verdicts.count(verdict) for verdict in ORDER}


def summary(rows: Sequence[Row], minutes: float) -> str:
    """How many films of each verdict and how many without one, and how flagged first moves the median film."""
    by_verdict, changed = counts(rows), pace(rows, minutes)
    numbers = {VERDICT_WORDS[verdict].lower(): by_verdict[verdict] for verdict in (*filter(None, ORDER), None)}
    flagged = VERDICT_WORDS[Verdict.FLAGGED].lower()
    parts = ", ".join(f"{number} {words}" for words, number in numbers.items() if number or words == flagged)
    lead = f"{_films(len(rows))}: {parts}"
    if changed.flagged_sooner is None:
        return f"{lead}. With none flagged, the order changes little."
    if changed.others_later is None:
        return f"{lead}. With all flagged, the order is that of their scores."
    return (
        f"{lead}; flagged first opens the median flagged film {_shift(changed.flagged_sooner, 'sooner', 'later')} and "
        f"the median other film {_shift(changed.others_later, 'later', 'sooner')}, at {minutes:g} minutes a film."
    )


def _films(count: int) -> str:
    return f"{count} film" if count == 1 else f"{count} films"


def _shift(minutes: float, forward: str, back: str) -> str:
    if round(abs(minutes)) == 0:
        return "at the same time"
    return f"{abs(minutes):,.0f} minutes {forward if minutes > 0 else back}"

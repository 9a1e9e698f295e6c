"""A reader's own evaluation beside ours: his scores of our films, or his labelled films scored by our models.

Nothing here is written to disk; our test ledger counts our looks at the test films, not what a reader does with his.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import PurePosixPath

import numpy as np

from core.data.patients import LABEL_FOLDERS, patient_key
from core.errors import InputError
from core.evaluation.types import Scores
from core.imaging.archive import Entry
from core.imaging.film import Film
from core.inference.model import Model

MIN_SHARED = 0.5  # of a table's films: fewer, and it is a table of other films


def match_to_ours(table: Scores, ours: Scores, films: str) -> Scores | None:
    """Return the user's scores under our film names and patients, so that they can be paired with ours.

    Films are matched by sample id, or by file name where that is all the table gives.

    Parameters
    ----------
    table : Scores
    ours : Scores
        A model's scores of one split.
    films : str
        What these films are called, as ``test``.

    Returns
    -------
    Scores or None
        None for a table of other films.

    Raises
    ------
    InputError
        The table lacks some of the films, holds further ones, or labels one otherwise.
    """
    place = {name: number for number, name in enumerate(ours.sample_id)}
    names = [str(name) for name in table.sample_id]
    if not set(names) & set(place):
        place = {PurePosixPath(name).name: number for name, number in place.items()}
        names = [PurePosixPath(name).name for name in names]
    known = np.array([place.get(name, -1) for name in names])
    if (known >= 0).mean() < MIN_SHARED:
        return None
    strangers = [name for name, number in zip(table.sample_id, known, strict=True) if number < 0]
    missing = np.setdiff1d(np.arange(len(ours)), known)
    if strangers or len(missing) or len(np.unique(known)) < len(known):
        problems = [f"it lacks {len(missing)}, such as {ours.sample_id[missing[0]]}"] if len(missing) else []
        problems += [f"it holds {len(strangers)} others, such as {strangers[0]}"] if strangers else []
        problems = problems or ["it names some of them twice"]
        raise InputError(
            f"a paired comparison needs a score for each of the {len(ours)} {films} films and for no "
            f"other; {', and '.join(problems)}.",
            file=table.name,
        )
    differs = np.flatnonzero(table.y_true != ours.y_true[known])
    if len(differs):
        raise InputError(
            f"y_true of {len(differs)} films differs from the data set's label, such as "
            f"{table.sample_id[differs[0]]}; use 1 for pneumonia and 0 for normal.",
            file=table.name,
        )
    order = np.argsort(known)
    return replace(ours, y_score=table.y_score[order], name=table.name)


def label_of(name: str) -> int | None:
    """1 or 0 by the nearest folder named after a label, as ``NORMAL/film.jpeg``; None where there is none."""
    for part in reversed(PurePosixPath(name.replace("\\", "/")).parts[:-1]):
        if part.upper() in LABEL_FOLDERS:
            return LABEL_FOLDERS[part.upper()]
    return None


def score_labelled(entries: Iterable[Entry], models: Sequence[Model], notes: list[str]) -> Iterator[list[Scores]]:
    """Score labelled films by several models, film by film, holding one film in memory.

    Parameters
    ----------
    entries : iterable of Entry
        Named ``.../<LABEL>/<film>``.
    models : sequence of Model
    notes : list of str
        Gets a line for each film that is left out.

    Yields
    ------
    list of Scores
        Empty after each film, for a progress bar; at last the scores of each model.

    Raises
    ------
    InputError
        There are no films of both labels.
    """
    names: list[str] = []
    truths: list[int] = []
    scores: list[list[float]] = []
    for entry in entries:
        label = label_of(entry.file)
        if entry.film is None or label is None:
            reason = f"is in no folder named {' or '.join(LABEL_FOLDERS)}."
            notes.append(str(entry.error or InputError(reason, file=entry.file)))
        else:
            names.append(entry.file)
            truths.append(label)
            scores.append([_score(model, entry.film) for model in models])
        yield []
    if len(set(truths)) < 2:
        raise InputError(
            f"Films of both labels are needed, in folders named {' and '.join(LABEL_FOLDERS)}; {len(names)} were found"
            f"{f' with {truths.count(1)} labelled pneumonia' if names else ''}."
        )
    columns = np.array(scores, dtype=np.float64)
    yield [
        Scores(
            sample_id=np.array(names),
            cluster_id=np.array([patient_key(PurePosixPath(name).name).wide for name in names]),
            y_true=np.array(truths, dtype=np.int64),
            y_score=columns[:, number],
            name=model.run.title,
        )
        for number, model in enumerate(models)
    ]


def _score(model: Model, film: Film) -> float:
    return float(model.network.score(model.prepare(film)[np.newaxis])[0][0])

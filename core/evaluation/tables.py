"""Score tables: CSV files with ``sample_id,y_true,y_score[,cluster_id]``."""

from pathlib import Path
from typing import IO, Any

import numpy as np

from core.errors import ArtifactError, InputError
from core.evaluation.types import Scores
from core.types import StrArray

REQUIRED = ("sample_id", "y_true", "y_score")
Columns = dict[str, StrArray]


def read_scores(source: str | Path | IO[bytes] | IO[str], name: str = "") -> Scores:
    """Read and check a score table; without ``cluster_id`` each film is its own patient.

    Parameters
    ----------
    source : path or readable buffer
    name : str
        Name of the scores in messages and tables; by default the file's name.

    Raises
    ------
    InputError
        With the file and the first thing that is wrong with it.
    """
    name = name or (Path(source).name if isinstance(source, str | Path) else "score table")
    return _checked(_read_text(source, name), name)


def _checked(frame: Columns, name: str) -> Scores:
    missing = [column for column in REQUIRED if column not in frame]
    if missing:
        raise InputError(
            f"no column {', '.join(missing)}; the first line must name sample_id,y_true,y_score[,cluster_id].",
            file=name,
        )
    if not len(frame["sample_id"]):
        raise InputError("the table has no rows.", file=name)
    sample_id = _labels(frame, "sample_id", name)
    unique, count = np.unique(sample_id, return_counts=True)
    if count.max() > 1:
        raise InputError(
            f"sample_id {str(unique[count > 1][0])!r} occurs more than once; keep one row per film.", file=name
        )
    y_true = _numbers(frame, "y_true", name)
    if not np.isin(y_true, (0, 1)).all():
        row = int(np.flatnonzero(~np.isin(y_true, (0, 1)))[0])
        raise InputError(
            f"y_true is {y_true[row]:g} in row {row + 2}; use 1 for pneumonia and 0 for normal.", file=name
        )
    if len(np.unique(y_true)) < 2:
        raise InputError(f"all films have y_true {y_true[0]:g}; both classes are needed.", file=name)
    y_score = _numbers(frame, "y_score", name)
    outside = np.flatnonzero((y_score < 0) | (y_score > 1))
    if len(outside):
        raise InputError(
            f"y_score is {y_score[outside[0]]:g} in row {outside[0] + 2}; scores must be between 0 and 1.", file=name
        )
    return Scores(
        sample_id=sample_id,
        cluster_id=_labels(frame, "cluster_id", name) if "cluster_id" in frame else sample_id,
        y_true=y_true.astype(np.int64),
        y_score=y_score,
        name=name,
    )


def read_stored(path: Path, name: str) -> Scores:
    """Read a table of the artifacts; raises `ArtifactError` with its path if something is wrong with it."""
    try:
        plain = _read_plain(path)
        return read_scores(path, name) if plain is None else _checked(plain, name)
    except InputError as error:
        raise ArtifactError(f"{path} is damaged ({error}) Fetch it again or train the model.") from None


def _read_plain(path: Path) -> Columns | None:
    """Read the columns of a table that `write_scores` wrote, without loading pandas; None for any other."""
    try:
        text = path.read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError):
        return None
    names, *rows = (line.split(",") for line in text.removesuffix("\n").split("\n"))
    if '"' in text or not rows or {len(row) for row in (names, *rows)} != {len(set(names))}:
        return None
    return {name: np.array(column) for name, column in zip(names, zip(*rows, strict=True), strict=True)}


def _read_text(source: str | Path | IO[bytes] | IO[str], name: str) -> Columns:
    import pandas as pd  # pandas doubles the start of the first page

    try:
        frame = pd.read_csv(source, dtype=str, keep_default_na=False, encoding="utf-8-sig", index_col=False)
    except FileNotFoundError:
        raise InputError("there is no such file.", file=name) from None
    except pd.errors.EmptyDataError:
        raise InputError("the file is empty.", file=name) from None
    except (UnicodeDecodeError, ValueError):  # pandas' parser errors are ValueErrors
        raise InputError("not a readable CSV file (UTF-8, comma separated).", file=name) from None
    except OSError as error:
        raise InputError(f"cannot be read ({error.strerror}).", file=name) from None
    return {str(column).strip(): frame[column].to_numpy(dtype=str) for column in frame.columns}


def _labels(frame: Columns, column: str, name: str) -> Any:
    values = frame[column]
    blank = np.flatnonzero(np.char.strip(values) == "")
    if len(blank):
        raise InputError(f"{column} is blank in row {blank[0] + 2}.", file=name)
    return values


def _numbers(frame: Columns, column: str, name: str) -> Any:
    """Convert the column to finite float64; errors count rows as in the file, whose first line is the header."""
    texts = frame[column]
    try:
        values = texts.astype(np.float64)
    except ValueError:
        row = next(row for row, text in enumerate(texts) if not _is_number(text))
        raise InputError(
            f"{column} is {str(texts[row])!r} in row {row + 2}, which is not a number.", file=name
        ) from None
    odd = np.flatnonzero(~np.isfinite(values))
    if len(odd):
        raise InputError(
            f"{column} is {texts[odd[0]]} in row {odd[0] + 2}; every film needs a finite number.", file=name
        )
    return values


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def write_scores(scores: Scores, target: str | Path | IO[str]) -> None:
    """Write a score table that `read_scores` reads back to the last bit."""
    import pandas as pd  # pandas doubles the start of the first page

    columns = ("sample_id", "cluster_id", "y_true", "y_score")
    pd.DataFrame({column: getattr(scores, column) for column in columns}).to_csv(
        target, index=False, lineterminator="\n"
    )


def check_same_samples(tables: list[Scores]) -> None:
    """Check that all tables hold the same films with the same labels and patients, in any order.

    Raises
    ------
    InputError
        With the two tables and the first film that differs.
    """
    first = tables[0]
    order = np.argsort(first.sample_id)
    for other in tables[1:]:
        lonely = np.setxor1d(first.sample_id, other.sample_id)
        if len(lonely):
            raise InputError(
                f"{first.name} and {other.name} hold different films: "
                f"{len(lonely)} are in one alone, such as {lonely[0]}."
            )
        other_order = np.argsort(other.sample_id)
        for column, what in (("y_true", "labels"), ("cluster_id", "patient keys")):
            differs = np.flatnonzero(getattr(first, column)[order] != getattr(other, column)[other_order])
            if len(differs):
                sample = first.sample_id[order][differs[0]]
                raise InputError(f"{first.name} and {other.name} have different {what} for {sample} ({column}).")


def align_samples(tables: list[Scores]) -> list[Scores]:
    """Return the same tables with their films in the order of the first; see `check_same_samples` for errors."""
    check_same_samples(tables)
    order = np.argsort(tables[0].sample_id)
    place = np.empty_like(order)
    place[order] = np.arange(len(order))
    return [table.take(np.argsort(table.sample_id)[place]) for table in tables]

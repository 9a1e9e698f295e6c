"""The table while it grows: one Parquet file for each chunk, joined at the end; each appears whole or not at all."""

import json
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from core.errors import InputError, StorageError
from core.files import atomic_path, remove_leftovers, write_text
from core.inference.batch.films import Chunk
from core.inference.batch.score import SCHEMA, Task

VERSION = 2  # of the columns; 2 brought verdict and notes
DIGEST = b"chunk"
TASK = "lunglens"
_OTHER_TASK = "of another model, prevalence, archive or version of LungLens"


class Parts:
    """The finished chunks of a run beside its table.

    Parameters
    ----------
    out : Path
        The table that the parts will become; they are in ``<out>.parts/``.
    task : Task
    """

    def __init__(self, out: Path, task: Task) -> None:
        self.out = out
        self.folder = out.with_name(out.name + ".parts")
        self.task = task

    def begin(self, *, resume: bool) -> None:
        """Make the folder, or go on in the one that a cut-off run left.

        Raises
        ------
        InputError
            Parts are there and ``resume`` is not asked for, they belong to another task or version, or nothing can be
            written there.
        """
        settings = self._settings()
        path = self.folder / "settings.json"
        if path.is_file():
            if not resume:
                raise InputError("left by a run that was cut off; add --resume or delete the folder.", file=self.folder)
            if path.read_text("utf-8") != settings:
                raise InputError(f"{_OTHER_TASK}; delete the folder.", file=self.folder)
            return
        with _writing(path):
            write_text(path, settings)

    def has(self, chunk: Chunk) -> bool:
        """Whether the rows of exactly these films are stored, undamaged."""
        try:
            self._read(chunk)
        except InputError:
            return False
        return True

    def _read(self, chunk: Chunk) -> pa.Table:
        """Read the rows of a chunk; raises `InputError` if they are missing, damaged or of other films."""
        path = self._path(chunk)
        try:
            rows = pq.read_table(path, page_checksum_verification=True)
            if (rows.schema.metadata or {}).get(DIGEST) == chunk.digest.encode():
                return rows.cast(SCHEMA)
        except (OSError, pa.ArrowException):  # a page whose checksum is wrong is an OSError
            pass
        raise InputError(f"{path} is missing or damaged; run it again with --resume, which makes it anew.")

    def write(self, chunk: Chunk, rows: pa.Table) -> None:
        """Store the rows of a chunk; raises `InputError` where the disk is full or gone."""
        with _writing(self._path(chunk)), atomic_path(self._path(chunk)) as temporary:
            about = {DIGEST: chunk.digest.encode()}
            pq.write_table(rows.replace_schema_metadata(about), temporary, write_page_checksum=True)

    def join(self, chunks: Iterable[Chunk]) -> dict[str, int]:
        """Write the table from the parts of these chunks, remove them, and count rows by status."""
        counts = {"scored": 0, "refused": 0, "error": 0}
        remove_leftovers(self.out)  # of a run that was cut off while it wrote the table
        with (
            _writing(self.out),
            atomic_path(self.out) as temporary,
            pq.ParquetWriter(temporary, SCHEMA.with_metadata({TASK: self._settings()})) as writer,
        ):
            for chunk in chunks:
                rows = self._read(chunk)
                for status in rows["status"].to_pylist():
                    counts[status] += 1
                writer.write_table(rows)
        self.discard()
        return counts

    def discard(self) -> None:
        """Remove the parts."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def count(self) -> dict[str, int]:
        """Rows by status of the finished table; raises `InputError` if it is another task's or cannot be read."""
        counts = {"scored": 0, "refused": 0, "error": 0}
        try:
            with pq.ParquetFile(self.out) as table:
                if (table.schema_arrow.metadata or {}).get(TASK.encode()) != self._settings().encode():
                    raise InputError(
                        "of another model, prevalence, archive or version of LungLens; choose another name.",
                        file=self.out,
                    )
                for batch in table.iter_batches(columns=["status"]):
                    for status in batch.column(0).to_pylist():
                        counts[status] += 1
        except (OSError, KeyError, pa.ArrowException) as error:
            raise InputError(f"no table of a screening ({type(error).__name__}); delete it.", file=self.out) from None
        return counts

    def _settings(self) -> str:
        return json.dumps({"version": VERSION, **asdict(self.task)}, indent=1) + "\n"

    def _path(self, chunk: Chunk) -> Path:
        return self.folder / f"part-{chunk.number:07d}.parquet"


@contextmanager
def _writing(path: Path) -> Iterator[None]:
    try:
        yield
    except StorageError as error:
        raise StorageError(f"{error} What is done is kept, --resume goes on.") from None
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise InputError(f"cannot be written ({reason}); what is done is kept, --resume goes on.", file=path) from None

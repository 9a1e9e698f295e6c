"""``python -m core screen``: scores an archive of any size into one Parquet table."""

import argparse
from dataclasses import asdict
from pathlib import Path

from core.cli.document import Document
from core.cli.options import add_model_and_prevalence, check_prevalence
from core.errors import InputError
from core.runs.store import choose_run
from core.wording import BANNER


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add archive, table, engine, resume, model and prevalence."""
    parser.add_argument(
        "folder", metavar="DIR", help="folder of films and zips, or an address such as s3://bucket/films"
    )
    parser.add_argument("--out", required=True, type=Path, metavar="FILE.parquet", help="table to write")
    parser.add_argument("--engine", choices=("local", "ray"), default="local", help="who scores (default %(default)s)")
    parser.add_argument("--workers", type=int, metavar="N", help="processes (default: one for each core)")
    parser.add_argument("--resume", action="store_true", help="go on where a run was cut off")
    add_model_and_prevalence(parser)


def run(arguments: argparse.Namespace) -> Document:
    """Score the archive and return counts of rows by status."""
    prevalence = check_prevalence(arguments)
    if arguments.workers is not None and arguments.workers < 1:
        raise InputError(f"--workers {arguments.workers}: at least 1 is needed.")
    if arguments.out.suffix != ".parquet":
        raise InputError("the name must end in .parquet.", file=arguments.out)
    chosen = choose_run(arguments.model)
    from core.inference.batch.run import screen  # pyarrow and fsspec take half a second

    result = screen(
        arguments.folder,
        arguments.out,
        chosen,
        prevalence=prevalence,
        engine=arguments.engine,
        workers=arguments.workers,
        resume=arguments.resume,
    )
    return {
        **asdict(result),
        "out": str(result.out),
        "run_id": chosen.run_id,
        "weights_hash": chosen.record.weights_hash,
        "prevalence": prevalence,
        "banner": BANNER,
    }


def text(document: Document) -> str:
    """Return the counts and the path of the table."""
    resumed = f", {document['resumed']} parts of an earlier run kept" if document["resumed"] else ""
    return "\n".join(
        (
            f"{document['scored']:,} films scored by {document['run_id']}, {document['refused']:,} refused, "
            f"{document['error']:,} unreadable{resumed}.",
            f"Table: {document['out']}",
            "",
            document["banner"],
        )
    )

"""``python -m core report``: the report on a film as a page, its content as JSON, or film and map as a picture."""

import argparse
import json
import sys
from collections.abc import Callable
from pathlib import Path

from core.charts.pictures import film_png
from core.cli.document import Document
from core.cli.options import add_model_and_prevalence, check_prevalence
from core.errors import InputError
from core.files import atomic_path
from core.imaging.decode import read_film
from core.inference.model import Model
from core.inference.scoring import load_gate_if_present
from core.reports.film import Report, make_report, report_document, report_pdf
from core.runs.store import choose_run, list_runs, representative

WRITERS: dict[str, Callable[[Report], bytes]] = {
    ".pdf": report_pdf,
    ".json": lambda report: (json.dumps(report_document(report), indent=2) + "\n").encode(),
    ".png": lambda report: _map_png(report),
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Film, output, model and prevalence."""
    parser.add_argument("file", type=Path, metavar="FILE", help="the film")
    parser.add_argument(
        "--out",
        type=Path,
        required=True,
        metavar="FILE.pdf",
        help="the report; with .json its content as data, with .png the film under the map",
    )
    add_model_and_prevalence(parser)


def run(arguments: argparse.Namespace) -> Document:
    """Write the report; a film that the gate refuses gives a report that says so, and makes the exit status 2."""
    out: Path = arguments.out
    prevalence = check_prevalence(arguments)
    if out.suffix.lower() not in WRITERS:
        raise InputError(f"--out {out}: must end in {', '.join(WRITERS)}.")
    if out.exists() and arguments.file.exists() and out.samefile(arguments.file):
        raise InputError(f"--out {out}: is the film itself; choose another name.")
    film = read_film(arguments.file)
    lead = choose_run(arguments.model)
    others = [other for other in representative(list_runs()[0]) if other != lead and not other.own]
    models = [Model(run) for run in (lead, *others)]
    gate = load_gate_if_present()
    report = make_report(film, models, prevalence=prevalence, gate=gate.check(film) if gate else None)
    _write(out, report)
    if report.refused:
        print(f"Refused: {arguments.file}: {report.doubt}", file=sys.stderr)
    return {**report_document(report), "out": str(out), "exit_status": 2 if report.refused else 0}


def _write(out: Path, report: Report) -> None:
    data = WRITERS[out.suffix.lower()](report)
    if out.is_file():
        print(f"Replacing {out}.", file=sys.stderr)
    try:
        with atomic_path(out) as temporary:
            temporary.write_bytes(data)
    except OSError as error:
        raise InputError(f"--out {out}: cannot be written ({error.strerror}).") from None


def _map_png(report: Report) -> bytes:
    if report.overlay is None:
        raise InputError(f"no map can be written: {report.map_note or report.doubt}", file=report.film.name)
    return film_png(report.film, report.overlay, report.map_title)


def text(document: Document) -> str:
    """Return the verdict, the notes of the file, where the report lies, and the banner."""
    notes = [note["text"] for note in document["film"]["notes"]]
    lines = [document["headline"], document["sentence"], *notes, f"Written to {document['out']}."]
    return "\n".join([*lines, "", document["banner"]])

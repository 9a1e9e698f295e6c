"""``python -m core doctor``: checks the installation and the artifacts, and lists what is missing."""

import argparse
import platform
import re
import sys
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from core import manifest
from core.cli.document import Document
from core.data.samples import list_samples
from core.errors import LungLensError
from core.evidence.data_card import DATA_CARD, MEANS, read_data_card, read_means
from core.evidence.read import EVIDENCE, read_evidence
from core.explain.neighbours import INDEX, read_index
from core.explain.trust import EXPLANATIONS, read_explanations
from core.files import write_text
from core.gate import gate_rates, load_gate
from core.gate.check import GATE_FILE
from core.gate.rates import RATES_FILE
from core.inference.model import Model
from core.models.registry import MODELS
from core.paths import ROOT, artifacts_dir, cache_dir
from core.results.store import read_results
from core.runs import ledger
from core.runs.store import list_runs, representative, served
from core.training.search_files import EXPERIMENTS_FILE
from core.training.search_tables import read_experiments

PYTHONS = ((3, 11), (3, 13))
_PIN = re.compile(r"^(?P<name>[\w.-]+)(\[[\w,-]+\])?==(?P<version>[\w.]+)")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add no arguments: ``--json`` is enough."""


def run(arguments: argparse.Namespace) -> Document:
    """Return each check with its outcome; the exit status is 1 if one fails."""
    checks = [_check(title, check) for title, check in CHECKS.items()]
    return {"checks": checks, "exit_status": 0 if all(check["ok"] for check in checks) else 1}


def _check(title: str, check: Any) -> Document:
    try:
        facts, problems = check()
    except (LungLensError, OSError) as error:
        facts, problems = "", [str(error)]
    return {"check": title, "ok": not problems, "facts": facts, "problems": problems}


def _python() -> tuple[str, list[str]]:
    supported = PYTHONS[0] <= sys.version_info[:2] <= PYTHONS[1]
    return platform.python_version(), [] if supported else ["Use Python 3.11, 3.12 or 3.13."]


def _packages() -> tuple[str, list[str]]:
    problems = []
    pins = [match for line in (ROOT / "requirements.txt").read_text().splitlines() if (match := _PIN.match(line))]
    # TensorFlow has two package names, depending on the platform
    expected = [pin for pin in pins if not pin["name"].startswith("tensorflow")]
    for pin in expected:
        try:
            if version(pin["name"]) != pin["version"]:
                problems.append(f"{pin['name']} is {version(pin['name'])}, requirements.txt wants {pin['version']}.")
        except PackageNotFoundError:
            problems.append(f"{pin['name']} is missing; run: pip install -r requirements.txt")
    if not any(_installed(name) for name in ("tensorflow-cpu", "tensorflow")):
        problems.append("tensorflow is missing, so nothing can be trained; run: pip install -r requirements.txt")
    return f"{len(expected) + 1} packages", problems


def _installed(name: str) -> bool:
    try:
        version(name)
    except PackageNotFoundError:
        return False
    return True


def _artifacts() -> tuple[str, list[str]]:
    files = manifest.read_manifest()
    return f"{len(files)} files, {sum(facts['size'] for facts in files.values()) / 1e6:.1f} MB", manifest.check_all()


def _models() -> tuple[str, list[str]]:
    runs, problems = list_runs()
    without_weights = [run.run_id for run in runs if not run.own and not run.has_weights]
    for run in runs:
        if run.run_id in without_weights:
            continue
        try:
            Model(run)
        except LungLensError as error:
            problems.append(str(error))
    trained = {run.record.model for run in representative(runs) if not run.own}
    facts = f"{len(runs)} runs of {len(trained)} models; served: {served(runs).run_id}"
    if without_weights:
        facts += f"; scores alone, without weights: {', '.join(without_weights)}"
    untrained = [name for name in MODELS if name not in trained]
    return f"{facts}; not trained: {', '.join(untrained)}" if untrained else facts, problems


def _results() -> tuple[str, list[str]]:
    results = read_results()
    runs = [run.run_id for run in list_runs()[0] if not run.own]
    return f"{len(results)} evaluated runs", [
        f"{name} is not in results.json; run: make results" for name in runs if name not in results
    ]


def _documents() -> tuple[str, list[str]]:
    """Read each file that pages quote as they read it: a whole file may be of an older form."""
    expected = {name: read for name, read in DOCUMENTS.items() if manifest.is_expected(artifacts_dir() / name)}
    problems = []
    for read in expected.values():
        try:
            read()
        except LungLensError as error:
            problems.append(str(error))
    not_made = [name for name in DOCUMENTS if name not in expected]
    return f"{len(expected)} files" + (f"; not made: {', '.join(not_made)}" if not_made else ""), problems


def _ledger() -> tuple[str, list[str]]:
    lines = ledger.read_ledger(artifacts_dir())
    full, further = ledger.count_looks(lines)
    recorded = {(line.run, line.weights_hash, line.auroc) for line in lines}
    evaluated = {run.run_id: run for run in list_runs()[0] if not run.own and run.has_scores("test")}
    results = read_results()
    return f"{full} full evaluations on test, {further} further looks", [
        f"{artifacts_dir() / manifest.LEDGER} is damaged: it has no line for {name} as it is; "
        "restore it from the repository."
        for name, run in evaluated.items()
        if name in results
        and (name, run.record.weights_hash, f"{results[name]['test'].metrics['auroc'].value:.6f}") not in recorded
    ]


def _samples() -> tuple[str, list[str]]:
    samples = list_samples()
    return f"{len(samples)} synthetic films", [] if samples else ["No sample films; fetch artifacts/ again."]


def _cache() -> tuple[str, list[str]]:
    probe = cache_dir() / "doctor"
    write_text(probe, "")
    probe.unlink()
    return f"{cache_dir()} can be written", []


DOCUMENTS: dict[str, Callable[[], Any]] = {
    GATE_FILE: load_gate,
    RATES_FILE: gate_rates,
    EVIDENCE: read_evidence,
    EXPLANATIONS: read_explanations,
    DATA_CARD: read_data_card,
    MEANS: read_means,
    INDEX.as_posix(): lambda: read_index(served(list_runs()[0])),
    f"search/{EXPERIMENTS_FILE}": read_experiments,
}
CHECKS = {
    "Python": _python,
    "Packages": _packages,
    "Artifacts against MANIFEST.json": _artifacts,
    "Models load": _models,
    "Results": _results,
    "Other documents": _documents,
    "Test ledger": _ledger,
    "Samples": _samples,
    "Cache folder": _cache,
}


def text(document: Document) -> str:
    """Return one line for each check, its problems below."""
    lines = []
    for check in document["checks"]:
        lines.append(f"{'ok     ' if check['ok'] else 'PROBLEM'}  {check['check']}: {check['facts']}".rstrip(": "))
        lines += [f"           {problem}" for problem in check["problems"]]
    return "\n".join(lines)

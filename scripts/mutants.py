"""Change the code whose figures people read in small ways, and write what no test notices: `make mutants`.

mutmut makes the changes (its settings are in ``pyproject.toml``) and keeps what it knows in ``mutants/``: a second run
looks at changed functions and at survivors alone. ``tests/mutants.toml`` holds why a survivor may survive.
"""

import argparse
import json
import subprocess
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path

from core.files import write_text
from core.paths import ROOT

FOLDER, REASONS, DOCUMENT = ROOT / "mutants", ROOT / "tests/mutants.toml", ROOT / "docs/mutants.md"
LEAST_KILLED = 0.9
KILLED = (1, 3, 24, -24, 36, 152, 255)  # a failing test, an error in pytest, a mutant that does not come back
INTRODUCTION = """# Mutants

`make mutants` changes the code whose figures people read, one small change at a time (a sign, a comparison, a word),
and runs the tests that reach it. A mutant that no test notices survives. This page is written by the command; the
reasons are kept in `tests/mutants.toml`.
"""


@dataclass(frozen=True, kw_only=True)
class Survivor:
    """A change that no test notices: the function, and the lines before and after."""

    function: str
    before: str
    after: str


def run_mutmut(*names: str) -> None:
    """Run mutmut on some mutants, or on all that it has not judged yet."""
    subprocess.run([sys.executable, "-m", "mutmut", "run", *names], cwd=ROOT, check=True)


def read_outcomes() -> dict[str, dict[str, int | None]]:
    """Return mutmut's exit codes by file and mutant."""
    return {
        str(path.relative_to(FOLDER).with_suffix("")): json.loads(path.read_text())["exit_code_by_key"]
        for path in sorted(FOLDER.rglob("*.py.meta"))
    }


def survivors_of(outcomes: dict[str, dict[str, int | None]]) -> list[str]:
    """Return the names of the mutants that no test killed."""
    return [name for codes in outcomes.values() for name, code in codes.items() if code not in KILLED]


def describe(name: str) -> Survivor:
    """Return what a mutant changes, from mutmut's difference."""
    command = [sys.executable, "-m", "mutmut", "show", name]
    lines = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout.splitlines()
    before, after = (
        " ".join(line[1:].strip() for line in lines if line.startswith(sign) and not line.startswith(3 * sign))
        for sign in "-+"
    )
    function = name.rpartition("__mutmut_")[0].replace("ǁ", ".").replace(".x.", ".").replace(".x_", ".")
    return Survivor(function=function, before=before, after=after)


def read_reasons(path: Path = REASONS) -> dict[Survivor, str]:
    """Return why each known survivor may survive."""
    return {
        Survivor(function=entry["function"], before=entry["before"], after=after): entry["reason"]
        for entry in tomllib.loads(path.read_text(encoding="utf-8"))["survivor"]
        for after in entry["after"]
    }


def document(
    outcomes: dict[str, dict[str, int | None]], survivors: list[Survivor], reasons: dict[Survivor, str]
) -> str:
    """Return the page: killed of all by file, then each survivor with its reason."""
    lines = [INTRODUCTION, "| file | mutants | killed | survived |", "| --- | --- | --- | --- |"]
    for file, codes in outcomes.items():
        survived = len(survivors_of({file: codes}))
        lines.append(f"| `{file}` | {len(codes)} | {len(codes) - survived} | {survived} |")
    total, lost = sum(map(len, outcomes.values())), len(survivors)
    lines.append(f"| together | {total} | {total - lost} ({100 * (1 - lost / total):.1f} %) | {lost} |")
    lines += ["", "## Survivors", ""]
    for survivor in survivors:
        lines += [
            f"- `{survivor.function}`: {reasons.get(survivor, '**no reason yet**')}",
            f"    - before: `{survivor.before}`",
            f"    - after: `{survivor.after}`",
        ]
    return "\n".join(lines) + "\n"


def main() -> int:
    """Run mutmut, write the page; 1 if fewer than 90 % are killed or a survivor has no reason."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--report", action="store_true", help="write the page from the last run alone")
    if not parser.parse_args().report:
        run_mutmut()
        if known := survivors_of(read_outcomes()):
            run_mutmut(*known)  # a new test may kill them
    outcomes, reasons = read_outcomes(), read_reasons()
    survivors = [describe(name) for name in survivors_of(outcomes)]
    write_text(DOCUMENT, document(outcomes, survivors, reasons))
    total = sum(map(len, outcomes.values()))
    without = [survivor for survivor in survivors if survivor not in reasons]
    print(
        f"{total - len(survivors)} of {total} mutants killed; {len(without)} survivors have no reason. {DOCUMENT.name}"
    )
    return int(bool(without) or len(survivors) > (1 - LEAST_KILLED) * total)


if __name__ == "__main__":
    sys.exit(main())

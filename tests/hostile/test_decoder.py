"""Each kind of hostile file through the one decoder: a reason or the picture alone, within 2 s and 500 MB.

Seconds are of the processor (`tests.hostile.measure`), so that a busy machine does not count.
"""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterable
from typing import Any

import pytest

from core.paths import ROOT
from tests.hostile.kinds import BLANK, KINDS, REFUSED, SHOWN

SECONDS, MEGABYTES = 2.0, 500
# A film, not a trick: 50 megapixels of 16 bits, whose two processes are at their highest one after the other.
DEAR = {"at the limit: DICOM of lossless JPEG": (4.0, 550)}
ADVICE = re.compile(r"(export|use JPEG|pack|unpack|split|let it end|are needed)")
VERDICT = re.compile(r"pneumonia|normal|score|probab|negative|positive", re.IGNORECASE)

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="memory is measured through /proc")


SAMPLE = set(list(KINDS)[::6])


def sampled(names: Iterable[str]) -> list[Any]:
    """Return parameters for all kinds: those of the sample, and the others for `make slow`."""
    return [pytest.param(name, marks=() if name in SAMPLE else pytest.mark.slow) for name in names]


@pytest.fixture(scope="module")
def measured(request: pytest.FixtureRequest) -> dict[str, dict[str, Any]]:
    """What every kind that is asked for came to, and cost."""
    ours = (item for item in request.session.items if item.path == request.path and "measured" in item.fixturenames)
    names = {item.callspec.params["name"] for item in ours}
    command = [sys.executable, "-m", "tests.hostile.measure", *sorted(names)]
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return {found["name"]: found for found in map(json.loads, done.stdout.splitlines())}


def test_there_are_200_kinds_without_those_that_are_cut_off_or_wrongly_named() -> None:
    assert len([name for name in REFUSED if not name.startswith(("cut off", "wrong name"))]) >= 200


@pytest.mark.parametrize("name", sampled(KINDS))
def test_costs_little_and_ends_well(measured, name) -> None:
    found = measured[name]
    assert found["status"] == 0  # the process did not die
    seconds, megabytes = DEAR.get(name, (SECONDS, MEGABYTES))
    assert found["seconds"] < seconds
    assert found["megabytes"] < megabytes


@pytest.mark.parametrize("name", sampled(REFUSED))
def test_is_refused_with_a_reason_that_says_what_to_do(measured, name) -> None:
    kind, found = KINDS[name], measured[name]
    assert set(found["films"]) == set(kind.good)
    assert found["reasons"]
    for reason in found["reasons"]:
        assert re.search(kind.reason, reason)
        assert ADVICE.search(reason)
        assert not VERDICT.search(reason.split(": ", 1)[1])
        assert reason.endswith(".")
        assert reason.isprintable()
        assert len(reason) < 400
        assert "<script" not in reason


@pytest.mark.parametrize("name", sampled(SHOWN))
def test_of_a_picture_that_is_something_else_as_well_the_picture_alone_is_shown(measured, name) -> None:
    found = measured[name]
    assert found["reasons"] == []
    assert found["same"]


@pytest.mark.parametrize("name", sampled(BLANK))
def test_the_largest_pictures_are_read(measured, name) -> None:
    found = measured[name]
    assert found["reasons"] == []
    assert found["blank"]

"""The sizing table: taken from measured runs, in proportion to cores, and the one that the guide prints."""

import re
import shlex

import pytest

from core.errors import InputError
from core.inference.batch.sizing import Measured, size
from core.paths import ROOT
from scripts import size_archive


def measured(**changes) -> Measured:
    """20 films per second on two cores, after 5 seconds: 100 films take 10 s, 300 take 20 s."""
    return Measured(**{"films": (100, 300), "rates": (10.0, 15.0), "cores": 2, "kilobytes": 500.0, **changes})


def test_speed_and_start_are_taken_from_two_runs() -> None:
    assert measured().per_core == pytest.approx(10)
    assert measured().start == pytest.approx(5)


def test_size_by_hand() -> None:
    one = size(measured(), 8, price=0.1)
    assert one.per_second == pytest.approx(80)
    assert one.megabytes == pytest.approx(40)
    assert one.hours == pytest.approx(12_505 / 3600)
    assert one.dollars == pytest.approx(0.8 * 12_505 / 3600)
    assert one.per_dollar == pytest.approx(1e6 / one.dollars)
    assert not one.is_measured
    assert size(measured(), 2, price=0.1).is_measured


def test_price_and_cores_trade_hours_not_films_per_dollar() -> None:
    few, many = (size(measured(), cores, price=0.05) for cores in (2, 200))
    assert few.hours > 90 * many.hours
    assert many.per_dollar == pytest.approx(few.per_dollar, rel=0.02)
    assert size(measured(), 2, price=0.1).per_dollar == pytest.approx(few.per_dollar / 2)


@pytest.mark.parametrize("wrong", [{"films": (300, 100)}, {"rates": (10.0, 40.0)}, {"rates": (0.0, 1.0)}, {"cores": 0}])
def test_figures_that_give_no_speed_are_refused(wrong) -> None:
    with pytest.raises(InputError):
        measured(**wrong)


@pytest.mark.parametrize(("cores", "price"), [(0, 0.1), (2, 0.0), (2, float("nan")), (2, float("inf"))])
def test_no_cores_or_no_price_is_refused(cores, price) -> None:
    with pytest.raises(InputError):
        size(measured(), cores, price=price)


def test_the_guide_prints_what_its_command_gives() -> None:
    guide = (ROOT / "docs" / "screening.md").read_text("utf-8")
    (command,) = re.findall(r"python -m scripts\.size_archive (.*(?:\\\n.*)*)", guide)
    said = size_archive.main(shlex.split(command.replace("\\\n", " ")))
    assert said.partition("\n\n")[0] in guide
    with pytest.raises(SystemExit, match="Two runs"):
        size_archive.main(["--run", "750:97", "--cores", "2", "--kilobytes", "300", "--price", "1"])

"""An input that is added in one file alone is named in a clear error at import, or works on the page at once."""

import subprocess
import sys
from dataclasses import replace

import pytest

from core.impact.inputs import INPUTS, SHARE, Assumption
from core.impact.simulate import check_inputs
from core.paths import ROOT
from pages.business.inputs import CONTROLS, Control, control

PORTER = Assumption(
    title="Porter", low=1, base=2, high=4, unit="EUR", evidence="assumption", source="Ours", most=50, accounting="cost"
)
ADD = """
import core.impact.inputs as inputs
inputs.INPUTS["porter"] = inputs.{constant}
import core.impact.simulate
"""


def imported(code: str) -> str:
    """Return the last line that Python prints when it runs some code: an error's, or nothing."""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=False)
    return done.stderr.strip().rpartition("\n")[2]


def test_an_input_that_no_formula_reads_is_named_at_import() -> None:
    assert imported(ADD.format(constant="ALARM_COST")) == (
        "RuntimeError: core/impact/inputs.py: no formula reads porter. Use it in core/impact/formulas.py or in "
        "`outcomes` of core/impact/simulate.py, or take it out of INPUTS."
    )


def test_an_input_that_a_formula_reads_and_nobody_gives_is_named_at_import() -> None:
    assert imported("import core.impact.inputs as i\ndel i.INPUTS['volume']\nimport core.impact.simulate") == (
        "RuntimeError: The formulas read the input 'volume': add it to INPUTS in core/impact/inputs.py."
    )


def test_an_input_that_stands_in_no_list_is_named_at_import() -> None:
    text = (ROOT / "core/impact/inputs.py").read_text()
    added = text.replace("INPUTS = {", 'PORTER = replace(VOLUME, title="Porter")\nINPUTS = {', 1)
    with pytest.raises(RuntimeError, match=r"PORTER is in neither INPUTS nor NOT_SUMMED"):
        exec(compile(added, "core/impact/inputs.py", "exec"), {"__name__": "core.impact.inputs"})


def test_the_inputs_of_today_are_read() -> None:
    check_inputs(INPUTS)
    with pytest.raises(RuntimeError, match="no formula reads lift, porter"):
        check_inputs({**INPUTS, "porter": PORTER, "lift": PORTER})


def test_an_added_input_has_a_widget_over_all_that_the_model_accepts() -> None:
    assert control("porter", PORTER) == Control(low=0.0, high=50.0, step=1.0)
    share = replace(PORTER, unit=SHARE, low=0.1, base=0.2, high=0.4, least=0.05, most=0.5, accounting=None)
    assert control("porter", share) == Control(low=5.0, high=50.0, step=1.0, slider=True)
    assert control("volume", INPUTS["volume"]) == CONTROLS["volume"]


@pytest.mark.parametrize("name", INPUTS)
def test_a_widget_holds_the_base_and_nothing_that_the_model_refuses(name: str) -> None:
    one, scale = INPUTS[name], 100 if INPUTS[name].unit == SHARE else 1
    shown = control(name, one)
    assert scale * one.least <= shown.low <= scale * one.base <= shown.high <= scale * one.most

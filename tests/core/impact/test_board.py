"""The page for a board: one page, the same bytes for the same content, with losses in it."""

import math
from datetime import UTC, datetime
from io import BytesIO

import pytest
from pypdf import PdfReader

from core.impact.figures import format_number
from core.impact.inputs import INPUTS
from core.impact.scenario import LOSING, PRESETS, preset
from core.reports.business import board_pdf

MOMENT = datetime(2030, 1, 2, tzinfo=UTC)


@pytest.mark.parametrize("name", ["imaging_lab", "triage_for_money", "rule_out_at_threshold", "model_elsewhere"])
def test_a_board_gets_one_page_with_its_ranges_and_its_losses(name: str) -> None:
    scenario = preset(name)
    rates = scenario.rates()
    simulation = scenario.simulate(rates)
    others = [(other, other.simulate(other.rates())) for other in map(preset, PRESETS[:1] + LOSING)]
    data = board_pdf(scenario, rates, simulation, others, created=MOMENT)
    assert data == board_pdf(scenario, rates, simulation, others, created=MOMENT)
    pages = PdfReader(BytesIO(data)).pages
    assert len(pages) == 1
    text = " ".join(pages[0].extract_text().split())
    net = simulation.figures["net"]
    assert f"{format_number(net.value)} EUR a year ({format_number(net.low)} to {format_number(net.high)})" in text
    even = simulation.figures["break_even_price"]
    assert math.isnan(even.low) or f"{format_number(even.low, 2)} to {format_number(even.high, 2)}" in text
    for words in ("Not a medical device", "Reading time alone does not pay for it", "Loses money", "2030-01-02"):
        assert words in text
    for one in INPUTS.values():
        assert one.title in text
    for other, _ in others:
        assert other.title in text

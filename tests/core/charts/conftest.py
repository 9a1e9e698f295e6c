"""Every chart that these tests draw is one that Plotly accepts, and would write the same way."""

import json

import plotly.graph_objects as go
import pytest

from core.charts.draft import Draft


@pytest.fixture(autouse=True)
def charts_are_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    """A draft's figure is not checked in the app; here it is."""
    unchecked = Draft.figure

    def figure(draft: Draft, *, check: bool = False) -> go.Figure:
        made = unchecked(draft, check=check)
        checked = go.Figure(data=draft.traces, layout=draft.layout)
        assert json.loads(made.to_json(validate=False)) == json.loads(checked.to_json())
        return made

    monkeypatch.setattr(Draft, "figure", figure)

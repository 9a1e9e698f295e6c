"""Every chart that these tests draw is one that Plotly accepts, and would write the same way."""

import importlib
import json
import pkgutil
from collections.abc import Mapping, Sequence

import plotly.graph_objects as go
import pytest

import core.charts
from core.charts import draft

CHARTS = [
    importlib.import_module(f"core.charts.{module.name}") for module in pkgutil.iter_modules(core.charts.__path__)
]


@pytest.fixture(autouse=True)
def charts_are_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    """A figure that is made in one step is not checked in the app; here it is."""
    unchecked = draft.figure

    def figure(traces: Sequence[Mapping[str, object]], layout: Mapping[str, object]) -> go.Figure:
        made = unchecked(traces, layout)
        checked = go.Figure(data=traces, layout=layout)
        assert json.loads(made.to_json(validate=False)) == json.loads(checked.to_json())
        return made

    for module in CHARTS:
        if getattr(module, "figure", None) is unchecked:
            monkeypatch.setattr(module, "figure", figure)

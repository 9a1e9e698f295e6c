"""A chart in the making: traces and layout as plain data, from which a figure is made once.

A Plotly figure checks and copies at every call: a chart of three lines takes 15 ms that way and 2 ms this way. Checking
it even once takes most of the time of a page's first charts, so that is left to the tests, which also see to it that
Plotly would write every chart the same way (tests/core/charts/conftest.py).
"""

from typing import Any

import plotly.graph_objects as go


class Draft:
    """Takes the calls of a Plotly figure that charts here make; `figure` gives the figure.

    Parameters
    ----------
    traces : list of dict
    layout : dict
    """

    def __init__(self) -> None:
        self.traces: list[dict[str, Any]] = []
        self.layout: dict[str, Any] = {}

    def figure(self, *, check: bool = False) -> go.Figure:
        """The figure; ``check`` has Plotly look at it, as it must where a trace holds lists of objects."""
        if check:
            return go.Figure(data=self.traces, layout=self.layout)
        return go.Figure(data=[_written(one) for one in self.traces], layout=_written(self.layout), _validate=False)

    def add_scatter(self, **trace: Any) -> None:
        """Add points or a line."""
        self.traces.append({"type": "scatter", **trace})

    def add_bar(self, **trace: Any) -> None:
        """Add bars."""
        self.traces.append({"type": "bar", **trace})

    def add_heatmap(self, **trace: Any) -> None:
        """Add a map of cells."""
        self.traces.append({"type": "heatmap", **trace})

    def add_parcoords(self, **trace: Any) -> None:
        """Add parallel coordinates."""
        self.traces.append({"type": "parcoords", **trace})

    def add_annotation(self, **annotation: Any) -> None:
        """Add a text or an arrow."""
        self.layout.setdefault("annotations", []).append(annotation)

    def add_shape(self, **shape: Any) -> None:
        """Add a drawn shape."""
        self.layout.setdefault("shapes", []).append(shape)

    def add_vline(self, *, x: float, line: dict[str, Any]) -> None:
        """Add a vertical line over the whole height."""
        self.add_shape(type="line", x0=x, x1=x, y0=0, y1=1, xref="x", yref="y domain", line=line)

    def update_layout(self, **changes: Any) -> None:
        """Change the layout; dictionaries are merged into those that stand there."""
        _merge(self.layout, changes)

    def update_xaxes(self, **changes: Any) -> None:
        """Change the horizontal axis."""
        _merge(self.layout, {"xaxis": changes})

    def update_yaxes(self, **changes: Any) -> None:
        """Change the vertical axis."""
        _merge(self.layout, {"yaxis": changes})


def _merge(into: dict[str, Any], changes: dict[str, Any]) -> None:
    for name, value in changes.items():
        if isinstance(value, dict):
            there = into.get(name)
            into[name] = there = dict(there) if isinstance(there, dict) else {}
            _merge(there, value)
        else:
            into[name] = value


def _written(given: dict[str, Any]) -> dict[str, Any]:
    """Properties as Plotly writes them: none that is None, a title as an object with its text, a column as an array."""
    found = {}
    for name, value in given.items():
        if isinstance(value, dict):
            found[name] = _written(value)
        elif name == "title" and isinstance(value, str):
            found[name] = {"text": value}
        elif value is not None:
            found[name] = value.to_numpy() if hasattr(value, "to_numpy") else value
    return found

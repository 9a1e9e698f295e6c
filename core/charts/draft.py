"""Make a figure of plain traces and a plain layout, in one step and unchecked.

A Plotly figure checks and copies at every call: a chart of three lines takes 15 ms that way and 2 ms this way. Checking
it even once takes most of the time of a page's first charts, so that is left to the tests, which also see to it that
Plotly would write every chart the same way (tests/core/charts/conftest.py).
"""

from collections.abc import Mapping, Sequence

import plotly.graph_objects as go

Properties = dict[str, object]  # of a trace, an axis or a layout, under Plotly's names


def figure(traces: Sequence[Mapping[str, object]], layout: Mapping[str, object]) -> go.Figure:
    """Return the figure that Plotly would make of these, without its checks.

    Parameters
    ----------
    traces : sequence of mapping
        Each with its ``type``. None is left out, a column becomes an array. Objects in a list within a trace, such as
        the axes of parallel coordinates, need a checked figure instead: ``go.Figure(data=..., layout=...)``.
    layout : mapping
        A title may be a string.
    """
    return go.Figure(data=[_as_written(trace) for trace in traces], layout=_as_written(layout), _validate=False)


def _as_written(properties: Mapping[str, object]) -> Properties:
    """Return properties as Plotly writes them: without None, a title as an object, a column as an array."""
    written: Properties = {}
    for name, value in properties.items():
        if isinstance(value, Mapping):
            written[name] = _as_written(value)
        elif name == "title" and isinstance(value, str):
            written[name] = {"text": value}
        elif value is not None:
            written[name] = value.to_numpy() if hasattr(value, "to_numpy") else value
    return written

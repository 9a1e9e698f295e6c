"""Tabulate the points of charts, for drawing or checking them elsewhere."""

from collections.abc import Mapping

import pandas as pd
import plotly.graph_objects as go

COLUMNS = ["chart", "line", "x", "x_is", "y", "y_is"]


def point_table(charts: Mapping[str, go.Figure]) -> pd.DataFrame:
    """Return every point of every line, in the order of drawing.

    Parameters
    ----------
    charts : dict of str to Figure
        Charts with one pair of axes, whose traces have x and y, by name.

    Returns
    -------
    DataFrame
        ``chart``, ``line`` (its name in the legend), ``x``, ``y``, and ``x_is``, ``y_is``: the titles of the axes.
    """
    rows = []
    for name, chart in charts.items():
        x_is, y_is = chart.layout.xaxis.title.text, chart.layout.yaxis.title.text
        for trace in chart.data:
            rows += [(name, trace.name, x, x_is, y, y_is) for x, y in zip(trace.x, trace.y, strict=True)]
    return pd.DataFrame(rows, columns=COLUMNS)

"""Charts of Compare as CSV, made when the button is pressed."""

from collections.abc import Mapping

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from core.charts.points import point_table


def save_charts(label: str, charts: Mapping[str, go.Figure], name: str) -> None:
    """Show a button that saves the points of charts."""
    _button(label, lambda: _csv(point_table(charts)), name)


def save_table(label: str, table: pd.DataFrame, name: str) -> None:
    """Show a button that saves the table behind a chart."""
    _button(label, lambda: _csv(table), name)


def _button(label: str, data: object, name: str) -> None:
    st.download_button(
        label,
        data,  # type: ignore[arg-type]
        f"lunglens-{name}.csv",
        "text/csv",
        icon=":material/download:",
        on_click="ignore",
        type="tertiary",
        key=f"compare_csv_{name}",
    )


def _csv(table: pd.DataFrame) -> bytes:
    """UTF-8 with a byte order mark, so that spreadsheets read it."""
    return table.to_csv(index=False).encode("utf-8-sig")

"""One Plotly chart and one table, not cached: what Streamlit, Plotly and pandas cost before anything is computed."""

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

table = pd.DataFrame({"epoch": range(1, 21), "loss": [1 / epoch for epoch in range(1, 21)]})
st.title("One chart and one table")
st.plotly_chart(go.Figure(go.Scatter(x=table["epoch"], y=table["loss"])))
st.dataframe(table)

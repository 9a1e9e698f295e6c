"""An empty Streamlit app: what a first page costs where nothing is on it."""

import streamlit as st

st.title("Empty")

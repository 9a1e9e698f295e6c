"""Read."""

import streamlit as st

st.title("Read")

"""Business."""

import streamlit as st

st.title("Business")

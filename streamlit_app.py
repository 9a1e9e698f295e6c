"""LungLens: the app's entry point; run with ``streamlit run streamlit_app.py``."""

import streamlit as st

st.set_page_config(page_title="LungLens", page_icon=":material/pulmonology:", layout="wide")

PAGES = {
    "Demo": [
        st.Page("pages/demo/overview.py", title="Overview", icon=":material/home:", default=True),
        st.Page("pages/demo/read.py", title="Read an X-ray", icon=":material/radiology:", url_path="read"),
    ],
    "Models": [st.Page("pages/models/compare.py", title="Compare", icon=":material/balance:", url_path="compare")],
    "Impact": [
        st.Page("pages/impact/business.py", title="Business case", icon=":material/payments:", url_path="business")
    ],
}

st.navigation(PAGES).run()

"""LungLens: the app's entry point; run with ``streamlit run streamlit_app.py``."""

import streamlit as st

from pages.shared import login
from pages.shared.preload import warm_up
from pages.shared.privacy import forget_when_left, keep_uploads_in_memory

# Drawn here: a Material icon as favicon would be fetched from a foreign server at every visit.
ICON = (
    "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'><rect width='32' height='32' rx='6' fill='#11161C'/>"
    "<path d='M13 8c-5 2-8 9-7 17l7-3zM19 8c5 2 8 9 7 17l-7-3z' fill='#56B4E9'/></svg>"
)

keep_uploads_in_memory()
forget_when_left()
st.set_page_config(page_title="LungLens", page_icon=ICON, layout="wide")

PAGES = {
    "Demo": [
        st.Page("pages/overview/page.py", title="Overview", icon=":material/home:", default=True),
        st.Page("pages/read/page.py", title="Read an X-ray", icon=":material/radiology:", url_path="read"),
        st.Page("pages/worklist/page.py", title="Worklist", icon=":material/checklist:", url_path="worklist"),
    ],
    "Models": [
        st.Page("pages/compare/page.py", title="Compare", icon=":material/balance:", url_path="compare"),
        st.Page("pages/training/page.py", title="Training", icon=":material/model_training:", url_path="training"),
        st.Page("pages/inside/page.py", title="Inside the network", icon=":material/account_tree:", url_path="inside"),
    ],
    "Evidence": [
        st.Page("pages/data/page.py", title="Data", icon=":material/database:", url_path="data"),
        st.Page("pages/limits/page.py", title="Limits", icon=":material/warning:", url_path="limits"),
    ],
    "Impact": [
        st.Page("pages/business/page.py", title="Business case", icon=":material/payments:", url_path="business"),
        st.Page("pages/model_card/page.py", title="Model card", icon=":material/description:", url_path="card"),
    ],
}

login.require()
st.navigation(PAGES).run()
warm_up()

"""LungLens: the app's entry point; run with ``streamlit run streamlit_app.py``."""

import streamlit as st

from pages.ui import login
from pages.ui.privacy import forget_when_left, keep_uploads_in_memory
from pages.ui.warm import warm_up

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
        st.Page("pages/demo/overview.py", title="Overview", icon=":material/home:", default=True),
        st.Page("pages/demo/read.py", title="Read an X-ray", icon=":material/radiology:", url_path="read"),
        st.Page("pages/demo/worklist.py", title="Worklist", icon=":material/checklist:", url_path="worklist"),
    ],
    "Models": [
        st.Page("pages/models/compare.py", title="Compare", icon=":material/balance:", url_path="compare"),
        st.Page("pages/models/training.py", title="Training", icon=":material/model_training:", url_path="training"),
        st.Page(
            "pages/models/inside.py", title="Inside the network", icon=":material/account_tree:", url_path="inside"
        ),
    ],
    "Evidence": [
        st.Page("pages/evidence/data.py", title="Data", icon=":material/database:", url_path="data"),
        st.Page("pages/evidence/limits.py", title="Limits", icon=":material/warning:", url_path="limits"),
    ],
    "Impact": [
        st.Page("pages/impact/business.py", title="Business case", icon=":material/payments:", url_path="business"),
        st.Page("pages/impact/card.py", title="Model card", icon=":material/description:", url_path="card"),
    ],
}

login.require()
st.navigation(PAGES).run()
warm_up()

"""LungLens: the app's entry point; run with ``streamlit run streamlit_app.py``."""

import streamlit as st

from pages.preload.warm_up import warm_up
from pages.shared import login
from pages.shared.navigation import OVERVIEW, by_section
from pages.shared.privacy import forget_when_left, keep_uploads_in_memory

# Drawn here: a Material icon as favicon would be fetched from a foreign server at every visit.
ICON = (
    "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'><rect width='32' height='32' rx='6' fill='#11161C'/>"
    "<path d='M13 8c-5 2-8 9-7 17l7-3zM19 8c5 2 8 9 7 17l-7-3z' fill='#56B4E9'/></svg>"
)

keep_uploads_in_memory()
forget_when_left()
st.set_page_config(page_title="LungLens", page_icon=ICON, layout="wide")

login.require()
st.navigation(
    {
        section: [
            st.Page(page.path, title=page.title, icon=page.icon, url_path=page.url_path, default=page is OVERVIEW)
            for page in pages
        ]
        for section, pages in by_section().items()
    }
).run()
warm_up()

"""Data: what were the models trained on, and what is wrong with that data?"""

import streamlit as st

from core.evidence.data_card import read_data_card
from pages.data import folder as data_folder
from pages.data import parts as data_parts
from pages.data import shift as data_shift
from pages.shared.folder import choose_folder
from pages.shared.layout import banner, errors_shown, footer, header
from pages.shared.navigation import COMPARE, LIMITS

header(
    "What were the models trained on, and what is wrong with it?",
    "X-rays of children from one hospital, sorted into normal and pneumonia. All figures were computed from the files; "
    "the films themselves are not part of this app.",
)
with errors_shown():
    data_shift.findings(read_data_card().audit)


def films() -> None:
    audit = read_data_card().audit
    data_shift.source()
    left, right = st.columns(2, gap="large")
    with left:
        st.subheader("Where the films went", anchor=False)
        data_parts.stations(audit, "ours")
        st.caption(
            "Validation was cut from the folder train by patient, a fifth of each class, with a fixed seed; every "
            "choice was made on it. Kaggle's folder val with 16 films is not used: too few to choose on."
        )
    with right:
        st.subheader("Normal, bacterial, viral", anchor=False)
        data_parts.classes(audit, "ours")


def patients() -> None:
    audit = read_data_card().audit
    st.subheader("Patients on both sides", anchor=False)
    data_parts.patients(audit, "ours")
    st.subheader("The same film twice", anchor=False)
    data_parts.duplicates(audit, "ours")


def shift() -> None:
    st.subheader("The average film", anchor=False)
    data_shift.means()
    st.subheader("Exposure and shape", anchor=False)
    data_shift.spreads()


def at_hand() -> None:
    folder = choose_folder()
    if folder is not None:
        task = st.segmented_control(
            "What to do with it", ["Browse films", "Audit"], default="Browse films", required=True, key="data_task"
        )
        with errors_shown():
            (data_folder.browse if task == "Browse films" else data_folder.audit_folder)(folder)


sections = {
    "Source and films": films,
    "Patients and duplicates": patients,
    "Train against test": shift,
    "A folder on this machine": at_hand,
}
for tab, show in zip(st.tabs(list(sections), key="data_tabs", on_change="rerun"), sections.values(), strict=True):
    if tab.open:
        with tab, errors_shown():
            show()

banner()
footer(
    "**Next:** see what these flaws do to the models' figures, or which model is better in spite of them.",
    LIMITS,
    COMPARE,
)

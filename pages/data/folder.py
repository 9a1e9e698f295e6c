"""A data set on this machine, in a folder that the reader names: its films behind filters, and its audit."""

import json
from pathlib import Path

import pandas as pd
import streamlit as st

from core.data.audit import audit
from core.data.dataset import Dataset, read_dataset
from core.data.findings import Audit
from core.data.split import with_split
from core.errors import InputError
from core.evidence.failures import shared_films
from core.imaging.decode import read_film
from core.runs.store import representative
from pages.data import parts as data_parts
from pages.shared import cache as cached
from pages.shared.film_state import as_code
from pages.shared.thumbnails import thumbnail

PAGE = 24
AUDITS = "data_audits"
EVERYTHING = "all"


def browse(folder: Path) -> None:
    """Show the films of a data set, filtered, a page of thumbnails at a time."""
    films = _films(str(folder), _stamp(folder))
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
        split = _select("Split", films["split"], "data_split")
        kind = _select("Class", films["kind"], "data_kind")
        name = st.text_input("Patient or file name contains", key="data_name", width=260)
        missed = st.toggle("Only test films that every model gets wrong", key="data_missed")
    filtered = films
    if split != EVERYTHING:
        filtered = filtered[filtered["split"] == split]
    if kind != EVERYTHING:
        filtered = filtered[filtered["kind"] == kind]
    if name.strip():
        filtered = filtered[filtered["sample_id"].str.contains(name.strip(), case=False, regex=False)]
    if missed:
        filtered = filtered[filtered["sample_id"].isin(_missed())]
    if filtered.empty:
        st.info("No film fits these filters.", icon=":material/filter_alt_off:")
        return
    pages = -(-len(filtered) // PAGE)
    page = 1
    if pages > 1:
        page = int(st.number_input(f"Page, of {pages:,}", 1, pages, key=f"data_page_{pages}", width=160))
    patients = filtered["cluster_id"].nunique()
    st.caption(f"{len(filtered):,} of {len(films):,} films, {patients:,} patient numbers.")
    with st.grid(6, min_column_width=130, gap="small"):
        for film in filtered.iloc[(page - 1) * PAGE : page * PAGE].itertuples():
            with st.container(gap="xxsmall"):
                _thumbnail(Path(film.path), film.kind, film.split)


def _select(label: str, values: pd.Series, key: str) -> str:
    return str(
        st.selectbox(label, [EVERYTHING, *dict.fromkeys(values)], key=key, format_func=str.capitalize, width=180)
    )


def _thumbnail(path: Path, kind: str, split: str) -> None:
    try:
        read = read_film(path)
    except InputError as error:
        st.warning(f"{as_code(path.name)}: {error.reason}", icon=":material/broken_image:")
        return
    st.image(thumbnail(read.pixels), width="stretch", alt=f"{kind} film of {split}")
    st.caption(f"{as_code(path.name)} {kind}, {split}")


def _missed() -> set[str]:
    runs = [run for run in cached.runs()[0] if not run.own]
    return set(shared_films(representative(runs))["sample_id"])


def _stamp(folder: Path) -> float:
    """When a film was last added to the folder or taken away."""
    return max((path.stat().st_mtime for path in folder.glob("**/") if path.is_dir()), default=0.0)


@st.cache_data(scope="session", max_entries=2, show_spinner="Reading the folder")
def _films(folder: str, stamp: float) -> pd.DataFrame:
    films = with_split(read_dataset(folder))
    normal = films["label"] == "NORMAL"
    kinds = "pneumonia, " + films["pathogen"].replace("", "kind unknown")
    return films.assign(kind=kinds.where(~normal, "normal"))[["sample_id", "path", "split", "kind", "cluster_id"]]


def audit_folder(folder: Path) -> None:
    """Audit a folder when asked, with progress, and keep the result in this session."""
    st.markdown(
        "Counts films and patients, looks for patients on both sides of the split, identical and nearly identical "
        "films and files that cannot be read. Nothing leaves this machine."
    )
    key = f"{folder} {_stamp(folder)}"
    if st.button("Audit this folder", icon=":material/fact_check:", key="data_audit"):
        st.session_state[AUDITS] = {key: _audited(read_dataset(folder))}
    findings: Audit | None = st.session_state.get(AUDITS, {}).get(key)
    if findings is None:
        return
    data_parts.left_out(findings, "own")
    st.markdown(f"**{findings.films:,} films**, data hash `{findings.data_hash[:16]}`.")
    data_parts.stations(findings, "own")
    data_parts.classes(findings, "own")
    data_parts.patients(findings, "own")
    data_parts.duplicates(findings, "own")
    st.download_button(
        "Findings as JSON",
        json.dumps(findings.to_dict(), indent=1),
        file_name="audit.json",
        mime="application/json",
        icon=":material/download:",
        key="data_audit_json",
    )


def _audited(dataset: Dataset) -> Audit:
    bar = st.progress(0.0, "Reading films")

    def show(done: int, films: int) -> None:
        if done % 50 == 0:
            bar.progress(done / films, f"Reading films: {done:,} of {films:,}")

    try:
        return audit(dataset, show)
    finally:
        bar.empty()

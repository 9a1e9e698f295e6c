"""Parts of Data that show an audit, the committed one or that of a reader's folder: films, patients, duplicates."""

import pandas as pd
import streamlit as st

from core.charts.data import FlowBox, balance, flow
from core.data.findings import DATA_SPLITS, Audit, Crossing

BAR = {"displayModeBar": False}
CROSSED = ("train", "test")
NAMES = {"NORMAL": "normal", "PNEUMONIA": "pneumonia"}
KEYS = {"wide": "number alone", "narrow": "number and kind"}


def stations(audit: Audit, key: str) -> None:
    """Where the films went, from the files to the three splits."""
    inside = audit.count_films("train") + audit.count_films("validation")
    boxes = [
        FlowBox(x=0.33, row=0, lines=("Files", f"{audit.films:,} films"), width=0.34),
        FlowBox(x=0.83, row=0, lines=("Left out", f"{len(audit.unreadable):,} unreadable"), width=0.32),
        FlowBox(x=0.33, row=1, lines=("Folder train", f"{inside:,} films")),
        FlowBox(x=0.83, row=1, lines=("Folder test", f"{audit.count_films('test'):,} films"), width=0.32),
        *(
            FlowBox(x=x, row=2.15, lines=(split.capitalize(), *_station(audit, split)), width=0.32)
            for x, split in zip((0.165, 0.5, 0.835), DATA_SPLITS, strict=True)
        ),
    ]
    st.plotly_chart(
        flow(boxes, [(0, 1), (0, 2), (0, 3), (2, 4), (2, 5), (3, 6)]),
        key=f"data_flow_{key}",
        config=BAR,
        alt="How many films went into training, validation and test",
    )


def _station(audit: Audit, split: str) -> tuple[str, ...]:
    total, normal = audit.count_films(split), audit.count_films(split, "NORMAL")
    patients = audit.patients["wide"][split]
    return f"{total:,} films", f"{patients:,} patients", f"{normal:,} normal", f"{total - normal:,} pneumonia"


def classes(audit: Audit, key: str) -> None:
    """Films of each split by class and pathogen, as bars and in figures."""
    rows = [
        (f"{split.capitalize()}, {films:,} films", audit.films_by_kind(split))
        for split in DATA_SPLITS
        if (films := audit.count_films(split))
    ]
    st.plotly_chart(
        balance(rows), key=f"data_classes_{key}", config=BAR, alt="Share of normal, bacterial and viral films by split"
    )
    columns = {
        "Split": [row.split for row in audit.counts],
        "Label": [NAMES.get(row.label, row.label) for row in audit.counts],
        "Pathogen": [row.pathogen or "–" for row in audit.counts],
        "Films": [row.films for row in audit.counts],
        "Patients, by number alone": [row.patients_wide for row in audit.counts],
        "Patients, by number and kind": [row.patients_narrow for row in audit.counts],
    }
    with st.expander("In figures", icon=":material/table:"):
        st.dataframe(pd.DataFrame(columns), hide_index=True, height="content", key=f"data_counts_{key}")


def patients(audit: Audit, key: str) -> None:
    """Which patient keys occur on both sides of a split, under both readings of the key."""
    for paragraph in patients_in_words(audit):
        st.markdown(paragraph)
    table = pd.DataFrame(
        {
            "Between": [" and ".join(row.between) for row in audit.crossing],
            "Key": [KEYS[row.reading] for row in audit.crossing],
            "Label": [NAMES.get(row.label, row.label) for row in audit.crossing],
            "Keys on both sides": [row.keys for row in audit.crossing],
            "Films, first side": [_of(row, 0) for row in audit.crossing],
            "Films, second side": [_of(row, 1) for row in audit.crossing],
        }
    )
    st.dataframe(table, hide_index=True, height="content", key=f"data_crossing_{key}")
    st.caption("Beside test, train is the whole folder, validation included.")


def patients_in_words(audit: Audit) -> list[str]:
    """Return two paragraphs: patients by both readings of the key, and which reading this project uses."""
    narrow = sum(audit.crossed(label, "narrow").keys for label in NAMES)
    inside = sum(row.keys for row in audit.crossing if row.between != CROSSED)
    wide_patients, narrow_patients = (f"{audit.patients[reading]['all']:,} patients" for reading in KEYS)
    shared = [
        f"{_count(row.keys, 'number')} of {name} films ({_of(row, 1)} {name} test films)"
        for label, name in reversed(NAMES.items())
        for row in [audit.crossed(label, "wide")]
    ]
    crossing = f"{narrow:,} of them {'is' if narrow == 1 else 'are'} in both" if narrow else "none of them is in both"
    return [
        f"File names carry the patient, but can be read in two ways. By the **number alone** there are "
        f"{wide_patients}; the folders train and test share {' and '.join(shared)}. By **number and kind** (bacteria, "
        f"virus, `NORMAL2-`) there are {narrow_patients}; {crossing}.",
        "Only the hospital can say which reading is right. Intervals here use the number as the patient key, the more "
        "cautious reading; training and validation share "
        + (f"{_count(inside, 'number')}." if inside else "no number."),
    ]


def _of(row: Crossing, side: int) -> str:
    return f"{row.films[side]:,} of {row.films_of[side]:,}"


def duplicates(audit: Audit, key: str) -> None:
    """Films that are in the data more than once."""
    st.markdown(duplicates_in_words(audit))
    named = [("the same", " = ".join(group.sample_ids)) for group in audit.identical_pixels.listed]
    named += [(f"alike, {pair.correlation:.3f}", " ~ ".join(pair.sample_ids)) for pair in audit.near.listed]
    if named:
        with st.expander("Their names", icon=":material/list:"):
            st.dataframe(
                pd.DataFrame(named, columns=["Films are", "Names"]), hide_index=True, key=f"data_duplicates_{key}"
            )


def copies_in_words(audit: Audit) -> str:
    """``Duplicates: 32 extra copies of 30 images``."""
    same = audit.identical_pixels
    if not same.groups:
        return "Duplicates: none"
    copies = f"{same.extra_films:,} extra {'copy' if same.extra_films == 1 else 'copies'}"
    return f"Duplicates: {copies} of {_count(same.groups, 'image')}"


def duplicates_in_words(audit: Audit) -> str:
    """Return how many films are in the data more than once, where, and how many pairs look alike beyond these."""
    same, near = audit.identical_pixels, audit.near
    text = f"**{copies_in_words(audit)}.**"
    if same.groups:
        places = [f"{count:,} in {split}" for split, count in same.within_split.items() if count]
        across = [
            f"{count or 'none'} {where}"
            for count, where in (
                (same.across_splits, "in two splits"),
                (same.across_labels, "under two labels"),
                (same.across_patients, "under two patient numbers"),
            )
        ]
        text += (
            f" Groups of copies: {', '.join([*places, *across])}. Copies stay in and weigh double; when validation was "
            "cut they stayed together."
        )
    pairs = f"{near.groups:,} further {'pair looks' if near.groups == 1 else 'pairs look'}" if near.groups else ""
    alike = f"{pairs} like the same child" if pairs else "No further pair looks like the same child"
    return f"{text} {alike} (fingerprints correlate at {audit.near_threshold} or above)."


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def left_out(audit: Audit, key: str) -> None:
    """Films that cannot be read, and other remarks."""
    if audit.unreadable:
        st.warning(
            f"{_count(len(audit.unreadable), 'film')} cannot be read, left out of the comparison.",
            icon=":material/warning:",
        )
        st.dataframe(pd.DataFrame(audit.unreadable), hide_index=True, key=f"data_unreadable_{key}")
    for note in audit.notes:
        st.caption(note)

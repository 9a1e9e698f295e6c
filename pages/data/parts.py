"""Parts of Data that show an audit, the committed one or that of a reader's folder: films, patients, duplicates."""

from typing import Any

import pandas as pd
import streamlit as st

from core.charts.data import FlowBox, balance, flow
from core.evidence.data_card import SPLITS, films_by_class
from core.wording import format_percent

BAR = {"displayModeBar": False}
Audited = dict[str, Any]
CROSSED = ("train", "test")
NAMES = {"NORMAL": "normal", "PNEUMONIA": "pneumonia"}
KEYS = {"wide": "number alone", "narrow": "number and kind"}


def prevalence(found: Audited, split: str) -> float:
    """Share of a split's films that are labelled pneumonia; NaN without films."""
    films = films_by_class(found).get(split, {})
    total = sum(films.values())
    return 1 - films.get("normal", 0) / total if total else float("nan")


def crossing(found: Audited, label: str, reading: str) -> Audited:
    """Keys of a label that stand in the folders train and test."""
    return next(
        row
        for row in found["crossing"]
        if (tuple(row["between"]), row["label"], row["reading"]) == (CROSSED, label, reading)
    )


def stations(found: Audited, key: str) -> None:
    """Where the films went, from the files to the three splits."""
    films = {split: sum(by_kind.values()) for split, by_kind in films_by_class(found).items()}
    unreadable = len(found["unreadable"])
    inside = films.get("train", 0) + films.get("validation", 0)
    boxes = [
        FlowBox(x=0.33, row=0, lines=("Files", f"{found['films']:,} films"), width=0.34),
        FlowBox(x=0.83, row=0, lines=("Left out", f"{unreadable:,} unreadable"), width=0.32),
        FlowBox(x=0.33, row=1, lines=("Folder train", f"{inside:,} films")),
        FlowBox(x=0.83, row=1, lines=("Folder test", f"{films.get('test', 0):,} films"), width=0.32),
        *(
            FlowBox(x=x, row=2.15, lines=(split.capitalize(), *_station(found, split)), width=0.32)
            for x, split in zip((0.165, 0.5, 0.835), SPLITS, strict=True)
        ),
    ]
    st.plotly_chart(
        flow(boxes, [(0, 1), (0, 2), (0, 3), (2, 4), (2, 5), (3, 6)]),
        key=f"data_flow_{key}",
        config=BAR,
        alt="How many films went into training, validation and test",
    )


def _station(found: Audited, split: str) -> tuple[str, ...]:
    films = films_by_class(found).get(split, {})
    total, normal = sum(films.values()), films.get("normal", 0)
    patients = found["patients"]["wide"][split]
    return f"{total:,} films", f"{patients:,} patients", f"{normal:,} normal", f"{total - normal:,} pneumonia"


def classes(found: Audited, key: str) -> None:
    """Films of each split by class and pathogen, as bars and in figures."""
    by_split = films_by_class(found)
    rows = [
        (f"{split.capitalize()}, {sum(by_split[split].values()):,} films", by_split[split])
        for split in SPLITS
        if split in by_split
    ]
    st.plotly_chart(
        balance(rows), key=f"data_classes_{key}", config=BAR, alt="Share of normal, bacterial and viral films by split"
    )
    columns = {
        "Split": [one["split"] for one in found["counts"]],
        "Label": [NAMES.get(one["label"], one["label"]) for one in found["counts"]],
        "Pathogen": [one["pathogen"] or "–" for one in found["counts"]],
        "Films": [one["films"] for one in found["counts"]],
        "Patients, by number alone": [one["patients_wide"] for one in found["counts"]],
        "Patients, by number and kind": [one["patients_narrow"] for one in found["counts"]],
    }
    with st.expander("In figures", icon=":material/table:"):
        st.dataframe(pd.DataFrame(columns), hide_index=True, height="content", key=f"data_counts_{key}")


def patients(found: Audited, key: str) -> None:
    """Which patient keys stand on both sides of a split, under both readings of the key."""
    narrow = sum(crossing(found, label, "narrow")["keys"] for label in NAMES)
    inside = sum(row["keys"] for row in found["crossing"] if tuple(row["between"]) != CROSSED)
    everyone = {reading: f"{number['all']:,} patients" for reading, number in found["patients"].items()}
    st.markdown(
        f"File names carry the patient, but can be read in two ways. By the **number alone** there are "
        f"{everyone['wide']}; the folders train and test share {_shared(found, 'PNEUMONIA')}, and "
        f"{_shared(found, 'NORMAL')}. By **number and kind** (bacteria, virus, `NORMAL2-`) there are "
        f"{everyone['narrow']} and {narrow or 'none'} of them cross."
    )
    st.markdown(
        "Nobody outside the hospital can say which reading is right. Intervals here count patients by the number "
        "alone, the more cautious way; between training and validation "
        + ("no number is shared." if not inside else f"{inside:,} keys are shared.")
    )
    table = pd.DataFrame(
        {
            "Between": [" and ".join(row["between"]) for row in found["crossing"]],
            "Key": [KEYS[row["reading"]] for row in found["crossing"]],
            "Label": [NAMES.get(row["label"], row["label"]) for row in found["crossing"]],
            "Keys on both sides": [row["keys"] for row in found["crossing"]],
            "Films, first side": [_of(row, 0) for row in found["crossing"]],
            "Films, second side": [_of(row, 1) for row in found["crossing"]],
        }
    )
    st.dataframe(table, hide_index=True, height="content", key=f"data_crossing_{key}")
    st.caption("Beside test, train is the whole folder, validation included.")


def _shared(found: Audited, label: str) -> str:
    """``170 numbers of pneumonia films, which touch 320 of 390 pneumonia test films``."""
    row, name = crossing(found, label, "wide"), NAMES[label]
    return f"{_count(row['keys'], 'number')} of {name} films, which touch {_of(row, 1)} {name} test films"


def _of(row: Audited, side: int) -> str:
    return f"{row['films'][side]:,} of {row['films_of'][side]:,}"


def duplicates(found: Audited, key: str) -> None:
    """Films that stand in the data more than once."""
    same, near = found["identical_pixels"], found["near"]
    where = ", ".join(f"{count} in {split}" for split, count in same["within_split"].items() if count)
    stand = "stands" if same["groups"] == 1 else "stand"
    pairs = "pair looks" if near["groups"] == 1 else "pairs look"
    st.markdown(
        f"**{_count(same['groups'], 'film')} {stand} there more than once**, {_copies(same['extra_films'])} too many"
        f"{f': groups {where}' if where else ''}. {_across(same['across_splits'], 'in two splits')}, "
        f"{_across(same['across_labels'], 'under two labels', low=True)}, "
        f"{_across(same['across_patients'], 'under two patient numbers', low=True)}. Copies stay in and weigh double; "
        f"when validation was cut they stayed together. Beyond these, {near['groups']:,} {pairs} like the same child "
        f"(fingerprints correlate at {found['near_threshold']} or above)."
    )
    named = [("the same", " = ".join(group["sample_ids"])) for group in same["listed"]]
    named += [(f"alike, {pair['correlation']:.3f}", " ~ ".join(pair["sample_ids"])) for pair in near["listed"]]
    if named:
        with st.expander("Their names", icon=":material/list:"):
            st.dataframe(
                pd.DataFrame(named, columns=["Films are", "Names"]), hide_index=True, key=f"data_duplicates_{key}"
            )


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _copies(number: int) -> str:
    return f"{number:,} {'copy' if number == 1 else 'copies'}"


def _across(groups: int, what: str, *, low: bool = False) -> str:
    text = f"{groups or 'none'} {'lies' if groups in (0, 1) else 'lie'} {what}"
    return text if low else text.capitalize()


def left_out(found: Audited, key: str) -> None:
    """Films that cannot be read, and other remarks."""
    if found["unreadable"]:
        st.warning(
            f"{_count(len(found['unreadable']), 'film')} cannot be read, left out of the comparison.",
            icon=":material/warning:",
        )
        st.dataframe(pd.DataFrame(found["unreadable"]), hide_index=True, key=f"data_unreadable_{key}")
    for note in found["notes"]:
        st.caption(note)


def prevalence_in_words(found: Audited) -> str:
    """``74.2 % of the training films``."""
    return ", ".join(f"{format_percent(prevalence(found, split))} of the {split} films" for split in SPLITS)

"""Similar: the training films that the served model answers most alike."""

from pathlib import Path

import pandas as pd
import streamlit as st

from core.errors import InputError
from core.explain.neighbours import Neighbour
from core.explain.trust import read_explanations
from core.imaging.decode import read_film
from core.runs.record import Run
from core.types import UInt8Array
from core.wording import format_percent
from pages.read.cache import similar
from pages.shared import cache as cached
from pages.shared.film_state import CurrentFilm, as_code
from pages.shared.folder import choose_folder
from pages.shared.layout import errors_shown
from pages.shared.thumbnails import thumbnail

UNLIKE = 95.0  # per cent of train films that are nearer to another one than this film is to any
SAME = 0.001  # of the distance; the index rounds features by about as much
SIDE = 320  # pixels of a picture


def neighbours(current: CurrentFilm, runs: list[Run]) -> None:
    """Show the nearest films with label and patient, and their pictures where the data set is present."""
    run = cached.served_run()
    nearest = similar(current, run)
    ill = sum(neighbour.label == "PNEUMONIA" for neighbour in nearest)
    st.markdown(
        f"The {len(nearest)} most similar training films, as *{run.title}* sees them: **{ill}** labelled pneumonia, "
        f"**{len(nearest) - ill}** normal."
    )
    if nearest[0].distance < SAME:
        st.warning(
            f"This film was in the training set ({as_code(_name(nearest[0]))}). The result is not a fair test.",
            icon=":material/warning:",
        )
    elif nearest[0].nearest_percentile > UNLIKE:
        st.warning(
            "This film is unlike all that the model was trained on: "
            f"{format_percent(nearest[0].nearest_percentile / 100)} of "
            "the training films have a nearer neighbour. Take its answer with caution.",
            icon=":material/warning:",
        )
    st.dataframe(
        _table(nearest),
        hide_index=True,
        height="content",
        column_config={
            "File": st.column_config.TextColumn(pinned=True),
            "Distance": st.column_config.NumberColumn(
                format="%.3f", help="Cosine distance of the model's pooled features: 0 alike, 1 unrelated."
            ),
            "Nearer pairs, %": st.column_config.NumberColumn(
                format="%.2f",
                help="Share of all pairs of training films of different patients that lie nearer together than this.",
            ),
        },
        alt="Nearest training films with label, patient and distance",
    )
    st.caption(
        "Similar means that the network answers two films alike, be it for the lungs, the framing, the exposure or a "
        "letter in the corner. It does not mean the same disease, and the neighbours' labels are no second opinion: "
        "the network that gave the verdict chose them too. " + _worth(run)
    )
    fold = st.expander("Show their pictures", icon=":material/image:", key="read_similar_fold", on_change="rerun")
    if fold.open:
        with fold, errors_shown():
            folder = choose_folder()
            if folder is not None:
                _pictures(folder, nearest)


def _table(nearest: list[Neighbour]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "File": [_name(neighbour) for neighbour in nearest],
            "Label": [neighbour.label.lower() for neighbour in nearest],
            "Patient": [neighbour.patient for neighbour in nearest],
            "Distance": [neighbour.distance for neighbour in nearest],
            "Nearer pairs, %": [neighbour.percentile for neighbour in nearest],
        }
    )


def _name(neighbour: Neighbour) -> str:
    return neighbour.file.rsplit("/", 1)[-1]


def _worth(run: Run) -> str:
    """How often neighbours had the film's own label on validation; empty where that was not measured of this run."""
    measured = read_explanations().similar
    if (measured.run_id, measured.weights_hash) != (run.run_id, run.record.weights_hash):
        return ""
    parts = [
        f"{format_percent(agreement.agree)} for {label.lower()} films, {format_percent(agreement.by_chance)} by chance"
        for label, agreement in measured.labels.items()
    ]
    return (
        f"On {measured.n:,} validation films the {measured.neighbours} nearest had the film's own label: "
        f"{'; '.join(parts)}."
    )


def _pictures(folder: Path, nearest: list[Neighbour]) -> None:
    with st.grid(5, min_column_width=150, gap="small"):
        for neighbour in nearest:
            with st.container(gap="xxsmall"):
                try:
                    picture = _picture(str(folder / neighbour.file))
                except InputError:
                    st.caption(f"{as_code(neighbour.file)} is not in this folder or cannot be read.")
                    continue
                st.image(picture, width="stretch", alt=f"{neighbour.label.lower()} film of patient {neighbour.patient}")
                st.caption(f"{as_code(_name(neighbour))} {neighbour.label.lower()}, {neighbour.distance:.3f}")


@st.cache_data(scope="session", max_entries=20, show_spinner=False)
def _picture(path: str) -> UInt8Array:
    return thumbnail(read_film(Path(path)).pixels, SIDE)

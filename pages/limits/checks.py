"""Findings of Limits about what stands before a model and behind its labels: the gate, suspect labels."""

import pandas as pd
import streamlit as st

from core.charts.limits import Group, Point, bars, grouped_dots
from core.errors import ArtifactError
from core.evidence.suspects import LIMIT, suspects
from core.gate import gate_rates
from core.results.store import read_numbers
from core.runs.record import Run
from core.wording import format_figure, format_percent, format_rate
from pages.limits.parts import finding, point, these_films
from pages.shared import cache as cached
from pages.shared.cache import key
from pages.shared.chart_cache import drawn
from pages.shared.thumbnails import PICTURES, pictures


def gate(_: Run, __: list[Run]) -> None:
    """What the gate refuses of chest films and lets through of what is none."""
    rates = gate_rates()
    films = {
        f"Children, validation, {rates.validation.n:,}": rates.validation,
        f"The same, changed, {rates.stress.n:,}": rates.stress,
        f"Adults, {rates.adults.n:,}": rates.adults,
    }
    if rates.test is not None:
        films[f"Children, test, {rates.test.n:,}"] = rates.test
    worst = rates.left_out[rates.worst_kind]
    finding(
        "The gate knows children's films best.",
        f"It refuses {format_rate(rates.validation.refused)} of children's chest films (validation) and "
        f"{format_rate(rates.adults.refused)} of adults'. Of kinds of pictures that it was not fitted on it refuses "
        f"{format_percent(rates.caught_mean)} on average, of the worst ({rates.worst_kind}) "
        f"{format_rate(worst.refused)}.",
        "A film that passes is not proven to be one that the models can judge. Films from the side and of other parts "
        "of the body were not at hand to try.",
        drawn(
            grouped_dots,
            [
                Group(
                    title="Refused",
                    symbol="circle",
                    points=[Point(row=name, estimate=share.refused) for name, share in films.items()],
                ),
                Group(
                    title="Refused or warned of",
                    symbol="circle-open",
                    points=[Point(row=name, estimate=share.not_accepted) for name, share in films.items()],
                ),
            ],
            "Chest films that the gate stops, %",
        ),
        "gate",
        "Share of chest films that the gate refuses or warns of, by group",
    )


def patients(chosen: Run, shown: list[Run]) -> None:
    """Test films whose patient number is also among the training films, beside the others."""
    found = {run.run_id: read_numbers(run) for run in shown}
    ours = found[chosen.run_id]
    if set(ours) != {"shared", "new"}:
        raise ArtifactError(f"results.json knows nothing of {chosen.run_id} by patient number; run: make results")
    metrics = ("sensitivity", "specificity", "auroc")
    shared, new = ({metric: ours[side].metrics[metric] for metric in metrics} for side in ("shared", "new"))
    ranking = "no worse" if new["auroc"].value >= shared["auroc"].value else "worse"
    counts = {side: (part.positives, part.n - part.positives) for side, part in ours.items()}
    finding(
        "Some test children may be known from training.",
        f"{counts['shared'][0]} of {sum(ill for ill, _ in counts.values())} pneumonia and {counts['shared'][1]} of "
        f"{sum(well for _, well in counts.values())} normal test films bear a patient number that the training folder "
        "holds as well; nobody outside the hospital can say whether it is the same child. On those "
        f"*{chosen.title}* has a sensitivity of {format_rate(shared['sensitivity'])} and a specificity of "
        f"{format_rate(shared['specificity'])}; on the films with numbers of their own "
        f"{format_rate(new['sensitivity'])} and "
        f"{format_rate(new['specificity'])}.",
        "If numbers are children, a hospital that is new to the model should expect the second pair of figures. The "
        f"model ranks films with numbers of their own {ranking} than the others: AUROC {format_figure(new['auroc'])} "
        f"against {format_figure(shared['auroc'])}.",
        drawn(
            grouped_dots,
            [
                Group(
                    title=title,
                    symbol=symbol,
                    points=[
                        point(run, sides[side].metrics["sensitivity"])
                        for run in shown
                        if side in (sides := found[run.run_id])
                    ],
                )
                for side, title, symbol in (
                    ("shared", "Number also in train", "circle"),
                    ("new", "Number not in train", "diamond-open"),
                )
            ],
            "Sensitivity on test, %",
        ),
        "patients",
        "Sensitivity of every model on test films whose patient number the training folder holds, and on the others",
    )


def labels(_: Run, shown: list[Run]) -> None:
    """Films whose label all models contradict with confidence."""
    found = _suspects(tuple((key(run), run.record.weights_hash) for run in shown))
    counts = found["label"].value_counts()
    normal, pneumonia = (int(counts.get(label, 0)) for label in ("normal", "pneumonia"))
    finding(
        "Some labels may be wrong.",
        f"There {'is 1 validation film' if len(found) == 1 else f'are {len(found)} validation films'} to whose label "
        f"no model gives {format_percent(LIMIT, 0)}, both labels taken as equally frequent: {normal} labelled normal, "
        f"{pneumonia} labelled pneumonia. Labels are two physicians' "
        "reading of the film, not an outcome; readers of such films agree with a kappa of 0.4 to 0.6 "
        "(10.1002/ppul.22806).",
        "A doctor should look at these films again; until then no figure here can be better than its labels. A hard "
        "film and a wrong label look the same from here.",
        drawn(bars, {"Labelled normal": normal, "Labelled pneumonia": pneumonia}, "Validation films"),
        "labels",
        "Validation films whose label every model contradicts, by label",
    )
    box = st.expander(f"{these_films(len(found))} by name", on_change="rerun", key="limits_suspects")
    if box.open:
        with box:
            st.dataframe(
                found.rename(columns={"sample_id": "Film", "label": "Label", "highest": "Most for its label"}),
                hide_index=True,
                column_config={
                    "Most for its label": st.column_config.NumberColumn(
                        format="%.3f", help="The highest calibrated probability of its own label among all models."
                    )
                },
                alt="Validation films whose label every model contradicts",
            )
            if len(found):
                pictures(found.groupby("label").head(PICTURES), "label", key="limits_suspect_pictures")


@st.cache_data(max_entries=8, show_spinner=False)
def _suspects(names: tuple[tuple[str, str], ...]) -> pd.DataFrame:
    return suspects([cached.find(*name) for name in names])

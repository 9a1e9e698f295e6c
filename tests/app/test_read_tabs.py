"""A closer look on Read: each tab says what core computes, nothing of it before it is opened or after a refusal."""

import base64
import io
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import streamlit as st
from PIL import Image
from pypdf import PdfReader
from streamlit.testing.v1 import AppTest

from core.explain.counterfactual import counterfactual, levels
from core.explain.geometry import field_on_film
from core.explain.methods import METHODS, explain
from core.explain.neighbours import find_nearest
from core.explain.trust import findings_of, leading_method
from core.imaging.decode import decode_film
from core.imaging.film import Film
from core.imaging.perturbations import FACTORS
from core.inference.model import Model
from core.inference.network import CAM, Network
from core.runs.record import Run
from core.runs.store import list_runs, representative, served
from core.wording import MINUS, format_decimal, format_percent, format_score
from pages.read import cache as read_cached
from pages.read import export as read_export
from pages.read import similar as read_similar
from pages.read import what_if as read_change
from pages.read import why as read_why
from pages.read.tabs import TABS
from pages.shared.cache import key
from pages.shared.film_state import CURRENT
from tests.app.conftest import open_read
from tests.support.app import upload

LAYERS, WHY, CHANGE, SIMILAR, EXPORT = TABS


@pytest.fixture
def ours(monkeypatch: pytest.MonkeyPatch) -> Run:
    """The served run of the committed artifacts."""
    monkeypatch.delenv("LUNGLENS_ARTIFACTS", raising=False)
    monkeypatch.delenv("LUNGLENS_DATA", raising=False)
    return served(list_runs()[0])


@pytest.fixture
def film(film_bytes: bytes) -> Film:
    return decode_film(film_bytes, "film.jpeg")


@pytest.fixture
def downloads(monkeypatch: pytest.MonkeyPatch) -> dict[str, Callable[[], bytes]]:
    """What download buttons would give, by file name."""
    found: dict[str, Callable[[], bytes]] = {}

    def remember(label: str, data: Callable[[], bytes], *, file_name: str, **options: object) -> bool:
        found[file_name] = data
        return False

    monkeypatch.setattr(st, "download_button", remember)
    return found


def open_tab(data: bytes, tab: str) -> AppTest:
    app = open_read()
    app.session_state["read_tabs"] = tab
    return upload(app, "film.jpeg", data)


def said(app: AppTest, words: str) -> str:
    """The one text with these words."""
    (found,) = [text.value for kind in ("markdown", "caption") for text in getattr(app, kind) if words in text.value]
    return found


def drawn(app: AppTest, alt: str) -> dict:
    """The figure with this description."""
    (found,) = [chart.proto for chart in app.get("plotly_chart") if alt in chart.proto.alt]
    return json.loads(found.spec)


def numbers(values: dict[str, str]) -> list[float]:
    """Values of a trace as Plotly packs them."""
    return np.frombuffer(base64.b64decode(values["bdata"]), values["dtype"]).tolist()


def test_nothing_is_computed_before_its_tab_is_opened(
    ours: Run, film_bytes: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    def early(*arguments: object, **options: object) -> None:
        raise AssertionError("computed before it was asked for")

    for name in ("find_nearest", "counterfactual"):
        monkeypatch.setattr(read_cached, name, early)
    monkeypatch.setattr(read_why, "findings_of", early)
    monkeypatch.setattr(read_export, "make_report", early)
    monkeypatch.setattr(Network, "channel_effects", early)
    app = upload(open_read(), "film.jpeg", film_bytes)
    assert [tab.label for tab in app.tabs] == list(TABS)


def test_reading_first_hides_every_tab(ours: Run, film_bytes: bytes) -> None:
    app = open_tab(film_bytes, SIMILAR)
    app.toggle(key="read_yourself").set_value(True).run()
    assert not app.tabs
    assert not any("labelled pneumonia and" in text.value for text in app.markdown)


def test_channels_are_ranked_by_their_effect(ours: Run, film_bytes: bytes, film: Film) -> None:
    app = upload(open_read(), "film.jpeg", film_bytes)
    app.segmented_control(key="read_ranking").set_value("Effect on the score").run()
    assert not app.exception
    model, layer = Model(ours), ours.record.layers[0]
    image = model.prepare(film)
    effects = model.network.channel_effects(image, layer.name)
    (grid,) = [one for one in components(app) if "tiles" in one]
    order = [channel for channel, _, _ in grid["tiles"]]
    assert (np.diff(np.abs(effects[order])) <= 0).all()
    assert [note for _, _, note in grid["tiles"]] == [
        f"{effects[channel]:+.2g}".replace("-", MINUS) for channel in order
    ]
    strongest = order[0]
    assert app.selectbox(key=f"read_channel_{ours.run_id}_{layer.name}_effect").value == strongest
    score, logit = model.network.switch_off(image, layer.name, [strongest])
    plain = model.predict(film)
    assert abs(logit - plain.logit) > 0.01
    text = said(app, f"Switching channel {strongest} off moves the logit by")
    assert f"**{format_decimal(logit - plain.logit, 3, '+')}**" in text
    assert format_score(score) in text


def components(app: AppTest) -> list[dict]:
    return [json.loads(one.proto.json) for one in app.get("bidi_component")]


def test_the_field_of_the_ring_is_drawn_on_the_film(ours: Run, film_bytes: bytes, film: Film) -> None:
    app = upload(open_read(), "film.jpeg", film_bytes)
    layer = ours.record.layers[2]
    app.select_slider(key=f"read_layer_{ours.run_id}").set_value(layer.name).run()
    (shown,) = [one for one in components(app) if "picked" in one and "tiles" not in one]
    row, column = shown["picked"]
    channel = app.selectbox(key=f"read_channel_{ours.run_id}_{layer.name}").value
    values = Model(ours).network.feature_map(Model(ours).prepare(film), layer.name)[:, :, channel]
    assert values[row, column] == values.max()
    digest, name, *_ = app.session_state[CURRENT].digest, key(ours)
    app.session_state["read_place"] = ((digest, name, layer.name, channel), (3, 7))
    app.run()
    assert "row 4, column 8" in said(app, "The ring is at")
    size = ours.input
    seen = field_on_film(layer, 3, 7, input_size=(size.width, size.height), film_size=film.size)
    box = drawn(app, "what the value in row 4, column 8 sees")["layout"]["shapes"][-1]
    assert (box["x0"], box["x1"], box["y0"], box["y1"]) == (seen.left, seen.right, seen.top, seen.bottom)


def test_filters_of_the_first_layer(ours: Run, film_bytes: bytes) -> None:
    app = open_read()
    app.session_state["read_filters"] = True
    app = upload(app, "film.jpeg", film_bytes)
    weights = Model(ours).network.first_weights().sum(axis=2)
    grids = [one for one in components(app) if "tiles" in one]
    filters = next(grid for grid in grids if grid["tiles"][0][1].startswith("Filter"))
    assert len(filters["tiles"]) == weights.shape[-1]
    low, high = weights[:, :, 0].min(), weights[:, :, 0].max()
    assert filters["tiles"][0][2] == f"{low:.2g} to {high:.2g}"


def test_why_shows_the_map_with_what_was_measured_of_it(ours: Run, film_bytes: bytes, film: Film) -> None:
    app = open_tab(film_bytes, WHY)
    model, method = Model(ours), leading_method(ours)
    values = explain(model.network, model.prepare(film), method.name).values
    figure = drawn(app, f"under the map: {method.title}")
    heat = next(trace for trace in figure["data"] if trace["type"] == "heatmap")
    assert heat["opacity"] == 0.6
    assert heat["zmax"] == pytest.approx(float(np.abs(values).max()))
    measured = findings_of(ours, method.name)
    assert measured is not None
    wins = measured.against["random"].deletion
    assert format_percent(wins.value) in said(app, "random map that is as smooth")
    doubts = [warning.value for warning in app.warning if "better than" in warning.value]
    assert bool(doubts) == (not (measured.beats_chance and measured.beats_other_film))


def test_a_method_no_better_than_chance_is_said_to_be(
    ours: Run, film_bytes: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    measured = findings_of(ours, CAM)
    assert measured is not None
    monkeypatch.setattr(read_why, "findings_of", lambda run, method: replace(measured, beats_chance=False))
    app = open_tab(film_bytes, WHY)
    assert any("did not do better than chance" in warning.value for warning in app.warning)


def test_what_was_not_measured_is_said(ours: Run, film_bytes: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(read_why, "findings_of", lambda run, method: None)
    app = open_tab(film_bytes, WHY)
    assert any("was not measured" in warning.value for warning in app.warning)
    assert not any("random map that is as smooth" in text.value for text in app.markdown)


def test_another_model_starts_with_its_own_first_method(ours: Run, film_bytes: bytes) -> None:
    other = next(run for run in representative(list_runs()[0]) if leading_method(run) != leading_method(ours))
    app = open_tab(film_bytes, WHY)
    app.pills(key="read_why_model").set_value(key(other)).run()
    assert not app.exception
    assert drawn(app, f"under the map: {leading_method(other).title}")


def test_an_activation_map_is_drawn_at_once(ours: Run, film_bytes: bytes, film: Film) -> None:
    app = open_tab(film_bytes, WHY)
    app.segmented_control(key=f"read_why_method_3_{leading_method(ours).name}").set_value(METHODS[CAM].title).run()
    assert not app.exception
    model = Model(ours)
    values = explain(model.network, model.prepare(film), CAM).values
    figure = drawn(app, "under the map: Class activation map")
    heat = next(trace for trace in figure["data"] if trace["type"] == "heatmap")
    assert heat["zmax"] == pytest.approx(float(np.abs(values).max()))


@pytest.mark.parametrize("method", ["Occlusion map", "Score-CAM"])
def test_slow_maps_are_drawn_when_asked_and_kept(
    ours: Run, film_bytes: bytes, film: Film, method: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(read_why, "leading_method", lambda run: METHODS[CAM])
    app = open_tab(film_bytes, WHY)
    app.segmented_control(key=f"read_why_method_3_{CAM}").set_value(method).run()
    assert not app.exception
    assert not any(method in chart.proto.alt for chart in app.get("plotly_chart"))
    app.button(key="read_why_draw").click().run()
    assert not app.exception
    model = Model(ours)
    name = "occlusion" if method == "Occlusion map" else "score_cam"
    values = explain(model.network, model.prepare(film), name).values
    heat = next(trace for trace in drawn(app, f"map: {method}")["data"] if trace["type"] == "heatmap")
    assert heat["zmax"] == pytest.approx(float(np.abs(values).max()))
    app.run()
    assert drawn(app, f"map: {method}")
    assert not any(button.key in ("read_why_draw", "read_why_stop") for button in app.button)


def test_a_blank_map_is_said_to_be_blank(ours: Run, film_bytes: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = read_why._computed

    def blank(*arguments: object) -> object:
        found = plain(*arguments)
        return None if found is None else replace(found, values=np.zeros_like(found.values))

    monkeypatch.setattr(read_why, "_computed", blank)
    monkeypatch.setattr(read_why, "keep_map", lambda *arguments: None)
    app = open_tab(film_bytes, WHY)
    assert any("is blank" in info.value for info in app.info)
    assert not any(
        trace["type"] == "heatmap"
        for chart in app.get("plotly_chart")
        if "film on black" in chart.proto.alt
        for trace in json.loads(chart.proto.spec)["data"]
    )


def test_what_if_draws_the_score_of_two_models(ours: Run, film_bytes: bytes, film: Film) -> None:
    app = open_tab(film_bytes, CHANGE)
    other = next(option for option in app.selectbox(key="read_change_second").options if "CNN, Adam" in option)
    run = next(run for run in representative(list_runs()[0]) if run.title == other)
    shown = app.selectbox(key="read_change_second")
    shown.select_index(shown.options.index(other)).run()
    app.segmented_control(key="read_change").set_value("exposure").run()
    level = levels("exposure")[0]
    app.select_slider(key="read_change_exposure").set_value(level).run()
    assert not app.exception
    for one in (ours, run):
        curve = drawn(app, f"Score of {one.title} over exposure")
        if one is ours:
            rows = counterfactual(Model(one), film, ("exposure",))
            assert numbers(curve["data"][0]["y"]) == pytest.approx(rows["score"].tolist(), abs=1e-5)
            assert f"here {format_score(float(rows['score'].iloc[0]))}" in said(app, f"**{one.title}**, here")
        lines = [shape for shape in curve["layout"]["shapes"] if shape["type"] == "line"]
        assert len(lines) == 2  # the threshold and the slider
        assert any(shape.get("y0") == one.record.threshold for shape in lines)


@pytest.mark.parametrize(
    ("scores", "words"),
    [
        ((0.1, 0.2, 0.9), "crosses the threshold"),
        ((0.1, 0.2, 0.4), "a **shortcut**"),
        ((0.1, 0.1, 0.15), "makes little difference here"),
    ],
)
def test_a_large_move_is_called_what_it_is(film: Film, ours: Run, scores: tuple[float, ...], words: str) -> None:
    rows = pd.DataFrame({"value": [0.5, 1.0, 2.0], "score": scores})
    assert words in read_change.sentence(rows, FACTORS["exposure"], 0.5)


def test_similar_films_are_those_of_core(ours: Run, film_bytes: bytes, film: Film) -> None:
    app = open_tab(film_bytes, SIMILAR)
    found = find_nearest(Model(ours), film)
    table = app.dataframe[-1].value
    assert table["File"].tolist() == [one.file.rsplit("/", 1)[-1] for one in found]
    assert table["Patient"].tolist() == [one.patient for one in found]
    assert table["Distance"].tolist() == pytest.approx([one.distance for one in found])
    assert "no second opinion" in said(app, "no second opinion")
    ill = sum(one.label == "PNEUMONIA" for one in found)
    assert f"**{ill}** labelled pneumonia" in said(app, "most similar training films")


def test_a_film_of_training_is_said_to_be_one(ours: Run, film_bytes: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    known = find_nearest(Model(ours), decode_film(film_bytes, "film.jpeg"))
    monkeypatch.setattr(read_similar, "similar", lambda *_: [replace(known[0], distance=0.0), *known[1:]])
    app = open_tab(film_bytes, SIMILAR)
    assert any("was in the training set" in warning.value for warning in app.warning)


def test_pictures_of_similar_films_come_from_the_readers_folder(
    ours: Run, film_bytes: bytes, film: Film, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, *_ = find_nearest(Model(ours), film)
    path = tmp_path / first.file
    path.parent.mkdir(parents=True)
    path.write_bytes(film_bytes)
    monkeypatch.setenv("LUNGLENS_DATA", str(tmp_path))
    app = open_read()
    app.session_state["read_tabs"] = SIMILAR
    app.session_state["read_similar_fold"] = True
    app = upload(app, "film.jpeg", film_bytes)
    missing = [text.value for text in app.caption if "is not in this folder" in text.value]
    assert len(missing) == 4
    assert first.file.rsplit("/", 1)[-1] in said(app, f"{first.label.lower()}, {first.distance:.3f}")


def test_a_missing_index_is_one_line(artifacts: Path, film_bytes: bytes) -> None:
    app = open_tab(film_bytes, SIMILAR)
    assert any("index.npz" in error.value for error in app.error)
    assert len(app.dataframe) == 1  # the verdict's table alone


def test_exports_hold_the_verdict_of_the_page(
    ours: Run, film_bytes: bytes, film: Film, downloads: dict[str, Callable[[], bytes]]
) -> None:
    app = open_read()
    app.session_state["read_tabs"] = EXPORT
    app = upload(app, "../<b>x</b> `y`.jpeg", film_bytes)
    app.number_input(key="read_prevalence").set_value(40.0).run()
    by_suffix = {name.rsplit(".", 1)[1]: name for name in downloads}
    assert set(by_suffix) == {"pdf", "json", "png"}
    assert all(name.startswith("lunglens-") and name.rsplit(".", 1)[0][9:].isalnum() for name in downloads)
    document = json.loads(downloads[by_suffix["json"]]())
    expected = Model(ours).predict(film, 0.4)
    assert document["prevalence"] == 0.4
    assert document["models"][0]["run_id"] == ours.run_id
    assert document["models"][0]["score"] == pytest.approx(expected.score)
    assert document["models"][0]["probability"] == pytest.approx(expected.probability)
    assert document["gate"]["verdict"] == "accept"
    pages = PdfReader(io.BytesIO(downloads[by_suffix["pdf"]]())).pages
    assert len(pages) == 1
    assert format_score(expected.score) in pages[0].extract_text()
    with Image.open(io.BytesIO(downloads[by_suffix["png"]]())) as picture:
        assert picture.format == "PNG"
        assert np.ptp(np.asarray(picture).astype(int), axis=2).max() > 20  # the map's colours are in it

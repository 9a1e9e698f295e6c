"""Inside the network through the app: every model's layers, filters and the way of a film through them."""

import base64
import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from core.charts.network import map_strip, unit_strip
from core.data.samples import list_samples
from core.explain.geometry import rank_channels
from core.imaging.decode import decode_film
from core.imaging.film import resize
from core.inference.model import Model
from core.manifest import write_manifest
from core.results.store import read_results
from core.runs.record import Run
from core.runs.store import served
from core.wording import BANNER, format_figure, format_score
from pages.inside.film import CURRENT_FILM, SHOWN
from pages.shared.film_state import CURRENT, CurrentFilm
from pages.shared.navigation import INSIDE
from tests.support.app import chart_keys, open_app, text_of
from tests.support.runs import median_runs

PAGE = INSIDE.path
WAY, FILTERS = "The way of one film", "What the first layer looks for"
FIGURES, AGAINST = "The layers in figures", "Dense layers against convolutions"


def opened(run: Run | None = None, tab: str | None = None) -> AppTest:
    app = open_app(PAGE, **({"inside_tabs": tab} if tab else {}))
    if run is not None and run.run_id != served(median_runs()).run_id:
        app.get_by_key("inside_model").set_value(f"ours:{run.run_id}").run()
    assert not app.exception
    assert not app.error
    assert not app.warning
    return app


def component(app: AppTest) -> dict[str, Any]:
    (found,) = app.get("bidi_component")
    return json.loads(found.proto.json)


every_run = pytest.mark.parametrize("run", median_runs(), ids=lambda run: run.run_id)


@every_run
def test_a_model_is_summed_up_and_drawn(run: Run) -> None:
    app = opened(run)
    text = text_of(app)
    assert app.title[0].value == "What does each layer make of the film?"
    assert f"**{run.title}** turns {run.input.width} × {run.input.height} pixels into one number" in text
    assert f"{run.record.parameters:,} weights" in text
    assert f"{run.record.multiply_adds / 1e6:,.1f} million multiply-adds" in text
    assert "inside_blocks" in chart_keys(app)
    chart = json.loads(app.get("plotly_chart")[0].proto.spec)
    drawn = set(chart["layout"]["xaxis"]["ticktext"])
    assert len(drawn) == 1 + len(run.architecture.main)
    assert ("Arcs are skip connections" in text) == bool(run.architecture.skips)
    assert BANNER in text


@every_run
def test_the_way_shows_every_layer_of_a_sample(run: Run) -> None:
    app = opened(run, WAY)
    rows = component(app)["rows"]
    assert [row["name"] for row in rows] == ["film", *(layer.name for layer in run.record.layers)]
    model = Model(run)
    sample = list_samples()[0]
    film = decode_film(sample.path.read_bytes(), sample.path.name)
    image = resize(film.pixels, run.input.height, run.input.width)
    for layer, row in zip(run.record.layers, rows[1:], strict=True):
        values = model.network.feature_map(image, layer.name)
        spatial = values.ndim == 3
        strip = map_strip(values, list(rank_channels(values)[:SHOWN])) if spatial else unit_strip(values)
        assert row["source"] == f"data:image/png;base64,{base64.b64encode(strip).decode()}"
        silent = int((np.abs(values).reshape(-1, values.shape[-1]).max(axis=0) == 0).sum())
        assert (f"{silent} of {values.shape[-1]}" if silent else f"all {values.shape[-1]} ") in row["caption"]
    assert f"a score of **{format_score(float(model.network.score(image[None])[0][0]))}**" in text_of(app)


def test_another_sample_takes_another_way() -> None:
    app = opened(tab=WAY)
    first = component(app)["rows"]
    app.get_by_key("inside_film").select_index(5).run()
    assert not app.exception
    second = component(app)["rows"]
    assert all(a["source"] != b["source"] for a, b in zip(first, second, strict=True))


def test_the_film_at_hand_comes_first_and_is_named_as_such(film_bytes: bytes) -> None:
    app = opened(tab=WAY)
    film = decode_film(film_bytes, "film.jpeg")
    app.session_state[CURRENT] = CurrentFilm(
        film=film, digest="0" * 64, title="`film.jpeg`, your upload", origin="upload"
    )
    app.run()
    assert not app.exception
    (choice,) = [box for box in app.selectbox if box.label == "Film"]
    assert choice.value == CURRENT_FILM
    assert "`film.jpeg`, your upload" in text_of(app)
    shown = component(app)["rows"][0]["source"].split(",")[1]
    picture = np.asarray(Image.open(io.BytesIO(base64.b64decode(shown))))
    side = served(median_runs()).input
    step = picture.shape[0] // side.height
    assert (picture[::step, ::step] == resize(film.pixels, side.height, side.width)).all()


@every_run
def test_first_filters_are_all_there(run: Run) -> None:
    shown = component(opened(run, FILTERS))
    assert sorted(tile[0] for tile in shown["tiles"]) == list(range(run.record.layers[0].shape[-1]))


@every_run
def test_the_table_adds_up_to_the_record(run: Run) -> None:
    app = opened(run, FIGURES)
    table = app.dataframe[0].value
    assert table["Layer"].tolist() == [layer.name for layer in run.architecture.layers]
    assert table["Weights"].sum() == run.record.parameters
    assert table["Multiply-adds"].sum() == run.record.multiply_adds


def test_dense_against_convolutions_is_said_in_figures() -> None:
    app = opened(tab=AGAINST)
    text, table = text_of(app), app.dataframe[0].value
    assert table["Model"].tolist() == [run.title for run in median_runs()]
    assert table["Weights"].tolist() == [run.record.parameters for run in median_runs()]
    results = read_results()
    assert table["AUROC on test"].tolist() == [
        format_figure(results[run.run_id]["test"].metrics["auroc"]) for run in median_runs()
    ]
    dense = next(run for run in median_runs() if not run.has_feature_maps)
    assert f"{64 * 64 * 64:,} of its {dense.record.parameters:,} weights tie one unit to one pixel" in text
    assert "each of the 896 in *conv1* is used at 3,844 places" in text
    assert {key for key in chart_keys(app) if key.startswith("inside_share_")}


def test_without_models_there_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LUNGLENS_ARTIFACTS", str(tmp_path))
    write_manifest()
    app = open_app(PAGE)
    assert not app.exception
    assert any("No trained model was found" in error.value for error in app.error)

"""Read an X-ray: a film gets each model's verdict and its feature maps; what cannot be used is said, never judged."""

import io
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from core.data.samples import list_not_films
from core.evaluation.verdict import Verdict
from core.explain.methods import explain
from core.explain.trust import doubt, leading_method
from core.imaging.decode import decode_film
from core.inference.model import Model, Prediction
from core.inference.sentences import prediction_sentences
from core.manifest import write_manifest
from core.runs.record import Run
from core.runs.store import list_runs, representative, served
from core.wording import VERDICT_WORDS, format_decimal, format_probability, format_score
from pages.read.layers import spatial
from pages.read.upload import short_title
from pages.read.verdict import model_table
from pages.shared.cache import key
from pages.shared.navigation import OVERVIEW, READ
from pages.shared.verdict import headline
from tests.app.conftest import open_read
from tests.support.app import upload


def shown(app: AppTest) -> list[Run]:
    return representative(list_runs()[0])


def tiles(app: AppTest) -> list[dict]:
    """What the grids of tiles were given."""
    given = [json.loads(component.proto.json) for component in app.get("bidi_component")]
    return [grid for grid in given if "tiles" in grid]


def caption(app: AppTest, words: str) -> str:
    return next(text.value for text in app.caption if words in text.value)


def assert_no_verdict(app: AppTest) -> None:
    assert len(app.dataframe) == 0
    assert [text.value for text in app.subheader] in ([], ["No verdict"])
    assert not app.get("plotly_chart")
    assert app.title[0].value == "Read an X-ray"
    assert any(text.value.startswith("**Next:** one film proves nothing") for text in app.markdown)


def test_page_waits_for_a_film(artifacts: Path) -> None:
    app = open_read()
    assert_no_verdict(app)
    assert not app.error
    assert not app.warning


def test_upload_is_judged_by_each_model(artifacts: Path, film_bytes: bytes) -> None:
    app = upload(open_read(), "film.jpeg", film_bytes)
    film = decode_film(film_bytes, "film.jpeg")
    table = app.dataframe[0].value.set_index("Model")
    runs = shown(app)
    assert list(table.index) == [run.title for run in runs]
    for run in runs:
        expected = Model(run).predict(film)
        row = table.loc[run.title]
        assert row["Score"] == format_score(expected.score)
        assert row["Probability at 16 %"] == format_probability(expected.probability)
        assert row["Cut-off"] == expected.threshold
        assert row["Above cut-off"] == ("yes" if expected.positive else "no")
        assert row["Verdict"] == VERDICT_WORDS[expected.verdict]
        assert ("label" in row["Set"]) == (len(expected.conformal_set) != 1)
    first = Model(served(runs)).predict(film)
    verdicts = [Model(run).predict(film).verdict for run in runs]
    assert any(text.value == prediction_sentences(first, verdicts) for text in app.markdown)
    assert any("Looks like a frontal chest X-ray" in text.value for text in app.markdown)
    assert "`film.jpeg`, your upload, 320 × 256 pixels" in caption(app, "your upload")


def test_a_record_that_was_rewritten_is_the_one_that_judges(artifacts: Path, film_bytes: bytes) -> None:
    """The graph stays loaded; threshold and calibration are those on disk."""
    before = upload(open_read(), "film.jpeg", film_bytes).dataframe[0].value.set_index("Model")
    run = served(list_runs()[0])
    path = run.folder / "run.json"
    record = json.loads(path.read_text())
    record["threshold"] = 1e-9 if before.loc[run.title, "Above cut-off"] == "no" else 1 - 1e-9
    path.write_text(json.dumps(record))
    write_manifest()
    after = upload(open_read(), "film.jpeg", film_bytes)
    assert not [text.value for text in after.warning if "cannot answer" in text.value]
    shown_now = after.dataframe[0].value.set_index("Model")
    assert shown_now.loc[run.title, "Above cut-off"] != before.loc[run.title, "Above cut-off"]


@pytest.mark.parametrize(
    ("positive", "labels", "words"),
    [
        (True, ("pneumonia",), ":red[Flagged]"),
        (False, ("normal",), ":blue[Not flagged]"),
        (True, ("normal",), ":gray[No call]"),
        (False, ("pneumonia",), ":gray[No call]"),
        (True, (), ":gray[No call]"),
        (False, ("normal", "pneumonia"), ":gray[No call]"),
    ],
)
def test_headline_is_a_verdict_only_where_threshold_and_set_agree(
    positive: bool, labels: tuple[str, ...], words: str
) -> None:
    assert headline(predicted(0.5, 0.5, positive, labels)) == words


def predicted(score: float, threshold: float, positive: bool, labels: tuple[str, ...]) -> Prediction:
    return Prediction(
        run_id="one",
        title="One",
        score=score,
        logit=0.0,
        probability=0.25,
        prevalence=0.085,
        threshold=threshold,
        positive=positive,
        conformal_set=labels,
    )


@pytest.mark.parametrize(
    ("prediction", "row"),
    [
        (
            predicted(0.834, 0.611, True, ("pneumonia",)),
            ["One", VERDICT_WORDS[Verdict.FLAGGED], "0.834", 0.611, "yes", "0.25", "pneumonia"],
        ),
        (
            predicted(0.1, 0.611, False, ("normal",)),
            ["One", VERDICT_WORDS[Verdict.NOT_FLAGGED], "0.100", 0.611, "no", "0.25", "normal"],
        ),
        (
            predicted(0.5, 0.611, False, ()),
            ["One", VERDICT_WORDS[Verdict.NO_CALL], "0.500", 0.611, "no", "0.25", "neither label fits"],
        ),
    ],
)
def test_each_column_of_the_table_shows_what_its_head_says(prediction: Prediction, row: list[object]) -> None:
    table = model_table([prediction])
    head = ["Model", "Verdict", "Score", "Cut-off", "Above cut-off", "Probability at 8.5 %", "Set"]
    assert list(table.columns) == head
    assert table.iloc[0].tolist() == row


def test_prevalence_moves_the_probability_and_not_the_score(artifacts: Path, film_bytes: bytes) -> None:
    app = upload(open_read(), "film.jpeg", film_bytes)
    before = app.dataframe[0].value
    app.number_input(key="read_prevalence").set_value(60.0).run()
    after = app.dataframe[0].value
    assert (after["Score"] == before["Score"]).all()
    film = decode_film(film_bytes, "film.jpeg")
    expected = [format_probability(Model(run).predict(film, 0.6).probability) for run in shown(app)]
    assert after["Probability at 60 %"].tolist() == expected != before["Probability at 16 %"].tolist()


def test_all_feature_maps_of_every_layer(artifacts: Path, film_bytes: bytes) -> None:
    app = upload(open_read(), "film.jpeg", film_bytes)
    run = next(run for run in shown(app) if run.has_feature_maps)
    app.pills(key="read_layer_model").set_value(key(run)).run()
    slider = app.select_slider(key=f"read_layer_{run.run_id}")
    layers = [layer for layer in run.record.layers if layer.kind != "dense"]
    assert slider.options == [layer.name for layer in layers]
    model = Model(run)
    image = model.prepare(decode_film(film_bytes, "film.jpeg"))
    for layer in layers:
        app.select_slider(key=f"read_layer_{run.run_id}").set_value(layer.name).run()
        assert not app.exception
        maps = model.network.feature_map(image, layer.name)
        (grid,) = tiles(app)
        order = [channel for channel, _, _ in grid["tiles"]]
        assert sorted(order) == list(range(layer.shape[2]))
        assert (np.diff(maps.mean(axis=(0, 1))[order]) <= 0).all()
        assert f"{layer.shape[2]} maps of {layer.shape[1]} × {layer.shape[0]} values" in caption(app, " maps of ")


def test_a_channel_is_enlarged_with_its_scale_and_field(artifacts: Path, film_bytes: bytes) -> None:
    app = upload(open_read(), "film.jpeg", film_bytes)
    run = next(run for run in shown(app) if run.has_feature_maps)
    app.pills(key="read_layer_model").set_value(key(run)).run()
    layer = run.record.layers[0]
    model = Model(run)
    maps = model.network.feature_map(model.prepare(decode_film(film_bytes, "film.jpeg")), layer.name)
    channel = int(maps.mean(axis=(0, 1)).argsort()[-2])
    app.selectbox(key=f"read_channel_{run.run_id}_{layer.name}").set_value(channel).run()
    assert tiles(app)[0]["picked"] == channel
    said = caption(app, f"Channel {channel}: mean")
    assert f"sees {layer.receptive_field} × {layer.receptive_field} of the film's" in said


def test_a_network_without_maps_shows_its_first_weights(artifacts: Path, film_bytes: bytes) -> None:
    app = upload(open_read(), "film.jpeg", film_bytes)
    run = next(run for run in shown(app) if not run.has_feature_maps)
    app.pills(key="read_layer_model").set_value(key(run)).run()
    assert not app.exception
    model = Model(run)
    units = run.record.layers[0]
    answers = model.network.feature_map(model.prepare(decode_film(film_bytes, "film.jpeg")), units.name)
    order = [unit for unit, _, _ in tiles(app)[0]["tiles"]]
    assert sorted(order) == list(range(units.shape[0]))
    assert (np.diff(answers[order]) <= 0).all()
    assert "has no feature maps" in caption(app, "no feature maps")


def test_the_same_layer_of_two_models_side_by_side(artifacts: Path, film_bytes: bytes) -> None:
    app = upload(open_read(), "film.jpeg", film_bytes)
    assert len(tiles(app)) == 1
    app.session_state["read_layers_view"] = ":material/compare: Two models side by side"
    app.run()
    app.select_slider(key="read_shared_layer").set_value("conv2").run()
    assert not app.exception
    left, right = tiles(app)
    assert left["tiles"] == right["tiles"]  # the second network is a copy of the first
    assert not left["picks"]
    both = [run for run in shown(app) if run.has_feature_maps]
    first = served(both)
    both.sort(key=lambda run: run is not first)
    assert [app.selectbox(key=f"read_{side}").value for side in ("left", "right")] == [key(run) for run in both]
    titles = [run.title for run in both]
    assert [text.value for text in app.markdown if text.value.startswith("**CNN")] == [f"**{one}**" for one in titles]


def test_two_models_without_a_shared_layer_have_a_slider_each(
    monkeypatch: pytest.MonkeyPatch, film_bytes: bytes
) -> None:
    monkeypatch.delenv("LUNGLENS_ARTIFACTS", raising=False)
    app = upload(open_read(), "film.jpeg", film_bytes)
    app.session_state["read_layers_view"] = ":material/compare: Two models side by side"
    app.run()
    first = served(list_runs()[0])
    assert app.selectbox(key="read_left").value == key(first)
    names = {layer.name for layer in first.record.layers}
    other = next(run for run in shown(app) if run.has_feature_maps and not names & {one.name for one in spatial(run)})
    app.selectbox(key="read_right").set_value(key(other)).run()
    assert not app.exception
    assert app.select_slider(key=f"read_layer_right_{other.run_id}").options == [one.name for one in spatial(other)]
    assert len(tiles(app)) == 2


def test_one_model_alone_is_not_compared(artifacts: Path, film_bytes: bytes) -> None:
    shutil.rmtree(next(artifacts / run.run_id for run in list_runs()[0] if run.has_feature_maps))
    app = upload(open_read(), "film.jpeg", film_bytes)
    app.session_state["read_layers_view"] = ":material/compare: Two models side by side"
    app.run()
    assert not app.exception
    assert "takes two trained models" in app.info[-1].value


def test_map_lies_over_the_film_with_what_it_cannot_show(artifacts: Path, film_bytes: bytes) -> None:
    app = upload(open_read(), "film.jpeg", film_bytes)
    assert not any(slider.key == "read_opacity" for slider in app.slider)  # nothing of it before it is opened
    app.segmented_control(key="read_view").set_value("Map over the film").run()
    assert not app.exception
    assert app.slider(key="read_opacity").value == 0.6
    model = Model(served(shown(app)))
    method = leading_method(model.run)
    image = model.prepare(decode_film(film_bytes, "film.jpeg"))
    values = explain(model.network, image, method.name).values
    figure = json.loads(app.get("plotly_chart")[0].proto.spec)
    drawn = next(trace for trace in figure["data"] if trace["type"] == "heatmap")
    assert drawn["opacity"] == 0.6
    assert drawn["zmax"] == pytest.approx(float(np.abs(values).max()))
    said = next(text for text in app.caption if method.title in text.value)
    assert "No map shows why" in said.value
    assert f"Each of its {values.size} places draws on" in said.value
    assert doubt(model.run, method.name) in said.value
    logit = float(model.network.score(image[np.newaxis])[1][0])
    assert f"{format_decimal(logit, 1, '+')} for the film as it is" in said.proto.help


def test_film_as_the_model_sees_it(artifacts: Path, film_bytes: bytes) -> None:
    app = upload(open_read(), "film.jpeg", film_bytes)
    app.segmented_control(key="read_view").set_value("As the model sees it").run()
    assert not app.exception
    size = shown(app)[0].input
    assert caption(app, "pixels are all").startswith(f"{size.width} × {size.height} pixels")


def test_each_size_of_models_has_its_view(monkeypatch: pytest.MonkeyPatch, film_bytes: bytes) -> None:
    monkeypatch.delenv("LUNGLENS_ARTIFACTS", raising=False)
    app = upload(open_read(), "film.jpeg", film_bytes)
    app.segmented_control(key="read_view").set_value("As the model sees it").run()
    assert not app.exception
    sizes = list(dict.fromkeys(f"{run.input.width} × {run.input.height}" for run in shown(app)))
    assert len(sizes) > 1, "the committed models share one input size"
    pixels = app.segmented_control(key="read_pixels")
    first = served(list_runs()[0]).input
    assert pixels.options == sizes
    assert pixels.value == f"{first.width} × {first.height}"
    for size in sizes:
        app.segmented_control(key="read_pixels").set_value(size).run()
        assert not app.exception
        assert caption(app, "pixels are all").startswith(f"{size} pixels")


def test_a_sample_takes_the_place_of_an_upload_and_back(artifacts: Path, film_bytes: bytes) -> None:
    app = upload(open_read(), "film.jpeg", film_bytes)
    app.session_state["read_another"] = True
    app.run()
    app.button(key="read_sample_pneumonia-1").click().run()
    assert "drawn as pneumonia" in caption(app, "pixels.")
    assert not any("your upload" in text.value for text in app.caption)
    assert not app.file_uploader[0].value
    upload(app, "again.jpeg", film_bytes)
    assert "`again.jpeg`" in caption(app, "your upload")
    app.run()
    assert "`again.jpeg`" in caption(app, "your upload")


def test_film_survives_a_visit_to_another_page(artifacts: Path, film_bytes: bytes) -> None:
    app = upload(open_read(), "film.jpeg", film_bytes)
    app.switch_page(OVERVIEW.path).run()
    app.switch_page(READ.path).run()
    assert len(app.dataframe) == 1
    assert "`film.jpeg`" in caption(app, "your upload")


def tiff_of_two_pages() -> bytes:
    file = io.BytesIO()
    pages = [Image.new("L", (64, 64), shade) for shade in (0, 255)]
    pages[0].save(file, "TIFF", save_all=True, append_images=pages[1:])
    return file.getvalue()


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "the file is empty"),
        (b"This is a letter.", "not a picture that can be read"),
        ("truncated", "damaged or cut off"),
        (tiff_of_two_pages(), "holds several pictures"),
    ],
    ids=["empty", "wrong", "truncated", "two pages"],
)
def test_unusable_file_is_said_and_never_judged(
    artifacts: Path, film_bytes: bytes, data: bytes | str, reason: str
) -> None:
    app = upload(open_read(), "good.jpeg", film_bytes)
    upload(app, "bad.png", film_bytes[: len(film_bytes) // 2] if data == "truncated" else data)
    assert [error.value for error in app.error] == [app.error[0].value]
    assert app.error[0].value.startswith("`bad.png`: ")
    assert reason in app.error[0].value
    assert_no_verdict(app)
    upload(app, "good.jpeg", film_bytes)
    assert not app.error
    assert len(app.dataframe) == 1


def test_file_names_are_shown_as_they_are(artifacts: Path, film_bytes: bytes) -> None:
    name = "![x](y.png) `:red[**b**]`.jpeg"
    app = upload(open_read(), name, film_bytes)
    assert caption(app, "your upload").startswith("`![x](y.png) ':red[**b**]'.jpeg`, your upload")


def test_damaged_model_is_named_and_the_others_answer(artifacts: Path, film_bytes: bytes) -> None:
    run = next(run for run in list_runs()[0] if not run.has_feature_maps)
    (artifacts / run.run_id / "model.onnx").write_bytes(b"cut off")
    app = upload(open_read(), "film.jpeg", film_bytes)
    assert any(run.run_id in error.value and "damaged" in error.value for error in app.error)
    assert run.title not in list(app.dataframe[0].value["Model"])
    assert len(app.dataframe[0].value) == 2


def test_damaged_served_model_leaves_no_verdict(artifacts: Path, film_bytes: bytes) -> None:
    first = served(list_runs()[0])
    (artifacts / first.run_id / "model.onnx").unlink()
    app = upload(open_read(), "film.jpeg", film_bytes)
    assert not app.subheader
    assert any("no verdict" in warning.value for warning in app.warning)
    assert first.title not in list(app.dataframe[0].value["Model"])


def copy_as_own(run: Run, tmp_path: Path) -> None:
    """A reader who trains a model with a seed of ours gets a run of the same id."""
    shutil.copytree(run.folder, tmp_path / "runs" / run.run_id)


def test_a_readers_own_run_stands_beside_ours(artifacts: Path, tmp_path: Path, film_bytes: bytes) -> None:
    first = served(list_runs()[0])
    copy_as_own(first, tmp_path)
    app = upload(open_read(), "film.jpeg", film_bytes)
    assert len(app.dataframe[0].value) == 4
    pills = app.pills(key="read_layer_model")
    assert first.title in pills.options
    assert sum("yours" in option for option in pills.options) == 1
    assert pills.value == key(first)


def test_a_readers_own_run_never_gives_the_verdict_of_ours(artifacts: Path, tmp_path: Path, film_bytes: bytes) -> None:
    first = served(list_runs()[0])
    copy_as_own(first, tmp_path)
    (artifacts / first.run_id / "model.onnx").unlink()
    app = upload(open_read(), "film.jpeg", film_bytes)
    assert any("yours" in title for title in app.dataframe[0].value["Model"])
    assert not app.subheader
    assert any("no verdict" in warning.value for warning in app.warning)


def test_without_artifacts_the_page_says_what_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, film_bytes: bytes
) -> None:
    monkeypatch.setenv("LUNGLENS_ARTIFACTS", str(tmp_path / "nothing"))
    app = open_read()
    assert "No trained model was found" in app.error[0].value
    assert "examples cannot be shown" in app.warning[0].value
    upload(app, "film.jpeg", film_bytes)
    assert len(app.dataframe) == 0
    assert not app.subheader
    assert "No trained model was found" in app.error[0].value


def test_a_samples_title_keeps_its_capitals() -> None:
    assert "Drawn X-ray of a hand" in [short_title(picture) for picture in list_not_films()]

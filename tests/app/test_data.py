"""Data through the app's entry point: the committed figures of the set, and a folder on this machine."""

import json
import os
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from core.data.audit import audit
from core.data.dataset import read_dataset
from core.data.findings import DATA_SPLITS
from core.evidence.data_card import read_data_card
from core.evidence.failures import shared_films
from core.evidence.read import read_evidence
from core.manifest import write_manifest
from core.paths import artifacts_dir
from core.runs.store import list_runs, representative
from core.wording import BANNER, LICENCE
from pages.data.parts import duplicates_in_words, patients_in_words
from pages.data.shift import findings_in_words
from pages.shared.navigation import DATA
from tests.support.app import chart_keys, open_app, text_of
from tests.support.films import draw_film

PAGE = DATA.path
SOURCE, PATIENTS, SHIFT, FOLDER = (
    "Source and films",
    "Patients and duplicates",
    "Train against test",
    "A folder on this machine",
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Drawn films: 12 of train and 8 of test, one of them twice, one of a patient of both, one unreadable."""
    root = tmp_path / "films"
    names = {
        "train/NORMAL": [f"IM-{number:04d}-0001.jpeg" for number in range(6)],
        "train/PNEUMONIA": [f"person{number}_bacteria_1.jpeg" for number in range(6)],
        "test/NORMAL": [f"IM-{number:04d}-0001.jpeg" for number in range(100, 104)],
        "test/PNEUMONIA": [f"person{number}_virus_1.jpeg" for number in (3, 101, 102, 103)],
    }
    for place, files in names.items():
        (root / place).mkdir(parents=True)
        for file in files:
            seed = int.from_bytes(f"{place}{file}".encode()) % 10**6
            Image.fromarray(draw_film(seed=seed, width=96, height=80)).save(root / place / file, quality=90)
    shutil.copyfile(root / "train/NORMAL/IM-0001-0001.jpeg", root / "train/NORMAL/IM-0001-0002.jpeg")
    (root / "test/NORMAL/IM-0104-0001.jpeg").write_bytes(b"no film")
    return root


def opened(tab: str = SOURCE) -> AppTest:
    app = open_app(PAGE, data_tabs=tab)
    assert not app.exception
    return app


def chart_of(app: AppTest, number: int) -> dict:
    return json.loads(app.get("plotly_chart")[number].proto.spec)


def test_what_is_wrong_is_said_with_the_committed_figures() -> None:
    app = opened()
    assert not app.error
    text = text_of(app)
    for line in findings_in_words(read_data_card().audit, read_evidence().image_shift):
        assert line in text
    assert "CC BY 4.0" in text
    assert LICENCE in text
    assert BANNER in text


def test_the_flow_and_the_classes_are_those_of_the_card() -> None:
    app = opened()
    audited = read_data_card().audit
    said = " ".join(one["text"] for one in chart_of(app, 0)["layout"]["annotations"])
    assert f"{audited.films:,} films" in said
    assert f"{len(audited.unreadable)} unreadable" in said
    for split in DATA_SPLITS:
        assert f"<b>{split.capitalize()}</b><br>{audited.count_films(split):,} films" in said
        assert f"{audited.patients['wide'][split]:,} patients" in said
    table = app.dataframe[0].value
    assert table["Films"].sum() == audited.films
    assert table["Films"].tolist() == [count.films for count in audited.counts]


def test_patients_under_both_keys_and_duplicates() -> None:
    app = opened(PATIENTS)
    audited = read_data_card().audit
    text = text_of(app)
    for paragraph in (*patients_in_words(audited), duplicates_in_words(audited)):
        assert paragraph in text
    assert app.dataframe[0].value["Keys on both sides"].tolist() == [row.keys for row in audited.crossing]
    assert len(app.dataframe[1].value) == len(audited.identical_pixels.listed) + len(audited.near.listed)


def test_the_shift_is_shown_as_mean_films_and_distributions() -> None:
    app = opened(SHIFT)
    assert not app.error
    assert {"data_means", "data_differences", "data_spread"} <= chart_keys(app)
    stored = read_data_card().distributions
    for name, form in (("aspect_estimate", "{:.2f}"), ("gray_level", "{:.0f}"), ("gray_mean", "{:.0f}")):
        app.get_by_key("data_distribution").set_value(name).run()
        assert not app.exception
        for label in ("NORMAL", "PNEUMONIA"):
            assert f"{form.format(stored[name]['test'][label].mean)} in test" in text_of(app)
    lines = [trace for trace in chart_of(app, 2)["data"] if trace.get("hovertemplate")]
    assert len(lines) == 6


def test_without_the_films_it_says_how_to_get_them() -> None:
    app = opened(FOLDER)
    assert "python -m core data --fetch kaggle" in text_of(app)
    assert not app.image
    app.get_by_key("data_folder").set_value("/no/such/`folder`").run()
    assert not app.exception
    assert "there is no such folder" in app.error[0].value


def test_another_folder_is_named_as_no_data_set(tmp_path: Path) -> None:
    app = opened(FOLDER)
    app.get_by_key("data_folder").set_value(str(tmp_path)).run()
    assert not app.exception
    assert "holds no train/NORMAL" in app.error[0].value
    assert BANNER in text_of(app)


def test_folders_can_be_switched_off(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LUNGLENS_FOLDERS", "off")
    monkeypatch.setenv("LUNGLENS_DATA", str(folder))
    app = opened(FOLDER)
    assert "switched off" in text_of(app)
    assert not app.text_input
    assert not app.image


def test_films_are_browsed_behind_filters(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LUNGLENS_DATA", str(folder))
    app = opened(FOLDER)
    assert "22 of 22 films" in text_of(app)
    assert len(app.image) == 21
    assert any("`IM-0104-0001.jpeg`: not a picture" in one.value for one in app.warning)
    app.selectbox(key="data_split").set_value("test").run()
    app.selectbox(key="data_kind").set_value("pneumonia, virus").run()
    assert "4 of 22 films, 4 patient numbers" in text_of(app)
    app.get_by_key("data_name").set_value("PERSON3_").run()
    assert "1 of 22 films" in text_of(app)
    assert "`person3_virus_1.jpeg` pneumonia, virus, test" in text_of(app)
    app.get_by_key("data_name").set_value("nobody").run()
    assert "No film fits these filters" in text_of(app)
    assert not app.exception


def test_films_that_every_model_gets_wrong_are_found(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    missed = shared_films(representative([run for run in list_runs()[0] if not run.own]))["sample_id"]
    other = folder / missed.iloc[0]
    Image.fromarray(draw_film(seed=9)).save(other)
    monkeypatch.setenv("LUNGLENS_DATA", str(folder))
    app = opened(FOLDER)
    app.get_by_key("data_missed").set_value(True).run()
    assert not app.exception
    assert f"`{other.name}`" in text_of(app)
    assert len(app.image) == 1


def test_a_new_film_in_the_folder_is_seen(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LUNGLENS_DATA", str(folder))
    app = opened(FOLDER)
    added = folder / "test/NORMAL/IM-0200-0001.jpeg"
    Image.fromarray(draw_film(seed=3)).save(added)
    os.utime(added.parent, (2e9, 2e9))
    app.run()
    assert "23 of 23 films" in text_of(app)


def test_a_folder_is_audited_when_asked(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LUNGLENS_DATA", str(folder))
    app = opened(FOLDER)
    app.get_by_key("data_task").set_value("Audit").run()
    assert not app.get("plotly_chart")
    app.get_by_key("data_audit").click().run()
    assert not app.exception
    audited = audit(read_dataset(folder))
    text = text_of(app)
    assert f"**22 films**, data hash `{audited.data_hash[:16]}`" in text
    assert "1 film cannot be read" in app.warning[0].value
    assert audited.crossed("PNEUMONIA", "wide").keys == 1
    assert audited.identical_pixels.extra_films == 1
    for paragraph in (*patients_in_words(audited), duplicates_in_words(audited)):
        assert paragraph in text
    assert app.get("download_button")
    app.run()  # kept for the session
    assert "data hash" in text_of(app)


def test_a_damaged_card_is_named_and_the_folder_still_works(
    tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copied = tmp_path / "artifacts"
    shutil.copytree(artifacts_dir(), copied)
    monkeypatch.setenv("LUNGLENS_ARTIFACTS", str(copied))
    monkeypatch.setenv("LUNGLENS_DATA", str(folder))
    (copied / "data.json").write_text("{")
    np.save(copied / "data_means.npy", np.zeros(3))
    write_manifest()
    app = opened()
    assert {error.value.split(" is ")[0] for error in app.error} == {str(copied / "data.json")}
    assert "22 of 22 films" in text_of(opened(FOLDER))

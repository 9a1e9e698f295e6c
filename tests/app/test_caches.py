"""Caches take films and runs themselves: another film, or another record of the same weights, has its own answer."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core.charts.film import picture_source
from core.explain.counterfactual import counterfactual
from core.gate import load_gate
from core.inference.model import Model
from core.manifest import write_manifest
from core.runs.record import Run
from core.runs.store import list_runs, served
from pages.shared.cache import run_identity
from pages.shared.film_state import CurrentFilm, decoded, film_identity
from tests.app.conftest import open_read
from tests.support.app import TIMEOUT, upload


def film_of(data: bytes, name: str = "film.jpeg") -> CurrentFilm:
    return decoded(data, name, name, "upload")


def script() -> None:
    """Ask every cache of Read and Inside about the film and the run of the session."""
    import streamlit as st

    from pages.inside.film import strips
    from pages.read import cache, gate

    current, run = st.session_state["film"], st.session_state["run"]
    layer = run.record.layers[0].name
    st.session_state["answers"] = {
        "score": cache.predict(current, run, 0.5).score,
        "prepared": cache.prepared(current, run.input.height, run.input.width),
        "source": cache.film_source(current),
        "maps": cache.feature_maps(current, run, layer),
        "effects": cache.effects(current, run, layer),
        "without": cache.without(current, run, layer, 0),
        "changed": cache.changed(current, run, "noise"),
        "gate": gate.answer(current).score,
        "strips": strips(current, run)[1],
    }


def answers(app: AppTest, current: CurrentFilm, run: Run) -> dict[str, Any]:
    app.session_state["film"], app.session_state["run"] = current, run
    app.run()
    assert not app.exception
    found: dict[str, Any] = app.session_state["answers"]
    return found


def test_a_changed_film_has_its_own_answers(artifacts: Path, make_film: Callable[..., bytes], real_gate: None) -> None:
    run = served(list_runs()[0])
    model, layer = Model(run), run.record.layers[0].name
    app = AppTest.from_function(script, default_timeout=TIMEOUT)
    films = [film_of(make_film(seed=seed)) for seed in (1, 2)]
    for current in (*films, films[0]):
        found = answers(app, current, run)
        image = model.prepare(current.film)
        assert found["score"] == pytest.approx(model.predict(current.film).score, abs=1e-6)
        assert (found["prepared"] == image).all()
        assert found["source"] == picture_source(current.film.pixels)
        np.testing.assert_allclose(found["maps"], model.network.feature_map(image, layer), rtol=1e-5)
        np.testing.assert_allclose(found["effects"], model.network.channel_effects(image, layer), atol=1e-5)
        assert found["without"] == pytest.approx(model.network.switch_off(image, layer, [0]), abs=1e-5)
        np.testing.assert_allclose(
            found["changed"]["score"], counterfactual(model, current.film, ("noise",))["score"], atol=1e-5
        )
        assert found["gate"] == pytest.approx(load_gate().check(current.film).score)
        assert found["strips"] == pytest.approx(found["score"], abs=1e-6)


def test_a_film_is_known_by_its_file_and_its_name(make_film: Callable[..., bytes]) -> None:
    data = make_film(seed=1)
    assert film_identity(film_of(data)) == film_identity(film_of(data))
    assert film_identity(film_of(data)) != film_identity(film_of(make_film(seed=2)))
    assert film_identity(film_of(data)) != film_identity(film_of(data, "other.jpeg")), "the name seeds noise"


def test_hashing_a_film_does_not_read_its_pixels(make_film: Callable[..., bytes]) -> None:
    current = film_of(make_film(seed=1))
    assert film_identity(replace(current, film=replace(current.film, pixels=None))) == film_identity(current)


@pytest.mark.parametrize(
    "change",
    [
        {"threshold": 0.123},
        {"calibration": {"method": "another"}},
        {"conformal": {"alpha": 0.2}},
        {"weights_hash": "0" * 64},
        {"run_id": "another-s0"},
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_run_is_known_by_all_of_its_record(change: dict[str, Any]) -> None:
    run = served(list_runs()[0])
    same = Run(record=replace(run.record), folder=run.folder, own=run.own)
    assert run_identity(same) == run_identity(run)
    assert run_identity(replace(run, record=replace(run.record, **change))) != run_identity(run)


def test_a_users_run_is_not_the_committed_one_of_the_same_record(tmp_path: Path) -> None:
    run = served(list_runs()[0])
    assert run_identity(replace(run, folder=tmp_path, own=True)) != run_identity(run)


def test_a_record_rewritten_beside_the_same_weights_is_seen(artifacts: Path, make_film: Callable[..., bytes]) -> None:
    app = upload(open_read(), "film.jpeg", make_film(seed=1))
    before = list(app.dataframe[0].value["Cut-off"])
    for path in artifacts.glob("*/run.json"):
        record = json.loads(path.read_text())
        path.write_text(json.dumps(record | {"threshold": 0.111}))
    write_manifest()
    app.run()
    assert not app.exception
    after = list(app.dataframe[0].value["Cut-off"])
    assert 0.111 not in before
    assert after == [0.111] * len(before)

"""Several files or a zip on Read: listed at once, read one at a time, and one that cannot be used stops no other."""

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.imaging.decode import decode_film
from pages.read import files as read_files
from pages.shared import film_state
from pages.shared.navigation import OVERVIEW, READ
from tests.app.conftest import open_read
from tests.support.app import upload


def packed(members: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return file.getvalue()


def give(app: AppTest, files: dict[str, bytes]) -> AppTest:
    """Upload these files at once."""
    app.file_uploader[0].set_value([(name, data, "application/octet-stream") for name, data in files.items()])
    app.run()
    assert not app.exception
    return app


def at_hand(app: AppTest) -> str:
    return next((text.value for text in app.caption if "your upload" in text.value), "no film")


def listed(app: AppTest) -> list[str]:
    return list(app.selectbox(key="read_file").options)


def press(app: AppTest, key: str) -> AppTest:
    app.button(key=key).click().run()
    assert not app.exception
    return app


def test_a_single_film_has_no_navigator(artifacts: Path, film_bytes: bytes) -> None:
    app = upload(open_read(), "film.jpeg", film_bytes)
    assert not any(box.key == "read_file" for box in app.selectbox)
    assert not any(button.key == "read_next" for button in app.button)


def test_several_files_are_stepped_through(artifacts: Path, make_film: Callable[..., bytes]) -> None:
    films = {f"film{number}.jpeg": make_film(seed=number) for number in (1, 2, 3)}
    app = give(open_read(), films)
    assert listed(app) == ["1. film1.jpeg, opened", "2. film2.jpeg, not opened yet", "3. film3.jpeg, not opened yet"]
    assert app.button(key="read_previous").disabled
    scores = []
    for name in films:
        assert f"`{name}`" in at_hand(app)
        scores.append(tuple(app.dataframe[0].value["Score"]))
        if not app.button(key="read_next").disabled:
            press(app, "read_next")
    assert len(set(scores)) == 3
    press(app, "read_previous")
    assert "`film2.jpeg`" in at_hand(app)
    app.selectbox(key="read_file").set_value(app.selectbox(key="read_file").options[0]).run()
    assert "`film1.jpeg`" in at_hand(app)
    assert tuple(app.dataframe[0].value["Score"]) == scores[0]


def test_only_the_film_at_hand_is_decoded(artifacts: Path, film_bytes: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    decoded = []

    def count(data: bytes, name: str):
        decoded.append(name)
        return decode_film(data, name)

    monkeypatch.setattr(film_state, "decode_film", count)
    app = give(open_read(), {"ward.zip": packed({f"{number}.jpeg": film_bytes for number in range(40)})})
    assert decoded == ["`0.jpeg`"]
    press(app, "read_next")
    assert decoded == ["`0.jpeg`", "`1.jpeg`"]


def test_one_bad_file_of_a_zip_stops_no_other(artifacts: Path, make_film: Callable[..., bytes]) -> None:
    films = {
        "broken.png": b"no picture",
        "ward/one.jpeg": make_film(seed=1),
        "cut.jpeg": make_film(seed=2)[:4000],
        "../two.jpeg": make_film(seed=2),
        "three.jpeg": make_film(seed=3),
    }
    app = give(open_read(), {"ward.zip": packed(films)})
    assert "`ward/one.jpeg`" in at_hand(app)  # the first that can be used
    assert len(app.dataframe) == 1
    assert listed(app)[0] == "1. broken.png, refused"
    press(app, "read_next")
    assert at_hand(app) == "no film"
    assert "damaged or cut off" in app.error[0].value
    assert app.error[0].value.startswith("`cut.jpeg`: ")
    assert len(app.dataframe) == 0
    assert any(text.value == "The other files are fine. Select Next." for text in app.markdown)
    press(app, "read_next")
    assert app.error[0].value.startswith("`../two.jpeg`: the name leads out")
    press(app, "read_next")
    assert "`three.jpeg`" in at_hand(app)
    assert len(app.dataframe) == 1
    assert any(fold.label == "3 of 5 files cannot be used" for fold in app.expander)
    reasons = next(text.value for text in app.markdown if text.value.startswith("- `"))
    assert [line.split("`")[1] for line in reasons.splitlines()] == ["broken.png", "cut.jpeg", "../two.jpeg"]


def test_a_zip_that_cannot_be_used_is_a_file_with_a_reason(artifacts: Path, film_bytes: bytes) -> None:
    app = give(open_read(), {"bad.zip": b"PK no zip", "film.jpeg": film_bytes, "empty.zip": packed({})})
    assert "`film.jpeg`" in at_hand(app)
    reasons = next(text.value for text in app.markdown if text.value.startswith("- `"))
    assert "`bad.zip`: not a zip file that can be read" in reasons
    assert "`empty.zip`: the zip file holds no files" in reasons


def test_limits_of_count_and_size_hold_over_all_files(
    artifacts: Path, film_bytes: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(read_files, "MAX_MEMBERS", 3)
    app = give(open_read(), {f"{number}.jpeg": film_bytes for number in range(5)})
    assert len(listed(app)) == 3
    assert "only the first 3 are listed" in app.error[0].value
    monkeypatch.setattr(read_files, "MAX_PACKED", len(film_bytes) * 2)
    app = give(app, {f"{number}.jpeg": film_bytes for number in range(3)})
    assert not any("only the first" in error.value for error in app.error)
    assert listed(app)[2] == "3. 2.jpeg, refused"


def test_new_files_open_and_those_taken_away_go(artifacts: Path, make_film: Callable[..., bytes]) -> None:
    app = give(open_read(), {"one.jpeg": make_film(seed=1), "two.jpeg": make_film(seed=2)})
    app = give(app, {"three.jpeg": make_film(seed=3)})
    assert "`three.jpeg`" in at_hand(app)
    app.file_uploader[0].clear().run()
    assert at_hand(app) == "no film"
    assert not app.error
    assert len(app.dataframe) == 0


def test_files_survive_a_visit_to_another_page(artifacts: Path, make_film: Callable[..., bytes]) -> None:
    app = give(open_read(), {"one.jpeg": make_film(seed=1), "two.jpeg": make_film(seed=2)})
    app.switch_page(OVERVIEW.path).run()
    app.switch_page(READ.path).run()
    assert "`one.jpeg`" in at_hand(app)
    press(app, "read_next")
    assert "`two.jpeg`" in at_hand(app)


def test_a_sample_empties_the_list(artifacts: Path, film_bytes: bytes) -> None:
    app = give(open_read(), {"one.jpeg": film_bytes, "bad.jpeg": b"no"})
    app.session_state["read_another"] = True
    app.run()
    press(app, "read_sample_normal-1")
    assert at_hand(app) == "no film"
    assert not any(box.key == "read_file" for box in app.selectbox)
    assert len(app.dataframe) == 1

"""The gate on Read: no verdict after a refusal or without a gate, a warning or one quiet line beside a verdict."""

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from core.data.samples import list_not_films, list_samples
from core.errors import ArtifactError
from core.gate import GateAnswer, gate_rates
from core.imaging.decode import decode_film
from core.imaging.notes import NoteKind
from core.wording import format_percent, format_rate
from pages.read import gate as read_gate
from tests.app.conftest import open_read
from tests.support.app import upload
from tests.support.dicom_files import make_dicom
from tests.support.films import png

Gate = Callable[..., None]


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Gate:
    """``gate("warn", "Why.")`` makes the gate answer this to every film."""

    def answer(verdict: str, reason: str) -> None:
        said = GateAnswer(verdict=verdict, reason=reason, score=0.5)
        monkeypatch.setattr(read_gate, "load_gate", lambda: SimpleNamespace(check=lambda film: said))

    return answer


def assert_nothing_reads_as_a_verdict(app: AppTest) -> None:
    assert len(app.dataframe) == 0
    assert len(app.get("bidi_component")) == 0
    assert len(app.get("plotly_chart")) == 1  # the film alone
    assert len(app.get("tab_container")) == 0
    assert "Map over the film" not in app.segmented_control(key="read_view").options
    assert not any(" prevalence" in text.value or "flag" in text.value for text in app.markdown)


def test_a_refused_film_has_no_verdict_but_a_reason(artifacts: Path, film_bytes: bytes, gate: Gate) -> None:
    gate("refuse", "The film looks upside down: turn it by 180 degrees, head up.")
    app = upload(open_read(), "film.jpeg", film_bytes)
    assert_nothing_reads_as_a_verdict(app)
    assert [text.value for text in app.subheader] == ["No verdict"]
    assert any("turn it by 180 degrees" in text.value for text in app.markdown)
    assert any("says nothing about the patient" in text.value for text in app.caption)


def test_a_refused_film_is_not_asked_of_the_reader(artifacts: Path, film_bytes: bytes, gate: Gate) -> None:
    gate("refuse", "Blank.")
    app = upload(open_read(), "film.jpeg", film_bytes)
    app.toggle(key="read_yourself").set_value(True).run()
    assert not app.exception
    assert_nothing_reads_as_a_verdict(app)
    assert not any(button.key == "read_answer_normal" for button in app.button)


def test_a_warning_stands_before_the_verdict(artifacts: Path, film_bytes: bytes, gate: Gate) -> None:
    gate("warn", "Framing is unusual. Take the answer with caution.")
    app = upload(open_read(), "film.jpeg", film_bytes)
    assert any("Take the answer with caution" in warning.value for warning in app.warning)
    assert len(app.dataframe) == 1


def test_an_accepted_film_has_one_line_with_the_rates_behind_it(artifacts: Path, film_bytes: bytes, gate: Gate) -> None:
    gate("accept", "")
    app = upload(open_read(), "film.jpeg", film_bytes)
    line = next(text for text in app.markdown if "Looks like a frontal chest X-ray" in text.value)
    rates = gate_rates()
    assert format_rate(rates.validation.refused) in line.proto.help
    assert f"{format_percent(rates.caught_worst)} of the worst kind ({rates.worst_kind})" in line.proto.help
    assert not app.warning
    assert len(app.dataframe) == 1


@pytest.mark.parametrize("verdict", ["accept", "warn", "refuse"])
def test_notes_of_the_file_are_shown_whatever_the_gate_answers(
    artifacts: Path, film_bytes: bytes, gate: Gate, verdict: str
) -> None:
    gate(verdict, "" if verdict == "accept" else "Framing is unusual.")
    pixels = decode_film(film_bytes, "film.jpeg").pixels.astype(np.uint16) * 16
    film = make_dicom(pixels, BitsStored=12, ViewPosition="LL", PresentationIntentType="FOR PROCESSING")
    app = upload(open_read(), "film.dcm", film)
    notes = decode_film(film, "film.dcm").notes
    assert [note.kind for note in notes] == [NoteKind.LATERAL_VIEW, NoteKind.FOR_PROCESSING, NoteKind.NO_WINDOW]
    shown = "\n".join(text.value for text in app.markdown)
    assert all(shown.count(note.text) == 1 for note in notes)


def test_the_gate_speaks_before_the_reader_answers(artifacts: Path, film_bytes: bytes, gate: Gate) -> None:
    gate("warn", "Framing is unusual.")
    app = upload(open_read(), "film.jpeg", film_bytes)
    app.toggle(key="read_yourself").set_value(True).run()
    assert any("Framing is unusual" in warning.value for warning in app.warning)
    assert len(app.dataframe) == 0


def test_without_a_gate_there_is_an_error_and_no_verdict(
    artifacts: Path, film_bytes: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing() -> None:
        raise ArtifactError("artifacts/gate/gate.npz is missing; fetch it again.")

    monkeypatch.setattr(read_gate, "load_gate", missing)
    app = upload(open_read(), "film.jpeg", film_bytes)
    assert any("gate.npz is missing" in error.value and "no verdict" in error.value for error in app.error)
    assert_nothing_reads_as_a_verdict(app)
    assert not any("Looks like a frontal chest X-ray" in text.value for text in app.markdown)


def test_the_real_gate_lets_samples_pass_and_refuses_what_is_none(
    real_gate: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("LUNGLENS_ARTIFACTS", raising=False)
    app = upload(open_read(), "sample.jpg", list_samples()[0].path.read_bytes())
    assert len(app.dataframe) == 1
    pixels = np.zeros((512, 512), np.uint8)
    pixels[::32] = pixels[:, ::32] = 255
    app = upload(app, "squares.png", png(Image.fromarray(pixels)))
    assert_nothing_reads_as_a_verdict(app)
    assert app.subheader[0].value.startswith("No verdict")


def test_a_picture_of_the_strip_that_is_no_film_is_refused(real_gate: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LUNGLENS_ARTIFACTS", raising=False)
    app = open_read()
    for picture in list_not_films():
        app.session_state["read_another"] = True
        app.run()
        app.button(key=f"read_sample_{picture.path.stem}").click().run()
        assert not app.exception
        assert_nothing_reads_as_a_verdict(app)

import io
import json
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest
from pypdf import PdfReader

from core.evaluation.verdict import Verdict
from core.explain.methods import OCCLUSION, explain
from core.explain.trust import leading_method
from core.gate import GateAnswer
from core.imaging.decode import decode_film
from core.imaging.film import Film
from core.imaging.notes import Note, NoteKind
from core.inference.model import Model
from core.inference.sentences import prediction_sentences
from core.reports.film import make_report, report_document, report_pdf, sentence
from core.reports.film.data import REFUSED, base_name
from core.reports.film.limits import limits_of
from core.reports.film.page import model_rows
from core.results.store import read_results
from core.runs.store import find_run, list_runs, representative, served
from core.wording import BANNER, UNCHECKED, VERDICT_WORDS, format_figure, format_probability, format_rate, format_score

CREATED = datetime(2026, 11, 24, 23, 5, tzinfo=UTC)


@pytest.fixture(scope="module")
def models() -> list[Model]:
    runs = list_runs()[0]
    lead = served(runs)
    return [Model(run) for run in (lead, *(other for other in representative(runs) if other != lead))]


@pytest.fixture
def film(film_bytes: bytes) -> Film:
    return decode_film(film_bytes, "drawn.jpg")


def words(data: bytes) -> str:
    pages = PdfReader(io.BytesIO(data)).pages
    assert len(pages) == 1
    return " ".join(pages[0].extract_text().split())


def test_the_numbers_are_those_of_predict(models, film) -> None:
    report = make_report(film, models, prevalence=0.3, created=CREATED)
    assert [reading.prediction for reading in report.readings] == [model.predict(film, 0.3) for model in models]
    document = report_document(report)
    for stored, model in zip(document["models"], models, strict=True):
        said = model.predict(film, 0.3)
        assert stored["score"] == said.score
        assert stored["probability"] == said.probability
        assert stored["prevalence"] == 0.3
        assert stored["threshold"] == model.run.record.threshold
        assert stored["weights_hash"] == model.run.record.weights_hash
        assert tuple(stored["conformal_set"]) == said.conformal_set


def test_the_page_states_what_a_reader_must_know(models, film) -> None:
    report = make_report(film, models, created=CREATED)
    text = words(report_pdf(report))
    lead = models[0]
    said = lead.predict(film)
    test = read_results()[lead.run.run_id]["test"]
    for part in (
        report.headline,
        sentence(report),
        UNCHECKED,
        BANNER,
        "2026-11-24 23:05 UTC",
        f"LungLens {report.version}",
        "drawn.jpg, 320 × 256 pixels",
        format_score(said.score),
        format_probability(said.probability),
        f"{said.threshold:.4f}",
        lead.run.run_id,
        format_rate(test.metrics["sensitivity"]),
        format_rate(test.metrics["specificity"]),
        format_figure(test.metrics["auroc"]),
        f"{test.n} test films of {test.clusters} patients",
        *(model.run.title for model in models),
    ):
        assert part in text, part
    assert lead.run.record.weights_hash in text.replace(" ", "")
    assert len(PdfReader(io.BytesIO(report_pdf(report))).pages[0].images) == 2  # the film, and the film under the map


def test_the_document_is_json_and_versioned(models, film) -> None:
    report = make_report(film, models, created=CREATED)
    document = json.loads(json.dumps(report_document(report), allow_nan=False))
    assert document["schema_version"] == 3
    assert document["created"] == "2026-11-24T23:05:00+00:00"
    assert document["film"] == {"file": "drawn.jpg", "width": 320, "height": 256, "notes": []}
    assert document["gate"] == {"verdict": "not_checked", "reason": UNCHECKED, "score": None}
    assert document["headline"] == VERDICT_WORDS[models[0].predict(film).verdict]
    assert document["verdict"] == document["models"][0]["verdict"] == models[0].predict(film).verdict
    assert sum(document["agreement"].values()) == len(models)
    assert document["banner"] == BANNER
    values = np.array(document["map"]["values"])
    method = leading_method(models[0].run)
    assert document["map"]["method"] == method.name
    assert values == pytest.approx(explain(models[0].network, models[0].prepare(film), method.name).values, abs=1e-4)
    assert method.title in document["map"]["note"]
    assert document["models"][0]["test"]["sensitivity"]["low"] < document["models"][0]["test"]["sensitivity"]["high"]


def test_the_same_film_and_date_give_the_same_file(models, film) -> None:
    pair = [report_pdf(make_report(film, models, created=CREATED)) for _ in range(2)]
    assert pair[0] == pair[1]


def test_a_refused_film_gets_no_verdict(models, film) -> None:
    gate = GateAnswer(verdict="refuse", reason="This looks like a photograph, not a chest film.", score=0.02)
    report = make_report(film, models, gate=gate, created=CREATED)
    document = report_document(report)
    assert report.headline == REFUSED
    assert (document["verdict"], document["models"], document["map"], document["agreement"]) == (None, [], None, None)
    text = words(report_pdf(report))
    assert gate.reason in text
    assert BANNER in text
    for reading in make_report(film, models, created=CREATED).readings:
        assert format_score(reading.prediction.score) not in text
    assert not any(headline in text for headline in VERDICT_WORDS.values())


@pytest.mark.parametrize(("verdict", "reason"), [("warn", "The film is cut off at 90°."), ("accept", "")])
def test_a_warning_stands_beside_the_verdict(models, film, verdict, reason) -> None:
    gate = GateAnswer(verdict=verdict, reason=reason, score=0.5)
    text = words(report_pdf(make_report(film, models, gate=gate, created=CREATED)))
    assert gate.reason in text
    assert UNCHECKED not in text
    said = "unusual, see above" if verdict == "warn" else "looks like a frontal chest film"
    assert f"Film check {said}" in text


def test_a_model_without_feature_maps_has_an_occlusion_map(models, film) -> None:
    dense = Model(find_run("dense", list_runs()[0]))
    report = make_report(film, [dense], created=CREATED)
    assert report_document(report)["map"]["method"] == OCCLUSION
    assert f"Occlusion map of {dense.run.title}" in words(report_pdf(report))


def test_a_blank_map_is_said_to_be_blank(models, film) -> None:
    report = make_report(replace(film, pixels=np.full_like(film.pixels, 90)), models[:1], created=CREATED)
    assert report_document(report)["map"] is None
    assert "is blank" in words(report_pdf(report))


def test_the_longest_texts_fit_on_one_page(models, film) -> None:
    long = "Very long name of a model that somebody trained at home "
    report = make_report(
        replace(film, name="胸部Röntgen_" * 60 + ".jpeg"),
        models * 4,
        prevalence=0.123456,
        gate=GateAnswer(verdict="warn", reason="A reason that goes on. " * 60, score=0.5),
        created=CREATED,
    )
    readings = tuple(
        replace(
            reading,
            run_id=long * 4,
            threshold_rule=long * 6,
            prediction=replace(reading.prediction, title=long * 4, conformal_set=()),
        )
        for reading in report.readings
    )
    text = words(report_pdf(replace(report, readings=readings, limits=report.limits * 3, map_note=long * 12)))
    assert BANNER in text
    assert "page 1 of 1" in text


def test_what_the_file_says_of_itself_is_told(models, film) -> None:
    """Whatever the gate answers."""
    note = Note(NoteKind.LATERAL_VIEW, "The file says that this is a lateral view.")
    for verdict in (None, "accept", "warn", "refuse"):
        gate = verdict and GateAnswer(verdict=verdict, reason="Take care.", score=0.9)
        report = make_report(replace(film, notes=(note,)), models[:1], gate=gate, created=CREATED)
        assert words(report_pdf(report)).count(note.text) == 1
        assert report_document(report)["film"]["notes"] == [{"kind": "lateral_view", "text": note.text}]


@pytest.mark.parametrize(
    ("score", "labels", "expected"),
    [
        (0.834, ("pneumonia",), ["0.834", "0.611", VERDICT_WORDS[Verdict.FLAGGED], "0.25", "pneumonia"]),
        (0.1, ("normal",), ["0.100", "0.611", VERDICT_WORDS[Verdict.NOT_FLAGGED], "0.25", "normal"]),
        (0.5, (), ["0.500", "0.611", VERDICT_WORDS[Verdict.NO_CALL], "0.25", "neither label fits"]),
    ],
)
def test_verdict_and_table_follow_the_prediction(models, film, score, labels, expected) -> None:
    report = make_report(film, models[:1], created=CREATED)
    prediction = replace(
        report.readings[0].prediction,
        score=score,
        threshold=0.611,
        positive=score >= 0.611,
        probability=0.25,
        conformal_set=labels,
    )
    report = replace(report, readings=(replace(report.readings[0], prediction=prediction),))
    assert report.headline == expected[2]
    assert sentence(report) == prediction_sentences(prediction)
    _, *cells = model_rows(report)[0]
    assert [getattr(cell, "text", cell) for cell in cells] == expected
    assert "cut-off 0.611" in words(report_pdf(report))  # below the bar that shows the score


@pytest.mark.parametrize(("width", "height"), [(40, 2000), (2000, 40), (33, 33)])
def test_any_shape_of_film_fits(models, width, height) -> None:
    film = Film(name="a.png", pixels=np.full((height, width), 90, np.uint8), size=(width, height))
    assert f"{width:,} × {height:,} pixels" in words(report_pdf(make_report(film, models[:1], created=CREATED)))


@pytest.mark.parametrize(
    "name", ["/home/doe/jane/drawn.jpg", "C:\\films\\jane\\drawn.jpg", "../jane/drawn.jpg", "drawn.jpg"]
)
def test_folders_do_not_reach_the_report(models, film, name) -> None:
    report = make_report(replace(film, name=name), models[:1], created=CREATED)
    assert base_name(name) == "drawn.jpg"
    assert "jane" not in json.dumps(report_document(report))
    assert b"jane" not in report_pdf(report)
    assert "jane" not in words(report_pdf(report))


def test_limits_say_when_nothing_is_known(models) -> None:
    run = models[0].run
    assert "its errors are unknown" in " ".join(limits_of(replace(run, own=True)))
    known = " ".join(limits_of(run))
    assert "unknown" not in known
    assert "lungs masked" in known
    other = replace(run, record=replace(run.record, weights_hash="0" * 64))
    assert "lungs masked" not in " ".join(limits_of(other))  # measured of other weights

"""Every item of the list is there, its figures are the committed ones, and what is missing is said to be."""

import io
import shutil
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pypdf import PdfReader

from core.evaluation.calibration import npv_at, ppv_at
from core.evidence.data_card import read_data_card
from core.gate import gate_rates
from core.manifest import write_manifest
from core.paths import artifacts_dir
from core.reports.model_card import Card, card_markdown, make_card
from core.reports.model_card.export import NOT_KNOWN
from core.reports.model_card.printed import card_pdf
from core.results.store import read_results
from core.runs.ledger import count_looks, read_ledger
from core.runs.record import Run
from core.runs.store import list_runs, representative, served
from core.wording import BANNER, LICENCE, format_figure, format_percent, format_rate

CREATED = datetime(2026, 11, 24, 23, 5, tzinfo=UTC)
LIST = {  # EVIDENCE: what must be on screen or in the model card
    "Intended use": "research and teaching",
    "Users": "Radiologists",
    "Out of scope": "Diagnosis",
    "Place in the care pathway": "clinician",
    "Notice": BANNER,
    "Source and licence": LICENCE,
    "Dates": "2018",
    "Eligibility": "readable film",
    "Flow of films": "validation",
    "Reference standard": "two physicians",
    "Patient key and overlap": "test films",
    "Duplicates": "identical films",
    "Prevalence by split": "62.5 %",
    "Age and sex": "Missing",
    "Version and weights": "sha256",
    "Preprocessing": "resized",
    "Seeds and tuning budget": "judged on validation",
    "Threshold": "stress validation",
    "Probabilities and sets": "conformal",
    "2 × 2 counts": "false alarms",
    "Figures, intervals by patient": "Sensitivity",
    "Calibration": "Brier",
    "Paired tests": "Holm",
    "Bacterial and viral pneumonia": "viral",
    "Failures": "all",
    "Shortcuts": "lungs masked",
    "Robustness": "seeded changes",
    "Input check": "chest film",
    "Use of the test films": "test_ledger.csv",
    "PPV and NPV": "PPV",
    "Net benefit": "per 1,000 films",
    "Other hospitals": "Not measured",
    "Readers with the model": "None",
    "Monitoring": "None",
    "Contact": "No person is named",
}


@pytest.fixture(scope="module")
def runs() -> list[Run]:
    ours = [run for run in list_runs()[0] if not run.own]
    lead = served(ours)
    return [lead, *(run for run in representative(ours) if run != lead)]


@pytest.fixture(scope="module")
def card(runs: list[Run]) -> Card:
    return make_card(runs[0], runs[1:])


def answer(card: Card, title: str) -> str:
    return next(item.text for item in card.items if item.title == title)


def test_every_item_of_the_list_is_answered_or_said_to_be_unknown(card: Card) -> None:
    assert [item.title for item in card.items] == list(LIST)
    for item in card.items:
        assert LIST[item.title] in item.text
    unknown = {item.title for item in card.items if not item.known}
    assert unknown == {"Dates", "Age and sex", "Other hospitals", "Readers with the model", "Monitoring", "Contact"}


def test_figures_are_the_committed_ones(card: Card, runs: list[Run]) -> None:
    run = runs[0]
    test = read_results()[run.run_id]["test"]
    figures = answer(card, "Figures, intervals by patient")
    for name in ("sensitivity", "specificity", "accuracy", "ppv", "npv"):
        assert format_rate(test.metrics[name]) in figures
    assert format_figure(test.metrics["auroc"]) in figures
    assert format_rate(read_results()[run.run_id]["validation"].metrics["specificity"]) in figures
    cells = test.confusion
    assert f"{cells.tp} found, {cells.fn} missed, {cells.fp} false alarms" in answer(card, "2 × 2 counts")
    assert f"{run.record.threshold:.4f}" in answer(card, "Threshold")
    assert run.record.weights_hash in answer(card, "Version and weights")
    full, further = count_looks(read_ledger(artifacts_dir()))
    assert f"{full} full evaluations" in answer(card, "Use of the test films")
    assert f"{further} further looks" in answer(card, "Use of the test films")


def test_the_gate_is_quoted_with_its_worst_kind(card: Card) -> None:
    rates = gate_rates()
    text = answer(card, "Input check")
    assert format_rate(rates.validation.refused) in text
    assert f"{format_percent(rates.caught_worst)} of the worst ({rates.worst_kind})" in text


def test_the_flow_adds_up(card: Card) -> None:
    audit = read_data_card().audit
    text = answer(card, "Flow of films")
    assert text.startswith(f"{audit.films:,} films")
    totals = {
        split: sum(row.films for row in audit.counts if row.split == split) for split in ("train", "validation", "test")
    }
    assert sum(totals.values()) == audit.films
    for split, films in totals.items():
        assert f"{split} {films:,} films of {audit.patients['wide'][split]:,} patient keys" in text


@pytest.mark.parametrize("prevalence", [0.05, 0.16, 0.4])
def test_predictive_values_hold_at_the_chosen_prevalence(runs: list[Run], prevalence: float) -> None:
    text = answer(make_card(runs[0], runs[1:], prevalence=prevalence), "PPV and NPV")
    test = read_results()[runs[0].run_id]["test"]
    rates = {name: test.metrics[name].value for name in ("sensitivity", "specificity")}
    assert f"PPV {format_percent(float(ppv_at(prevalence, **rates)))} (" in text
    assert f"NPV {format_percent(float(npv_at(prevalence, **rates)))} (" in text
    assert f"Where {100 * prevalence:g} %" in text


def test_every_model_has_a_card(runs: list[Run]) -> None:
    for run in runs[1:]:
        card = make_card(run, [other for other in runs if other != run])
        assert len(card.items) == len(LIST)
        assert run.run_id in answer(card, "Version and weights")
        assert len(PdfReader(io.BytesIO(card_pdf(card, CREATED))).pages) == 1


def test_a_run_without_committed_figures_says_so(runs: list[Run]) -> None:
    card = make_card(replace(runs[0], own=True), runs[1:])
    unknown = {item.title for item in card.items if not item.known}
    assert {"2 × 2 counts", "Figures, intervals by patient", "Shortcuts", "PPV and NPV", "Net benefit"} <= unknown
    assert "results.json has no figures" in answer(card, "2 × 2 counts")


def test_evidence_of_other_weights_is_not_quoted(runs: list[Run]) -> None:
    other = replace(runs[0], record=replace(runs[0].record, weights_hash="0" * 64))
    assert "knows nothing of" in answer(make_card(other, runs[1:]), "Shortcuts")


def test_a_missing_file_leaves_the_rest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "artifacts"
    shutil.copytree(artifacts_dir(), folder)
    (folder / "data.json").unlink()
    (folder / "evidence.json").write_text("{")
    monkeypatch.setenv("LUNGLENS_ARTIFACTS", str(folder))
    write_manifest()
    ours = list_runs()[0]
    card = make_card(served(ours), representative(ours))
    assert "data.json is missing" in answer(card, "Duplicates")
    assert "evidence.json is damaged" in answer(card, "Shortcuts")
    assert "false alarms" in answer(card, "2 × 2 counts")


def test_markdown_has_every_answer_and_marks_what_is_unknown(card: Card) -> None:
    text = card_markdown(card, CREATED)
    assert text.startswith(f"# Model card: {card.title}, version {card.run_id}, weights {card.weights_hash[:12]}\n")
    assert "2026-11-24 23:05 UTC" in text
    assert f"> {BANNER}" in text
    for section in card.sections:
        assert f"\n## {section.title}\n" in text
    for item in card.items:
        mark = "" if item.known else f" *({NOT_KNOWN})*"
        assert f"- **{item.title}**{mark}: {item.text}\n" in text


def test_the_printed_card_is_one_page_with_every_answer(card: Card) -> None:
    (page,) = PdfReader(io.BytesIO(card_pdf(card, CREATED))).pages
    printed = "".join(page.extract_text().split())
    for item in card.items:
        assert "".join(item.text.split()) in printed
        assert "".join(item.title.split()) in printed or item.title == "Notice"  # which stands at the foot
    assert card_pdf(card, CREATED) == card_pdf(card, CREATED)


def test_a_long_card_still_fits_on_one_page(card: Card) -> None:
    long = tuple(
        replace(section, items=tuple(replace(item, text=item.text * 3) for item in section.items))
        for section in card.sections
    )
    (page,) = PdfReader(io.BytesIO(card_pdf(replace(card, sections=long), CREATED))).pages
    assert "".join(LIST["Contact"].split()) in "".join(page.extract_text().split())

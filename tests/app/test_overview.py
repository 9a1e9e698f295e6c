"""Overview through the app's entry point, with the committed artifacts and without."""

from pathlib import Path

import pytest

from core.data.samples import list_samples
from core.paths import artifacts_dir
from core.results.store import read_results
from core.runs.ledger import count_looks, read_ledger
from core.runs.store import list_runs, served
from core.wording import BANNER, LICENCE, format_rate
from tests.support.app import open_app, text_of


def test_overview_quotes_the_committed_result_of_the_served_model() -> None:
    app = open_app()
    assert not app.exception
    assert not app.error
    run = served(list_runs()[0])
    stored = read_results()[run.run_id]
    text = text_of(app)
    assert app.title[0].value.endswith("?")
    for split, metric in (("test", "sensitivity"), ("test", "specificity"), ("validation", "specificity")):
        assert format_rate(stored[split].metrics[metric]) in text
    counts = stored["test"].confusion
    assert f"{counts.fp} of {counts.negatives} test films" in text
    full, _ = count_looks(read_ledger(artifacts_dir()))
    assert f"{full} full evaluations on record" in text
    assert BANNER in text
    assert LICENCE in text
    assert "a doctor reads" in text


def test_three_doors_lead_into_the_app() -> None:
    app = open_app()
    doors = {link.label: link.page for link in app.get("page_link")}
    assert doors["Open the business case"] == "business"
    assert doors["Read an X-ray"] == "read"
    assert doors["Compare the models"] == "compare"


def test_a_sample_opens_on_read() -> None:
    app = open_app()
    button = next(button for button in app.button if button.key.startswith("overview_"))
    button.click().run()
    assert not app.exception
    assert [title.value for title in app.title] == ["Read an X-ray"]
    stem = button.key.removeprefix("overview_")
    chosen = next(sample for sample in list_samples() if sample.path.stem == stem)
    assert any(text.value.startswith(f"{chosen.title}, ") for text in app.caption)


def test_without_artifacts_the_page_says_so_and_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LUNGLENS_ARTIFACTS", str(tmp_path / "nothing"))
    app = open_app()
    assert not app.exception
    assert any("No trained model was found" in error.value for error in app.error)
    assert BANNER in text_of(app)
    assert "Compare the models" in {link.label for link in app.get("page_link")}

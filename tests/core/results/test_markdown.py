"""Tables of README and docs: the blocks that are replaced, and what stands in each table."""

import csv
import json
import re

import pytest

from core.errors import ArtifactError, InputError
from core.evaluation.metrics import METRICS, auroc
from core.evaluation.types import Estimate
from core.paths import ROOT, artifacts_dir
from core.results import markdown as report_tables
from core.results.markdown import RESOLUTIONS, TABLES, documents, make_table, refresh
from core.results.published import NOTEBOOK
from core.runs.store import committed_runs, list_runs, representative, served
from core.wording import MINUS, format_decimal, format_percent, format_rate, format_spread


def rows(table: str) -> list[dict[str, str]]:
    """The cells of a Markdown table by column."""
    header, _, *body = [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()]
    return [dict(zip(header, line, strict=True)) for line in body]


@pytest.mark.parametrize("name", TABLES)
def test_a_block_is_replaced_and_the_rest_kept(name) -> None:
    text = f"Before.\n\n<!-- table: {name} -->\nold\n| rows |\n<!-- end -->\n\nAfter.\n"
    fresh = refresh(text)
    assert fresh == f"Before.\n\n<!-- table: {name} -->\n{make_table(name)}\n<!-- end -->\n\nAfter.\n"
    assert refresh(fresh) == fresh


def test_neighbouring_blocks_and_text_without_any() -> None:
    block = "<!-- table: ledger -->\n<!-- end -->\n"
    assert refresh(block + block).count(make_table("ledger")) == 2
    assert refresh("No table <!-- end --> here.") == "No table <!-- end --> here."


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("<!-- table: pie -->\n<!-- end -->", "no table named 'pie'; there are results"),
        ("<!-- table: ledger -->\n", "<!-- end -->"),
        ("<!-- table: ledger -->\n<!-- table: seeds -->\n<!-- end -->", "<!-- end -->"),
    ],
)
def test_wrong_marks_are_refused(text, reason) -> None:
    with pytest.raises(InputError, match=reason):
        refresh(text)


def test_without_results_there_is_no_table(no_artifacts) -> None:
    with pytest.raises(ArtifactError):
        make_table("results")


def test_results_hold_a_row_for_each_model_and_mark_the_served_one() -> None:
    runs = [run for run in list_runs()[0] if not run.own]
    table = rows(make_table("results"))
    shown = representative(runs)
    nulls = table[len(shown) :]
    results = json.loads((artifacts_dir() / "results.json").read_text())["runs"]
    for row, run in zip(table, shown, strict=False):
        assert row["model"].startswith(f"{run.title}, seed {run.record.seed}")
        assert row["model"].endswith("(served)") == (run.run_id == served(runs).run_id)
        sensitivity = results[run.run_id]["test"]["metrics"]["sensitivity"]
        assert row["Sensitivity"] == format_rate(Estimate.from_dict(sensitivity))
        assert row["parameters"] == f"{run.record.parameters:,}"
    assert [row["model"] for row in nulls] == [
        "Null baseline: prevalence alone",
        "Null baseline: file size alone",
        "Null baseline: aspect ratio, estimated",
        "Null baseline: thumbnail of 8 x 8 pixels",
    ]
    assert nulls[0]["AUROC"] == "0.500"
    assert nulls[1]["AUROC, stress validation"] == "–"
    thumbnail = json.loads((artifacts_dir() / "evidence.json").read_text())["baselines"]["thumbnail"]["evaluations"]
    assert nulls[3]["Sensitivity"].startswith(format_percent(thumbnail["test"]["metrics"]["sensitivity"]["value"]))


def test_seeds_span_all_runs_of_a_model() -> None:
    runs = [run for run in list_runs()[0] if not run.own]
    table = rows(make_table("seeds"))
    assert sum(int(row["seeds"]) for row in table) == len(runs)
    results = json.loads((artifacts_dir() / "results.json").read_text())["runs"]
    for row in table:
        found = [
            results[run.run_id]["test"]["metrics"]["accuracy"]["value"] for run in runs if run.title == row["model"]
        ]
        assert row["Accuracy, mean (lowest to highest)"] == format_spread(found, "accuracy")


def test_notebook_figures_stand_beside_ours_at_its_threshold() -> None:
    table = iter(rows(make_table("notebook")))
    at_half = json.loads((artifacts_dir() / "results.json").read_text())["at_half"]
    ours = {run.record.model: run.run_id for run in representative(list_runs()[0]) if not run.own}
    for result in NOTEBOOK:
        for metric, reported in result.metrics.items():
            row = next(table)
            assert row["Figure"] == METRICS[metric].title
            if METRICS[metric].is_rate:
                assert row["Notebook"] == format_percent(reported.value)
            if result.model in ours and METRICS[metric].is_rate:
                value = at_half[ours[result.model]]["metrics"][metric]["value"]
                assert row["Here, threshold 0.5"].startswith(format_percent(value))
    assert next(table, None) is None


def test_gains_of_resolution_are_paired_and_over_64_px() -> None:
    table = rows(make_table("resolution"))
    shown = {run.record.model: run for run in representative(committed_runs())}
    of_64 = shown["cnn_adam"].scores("stress_validation")
    assert table[0]["AUROC, stress validation"].startswith(format_decimal(auroc(of_64)))
    assert [row["model"].partition(", seed")[0] for row in table] == [shown[name].title for name in RESOLUTIONS]
    for name, row in zip(RESOLUTIONS[1:], table[1:], strict=True):
        for split in ("validation", "stress_validation", "test"):
            gain = auroc(shown[name].scores(split)) - auroc(shown["cnn_adam"].scores(split))
            cell = row[f"AUROC, {split.replace('_', ' ')}"].split()[0]
            assert float(cell.replace(MINUS, "-")) == pytest.approx(gain, abs=6e-4)


def test_ledger_counts_evaluations_and_says_what_was_before() -> None:
    with (artifacts_dir() / "test_ledger.csv").open(newline="") as file:
        before, *lines = csv.DictReader(file)
    text = make_table("ledger")
    noted = sum(line["note"] != "" for line in lines)
    assert f"for {len(lines) - noted} full evaluations on record" in text
    assert f"for {noted} further looks" in text
    assert text.endswith(before["note"])


def test_costs_that_were_not_measured_are_a_dash(monkeypatch) -> None:
    for name in ("training_seconds", "film_milliseconds"):
        monkeypatch.setattr(report_tables, name, lambda run: None)
    for row in rows(make_table("results")):
        assert (row["training on one core, s"], row["per film on one core, ms"]) == ("–", "–")


def test_findings_name_the_served_model_in_every_figure() -> None:
    runs = [run for run in list_runs()[0] if not run.own]
    lines = make_table("findings").splitlines()
    assert sum(line.startswith("- ") for line in lines) == 3
    assert sum(served(runs).title in line for line in lines) >= 3 * (len(representative(runs)) - 1)


def test_experiments_stand_beside_the_notebooks_networks() -> None:
    table = {row["configuration"]: row for row in rows(make_table("experiments"))}
    for name in report_tables.COMPARED_NETWORKS:
        figures = [run.record.selection["mean"] for run in committed_runs() if run.record.model == name]
        row = table[f"for comparison: `{name}`"]
        assert row["mean of both AUROCs, seed by seed"].split(", ") == [format_decimal(one, 4) for one in figures]
        assert row["median"] == format_decimal(sorted(figures)[1], 4)
    assert "`residual_long`" in table


def test_goals_are_judged_by_the_served_models_figures() -> None:
    run = served(committed_runs())
    table = {row["figure"]: row for row in rows(make_table("goals"))}
    column = f"{run.title}, seed {run.record.seed}"
    metrics = json.loads((artifacts_dir() / "results.json").read_text())["runs"][run.run_id]["test"]["metrics"]
    values = {f"{METRICS[metric].title}, test": metrics[metric]["value"] for metric in report_tables.QUOTED}
    of_films = [auroc(run.scores(split)) for split in ("validation", "stress_validation")]
    values |= {"mean AUROC of both validations": sum(of_films) / 2, "parameters": run.record.parameters}
    shortcut = json.loads((artifacts_dir() / "evidence.json").read_text())["runs"][run.run_id]["shortcut"]
    for split in ("validation", "test"):
        for part in ("masked", "only"):
            value = shortcut[split][f"lungs_{part}"]["by_patient"]["value"]
            values[f"AUROC, lungs {part}, {split}"] = value
    assert set(values) == set(table) - {"one film on one core, ms"}
    for title, value in values.items():
        kind, bound = re.fullmatch(r"at (least|most) ([\d.,]+)(?: %)?", table[title]["goal"]).groups()
        least = float(bound.replace(",", "")) / (100 if "%" in table[title]["goal"] else 1)
        assert table[title]["reached"] == ("yes" if (value >= least if kind == "least" else value <= least) else "no")
        shown = float(table[title][column].split()[0].replace(",", ""))
        assert shown == pytest.approx(100 * value if "%" in table[title][column] else value, abs=0.051)


def test_a_goal_is_reached_at_its_bound() -> None:
    assert report_tables._at_least(0.95, 0.95, str) == ("at least 0.95", "yes")
    assert report_tables._at_least(0.95, 0.9499, str)[1] == "no"
    assert report_tables._at_most(5, 5, str) == ("at most 5", "yes")
    assert report_tables._at_most(5, 5.01, str)[1] == "no"


def test_documents_are_readme_and_docs() -> None:
    assert documents()[0] == ROOT / "README.md"
    assert ROOT / "docs" / "architecture.md" in documents()

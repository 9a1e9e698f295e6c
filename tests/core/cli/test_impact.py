"""``python -m core impact``: one document, or words; a mistake is one line."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from core.impact.scenario import LOSING, PRESETS

Command = Callable[..., tuple[int, str, str]]

WORKED = """
title = "Worked values of a second reader"
[model]
sensitivity = 0.95
specificity = 0.90
[inputs]
volume = 1000
fixed_cost = {{ low = 0, base = 0, high = 0 }}
second_look = {{ low = 0, base = 0, high = 0 }}
prevalence = {prevalence}
"""


def test_without_a_file_the_base_case_is_simulated(command: Command) -> None:
    status, out, _ = command("impact", "--json")
    document = json.loads(out)
    assert status == 0
    assert document["currency"] == "EUR"
    assert document["draws"] == 10_000
    assert document["figures"]["net"]["low"] < document["figures"]["net"]["value"] < document["figures"]["net"]["high"]
    assert {one["evidence"] for one in document["scenario"]["inputs"].values()} == {"published elsewhere", "assumption"}
    assert document["model"]["evidence"] == "measured here"
    assert set(document["answer"]) == {"money", "time", "children"}


def test_a_file_gives_the_worked_values(command: Command, tmp_path: Path) -> None:
    path = tmp_path / "worked.toml"
    path.write_text(WORKED.format(prevalence=0.15))
    status, out, _ = command("impact", "--scenario", path, "--json")
    figures = json.loads(out)["figures"]
    assert status == 0
    assert -figures["extra_missed"]["value"] == pytest.approx(11.18, abs=0.005)
    assert figures["extra_alarms"]["value"] == pytest.approx(14.24, abs=0.005)
    assert figures["break_even_price"]["value"] * 1.05 == pytest.approx(2.05, abs=0.005)
    assert figures["cost_per_case"]["value"] * 1.05 == pytest.approx(160.72, abs=0.005)


@pytest.mark.parametrize("name", [PRESETS[1], LOSING[1]])
def test_people_read_three_sentences_and_the_ranges(command: Command, name: str) -> None:
    status, out, err = command("impact", "--scenario", name)
    assert status == 0
    assert not err
    for word in ("Money: ", "Time: ", "Children: ", "95 % of draws", "net in EUR with one input at", "evidence"):
        assert word in out
    assert "**" not in out
    assert "Not a medical device" in out


def test_what_never_pays_is_null_in_the_document(command: Command) -> None:
    _, out, _ = command("impact", "--scenario", "triage_for_money", "--json")
    assert "Infinity" not in out
    assert json.loads(out)["figures"]["break_even_volume"]["value"] is None


@pytest.mark.parametrize(
    ("text", "said"), [("[inputs]\nvolume = -3", "volume"), ("use = 'magic'", "magic"), ("not toml", "lab.toml")]
)
def test_a_mistake_is_one_line_and_status_2(command: Command, tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "lab.toml"
    path.write_text(text)
    status, out, err = command("impact", "--scenario", path)
    assert (status, out) == (2, "")
    assert said in err
    assert "lab.toml" in err
    assert len(err.strip().splitlines()) == 1


def test_a_missing_file_is_named(command: Command, tmp_path: Path) -> None:
    status, _, err = command("impact", "--scenario", tmp_path / "gone.toml")
    assert status == 2
    assert "gone.toml" in err


def test_without_artifacts_a_given_model_still_answers(command: Command, no_artifacts: Path) -> None:
    assert command("impact")[0] == 2
    assert command("impact", "--scenario", "model_elsewhere", "--json")[0] == 0

"""The committed rates belong to the committed gate, were measured as said, and meet what is claimed of them."""

import json

import pytest

from core.files import sha256
from core.gate import gate_rates, load_gate
from core.gate.check import GATE_FILE
from core.gate.material import KINDS
from core.gate.rates import RATES_FILE
from core.paths import artifacts_dir
from core.runs.ledger import read_ledger


@pytest.fixture(scope="module")
def stored() -> dict:
    return json.loads((artifacts_dir() / RATES_FILE).read_text())


def test_rates_are_of_the_committed_gate(stored) -> None:
    scorer = load_gate().scorer
    assert stored["weights_hash"] == sha256(artifacts_dir() / GATE_FILE)
    assert stored["limits"] == {"refuse_below": scorer.refuse_below, "accept_from": scorer.accept_from}
    assert 0 < scorer.refuse_below < scorer.accept_from < 1


def test_the_look_at_test_is_in_the_ledger(stored) -> None:
    lines = [line for line in read_ledger(artifacts_dir()) if line.run == "gate"]
    assert [line.weights_hash for line in lines].count(stored["weights_hash"]) == 1
    assert all(line.note for line in lines)
    assert stored["test"]["n"] == 624


def test_false_refusals_meet_the_goal_on_validation() -> None:
    rates = gate_rates()
    assert rates.validation.n == 1045
    assert rates.validation.refused.value <= 0.01
    assert rates.stress.refused.value <= 0.01


def test_every_kind_was_left_out_once_and_the_summary_is_of_these(stored) -> None:
    rates = gate_rates()
    assert set(rates.left_out) == set(KINDS)
    shares = {kind: share.refused.value for kind, share in rates.left_out.items()}
    assert rates.caught_worst == shares[rates.worst_kind] == min(shares.values())
    assert rates.caught_mean == pytest.approx(sum(shares.values()) / len(shares))


def test_shares_are_counts_over_pictures(stored) -> None:
    groups = [*stored["validation"].values(), stored["adults"], stored["test"], *stored["left_out"].values()]
    for found in groups:
        assert found["accept"] + found["warn"] + found["refuse"] == found["n"]
        assert found["refused"]["value"] == found["refuse"] / found["n"]


def test_size_and_weight_of_the_file_hardly_tell_films_from_the_rest(stored) -> None:
    found = stored["matching"]
    assert found["pictures_of_bodies"] < 0.6
    assert found["all_kinds"] < 0.6

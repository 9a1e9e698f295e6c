"""The test ledger: a line for each evaluation, none for a repeat."""

import shutil

import pytest

from core.errors import ArtifactError
from core.evidence import data_card
from core.evidence.collect import CHANGES, SHIFT_NOTE, SUBGROUP_NOTE
from core.evidence.groups import NUMBER_NOTE
from core.paths import artifacts_dir
from core.runs.ledger import LOOK_TITLES, LedgerLine, LookKind, count_looks, in_words, read_ledger, record_test
from core.runs.store import read_run


@pytest.fixture
def run(trained_folder, tmp_path):
    shutil.copytree(trained_folder / "dense-s3", tmp_path / "out" / "dense-s3")
    return read_run(tmp_path / "out" / "dense-s3", own=True)


def test_a_repeat_adds_no_line(run) -> None:
    scores = run.scores("test")
    assert record_test(run, scores, "data")
    assert not record_test(run, scores, "data")
    assert record_test(run, scores, "other data")
    assert record_test(run, scores, "data", note="Shortcut score.")
    lines = read_ledger(run.folder.parent)
    assert [(line.data_hash, line.note) for line in lines] == [
        ("data", ""),
        ("other data", ""),
        ("data", "Shortcut score."),
    ]
    assert all(line.weights_hash == run.record.weights_hash for line in lines)


def test_no_ledger_is_no_line(tmp_path) -> None:
    assert read_ledger(tmp_path) == []


@pytest.mark.parametrize(
    "text",
    [
        "a,b\n1,2\n",
        "time,run,weights_hash,data_hash,auroc,note\nnow,dense-s3,w,d\n",
        "time,run,weights_hash,data_hash,auroc,note\nnow,dense-s3,w,d,0.9,,more\n",
        f"time,run,weights_hash,data_hash,auroc,note\nnow,{'d' * 200_000},w,d,0.9,\n",
        "time,run,weights_hash,data_hash,auroc,note\nnow,dense-s3,w,d,0.9,\xe4\n",
    ],
    ids=["columns", "short", "long", "field", "encoding"],
)
def test_a_damaged_ledger_is_named(run, text) -> None:
    path = run.folder.parent / "test_ledger.csv"
    path.write_text(text, encoding="latin-1")
    with pytest.raises(ArtifactError, match=r"test_ledger\.csv is damaged"):
        record_test(run, run.scores("test"), "data")
    assert path.read_text(encoding="latin-1") == text


def line(run: str, *, data_hash: str = "d", auroc: str = "0.9", note: str = "") -> LedgerLine:
    return LedgerLine(time="now", run=run, weights_hash="w", data_hash=data_hash, auroc=auroc, note=note)


@pytest.mark.parametrize(
    ("of", "kind"),
    [
        (line("dense-s0"), LookKind.EVALUATION),
        (line("baseline:byte_size"), LookKind.EVALUATION),
        (line("dense-s0", note="Shortcut score: lungs masked."), LookKind.MASKED_FILMS),
        (line("dense-s0", note=SUBGROUP_NOTE), LookKind.SUBGROUPS),
        (line("dense-s0", note=NUMBER_NOTE), LookKind.SUBGROUPS),
        (line("films", auroc="", note=SHIFT_NOTE), LookKind.FILMS),
        (line("films", auroc="", note=data_card.NOTE), LookKind.FILMS),
        (line("gate", auroc="", note="Input gate: share of the test films that it refuses."), LookKind.GATE),
        (line("dense-s9", note="Trial of the pipeline; not kept."), LookKind.NOT_KEPT),
        (line("first trials", data_hash="", auroc="", note="Before this, 20 trials."), LookKind.EARLIER),
    ],
)
def test_a_line_has_a_kind(of: LedgerLine, kind: LookKind) -> None:
    assert of.kind is kind
    assert LOOK_TITLES[of.kind]


def test_the_notes_of_masked_films_are_known_by_their_kind() -> None:
    for _, note in CHANGES.values():
        assert line("dense-s0", note=note).kind is LookKind.MASKED_FILMS


def test_every_committed_line_counts_once() -> None:
    lines = read_ledger(artifacts_dir())
    full, further = count_looks(lines)
    assert full == sum(line.data_hash != "" and not line.note for line in lines)
    assert full + further == sum(line.kind is not LookKind.EARLIER for line in lines)


USED = (
    "The test films have been used for {} on record, of models and null baselines, and for {}, at parts of them, at "
    "changed films or by runs that were not kept (`test_ledger.csv`)."
)
EARLIER = line("first trials", data_hash="", auroc="", note="Before this, 20 trials.")


@pytest.mark.parametrize(
    ("lines", "own", "counts", "sentences"),
    [
        (
            [EARLIER, line("a"), line("baseline:b"), line("c", note="Not kept."), line("films", note="Compared.")],
            [],
            (2, 2),
            f"{USED.format('2 full evaluations', '2 further looks')} Before this, 20 trials.",
        ),
        ([line("a")], [], (1, 0), USED.format("1 full evaluation", "0 further looks")),
        (
            [line("a", note="Subgroups: bacterial.")],
            [line("b")],
            (0, 1),
            f"{USED.format('0 full evaluations', '1 further look')} Your own runs add 1.",
        ),
        (
            [],
            [],
            (0, 0),
            "There is no record of how often the test films have been used: test_ledger.csv is missing; restore it.",
        ),
    ],
)
def test_looks_in_words(
    lines: list[LedgerLine], own: list[LedgerLine], counts: tuple[int, int], sentences: str
) -> None:
    assert count_looks(lines) == counts
    assert in_words(lines, own) == sentences

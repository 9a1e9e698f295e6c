"""Score tables: what is read back, and the one line that a bad table gets."""

import io

import numpy as np
import pytest

from core.errors import InputError
from core.evaluation.tables import align_samples, check_same_samples, read_scores, write_scores
from core.evaluation.types import Scores
from tests.support.scores import seeded

GOOD = "sample_id,y_true,y_score,cluster_id\n007,1,0.9,p1\nb,0,0.25,p2\n"


def read(text):
    return read_scores(io.BytesIO(text if isinstance(text, bytes) else text.encode()), "t.csv")


def test_good_table_is_read_as_it_is():
    scores = read(GOOD)
    assert list(scores.sample_id) == ["007", "b"]
    assert list(scores.cluster_id) == ["p1", "p2"]
    assert list(scores.y_true) == [1, 0]
    assert list(scores.y_score) == [0.9, 0.25]
    assert scores.y_true.dtype == np.int64


def test_without_patients_each_film_is_its_own():
    scores = read("y_score,sample_id,y_true,note\n0.5,a,1,x\n0.1,b,0.0,y\n")
    assert list(scores.cluster_id) == ["a", "b"]


def test_byte_order_mark_and_spaces_in_the_header_do_no_harm():
    assert len(read(b"\xef\xbb\xbf" + GOOD.replace(",y_true", ", y_true").encode())) == 2


def test_written_scores_are_read_back_to_the_last_bit(tmp_path):
    scores = seeded(0, digits=17, per_patient=2)
    write_scores(scores, tmp_path / "scores.csv")
    again = read_scores(tmp_path / "scores.csv")
    for column in ("sample_id", "cluster_id", "y_true", "y_score"):
        np.testing.assert_array_equal(getattr(again, column), getattr(scores, column))
    assert again.name == "scores.csv"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "the file is empty"),
        ("sample_id,y_true,y_score\n", "no rows"),
        ("sample_id;y_true;y_score\na;1;0.5\n", "no column sample_id, y_true, y_score"),
        ("sample_id,y_score\na,0.5\n", "no column y_true"),
        ("sample_id,y_true,y_score\na,1,0.5\nb,1,0.6\n", "both classes"),
        ("sample_id,y_true,y_score\na,1,1.5\nb,0,0.6\n", "y_score is 1.5 in row 2"),
        ("sample_id,y_true,y_score\na,1,0.5\nb,0,-0.1\n", "y_score is -0.1 in row 3"),
        ("sample_id,y_true,y_score\na,1,nan\nb,0,0.6\n", "y_score is nan in row 2"),
        ("sample_id,y_true,y_score\na,1,\nb,0,0.6\n", "y_score is '' in row 2, which is not a number"),
        ("sample_id,y_true,y_score\na,1,0.5\nb,0,high\n", "y_score is 'high' in row 3"),
        ("sample_id,y_true,y_score\na,2,0.5\nb,0,0.1\n", "y_true is 2 in row 2"),
        ("sample_id,y_true,y_score\na,PNEUMONIA,0.5\nb,0,0.1\n", "y_true is 'PNEUMONIA' in row 2"),
        ("sample_id,y_true,y_score\na,1,0.5\na,0,0.1\n", "sample_id 'a' occurs more than once"),
        ("sample_id,y_true,y_score\n,1,0.5\na,0,0.1\n", "sample_id is blank in row 2"),
        ("sample_id,y_true,y_score,cluster_id\na,1,0.5,\nb,0,0.1,p\n", "cluster_id is blank in row 2"),
        ("sample_id,y_true,y_score\na,1\nb\n", "y_true is"),
        (b"\x89PNG\r\n\x1a\n\x00\xff\xfe\xfd", "not a readable CSV"),
        ('sample_id,y_true,y_score\n"a,1,0.5\n', "not a readable CSV"),
        ("sample_id,y_true,y_score\na,1,0.5\nb,0,0.1,3,4\n", "not a readable CSV"),
    ],
)
def test_bad_table_gets_one_line_that_names_the_file(text, reason):
    with pytest.raises(InputError) as error:
        read(text)
    assert str(error.value).startswith("t.csv: ")
    assert reason in str(error.value)
    assert "\n" not in str(error.value)


def test_missing_file_and_folder_are_named(tmp_path):
    with pytest.raises(InputError, match=r"gone\.csv: there is no such file"):
        read_scores(tmp_path / "gone.csv")
    with pytest.raises(InputError, match="cannot be read"):
        read_scores(tmp_path)


def changed(scores, **columns):
    fields = {name: getattr(scores, name) for name in ("sample_id", "cluster_id", "y_true", "y_score")}
    return Scores(**(fields | columns), name="b")


def test_same_films_in_another_order_are_aligned():
    scores = seeded(0)
    order = np.random.default_rng(1).permutation(len(scores))
    other = changed(scores, **{n: getattr(scores, n)[order] for n in ("sample_id", "cluster_id", "y_true", "y_score")})
    check_same_samples([scores, other])
    np.testing.assert_array_equal(align_samples([scores, other])[1].y_score, scores.y_score)


@pytest.mark.parametrize(
    ("columns", "reason"),
    [
        (
            lambda s: {"sample_id": np.where(s.sample_id == "film-3", "stranger", s.sample_id)},
            "hold different films: 2",
        ),
        (lambda s: {"y_true": np.where(s.sample_id == "film-3", 1 - s.y_true, s.y_true)}, "labels for film-3"),
        (lambda s: {"cluster_id": np.where(s.sample_id == "film-3", "x", s.cluster_id)}, "patient keys for film-3"),
    ],
)
def test_tables_of_different_films_are_refused(columns, reason):
    scores = seeded(0)
    with pytest.raises(InputError, match=f"a and b.*{reason}"):
        check_same_samples([scores, changed(scores, **columns(scores))])

"""Decoding JSON into dataclasses: every kind of field, what is missing, and what is of another kind."""

import math
from dataclasses import dataclass, field
from typing import Any, Literal

import pytest

from core.typed_json import decode


@dataclass(frozen=True, kw_only=True)
class Part:
    """A dataclass within another."""

    value: float


@dataclass(frozen=True, kw_only=True)
class Whole:
    """A field of every kind."""

    name: str
    count: int
    good: bool
    kind: Literal["wide", "narrow"]
    parts: dict[str, Part]
    values: tuple[float, ...]
    pair: tuple[str, int]
    either: Part | None
    anything: dict[str, object]
    optional: tuple[str, ...] = field(default_factory=tuple)


STORED: dict[str, Any] = {
    "name": "a",
    "count": 2,
    "good": True,
    "kind": "wide",
    "parts": {"one": {"value": 0.5}},
    "values": [1, 0.25],
    "pair": ["b", 3],
    "either": None,
    "anything": {"x": [1, {"y": None}]},
    "more": "ignored",
}


def test_every_kind_of_field() -> None:
    assert decode(Whole, STORED) == Whole(
        name="a",
        count=2,
        good=True,
        kind="wide",
        parts={"one": Part(value=0.5)},
        values=(1, 0.25),
        pair=("b", 3),
        either=None,
        anything={"x": [1, {"y": None}]},
    )
    assert decode(Whole, {**STORED, "either": {"value": 1.5}, "optional": ["c"]}).optional == ("c",)


def test_an_undefined_figure_is_nan() -> None:
    assert math.isnan(decode(Part, {"value": None}).value)


@pytest.mark.parametrize(
    "changes",
    [
        {"name": 1},
        {"count": 2.0},
        {"count": True},
        {"good": 1},
        {"kind": "other"},
        {"parts": {"one": {}}},
        {"parts": []},
        {"values": ["1"]},
        {"values": [True]},
        {"pair": ["b"]},
        {"either": 3},
    ],
)
def test_a_value_of_another_kind_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="no Whole"):
        decode(Whole, {**STORED, **changes})


@pytest.mark.parametrize("name", ["name", "parts", "either"])
def test_a_missing_field_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="no Whole"):
        decode(Whole, {key: value for key, value in STORED.items() if key != name})

"""Decode parsed JSON into frozen dataclasses by their type hints, so that no reader carries `dict` beyond a file."""

import types
from collections.abc import Callable, Hashable, Mapping
from dataclasses import MISSING, fields, is_dataclass
from functools import cache
from typing import Any, Literal, TypeVar, Union, cast, get_args, get_origin, get_type_hints

T = TypeVar("T")
Decoder = Callable[[Any], Any]
NAN = float("nan")


def decode(kind: type[T], stored: Any) -> T:
    """Return a ``kind`` made of parsed JSON.

    Fields are dataclasses, ``dict[str, ...]``, ``tuple`` of any length or of a fixed one, ``Literal``, ``... | None``
    and plain values. A ``float`` that JSON holds as None is NaN, as `core.evaluation.evaluate.without_nan` writes it.
    Keys that the dataclass does not name are ignored; a field with a default may be missing.

    Raises
    ------
    ValueError
        A field is missing or holds a value of another kind.
    """
    try:
        return cast(T, _decoder(cast(Hashable, kind))(stored))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ValueError(f"no {kind.__name__}: {error}") from None


@cache
def _decoder(kind: Any) -> Decoder:
    origin, arguments = get_origin(kind), get_args(kind)
    if is_dataclass(kind):
        return _dataclass_decoder(kind)
    if origin is dict:
        value = _decoder(arguments[1])
        return lambda stored: {key: value(item) for key, item in stored.items()}
    if origin is tuple:
        return _tuple_decoder(arguments)
    if origin in (Union, types.UnionType):
        inner = _decoder(next(item for item in arguments if item is not type(None)))
        return lambda stored: None if stored is None else inner(stored)
    if kind is float:
        return _number
    if origin is Literal:
        return _checked(arguments.__contains__, kind)
    if kind in (str, int, bool):
        return _checked(lambda stored: type(stored) is kind, kind)
    return lambda stored: stored  # object: what no code looks into


def _dataclass_decoder(kind: Any) -> Decoder:
    hints = get_type_hints(kind)
    decoders = {field.name: _decoder(hints[field.name]) for field in fields(kind)}
    optional = any(part.default is not MISSING or part.default_factory is not MISSING for part in fields(kind))

    def decoded(stored: Mapping[str, Any]) -> Any:
        here = {name: part for name, part in decoders.items() if name in stored} if optional else decoders
        return kind(**{name: decoder(stored[name]) for name, decoder in here.items()})

    return decoded


def _tuple_decoder(arguments: tuple[Any, ...]) -> Decoder:
    if arguments[-1] is Ellipsis:
        item = _decoder(arguments[0])
        return lambda stored: tuple([item(part) for part in stored])
    items = [_decoder(part) for part in arguments]
    return lambda stored: tuple([item(part) for item, part in zip(items, stored, strict=True)])


def _number(stored: Any) -> Any:
    kind = type(stored)
    if kind is float or kind is int:
        return stored
    if stored is None:
        return NAN
    raise TypeError(f"{stored!r} is no number")


def _checked(is_right: Callable[[Any], bool], kind: Any) -> Decoder:
    def checked(stored: Any) -> Any:
        if not is_right(stored):
            raise TypeError(f"{stored!r} is no {kind}")
        return stored

    return checked

"""Generated events of every type, as this release writes them and as others did or will."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from types import UnionType
from typing import Any, Final, Literal, Union, get_args, get_origin, get_type_hints

from hypothesis import strategies as st
from msgspec import Struct

from events.catalogue import CATALOGUE, encode
from events.codec import canonical_json, to_data
from events.envelope import NewEvent

_SAMPLES: Final = Path(__file__).parents[1] / "golden" / "events"
TEXTS: Final = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8
)
NUMBERS: Final = st.integers(-(2**62), 2**62)
FLOATS: Final = st.floats(allow_nan=False, allow_infinity=False)
JSON: Final = st.recursive(
    st.none() | st.booleans() | NUMBERS | FLOATS | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=6,
)
_PLAIN: Final[dict[Any, st.SearchStrategy[Any]]] = {
    str: TEXTS, int: NUMBERS, float: FLOATS, bool: st.booleans(), Any: JSON, type(None): st.none()
}  # fmt: skip


def _of(hint: Any) -> st.SearchStrategy[Any]:
    """Return values of an annotation that a fact has."""
    if hint in _PLAIN:
        return _PLAIN[hint]
    origin, inner = get_origin(hint), get_args(hint)
    if origin is Literal:
        return st.sampled_from(inner)
    if origin in (Union, UnionType):
        return st.one_of(*map(_of, inner))
    if origin is tuple:
        return st.lists(_of(inner[0]), max_size=2).map(tuple)
    if origin is dict:
        return st.dictionaries(TEXTS, _of(inner[1]), max_size=2)
    return _built(hint)


def _built(shape: Any) -> st.SearchStrategy[Any]:
    hints = get_type_hints(shape)
    is_struct = issubclass(shape, Struct)
    names = shape.__struct_fields__ if is_struct else [field.name for field in fields(shape)]
    members = {name: _of(hints[name]) for name in names}
    return st.deferred(lambda: st.builds(shape, **members))


FACTS: Final = {type_: _built(shape) for type_, shape in CATALOGUE.items()}
ANY_FACT: Final = st.one_of(*FACTS.values())


def _older() -> list[NewEvent]:
    found = []
    for path in sorted(_SAMPLES.glob("*.json")):
        type_, _, number = path.stem.rpartition(".v")
        if int(number) < CATALOGUE[type_].SCHEMA_VERSION:
            data = path.read_bytes()
            found.append(NewEvent(type=type_, schema_version=int(number), tenant="acme", data=data))
    return found


@st.composite
def _with_more(draw: st.DrawFn) -> NewEvent:
    """Draw an event with fields that only a later release knows."""
    fact = draw(ANY_FACT)
    data = canonical_json({**to_data(fact), "of_tomorrow": draw(JSON)})
    return NewEvent(type=fact.TYPE, schema_version=fact.SCHEMA_VERSION, tenant="acme", data=data)


@st.composite
def _unknown(draw: st.DrawFn) -> NewEvent:
    """Draw an event of a type or schema version that only a later release knows."""
    type_ = draw(st.sampled_from([*CATALOGUE, "smtp_setting.painted", "token.found", "moon.risen"]))
    number = CATALOGUE[type_].SCHEMA_VERSION + 1 if type_ in CATALOGUE else 1
    data = canonical_json(draw(st.dictionaries(TEXTS, JSON, max_size=3)))
    return NewEvent(type=type_, schema_version=number, tenant="acme", data=data)


def events() -> st.SearchStrategy[NewEvent]:
    """Return events of all types, three in four of them as this release writes them."""
    newest = ANY_FACT.map(lambda fact: encode(fact, tenant="acme"))
    older = st.sampled_from(_older()).map(_again)
    return st.one_of(newest, newest, newest, older, _with_more(), _unknown())


def _again(event: NewEvent) -> NewEvent:
    return NewEvent(
        type=event.type,
        schema_version=event.schema_version,
        tenant=event.tenant,
        data=event.data,
    )


def category_of(event: NewEvent) -> str:
    """Return the category of the stream that a type is recorded in."""
    subject, _, what = event.type.partition(".")
    kind = what.partition("_")[0]
    return kind if subject == "access" and kind in ("token", "user") else subject

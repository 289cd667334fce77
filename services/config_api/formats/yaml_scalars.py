"""Scalars of YAML by the core schema of YAML 1.2.2 (section 10.3).

`no`, `on` and `1:20` are texts there, and `012` is twelve. What is not plain is a text always.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from services.config_api.formats.strict_json import check_integer, check_number

_NULLS: Final = frozenset({"", "~", "null", "Null", "NULL"})
_FLAGS: Final[Mapping[str, bool]] = {
    word: flag
    for flag, words in ((True, ("true", "True", "TRUE")), (False, ("false", "False", "FALSE")))
    for word in words
}
_DECIMAL: Final = re.compile(r"([-+]?)0*([0-9]+)")
_BASED: Final = re.compile(r"0o[0-7]{1,30}|0x[0-9a-fA-F]{1,30}")
_FLOAT: Final = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")


def plain_text(text: str) -> str | None:
    """Return a plain scalar where a text belongs: an administrator means `012` as it stands."""
    return None if text in _NULLS else text


def plain_value(text: str) -> Any:  # noqa: ANN401 -- any scalar
    """Return a plain scalar where a number or a flag belongs; what is none of them is a text.

    Infinities and `.nan` are texts. Raises MalformedDocument for a number that is too large.
    """
    if text in _NULLS:
        return None
    if text in _FLAGS:
        return _FLAGS[text]
    decimal = _DECIMAL.fullmatch(text)
    if decimal:
        return check_integer(decimal[1].replace("+", "") + decimal[2])
    if _BASED.fullmatch(text):
        return check_integer(str(int(text, 0)))
    return check_number(text) if _FLOAT.fullmatch(text) else text

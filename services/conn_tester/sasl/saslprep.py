"""SASLprep (RFC 4013): one spelling of a user or password for both sides."""

from __future__ import annotations

import stringprep
from typing import Final
from unicodedata import ucd_3_2_0

_PROHIBITED: Final = (
    stringprep.in_table_c12, stringprep.in_table_c21_c22, stringprep.in_table_c3,
    stringprep.in_table_c4, stringprep.in_table_c5, stringprep.in_table_c6,
    stringprep.in_table_c7, stringprep.in_table_c8, stringprep.in_table_c9,
)  # fmt: skip


def saslprep(text: str) -> str:
    """Return the prepared text, or the text as it is where the profile forbids it.

    Servers that were given such a password cannot have prepared it either; PostgreSQL's client does
    the same.
    """
    mapped = "".join(
        " " if stringprep.in_table_c12(character) else character
        for character in text
        if not stringprep.in_table_b1(character)
    )
    prepared = ucd_3_2_0.normalize("NFKC", mapped)
    return prepared if prepared and _is_allowed(prepared) else text


def _is_allowed(text: str) -> bool:
    if any(forbidden(character) for forbidden in _PROHIBITED for character in text):
        return False
    if not any(map(stringprep.in_table_d1, text)):
        return True
    ends = stringprep.in_table_d1(text[0]) and stringprep.in_table_d1(text[-1])
    return ends and not any(map(stringprep.in_table_d2, text))

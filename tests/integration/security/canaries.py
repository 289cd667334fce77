"""Secrets that a run plants, each found again in whatever form it lies somewhere."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from tests.integration.security.encodings import forms

USER: Final = "mailer@acme.example"
_MARK: Final = "Kanari" + secrets.token_hex(4)  # in every canary that we choose ourselves
#: What each encoding writes in a way of its own.
_TYPED: Final = 'ä"=+/%<\\'
_ASCII: Final = '"=+/%<'
_VISIBLE: Final = "=+/%"


@dataclass(frozen=True, kw_only=True)
class Canary:
    """A secret: by which door it came, its bytes, and the user who signs in with it."""

    name: str
    secret: bytes
    user: str = USER
    forms: dict[str, frozenset[bytes]] = field(default_factory=dict)

    @property
    def is_marked(self) -> bool:
        """True where it holds the mark, which is sought before it is."""
        return _MARK.encode() in self.secret


@dataclass(frozen=True, kw_only=True)
class Hit:
    """A canary that lies in a place, and in which encoding."""

    place: str
    canary: str
    encoding: str

    def __str__(self) -> str:
        return f"{self.canary} in {self.place} as {self.encoding}"


class Canaries:
    """All canaries of a run."""

    def __init__(self) -> None:
        self._known: dict[str, Canary] = {}
        self._marks = frozenset().union(*forms(_MARK.encode(), "u").values())

    def __iter__(self) -> Iterator[Canary]:
        return iter(self._known.values())

    def __len__(self) -> int:
        return len(self._known)

    def new(self, name: str, *, kind: str = "typed", user: str = USER) -> str:
        """Plant a secret of our own choice: `typed` by a person, `ascii`, or `visible` ASCII.

        A `jagged` one holds no long word, by which a piece of it could be known.
        """
        if kind == "jagged":
            text = "".join(f"{secrets.token_hex(1)}{one}" for one in _ASCII + _ASCII[::-1])
        else:
            told = {"typed": _TYPED, "ascii": _ASCII, "visible": _VISIBLE}[kind]
            text = f"{_MARK}{told}{secrets.token_hex(4)}"
        self.add(name, text.encode(), user=user)
        return text

    def text(self, name: str) -> str:
        """Return a secret that was planted before."""
        return self._known[name].secret.decode()

    def add(self, name: str, secret: bytes, *, user: str = USER) -> None:
        """Note a secret that the product or a provider made."""
        self._known[name] = Canary(name=name, secret=secret, user=user, forms=forms(secret, user))

    def hits(self, place: str, content: bytes) -> set[Hit]:
        """Return which canaries lie in a place, in every encoding."""
        marked = any(mark in content for mark in self._marks)
        return {
            Hit(place=place, canary=canary.name, encoding=encoding)
            for canary in self
            if marked or not canary.is_marked
            for encoding, some in canary.forms.items()
            if any(one in content for one in some)
        }

    @property
    def forms(self) -> int:
        """How many byte strings are sought."""
        return sum(len(some) for canary in self for some in canary.forms.values())

    @property
    def encoded(self) -> int:
        """How many pairs of canary and encoding there are."""
        return sum(len(canary.forms) for canary in self)

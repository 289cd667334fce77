"""A file or document that cannot be read as a whole: a code, its facts, and the line."""

from __future__ import annotations

from services.config_api.domain.words import sentence
from services.config_api.formats.words import MALFORMED, line_told, told_facts


class Malformed(ValueError):
    """What was sent cannot be read; `line` counts from 1, or is None.

    `code` is one of `formats.words`; `facts` fill its sentence and never hold a secret.
    """

    def __init__(self, code: str, line: int | None = None, **facts: object) -> None:
        super().__init__(code)
        self.code = code
        self.line = line
        self.facts = facts

    def __str__(self) -> str:
        return self.told("en")

    @property
    def detail(self) -> str:
        """The sentence in English, without the line."""
        return self.described("en")

    def described(self, language: str) -> str:
        """Return the sentence in `language` (`en` or `ja`; others read English), without line."""
        facts = told_facts(self.facts, language)
        return sentence(MALFORMED, self.code, facts, language)

    def told(self, language: str) -> str:
        """Return the sentence in `language`, with the line where there is one."""
        return self.described(language) + line_told(self.line, language)


class MalformedFile(Malformed):
    """A file of settings cannot be read as a whole."""


class MalformedDocument(Malformed):
    """What was sent is not JSON as the contract wants it."""

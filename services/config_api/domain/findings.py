"""Collects everything that is wrong or odd, so that it is told at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from events.connection_test import Warned
from services.config_api.domain.characters import has_control_characters, has_odd_characters
from services.config_api.domain.field_errors import FieldError, change_at, pointer_to
from services.config_api.domain.nearest import nearest
from services.config_api.domain.secret import Secret

if TYPE_CHECKING:
    from services.config_api.domain.field_errors import Path
    from services.config_api.domain.nearest import Others

MAX_SECRET = 16_384


class Findings:
    """The errors and warnings of one setting; every `read_…` answers the value or None."""

    def __init__(self) -> None:
        self.errors: list[FieldError] = []
        self.warnings: list[Warned] = []

    def refuse(
        self, path: Path, code: str, *, fix: dict[str, Any] | None = None, **facts: object
    ) -> None:
        """Add an error; `path` are the steps to the field."""
        self.errors.append(FieldError(pointer=pointer_to(*path), code=code, facts=facts, fix=fix))

    def warn(self, code: str, **facts: object) -> None:
        """Add a warning."""
        self.warnings.append(Warned(code=code, facts=facts))

    def read_text(
        self, path: Path, text: str | None, *, limit: int, letters: bool = True
    ) -> str | None:
        """Return a text of at most `limit` characters without control characters; blank: None.

        Odd characters are a warning, full-width `letters` too unless any text is expected.
        """
        if not text:
            return None
        if has_control_characters(text):
            self.refuse(path, "control_characters", field=str(path[-1]))
        elif len(text) > limit:
            self.refuse(path, "too_long", limit=limit)
        elif not text.strip():
            return None
        elif has_odd_characters(text, letters=letters):
            self.warn("odd_characters", field=str(path[-1]))
        return text

    def read_choice(
        self,
        path: Path,
        text: str | None,
        choices: tuple[str, ...],
        others: Others = (),
    ) -> None:
        """Check a text that must be one of `choices`; None passes. `others` as in `nearest`."""
        if text is None or text in choices:
            return
        meant = nearest(text, choices, others)
        if meant is None:
            self.refuse(path, "not_one_of", choices=list(choices))
        else:
            facts = {"choices": list(choices), "suggestion": meant, "reason": "near"}
            self.refuse(path, "not_one_of", fix=change_at(path, meant), **facts)

    def read_secret(self, path: Path, secret: str | Secret) -> Secret:
        """Return a new secret; a mask, an empty one and control characters are refused."""
        if not isinstance(secret, Secret):
            secret = Secret(secret)
        text = secret.reveal()
        if not text:
            self.refuse(path, "required")
        elif secret.is_mask:
            self.refuse(path, "masked_password")
        elif has_control_characters(text):
            self.refuse(path, "control_characters", field=str(path[-1]))
        elif len(text) > MAX_SECRET:
            self.refuse(path, "too_long", limit=MAX_SECRET)
        elif has_odd_characters(text):
            self.warn("odd_characters", field=str(path[-1]))
        return secret

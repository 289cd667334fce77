"""What a target of rendering promises."""

from __future__ import annotations

from typing import Protocol

from services.config_api.rendering.notes import Language
from services.config_api.rendering.sending import Sending


class Target(Protocol):
    """A program or library that sends mail, and the text in which it is configured."""

    @property
    def name(self) -> str:
        """How the target is asked for: `spring-boot`."""
        ...

    @property
    def content_type(self) -> str:
        """The text's media type, with its charset."""
        ...

    @property
    def filename(self) -> str:
        """What the file is usually called."""
        ...

    @property
    def comments(self) -> bool:
        """False where the text has no comments, so that it is the same in each language."""
        ...

    def render(self, sending: Sending, language: Language) -> str:
        """Return the text, with comments in this language and placeholders for secrets."""
        ...

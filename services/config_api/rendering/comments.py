"""Comments in front of a rendered text; all targets but JSON begin one with `#`."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

from services.config_api.rendering.certificates import certificates
from services.config_api.rendering.notes import Language, note
from services.config_api.rendering.sending import Sending


@dataclass(kw_only=True, slots=True)
class Comments:
    """Gathers what the reader of a text has to know."""

    sending: Sending
    language: Language
    target: str
    lines: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, sending: Sending, language: Language, *, target: str) -> Comments:
        """Begin with which setting this is; `target` is how the sentences name the program."""
        comments = cls(sending=sending, language=language, target=target)
        comments.add("rendered", setting_id=sending.setting_id, version=sending.version)
        return comments

    def add(self, code: str, **facts: object) -> None:
        """Add a sentence; `facts` hold nothing that could end the line."""
        self.lines.append(note(code, self.language, target=self.target, **facts))

    def add_ca(self, *, how: str) -> None:
        """Add the certificates that the target cannot be given in its own words."""
        if self.sending.ca_pem is None or self.sending.transport == "none":
            return
        self.add("private_ca", how=how)
        for block in certificates(self.sending.ca_pem):
            self.lines += block.splitlines()

    def add_debug(self, *, how: str) -> None:
        """Say how debugging is turned on, where the setting wants it."""
        if self.sending.debug:
            self.add("debug", how=how)

    def add_x_mailer(self) -> None:
        """Say which header each message shall have."""
        if self.sending.x_mailer is not None:
            self.add("x_mailer", value=json.dumps(self.sending.x_mailer))

    def add_left_over(self, *held: str) -> None:
        """Name the session properties that the text leaves out, which holds `held`."""
        names = self.sending.left_over(*held)
        if names:
            self.add("properties_left", names=", ".join(names))

    def text(self) -> str:
        """Return the comments with an empty line behind them."""
        return "".join(f"# {line}\n" for line in self.lines) + "\n"

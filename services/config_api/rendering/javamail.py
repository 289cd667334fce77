"""`java.util.Properties` with every session property in force."""

from __future__ import annotations

from dataclasses import dataclass

from services.config_api.rendering.comments import Comments
from services.config_api.rendering.notes import Language
from services.config_api.rendering.properties_text import PLAIN_TEXT, line
from services.config_api.rendering.sending import Sending


@dataclass(frozen=True, kw_only=True, slots=True)
class JavamailTarget:
    """A session of Jakarta Mail: `Session.getInstance(properties)`."""

    name: str = "javamail"
    content_type: str = PLAIN_TEXT
    filename: str = "mail.properties"
    comments: bool = True

    def render(self, sending: Sending, language: Language) -> str:
        """Return the properties; the password is given to `Transport.connect` and none of them."""
        comments = Comments.of(sending, language, target="java.util.Properties")
        if sending.method != "none":
            comments.add(f"java_{sending.method}")
        comments.add_ca(how="javax.net.ssl.trustStore")
        comments.add_debug(how="Session.setDebug(true)")
        comments.add_x_mailer()
        if sending.secret_properties:
            comments.add("replace_placeholders")
        lines = [line(name, one["value"]) for name, one in sending.properties.items()]
        lines += [line(name, f"<{name}>") for name in sending.secret_properties]
        return comments.text() + "".join(lines)

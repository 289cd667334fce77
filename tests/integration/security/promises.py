"""Where a secret may be: the sweep finds it there, and nowhere else."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from tests.integration.security.canaries import Hit

#: (place, canary), both as regular expressions that match the whole.
ALLOWED: Final = tuple(
    (re.compile(place), re.compile(canary))
    for place, canary in (
        # What the service hands out: to services, to the tester, and once to whoever made it.
        (
            r"answer 200 GET /v1/smtp-settings/[^/]+/credentials",
            r".*(password|property|access token)",
        ),
        (
            r"answer 200 POST /v1/connection-tests/[^/]+/claim",
            r".*(password \d|password|property|access token|import)",
        ),
        (r"answer 201 POST /v1/tokens", r"new token"),
        (
            r"answer 20[01] (POST|PUT) /v1/webhooks(/given)?",
            r"webhook secret, (given|made|renewed)",
        ),
        (r"answer 20\d POST /(tokens|users)", r"browser's (new token|made password)"),
        (r"printed by tokens create", r"token of the CLI"),
        (
            r"answer 302 (GET|POST) /sign-in(/openid/callback)? \(head\)",
            r"(session .*|browser's session)",
        ),
        (r"answer 302 GET /sign-in/openid \(head\)", r"OpenID attempt .*"),
        # What lies on the host with mode 0600 for the programs of that host.
        (r"file data/(admin|tester)\.token", r"(admin|tester)\.token"),
        (r"file data/sign-in\.link", r"sign-in link"),
        # What a browser keeps of its own: its cookie, and the link, used up, that it was given.
        (r"file browser/.*(Cookies|Cookies-journal)", r"browser's session|session by link"),
        (
            r"file browser/.*(History|History-journal|Sessions/.*|Top Sites.*|Favicons.*|ukm_db.*)",
            r"sign-in link",
        ),
    )
)


def is_allowed(hit: Hit) -> bool:
    """Tell whether a secret belongs where it was found."""
    return any(
        place.fullmatch(hit.place) and canary.fullmatch(hit.canary) for place, canary in ALLOWED
    )

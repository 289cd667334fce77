"""The kinds of things that the API has; their routes are added by the modules named like them."""

from __future__ import annotations

from services.config_api.http.resource import Resource

SMTP_SETTINGS = Resource("smtp-settings", __name__, "The SMTP settings of the tenants.")
CONNECTION_TESTS = Resource(
    "connection-tests", __name__, "Tests of settings against the real servers."
)
DETECTIONS = Resource("detections", __name__, "Searches for the mail server of a domain.")
IMPORTS = Resource("imports", __name__, "Files of settings.")
EXPORTS = Resource("exports", __name__, "Files of settings to keep or to carry elsewhere.")
EVENTS = Resource("events", __name__, "Every change, in the order in which it was recorded.")
LOG = Resource("log", __name__, "The proof that nobody changed what was recorded.")
OAUTH_PROVIDERS = Resource(
    "oauth-providers", __name__, "The providers that issue access tokens for mail servers."
)
WEBHOOKS = Resource(
    "webhooks", __name__, "Endpoints of others that are told of events, by signed requests."
)
TOKENS = Resource("tokens", __name__, "Bearer tokens of services and scripts.")
USERS = Resource("users", __name__, "People who sign in to the web client by password.")
SERVICE = Resource("service", __name__, "Who asks, and how the service is.")
HEALTH = Resource("health", __name__, "Whether it works, for those who watch it.", prefix="")
RESOURCES = (
    SMTP_SETTINGS,
    CONNECTION_TESTS,
    DETECTIONS,
    IMPORTS,
    EXPORTS,
    EVENTS,
    LOG,
    OAUTH_PROVIDERS,
    WEBHOOKS,
    TOKENS,
    USERS,
    SERVICE,
    HEALTH,
)

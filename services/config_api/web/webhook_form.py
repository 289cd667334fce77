"""What stands in the form of a webhook, the document that it means, and the words around it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from services.config_api.application.webhook_messages import PING
from services.config_api.domain.alerts import (
    CERTIFICATE_EXPIRING,
    TEST_FAILED,
    TEST_RECOVERED,
    TOKEN_EXPIRING,
)
from services.config_api.web.event_words import event_words
from services.config_api.web.i18n import translate as _

if TYPE_CHECKING:
    from collections.abc import Mapping

    from werkzeug.datastructures import MultiDict

_TEXTS: Final = ("id", "name", "url", "types", "tenants")


def webhook_form(document: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return the form of a webhook's document, or of one that is to be."""
    if document is None:
        usual = {"types": "smtp_setting.*\nalert.*", "active": True}
        return dict.fromkeys(_TEXTS, "") | usual
    return {
        "id": document["id"],
        "name": document["name"],
        "url": document["url"],
        "types": "\n".join(document["types"]),
        "tenants": "\n".join(document["tenants"] or ()),
        "active": document["active"],
    }


def typed_webhook(sent: MultiDict[str, str]) -> dict[str, Any]:
    """Return the form as a browser sent it."""
    texts = {name: sent.get(name, "").replace("\r\n", "\n").strip() for name in _TEXTS}
    return texts | {"active": "active" in sent, "renew": "renew" in sent}


def webhook_document(typed: Mapping[str, Any]) -> dict[str, Any]:
    """Return the document that the form means; what is left empty is not sent."""
    document = {name: typed[name] for name in ("id", "name", "url") if typed[name]}
    document |= {
        "types": typed["types"].replace(",", " ").split(),
        "tenants": typed["tenants"].replace(",", " ").split() or None,
        "active": typed["active"],
    }
    return document | ({"secret": None} if typed["renew"] else {})


def webhook_fields() -> dict[str, str]:
    """Return what the fields are called."""
    return {
        "id": _("ID"),
        "name": _("Name"),
        "url": _("URL"),
        "types": _("Types of messages"),
        "tenants": _("Tenants"),
        "active": _("Active"),
    }


def message_words() -> dict[str, str]:
    """Return what each type of message is called, alerts first."""
    return {
        TEST_FAILED: _("A test that passed before failed"),
        TEST_RECOVERED: _("A test that failed before passed"),
        CERTIFICATE_EXPIRING: _("A mail server's certificate expires soon"),
        TOKEN_EXPIRING: _("A token or a consent expires soon"),
        PING: _("Test message"),
        **{type_: word.words for type_, word in event_words().items()},
    }


def state_words() -> dict[str, tuple[str, str]]:
    """Return the words of a delivery's states, and the tone of their badges."""
    return {
        "pending": (_("waiting"), "running"),
        "delivered": (_("delivered"), "passed"),
        "parked": (_("parked"), "failed"),
    }


def reason_words() -> dict[str, str]:
    """Return why an attempt came to nothing."""
    return {
        "not_allowed": _("The deployment does not allow this address."),
        "unreachable": _("The endpoint cannot be reached."),
        "status": _("The endpoint refused the message."),
        "redirect": _("The endpoint leads elsewhere; redirects are not followed."),
        "gone": _("The endpoint says that it is gone."),
        "message_gone": _("The message was kept no longer."),
        "secret_gone": _("The secret is there no longer."),
    }

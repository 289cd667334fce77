"""A webhook's document, strictly read."""

from __future__ import annotations

from typing import Any, Final

from services.config_api.domain.field_errors import FieldError
from services.config_api.domain.setting_id import is_setting_id
from services.config_api.domain.webhook_errors import InvalidWebhook
from services.config_api.domain.webhook_fields import WebhookDraft, make_webhook
from services.config_api.formats.schema_errors import read_shape
from services.config_api.formats.schema_webhook import WebhookSchema

_SCHEMA: Final = WebhookSchema(partial=True)


def read_webhook(
    document: Any,  # noqa: ANN401 -- unchecked
    *,
    usual_id: str,
    path_id: str | None = None,
) -> tuple[str, WebhookDraft]:
    """Return the id and the draft of a webhook.

    `path_id` is the id in the request's path: one in the document must equal it. `usual_id` is
    taken where there is none. Raises InvalidWebhook with everything that is wrong.
    """
    fields, wrong = read_shape(_SCHEMA, document)
    webhook_id = str(fields.pop("id", path_id or usual_id))
    errors = list(wrong)
    if not any(error.pointer in {"", "/id"} for error in wrong):
        errors += _id_errors(webhook_id, path_id)
    told = {_field_of(error) for error in errors}
    draft = None
    if "" not in told:
        try:
            draft = make_webhook(webhook_id, fields)
        except InvalidWebhook as invalid:
            errors += [error for error in invalid.errors if _field_of(error) not in told]
    if errors or draft is None:
        raise InvalidWebhook(tuple(errors))
    return webhook_id, draft


def _field_of(error: FieldError) -> str:
    """Return the name of the field in which an error is; one of a wrong shape is told of alone."""
    return error.pointer.partition("/")[2].partition("/")[0]


def _id_errors(webhook_id: str, path_id: str | None) -> list[FieldError]:
    if path_id is not None and webhook_id != path_id:
        return [FieldError(pointer="/id", code="id_differs", facts={"path_id": path_id})]
    if not is_setting_id(webhook_id):
        return [FieldError(pointer="/id", code="id_invalid")]
    return []

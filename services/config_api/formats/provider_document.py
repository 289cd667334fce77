"""An OAuth provider's document, strictly read."""

from __future__ import annotations

from typing import Any, Final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from events.oauth_provider import PRIVATE_KEY
from services.config_api.domain.errors import InvalidProvider
from services.config_api.domain.field_errors import FieldError, pointer_to
from services.config_api.domain.provider_fields import ProviderDraft, make_provider
from services.config_api.domain.secret import Secret
from services.config_api.domain.setting_id import is_setting_id
from services.config_api.formats.schema_errors import read_shape
from services.config_api.formats.schema_provider import ProviderSchema

_SCHEMA: Final = ProviderSchema(partial=True)
_LEAST_RSA_BITS: Final = 2048
_CURVES: Final = frozenset({"secp256r1", "secp384r1", "secp521r1"})


def read_provider(
    document: Any,  # noqa: ANN401 -- unchecked
    *,
    path_id: str | None = None,
) -> tuple[str, ProviderDraft, bool]:
    """Return the id and the draft of a provider, and whether `mail_hosts` stands in the document.

    `path_id` is the id in the request's path: one in the document must equal it. Raises
    InvalidProvider with everything that is wrong.
    """
    fields, wrong = read_shape(_SCHEMA, document)
    provider_id = fields.pop("id", path_id)
    errors = list(wrong)
    if not any(error.pointer in {"", "/id"} for error in wrong):
        errors += _id_errors(provider_id, path_id)
    told = {error.pointer for error in errors}
    draft = None
    if "" not in told:
        try:
            draft = make_provider(str(provider_id), fields)
        except InvalidProvider as invalid:
            errors += [error for error in invalid.errors if error.pointer not in told]
        errors += _key_errors(fields.get(PRIVATE_KEY))
    if errors or draft is None:
        raise InvalidProvider(tuple(errors))
    return str(provider_id), draft, fields.get("mail_hosts") is not None


def _id_errors(provider_id: str | None, path_id: str | None) -> list[FieldError]:
    if provider_id is None:
        return [FieldError(pointer="/id", code="required")]
    if path_id is not None and provider_id != path_id:
        return [FieldError(pointer="/id", code="id_differs", facts={"path_id": path_id})]
    if not is_setting_id(provider_id):
        return [FieldError(pointer="/id", code="id_invalid")]
    return []


def _key_errors(text: str | None) -> list[FieldError]:
    if text is None or Secret(text).is_mask:
        return []
    reason = _reason_against(text)
    if reason is None:
        return []
    facts = {"reason": reason}
    return [FieldError(pointer=pointer_to(PRIVATE_KEY), code="private_key_invalid", facts=facts)]


def _reason_against(pem: str) -> str | None:
    """Return why a text is no private key that requests can be signed with."""
    try:
        key = load_pem_private_key(pem.encode(), password=None)
    except TypeError:
        return "encrypted"
    except (ValueError, UnsupportedAlgorithm):
        return "not_a_key"
    match key:
        case RSAPrivateKey() if key.key_size >= _LEAST_RSA_BITS:
            return None
        case EllipticCurvePrivateKey() if key.curve.name in _CURVES:
            return None
        case _:
            return "kind"

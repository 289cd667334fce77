"""Which problem answers which error of the layers below; they know nothing of HTTP."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sqlalchemy.exc import DBAPIError

from events.store.port import Overtaken, RowExists, StoreUnavailable, VersionConflict
from services.config_api.domain.errors import (
    AttemptTaken,
    DefaultProtected,
    Denied,
    DetectionEnded,
    DetectionNotFound,
    DomainError,
    ImportInvalid,
    InvalidFields,
    NoToken,
    PastSecretRequired,
    ProviderExists,
    ProviderInUse,
    ProviderNotFound,
    SecretLacking,
    SecretRequired,
    SettingExists,
    SettingNotFound,
    SettingThere,
    StaleVersion,
    TestEnded,
    TestNotFound,
    TokenNotFound,
    TooManyTests,
    UserExists,
    UserNotFound,
)
from services.config_api.domain.field_errors import FieldError
from services.config_api.domain.webhook_errors import (
    DeliveryNotFound,
    WebhookExists,
    WebhookNotFound,
)
from services.config_api.formats.malformed import Malformed
from services.config_api.http.field_texts import field_text
from services.config_api.http.language import asked_language
from services.config_api.http.problem_texts import reason_text
from services.config_api.http.problems import (
    HEADER,
    PARAMETER,
    Problem,
    field_problem,
    invalid,
)
from services.config_api.vault.errors import VaultError

if TYPE_CHECKING:
    from collections.abc import Iterable

RETRY_AFTER = {"Retry-After": "5"}
SOON = {"Retry-After": "1"}
_TAKEN: dict[type[DomainError], str] = {
    AttemptTaken: "attempt_taken",
    TestEnded: "test_ended",
    DetectionEnded: "detection_ended",
}
_PROVIDER_ID = "/auth/provider_id"


def problem_of(error: Exception) -> Problem | None:  # noqa: PLR0911 -- one answer a kind of error
    """Return the problem that an error becomes, None for one that nobody expected."""
    match error:
        case Problem():
            return error
        case TooManyTests():
            return _too_many(error)
        case DomainError():
            return _domain_problem(error)
        case Malformed():
            return Problem("malformed", detail=error.told(asked_language()))
        case VersionConflict():
            return Problem("version-conflict", "stale_unknown")
        case RowExists():
            return Problem("already-exists", "row_exists")
        case StoreUnavailable() | DBAPIError() | VaultError():
            return _unavailable(error)
        case _:
            return None


def field_errors(errors: Iterable[FieldError]) -> list[dict[str, Any]]:
    """Return field errors as the `errors` of a problem, in the language that is asked for."""
    language = asked_language()
    return [
        field_problem(error.pointer, error.code, field_text(_named(error), language))
        | ({} if error.fix is None else {"fix": error.fix})
        for error in errors
    ]


def wrong(place: str, code: str, **facts: object) -> Problem:
    """Return `validation-failed` for one wrong thing; `place` as in `field_problem`."""
    return invalid(field_errors([FieldError(pointer=place, code=code, facts=facts)]))


def _named(error: FieldError) -> FieldError:
    """Return an error that knows the name of its field, which some sentences tell."""
    place = error.pointer
    name = place[1:] if place[:1] in {PARAMETER, HEADER} else place.rpartition("/")[2]
    return replace(error, facts={"field": name} | error.facts)


def _domain_problem(error: DomainError) -> Problem:  # noqa: PLR0911 -- one answer a kind of error
    match error:
        case (
            SettingNotFound()
            | TestNotFound()
            | DetectionNotFound()
            | TokenNotFound()
            | UserNotFound()
            | ProviderNotFound()
        ):
            return _not_found(error)
        case InvalidFields():
            return invalid(field_errors(error.errors))
        case SecretRequired() | PastSecretRequired() | SecretLacking():
            return _secret_required(error)
        case ImportInvalid():
            return _import_invalid(error)
        case StaleVersion() | SettingThere():
            reason = "stale" if isinstance(error, StaleVersion) else "setting_there"
            return Problem("version-conflict", reason, facts={"actual": error.actual})
        case Denied():
            return Problem("forbidden", error.reason)
        case NoToken():
            return _no_token(error)
        case _:
            return _conflict(error)


def _too_many(error: TooManyTests) -> Problem:
    facts: dict[str, object] = {"count": error.count, "seconds": error.seconds}
    headers = {"Retry-After": str(error.wait)}
    return Problem("too-many-requests", "rate", facts=facts, headers=headers)


def _unavailable(error: StoreUnavailable | DBAPIError | VaultError) -> Problem:
    match error:
        case Overtaken():
            return Problem("unavailable", "overtaken", headers=SOON)
        case VaultError():
            return Problem("unavailable", "vault_away", headers=RETRY_AFTER)
        case _:
            return Problem("unavailable", "store_away", headers=RETRY_AFTER)


def _not_found(
    error: SettingNotFound
    | TestNotFound
    | DetectionNotFound
    | TokenNotFound
    | UserNotFound
    | ProviderNotFound,
) -> Problem:
    match error:
        case SettingNotFound():
            return no_setting(error.setting_id)
        case TestNotFound():
            return no_test(error.test_id)
        case DetectionNotFound():
            return no_detection(error.detection_id)
        case TokenNotFound():
            return Problem("not-found", "no_token", facts={"id": error.token_id})
        case UserNotFound():
            return Problem("not-found", "no_user", facts={"name": error.name})
        case ProviderNotFound():
            return no_provider(error.provider_id)


def _conflict(error: DomainError) -> Problem:  # noqa: PLR0911 -- one answer a kind of error
    match error:
        case SettingExists():
            return Problem("already-exists", "setting_exists", facts={"id": error.setting_id})
        case UserExists():
            return Problem("already-exists", "user_exists", facts={"name": error.name})
        case DefaultProtected():
            facts = {"id": error.setting_id}
            return Problem("default-protected", "default_protected", facts=facts)
        case ProviderExists():
            return Problem("already-exists", "provider_exists", facts={"id": error.provider_id})
        case ProviderInUse():
            facts = {"id": error.provider_id, "settings": ", ".join(error.used_by)}
            return Problem("in-use", "provider_in_use", facts=facts)
        case AttemptTaken() | TestEnded() | DetectionEnded():
            return Problem("in-use", _TAKEN[type(error)])
        case _:
            return _of_webhook(error)


def no_setting(setting_id: str) -> Problem:
    """Return the problem of a setting that is not there, or not for this caller."""
    return Problem("not-found", "no_setting", facts={"id": setting_id})


def no_test(test_id: str) -> Problem:
    """Return the problem of a connection test that is not there, or not for this caller."""
    return Problem("not-found", "no_test", facts={"id": test_id})


def no_detection(detection_id: str) -> Problem:
    """Return the problem of a detection that is not there."""
    return Problem("not-found", "no_detection", facts={"id": detection_id})


def no_provider(provider_id: str) -> Problem:
    """Return the problem of an OAuth provider that is not there."""
    return Problem("not-found", "no_provider", facts={"id": provider_id})


def _of_webhook(error: DomainError) -> Problem:
    match error:
        case WebhookNotFound():
            return no_webhook(error.webhook_id)
        case DeliveryNotFound():
            return Problem("not-found", "no_delivery", facts={"id": error.delivery_id})
        case WebhookExists():
            return Problem("already-exists", "webhook_exists", facts={"id": error.webhook_id})
        case _:
            raise error


def no_webhook(webhook_id: str) -> Problem:
    """Return the problem of a webhook that is not there."""
    return Problem("not-found", "no_webhook", facts={"id": webhook_id})


def _no_token(error: NoToken) -> Problem:
    """Return why a setting's access token cannot be given; asking again helps where it may."""
    wrong_one = FieldError(pointer=_PROVIDER_ID, code=error.code, facts=error.facts)
    told = field_errors([wrong_one])
    if error.code == "token_endpoint_unreachable":
        return Problem("unavailable", detail=told[0]["detail"], errors=told, headers=RETRY_AFTER)
    return invalid(told)


def _secret_required(error: SecretRequired | PastSecretRequired | SecretLacking) -> Problem:
    reason, facts, pointers = _why_required(error)
    told = reason_text(reason, facts, asked_language())
    errors = [field_problem(pointer, "secret_required", told) for pointer in pointers]
    return Problem("secret-required", reason, facts=facts, errors=errors)


def _why_required(
    error: SecretRequired | PastSecretRequired | SecretLacking,
) -> tuple[str, dict[str, object], tuple[str, ...]]:
    """Return the reason, its facts, and the JSON pointers of the secrets that must be sent."""
    match error:
        case SecretRequired():
            return "secret_required", {"fields": ", ".join(error.fields)}, error.secrets
        case PastSecretRequired():
            return "past_secret_required", {"version": error.version}, (error.secret,)
        case SecretLacking():
            reason = "secret_lost" if error.is_lost else "secret_lacking"
            return reason, {"id": error.setting_id}, error.secrets


def _import_invalid(error: ImportInvalid) -> Problem:
    facts = {"count": error.plan.counts["invalid"]}
    return Problem("import-invalid", "import_invalid", facts=facts, long=("plan", error.plan.texts))

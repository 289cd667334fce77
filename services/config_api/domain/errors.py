"""Why a command or query is refused: errors that carry data and know nothing of HTTP.

DomainError
├── SettingNotFound  SettingExists  DefaultProtected  StaleVersion  SettingThere
├── SecretRequired  PastSecretRequired  SecretLacking
├── InvalidFields
│   ├── InvalidSetting
│   ├── InvalidRestore
│   ├── InvalidExport
│   ├── InvalidUser
│   ├── InvalidProvider
│   ├── InvalidDomain
│   └── InvalidTestRequest
├── TestNotFound  TestEnded  DetectionNotFound  DetectionEnded  AttemptTaken  TooManyTests
├── TokenNotFound  UserNotFound  UserExists
├── ProviderNotFound  ProviderExists  ProviderInUse
├── NoToken  ConsentRefused
├── ImportInvalid
└── Denied
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from services.config_api.domain.field_errors import FieldError


class DomainError(Exception):
    """A command or query that the rules refuse; nothing was changed."""


class SettingNotFound(DomainError):
    """No setting has this ID (now)."""

    def __init__(self, setting_id: str) -> None:
        super().__init__(f"there is no setting {setting_id}")
        self.setting_id = setting_id


class SettingExists(DomainError):
    """A setting with this ID is there already."""

    def __init__(self, setting_id: str) -> None:
        super().__init__(f"the setting {setting_id} exists already")
        self.setting_id = setting_id


class DefaultProtected(DomainError):
    """A setting of the defaults file can be neither deleted nor exported."""

    def __init__(self, setting_id: str) -> None:
        super().__init__(f"the setting {setting_id} comes from the defaults file")
        self.setting_id = setting_id


class StaleVersion(DomainError):
    """Somebody changed the setting or provider `subject` since the caller read it."""

    def __init__(self, subject: str, expected: int, actual: int) -> None:
        super().__init__(f"{subject} is at version {actual}, not {expected}")
        self.subject = subject
        self.expected = expected
        self.actual = actual


class SettingThere(DomainError):
    """A setting was to come back that is not deleted; it is at version `actual`."""

    def __init__(self, setting_id: str, actual: int) -> None:
        super().__init__(f"the setting {setting_id} is there, at version {actual}")
        self.setting_id = setting_id
        self.actual = actual


class SecretRequired(DomainError):
    """The destination changed, and a stored secret was neither given again nor dropped.

    `fields` are JSON pointers of the changed destination fields, `secrets` those of the secrets
    that must be sent: a new value, or null to drop it.
    """

    def __init__(self, setting_id: str, fields: tuple[str, ...], secrets: tuple[str, ...]) -> None:
        super().__init__(f"{setting_id}: {', '.join(fields)} changed without {', '.join(secrets)}")
        self.setting_id = setting_id
        self.fields = fields
        self.secrets = secrets


class PastSecretRequired(DomainError):
    """The secret of an earlier version is no longer held, and no other was given.

    `secret` is the JSON pointer where it must be sent: a new value, or null to go without.
    """

    def __init__(self, setting_id: str, version: int, secret: str) -> None:
        super().__init__(f"{setting_id}: version {version} comes back only with {secret}")
        self.setting_id = setting_id
        self.version = version
        self.secret = secret


class SecretLacking(DomainError):
    """A secret of the setting in force must be given again before anybody can sign in with it.

    `secrets` are the JSON pointers where. `is_lost` tells that it was held and is no longer;
    otherwise it was never given, or belonged to another destination.
    """

    def __init__(self, setting_id: str, secrets: tuple[str, ...], *, is_lost: bool) -> None:
        super().__init__(f"{setting_id} lacks {', '.join(secrets)}")
        self.setting_id = setting_id
        self.secrets = secrets
        self.is_lost = is_lost


class InvalidFields(DomainError):
    """Fields of what was sent are wrong; all of them are named at once."""

    def __init__(self, errors: tuple[FieldError, ...]) -> None:
        super().__init__(", ".join(f"{error.pointer}: {error.code}" for error in errors))
        self.errors = errors


class InvalidSetting(InvalidFields):
    """The setting or draft breaks the rules of contract §3."""


class InvalidRestore(InvalidFields):
    """The version that is to come back has no values, or the password sent for it is none."""


class InvalidDomain(InvalidFields):
    """What was given as a domain is none that e-mail addresses end in."""


class InvalidTestRequest(InvalidFields):
    """The request of a connection test lacks something that its depth needs."""

    __test__: ClassVar[bool] = False


class InvalidUser(InvalidFields):
    """The name or the password of a new user breaks its rules."""


class InvalidExport(InvalidFields):
    """An export names what is not there, or its format has no place for what it would hold."""


class TestNotFound(DomainError):
    """No connection test has this id."""

    __test__: ClassVar[bool] = False

    def __init__(self, test_id: str) -> None:
        super().__init__(f"there is no connection test {test_id}")
        self.test_id = test_id


class TestEnded(DomainError):
    """The connection test has its result, or was cancelled."""

    __test__: ClassVar[bool] = False

    def __init__(self, test_id: str) -> None:
        super().__init__(f"the connection test {test_id} has ended")
        self.test_id = test_id


class TooManyTests(DomainError):
    """Tests are asked for more often than `count` times in `seconds`; `wait` are seconds, too."""

    def __init__(self, wait: int, *, count: int, seconds: int) -> None:
        super().__init__(f"too many tests; wait {wait} s")
        self.wait = wait
        self.count = count
        self.seconds = seconds


class DetectionNotFound(DomainError):
    """No detection has this id."""

    def __init__(self, detection_id: str) -> None:
        super().__init__(f"there is no detection {detection_id}")
        self.detection_id = detection_id


class DetectionEnded(DomainError):
    """The detection has its result."""

    def __init__(self, detection_id: str) -> None:
        super().__init__(f"the detection {detection_id} has ended")
        self.detection_id = detection_id


class AttemptTaken(DomainError):
    """Another tester claimed this attempt of a test or detection, or it is not the one due."""

    def __init__(self, work_id: str, attempt: int) -> None:
        super().__init__(f"attempt {attempt} of {work_id} is not free")
        self.work_id = work_id
        self.attempt = attempt


class TokenNotFound(DomainError):
    """No token has this id."""

    def __init__(self, token_id: str) -> None:
        super().__init__(f"there is no token {token_id}")
        self.token_id = token_id


class UserNotFound(DomainError):
    """No user has this name."""

    def __init__(self, name: str) -> None:
        super().__init__(f"there is no user {name}")
        self.name = name


class UserExists(DomainError):
    """A user with this name is there already."""

    def __init__(self, name: str) -> None:
        super().__init__(f"the user {name} exists already")
        self.name = name


class InvalidProvider(InvalidFields):
    """An OAuth provider breaks the rules of contract §7."""


class ProviderNotFound(DomainError):
    """No OAuth provider has this id (now)."""

    def __init__(self, provider_id: str) -> None:
        super().__init__(f"there is no OAuth provider {provider_id}")
        self.provider_id = provider_id


class ProviderExists(DomainError):
    """An OAuth provider with this id is there already."""

    def __init__(self, provider_id: str) -> None:
        super().__init__(f"the OAuth provider {provider_id} exists already")
        self.provider_id = provider_id


class ProviderInUse(DomainError):
    """Settings name an OAuth provider that is to be deleted; `used_by` are some of their IDs."""

    def __init__(self, provider_id: str, used_by: tuple[str, ...]) -> None:
        super().__init__(f"{provider_id} is used by {', '.join(used_by)}")
        self.provider_id = provider_id
        self.used_by = used_by


class NoToken(DomainError):
    """An OAuth provider gives no access token for a setting.

    `code` is one of step `token` of the diagnosis catalogue, `facts` fill its sentence; what the
    provider said stands among them.
    """

    def __init__(self, code: str, facts: dict[str, Any]) -> None:
        super().__init__(f"{code}: {facts}")
        self.code = code
        self.facts = facts


class ConsentRefused(DomainError):
    """A consent came to nothing; `reason` is a stable word, `facts` hold the provider's words."""

    def __init__(self, reason: str, **facts: str | None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.facts = facts


class ImportInvalid(DomainError):
    """An item of a file is invalid, so that nothing was imported; `plan` names every item."""

    def __init__(self, plan: Any) -> None:  # noqa: ANN401 -- application/imports.py's plan, a layer above
        super().__init__("the file holds invalid settings")
        self.plan = plan


class Denied(DomainError):
    """The principal may not do this; `reason` is a stable word."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason

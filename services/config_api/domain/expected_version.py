"""What a command expects of the setting that it changes, asked before anything else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from services.config_api.domain.errors import SettingNotFound, StaleVersion

if TYPE_CHECKING:
    from events.smtp_setting import SettingValues
    from services.config_api.domain.setting import SettingState
    from services.config_api.domain.setting_commands import ExpectedSetting


def require_version(state: SettingState, expected: ExpectedSetting) -> SettingValues:
    """Return the values of a setting that is there at the expected version.

    `decide` asks this first; a handler asks it before it reads a draft, since contract §3 puts
    404 and 412 before 422. Raises SettingNotFound, StaleVersion.
    """
    if state.values is None:
        raise SettingNotFound(state.setting_id)
    if isinstance(expected, int) and expected != state.version:
        raise StaleVersion(state.setting_id, expected, state.version)
    return state.values

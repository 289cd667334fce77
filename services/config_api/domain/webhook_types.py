"""Which types of messages a webhook asks for, by patterns as a binding of the bus has them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from events.catalogue import CATALOGUE
from events.topic import matches
from services.config_api.domain.alerts import ALERT_TYPES

TYPES: Final = (*CATALOGUE, *ALERT_TYPES)
#: Words parted by dots; `*` stands for one word, `#` for any number.
PATTERN: Final = r"(?:[a-z_]+|\*|#)(?:\.(?:[a-z_]+|\*|#)){0,3}"
#: Subjects whose events only auditors read.
_AUDITED: Final = frozenset({"access", "key"})


def fits_some(pattern: str) -> bool:
    """Tell whether a text is a pattern that some message of this release has."""
    return bool(re.fullmatch(PATTERN, pattern)) and any(matches(pattern, one) for one in TYPES)


def wants(patterns: Iterable[str], type_: str) -> bool:
    """Tell whether one of the patterns takes a type."""
    return any(matches(pattern, type_) for pattern in patterns)


def reach_audited(patterns: Iterable[str]) -> bool:
    """Tell whether the patterns take events that only auditors read."""
    audited = [one for one in TYPES if one.partition(".")[0] in _AUDITED]
    return any(matches(pattern, one) for pattern in patterns for one in audited)

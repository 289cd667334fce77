"""All hostile behaviours."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tests.faults.hostile import stages
from tests.faults.hostile.conversations import CONVERSATIONS
from tests.faults.hostile.tls import TLS

if TYPE_CHECKING:
    from tests.faults.hostile.behaviour import Behaviour

HAND_MADE: Final[tuple[Behaviour, ...]] = (*CONVERSATIONS, *TLS)
GENERATED: Final = tuple(stages.behaviours())
TABLE: Final = (*HAND_MADE, *GENERATED)

"""The targets of rendering by name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from services.config_api.rendering.django import DjangoTarget
from services.config_api.rendering.env import EnvTarget
from services.config_api.rendering.javamail import JavamailTarget
from services.config_api.rendering.nodemailer import NodemailerTarget
from services.config_api.rendering.port import Target
from services.config_api.rendering.postfix import PostfixTarget
from services.config_api.rendering.spring_boot import SpringBootTarget

_ALL: Final[tuple[Target, ...]] = (
    JavamailTarget(),
    SpringBootTarget(),
    DjangoTarget(),
    NodemailerTarget(),
    EnvTarget(),
    PostfixTarget(),
)
TARGETS: Final[Mapping[str, Target]] = {target.name: target for target in _ALL}

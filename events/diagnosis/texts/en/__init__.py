"""English sentences: code → (title, hint)."""

from events.diagnosis.texts.en import (
    auth,
    greeting,
    properties,
    proxy,
    submission,
    target,
    tls,
    warnings,
)
from events.diagnosis.texts.en.evidence import EVIDENCE
from events.diagnosis.texts.text import Texts

CONCLUSIONS: Texts = {
    **target.TEXTS,
    **proxy.TEXTS,
    **greeting.TEXTS,
    **tls.TEXTS,
    **auth.TEXTS,
    **submission.TEXTS,
}
WARNINGS: Texts = {**warnings.WARNINGS, **properties.WARNINGS}

__all__ = ["CONCLUSIONS", "EVIDENCE", "WARNINGS"]

"""Japanese sentences: code → (title, hint)."""

from events.diagnosis.texts.ja import (
    auth,
    greeting,
    properties,
    proxy,
    submission,
    target,
    tls,
    warnings,
)
from events.diagnosis.texts.ja.evidence import EVIDENCE
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

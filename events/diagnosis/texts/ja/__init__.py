"""Japanese sentences: code → (title, hint)."""

from events.diagnosis.texts.ja import auth, greeting, submission, target, tls
from events.diagnosis.texts.ja.warnings import WARNINGS
from events.diagnosis.texts.text import Texts

CONCLUSIONS: Texts = {
    **target.TEXTS,
    **greeting.TEXTS,
    **tls.TEXTS,
    **auth.TEXTS,
    **submission.TEXTS,
}

__all__ = ["CONCLUSIONS", "WARNINGS"]

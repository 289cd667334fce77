"""English sentences: code → (title, hint)."""

from events.diagnosis.texts.en import auth, greeting, submission, target, tls
from events.diagnosis.texts.en.warnings import WARNINGS
from events.diagnosis.texts.text import Texts

CONCLUSIONS: Texts = {
    **target.TEXTS,
    **greeting.TEXTS,
    **tls.TEXTS,
    **auth.TEXTS,
    **submission.TEXTS,
}

__all__ = ["CONCLUSIONS", "WARNINGS"]

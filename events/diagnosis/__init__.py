"""What connection tests conclude, for machines (codes) and for people (sentences, en and ja)."""

from events.diagnosis.catalogue import CODES, WARNINGS, Conclusion
from events.diagnosis.evidence import EVIDENCE, UNSETTLED
from events.diagnosis.sentences import LANGUAGES, render, render_evidence, render_warning

__all__ = [
    "CODES",
    "EVIDENCE",
    "LANGUAGES",
    "UNSETTLED",
    "WARNINGS",
    "Conclusion",
    "render",
    "render_evidence",
    "render_warning",
]

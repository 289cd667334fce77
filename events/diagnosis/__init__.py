"""What connection tests conclude, for machines (codes) and for people (sentences, en and ja)."""

from events.diagnosis.catalogue import CODES, WARNINGS, Conclusion
from events.diagnosis.sentences import LANGUAGES, render, render_warning

__all__ = ["CODES", "LANGUAGES", "WARNINGS", "Conclusion", "render", "render_warning"]

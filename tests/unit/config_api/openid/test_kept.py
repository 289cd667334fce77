from __future__ import annotations

import pytest

from services.config_api.openid.errors import ProviderUnreachable
from services.config_api.openid.kept import LIFETIME_S, PAUSE_S, RENEWAL_S, Kept


class Source:
    """Counts how often it is asked; a clock that stands still until it is put forward."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.asked = 0
        self.down = False
        self.kept = Kept(self.fetch, lambda: self.seconds)

    def fetch(self) -> int:
        self.asked += 1
        if self.down:
            raise ProviderUnreachable("down")
        return self.asked


def test_a_document_is_kept_for_its_lifetime() -> None:
    source = Source()
    assert (source.kept.get(), source.kept.get()) == (1, 1)
    source.seconds = LIFETIME_S - 1
    assert source.kept.get() == 1
    source.seconds = LIFETIME_S
    assert source.kept.get() == 2


def test_it_is_renewed_at_most_once_a_minute() -> None:
    source = Source()
    assert source.kept.renewed() == 1
    source.seconds = RENEWAL_S - 1
    assert source.kept.renewed() == 1
    source.seconds = RENEWAL_S
    assert (source.kept.renewed(), source.kept.get()) == (2, 2)


def test_after_a_failure_everybody_gets_it_until_the_pause_is_over() -> None:
    source = Source()
    source.down = True
    for _ in range(3):
        with pytest.raises(ProviderUnreachable, match="down"):
            source.kept.get()
    assert source.asked == 1
    source.down = False
    source.seconds = PAUSE_S
    assert source.kept.get() == 2

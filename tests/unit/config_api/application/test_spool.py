from __future__ import annotations

import gc

import pytest

from services.config_api.application.spool import Spool
from services.config_api.domain.secret import Secret
from services.config_api.read_model.tables import smtp_settings
from tests.support.events import an_append


def test_a_spool_gives_back_what_was_put_in_as_often_as_one_likes() -> None:
    appends = [an_append(f"a-{number}") for number in range(600)]
    spool = Spool[object]()
    for append in appends:
        spool.put(append)
    assert len(spool) == 600
    assert list(spool) == appends
    assert list(spool) == appends


def test_two_may_read_a_spool_at_once() -> None:
    spool = Spool[int]()
    for number in range(1_000):
        spool.put(number)
    one, other = iter(spool), iter(spool)
    assert [next(one) for _ in range(300)] == list(range(300))
    assert [next(other) for _ in range(700)] == list(range(700))
    assert [*one] == list(range(300, 1_000))


def test_a_table_comes_back_as_itself() -> None:
    spool = Spool[object]()
    spool.put(smtp_settings)
    assert next(iter(spool)) is smtp_settings


def test_a_secret_is_not_put_in() -> None:
    spool = Spool[object]()
    spool.put(Secret("swordfish"))
    with pytest.raises(TypeError):
        list(spool)


def test_what_is_large_waits_in_a_file_that_goes_with_the_spool() -> None:
    spool = Spool[bytes]()
    noise = [number.to_bytes(4, "big") * 64 for number in range(250)]
    for _ in range(1_000):
        for one in noise[:10]:
            spool.put(one)
    file = spool._file
    del spool
    gc.collect()
    assert file.closed


def test_an_empty_spool_is_empty() -> None:
    assert list(Spool[int]()) == []

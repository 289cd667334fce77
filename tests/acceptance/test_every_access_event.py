"""Each event of who may use the service, from the command to what readers and receivers see."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from events.access import (
    AccessDenied,
    SignedIn,
    SignInFailed,
    TokenCreated,
    TokenRevoked,
    UserCreated,
    UserRevoked,
)
from events.keys import KeyShredded
from events.smtp_setting import SecretRef
from services.config_api.application.entering import (
    Entering,
    actor_of_subject,
    standing_of_provided,
)
from services.config_api.application.sessions import Provided
from services.config_api.application.users import NewUser
from services.config_api.domain.secret import Secret
from services.config_api.vault.key_ring import KeyRing
from services.config_api.vault.vault import Vault
from tests.support.asking import register
from tests.support.relaybook import MASTER_KEY
from tests.support.vault import OTHER_KEY

if TYPE_CHECKING:
    from tests.acceptance.journey import Scene


def test_a_created_and_a_revoked_token(scene: Scene) -> None:
    access = scene.house.relaybook.access
    answer, secret = access.create_token(
        name="ci", roles=["operator"], tenants=None, days=None, ctx=scene.house.ctx()
    )
    assert answer.document is not None
    fact = scene.followed("access.token_created")
    assert isinstance(fact, TokenCreated)
    assert (fact.name, fact.roles) == ("ci", ("operator",))
    assert access.principal_of_token(secret.reveal()) is not None
    access.revoke_token(answer.document["id"], scene.house.ctx())
    revoked = scene.followed("access.token_revoked")
    assert revoked == TokenRevoked(token_id=answer.document["id"])
    assert access.principal_of_token(secret.reveal()) is None


def test_a_person_who_signed_in(scene: Scene) -> None:
    access = scene.house.relaybook.access
    link = access.make_sign_in_link()
    assert link is not None
    entered = access.sign_in(link.secret.reveal(), scene.house.ctx())
    assert entered is not None
    assert scene.followed("access.signed_in") == SignedIn(user="admin", way="link")
    assert access.principal_of_session(entered[1].reveal()) is not None


def test_a_person_of_a_provider_who_signed_in(scene: Scene) -> None:
    provided = Provided(issuer="https://id.example", roles=("operator",), name="Alice")
    entering = Entering(
        standing=standing_of_provided(actor_of_subject("2482"), provided),
        way="openid",
        holds_by="openid",
        session_id="first",
        provided=provided,
    )
    access = replace(scene.house.relaybook.access, issuer="https://id.example")
    session, cookie = access.enter(entering, scene.house.ctx())
    assert scene.followed("access.signed_in") == SignedIn(
        user="2482", way="openid", roles=("operator",), name="Alice"
    )
    assert access.principal_of_session(cookie.reveal()) == session
    assert (session.principal.actor, session.name) == ("openid:2482", "Alice")


def test_a_created_and_a_revoked_user_and_a_sign_in_in_vain(scene: Scene) -> None:
    relaybook = scene.house.relaybook
    password = Secret("correct horse")
    new = NewUser(name="alice", password=password, roles=["operator"], tenants=["acme"])
    answer = relaybook.users.create(new, scene.house.ctx())
    fact = scene.followed("access.user_created")
    assert fact == UserCreated(user="alice", roles=("operator",), tenants=("acme",))
    assert [user.document() for user in relaybook.read_model.users()] == [answer.document]
    assert relaybook.sign_in.by_password("alice", Secret("another"), scene.house.ctx()) is None
    failed = scene.followed("access.sign_in_failed")
    assert failed == SignInFailed(user="alice", way="password")
    entered = relaybook.sign_in.by_password("alice", password, scene.house.ctx())
    assert entered is not None
    relaybook.users.revoke("alice", scene.house.ctx())
    assert scene.followed("access.user_revoked") == UserRevoked(user="alice")
    assert relaybook.access.principal_of_session(entered[1].reveal()) is None


def test_a_refusal(scene: Scene) -> None:
    fact = AccessDenied(method="GET", path="/v1/tokens")
    for _ in range(2):  # the second in the same minute is not told
        scene.house.relaybook.denials.record(fact, "/v1/tokens", scene.house.ctx())
    assert scene.followed("access.denied") == fact
    events = scene.house.relaybook.store.read_all(after=0, limit=10).events
    assert len(events) == 1


def test_a_rotated_key_of_the_log(scene: Scene) -> None:
    log = scene.house.relaybook.log
    before = log.keys.newest().verifier.text
    fact = log.rotation.rotate(scene.house.ctx())
    assert scene.followed("key.signing_rotated") == fact
    assert (fact.retired, fact.verifier) == (before, log.keys.newest().verifier.text)


def test_a_rotated_master_key_and_a_tenants_shredded_one(scene: Scene) -> None:
    register(scene.house)
    relaybook = scene.house.relaybook
    relaybook.log.keys.newest()  # makes the log's own key, as the relay would in its own time
    vault = Vault(
        KeyRing.from_text(f"{OTHER_KEY} {MASTER_KEY}"),
        engine=relaybook.engine,
        read_engine=relaybook.read_engine,
        clock=scene.house.watch,
    )
    both = replace(relaybook.keys, vault=vault)
    wrapped: list[int] = []
    fact = both.rotate(scene.house.ctx(), wrapped.append)
    assert scene.followed("key.rotated") == fact
    assert (fact.retired, fact.count, wrapped) == ((relaybook.vault.ring.newest.id,), 2, [2])
    assert vault.open("acme", SecretRef(id="acme/password", version=1)).reveal() == "correct horse"

    both.shred("acme", scene.house.ctx())
    shredded = scene.followed("key.shredded")
    assert shredded == KeyShredded(tenant="acme", key_numbers=(1,))
    assert not vault.held("acme", SecretRef(id="acme/password", version=1))

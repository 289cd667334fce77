"""Tokens as their streams tell them, now and after the next fact."""

from __future__ import annotations

from typing import TYPE_CHECKING

from events.access import TOKEN_CATEGORY
from events.catalogue import Fact, decode
from events.envelope import stream_name
from services.config_api.application.context import Answer, Context
from services.config_api.application.loading import Expectant
from services.config_api.read_model.projections import TokenState, evolve_token, token_row
from services.config_api.read_model.tokens import token_of_row

if TYPE_CHECKING:
    from events.store.port import EventStore


def load_token(store: EventStore, token_id: str) -> TokenState:
    """Return a token's state; without `created` where there is none."""
    state = TokenState(token_id=token_id)
    for event in store.read_stream(stream_name(TOKEN_CATEGORY, token_id)):
        state = evolve_token(state, event, decode(event))
    return state


def token_after(state: TokenState, fact: Fact, ctx: Context) -> TokenState:
    """Return a token's state once a fact is recorded."""
    recorded = Expectant(version=state.version + 1, recorded_at=ctx.at, actor=ctx.cause.actor)
    return evolve_token(state, recorded, fact)


def token_answer(state: TokenState) -> Answer:
    """Return what a command on a token answers."""
    row = token_row(state)
    document = None if row is None else token_of_row(row).document()
    return Answer(document=document, version=state.version)

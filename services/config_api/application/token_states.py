"""Tokens as their streams tell them, now and after the next fact."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from events.access import TOKEN_CATEGORY
from events.catalogue import Fact, decode
from events.envelope import stream_name
from services.config_api.application.changing import Change
from services.config_api.application.context import Answer, Context
from services.config_api.application.loading import after
from services.config_api.read_model.projections import (
    TokenState,
    evolve_token,
    rows_for_token,
    token_row,
)
from services.config_api.read_model.tokens import token_of_row

if TYPE_CHECKING:
    from events.store.port import EventStore


def token_stream(token_id: str) -> str:
    """Return the stream of a token."""
    return stream_name(TOKEN_CATEGORY, token_id)


def load_token(store: EventStore, token_id: str) -> TokenState:
    """Return a token's state; without `created` where there is none."""
    state = TokenState(token_id=token_id)
    for event in store.read_stream(token_stream(token_id)):
        state = evolve_token(state, event, decode(event))
    return state


def token_change(before: TokenState, facts: Sequence[Fact], ctx: Context) -> Change:
    """Return what these facts make of a token, and what the command answers."""
    state = after(before, facts, evolve_token, ctx)
    return Change(
        before=before.version,
        answer=_answer(state),
        facts=facts,
        rows=rows_for_token(state),
    )


def _answer(state: TokenState) -> Answer:
    row = token_row(state)
    document = None if row is None else token_of_row(row).document()
    return Answer(document=document, version=state.version)

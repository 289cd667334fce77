"""One setting by FastAPI and asyncpg: the token is looked up, the row is read, the tag compared."""

from __future__ import annotations

import hashlib
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

import asyncpg  # type: ignore[import-not-found]  # among the peers' own packages
from fastapi import (  # type: ignore[import-not-found]  # the same
    Depends,
    FastAPI,
    Header,
    HTTPException,
    Request,
    Response,
)


@asynccontextmanager
async def with_pool(app: FastAPI) -> AsyncIterator[None]:
    async with asyncpg.create_pool(os.environ["BENCH_DATABASE_URL"], min_size=10) as pool:
        app.state.pool = pool
        yield


app = FastAPI(lifespan=with_pool)


async def reader(request: Request, authorization: Annotated[str, Header()]) -> None:
    sha256 = hashlib.sha256(authorization.removeprefix("Bearer ").encode()).hexdigest()
    row = await request.app.state.pool.fetchrow(
        "SELECT roles, expires_at, revoked_at FROM tokens WHERE sha256 = $1", sha256
    )
    if row is None or row["revoked_at"] is not None:
        raise HTTPException(401)


@app.get(  # type: ignore[untyped-decorator]  # the same
    "/v1/smtp-settings/{setting_id}", dependencies=[Depends(reader)]
)
async def read(
    setting_id: str, request: Request, if_none_match: Annotated[str | None, Header()] = None
) -> Response:
    row = await request.app.state.pool.fetchrow(
        "SELECT document, version FROM smtp_settings WHERE id = $1", setting_id
    )
    if row is None:
        raise HTTPException(404)
    tag = f'"v{row["version"]}"'
    if if_none_match == tag:
        return Response(status_code=304, headers={"ETag": tag})
    return Response(row["document"], media_type="application/json", headers={"ETag": tag})

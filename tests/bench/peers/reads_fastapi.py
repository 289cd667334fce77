"""Settings by FastAPI and asyncpg: the token is looked up, rows are passed on as they are."""

from __future__ import annotations

import hashlib
import json
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

_PAGE = 50


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


@app.get(  # type: ignore[untyped-decorator]  # the same
    "/v1/smtp-settings", dependencies=[Depends(reader)]
)
async def page(
    request: Request,
    after: str | None = None,
    q: str | None = None,
    is_default: bool | None = None,
) -> Response:
    conditions, values = ["TRUE"], list[object]()
    if after is not None:
        values.append(after)
        conditions.append(f"id > ${len(values)}")
    if q is not None:
        values.append(f"%{q.casefold()}%")
        conditions.append(f"search LIKE ${len(values)}")
    if is_default is not None:
        conditions.append("is_default" if is_default else "NOT is_default")
    rows = await request.app.state.pool.fetch(
        f"SELECT id, document FROM smtp_settings WHERE {' AND '.join(conditions)}"  # noqa: S608 -- from above
        f" ORDER BY id LIMIT {_PAGE + 1}",
        *values,
    )
    items = ",".join(row["document"] for row in rows[:_PAGE])
    following = json.dumps(rows[_PAGE - 1]["id"] if len(rows) > _PAGE else None)
    return Response(f'{{"items":[{items}],"next":{following}}}', media_type="application/json")

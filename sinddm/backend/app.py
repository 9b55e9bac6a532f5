"""The application: routes, refusals and the guard before them, as one ASGI app that describes itself."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI

from sinddm import __version__
from sinddm.backend import answers, models, routes, stream, textures
from sinddm.backend.requests import JOB
from sinddm.backend.security import Guard
from sinddm.backend.service import Service


def make_app(service: Service, token: str) -> Guard:
    """The service behind its guard."""

    @asynccontextmanager
    async def working(_: FastAPI) -> AsyncIterator[None]:
        work = asyncio.create_task(service.run())
        yield
        work.cancel()
        await asyncio.wait({work})

    app = FastAPI(
        title="SinDDM", version=__version__, lifespan=working, redirect_slashes=False, docs_url=None, redoc_url=None
    )
    app.state.service = service
    answers.install(app)
    for part in (routes, stream, textures, models):
        app.include_router(part.router)
    _describe_jobs(app)
    return Guard(app, token, service.touch)


def _describe_jobs(app: FastAPI) -> None:
    """Put what no route mentions into the OpenAPI document: what a container's metadata asks for, and the token."""
    plain = app.openapi

    def described() -> dict[str, Any]:
        if app.openapi_schema is None:
            document = plain()
            job = JOB.json_schema(ref_template="#/components/schemas/{model}")
            schemas = document["components"]["schemas"]
            schemas |= job.pop("$defs") | {"Job": job}
            document["components"]["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
            document["security"] = [{"token": []}]
        assert app.openapi_schema is not None
        return app.openapi_schema

    app.openapi = described

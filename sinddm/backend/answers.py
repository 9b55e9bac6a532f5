"""How the service says that something cannot be done: always one sentence, as {"error": "..."}."""

from __future__ import annotations

import logging
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from sinddm.backend.requests import sentence
from sinddm.backend.storage import Full
from sinddm.errors import InputError

log = logging.getLogger("sinddm.service")


class Refusal(BaseModel):
    """Why not, and what to do."""

    error: str


STATUSES = (400, 401, 403, 404, 405, 408, 409, 411, 413, 415, 422, 507)
REFUSALS: dict[int | str, dict[str, Any]] = {status: {"model": Refusal} for status in STATUSES}


class Problem(Exception):  # noqa: N818 - what was asked for cannot be done, and nothing is wrong with the service
    """A refusal with its status."""

    def __init__(self, status: int, error: str):
        super().__init__(error)
        self.status, self.error = status, error


def install(app: FastAPI) -> None:
    """Have every exception answered in a sentence."""

    @app.exception_handler(Problem)
    async def problem(_: Request, error: Problem) -> JSONResponse:
        return _answer(error.status, error.error)

    @app.exception_handler(Full)
    async def full(_: Request, error: Full) -> JSONResponse:
        return _answer(507, str(error))

    @app.exception_handler(InputError)
    async def bad_input(_: Request, error: InputError) -> JSONResponse:
        return _answer(422, str(error))

    @app.exception_handler(RequestValidationError)
    async def invalid(_: Request, error: RequestValidationError) -> JSONResponse:
        return _answer(422, f"The request cannot be understood ({sentence(error.errors())}): update the plugin.")

    @app.exception_handler(HTTPException)
    async def unknown(_: Request, error: HTTPException) -> JSONResponse:
        told = {404: "There is nothing at this address", 405: "This cannot be done at this address"}
        answer = _answer(error.status_code, f"{told.get(error.status_code, error.detail)}: update the plugin.")
        answer.headers.update(error.headers or {})  # which methods there are
        return answer

    @app.exception_handler(Exception)
    async def unexpected(_: Request, error: Exception) -> JSONResponse:
        log.error("a request failed", exc_info=error)
        return _answer(500, "Something went wrong in the backend: try again, or send us sinddm doctor --report.")


def _answer(status: int, error: str) -> JSONResponse:
    return JSONResponse({"error": error}, status)

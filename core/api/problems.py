"""Errors as problem documents (RFC 9457), never as a diagnosis."""

from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from core.errors import ArtifactError, InputError, LungLensError, UnknownModelError

MEDIA_TYPE = "application/problem+json"
STATUS = {InputError: 422, UnknownModelError: 404, ArtifactError: 503}


class Problem(BaseModel):
    """An error: what kind, and what to do about it."""

    type: str = Field(default="about:blank", description="about:blank: the title says all that the kind says")
    title: str = Field(description="The HTTP status in words")
    status: int = Field(description="The HTTP status")
    detail: str = Field(description="What was wrong and what to do, in one line")


def problem(status: int, detail: str, headers: dict[str, str] | None = None) -> JSONResponse:
    """Return the HTTP response for an error."""
    body = Problem(title=HTTPStatus(status).phrase, status=status, detail=detail)
    return JSONResponse(body.model_dump(), status, headers, MEDIA_TYPE)


def described(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Entries of an OpenAPI document's ``responses`` for error statuses."""
    schema = {"schema": {"$ref": "#/components/schemas/Problem"}}
    return {status: {"description": HTTPStatus(status).phrase, "content": {MEDIA_TYPE: schema}} for status in statuses}


def add_handlers(api: FastAPI) -> None:
    """Answer every error of an API with a problem document."""

    @api.exception_handler(LungLensError)
    async def of_ours(_: Request, error: LungLensError) -> JSONResponse:
        status = next((code for kind, code in STATUS.items() if isinstance(error, kind)), 422)
        return problem(status, str(error))

    @api.exception_handler(HTTPException)
    async def of_http(_: Request, error: HTTPException) -> JSONResponse:
        return problem(error.status_code, str(error.detail), dict(error.headers or {}))

    @api.exception_handler(RequestValidationError)
    async def of_validation(_: Request, error: RequestValidationError) -> JSONResponse:
        first = error.errors()[0]  # the input itself is not repeated
        where = ".".join(str(part) for part in first["loc"])
        return problem(422, f"{where}: {first['msg']}.")

    @api.exception_handler(Exception)
    async def of_us(_: Request, __: Exception) -> JSONResponse:
        return problem(500, "The server made a mistake; nothing was judged. Its log says where.")

"""Answer errors as JSON (RFC 9457), with our code and, of a query, the character."""

from __future__ import annotations

import http
import logging
from collections.abc import Mapping
from typing import Any

import msgspec
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from dateline.errors import ConfigError, DatelineError, DependencyUnavailable, QueryInvalid

RETRY_AFTER_SECONDS = 5
OUR_BUG = "Something failed inside Dateline; its log says what."

log = logging.getLogger(__name__)


class RequestProblem(Exception):
    """A request that is not carried out, with what its sender is told.

    Attributes:
        status: of HTTP.
        detail: a sentence.
        extra: further members of the answer: ``code``, ``hint``, ``position``.
        headers: of the answer.
    """

    def __init__(
        self,
        status: int,
        detail: str,
        *,
        extra: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self.status = status
        self.detail = detail
        self.extra = dict(extra or {})
        self.headers = dict(headers or {})
        super().__init__(detail)


def refusal(error: ConfigError, *, hint: str = "") -> RequestProblem:
    """Return what is told of a watch that cannot be put in force.

    ``position`` counts the characters (code points) of the query from 0.
    """
    extra: dict[str, Any] = {"code": error.code}
    if hint or error.hint:
        extra["hint"] = hint or error.hint
    if isinstance(error, QueryInvalid):
        extra["position"] = error.position
    # The lines below the first show the query with a caret; a program has the position.
    words = error.message.partition("\n")[0].rstrip(":.")
    return RequestProblem(http.HTTPStatus.UNPROCESSABLE_ENTITY, f"{words}.", extra=extra)


def meaning(error: Exception) -> RequestProblem:
    """Return what is told of any error; of our own bugs nothing but that there was one."""
    if isinstance(error, RequestProblem):
        return error
    if isinstance(error, HTTPException):
        return RequestProblem(error.status_code, error.detail, headers=error.headers)
    if isinstance(error, DependencyUnavailable):
        log.warning("%s", error)
        return RequestProblem(
            http.HTTPStatus.SERVICE_UNAVAILABLE,
            error.message,
            extra={"code": error.code},
            headers={"Retry-After": str(RETRY_AFTER_SECONDS)},
        )
    log.error("a request failed: %s", error, exc_info=error)
    code = {"code": error.code} if isinstance(error, DatelineError) else None
    return RequestProblem(http.HTTPStatus.INTERNAL_SERVER_ERROR, OUR_BUG, extra=code)


def problem_response(problem: RequestProblem) -> Response:
    """Return the JSON answer: ``type``, ``title``, ``status``, ``detail`` and the extra members."""
    content = {
        "type": "about:blank",
        "title": http.HTTPStatus(problem.status).phrase,
        "status": problem.status,
        "detail": clean(problem.detail),
        **problem.extra,
    }
    return Response(
        msgspec.json.encode(content),
        status_code=problem.status,
        media_type="application/problem+json",
        headers=problem.headers,
    )


def json_response(
    value: Any, *, status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    """Return ``value`` as JSON."""
    return Response(
        msgspec.json.encode(value), status_code=status, media_type="application/json",
        headers=headers,
    )  # fmt: skip


def clean(text: str) -> str:
    """Return ``text`` without lone surrogates, which have no UTF-8 form."""
    return text.encode("utf-8", "replace").decode()


async def answer_json(_request: Request, error: Exception) -> Response:
    """Answer an error of the API."""
    return problem_response(meaning(error))

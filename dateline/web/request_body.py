"""Read the body of a request within limits of size and time."""

from __future__ import annotations

import asyncio
import http
from urllib.parse import parse_qsl

from starlette.requests import ClientDisconnect, Request

from dateline.web.problems import RequestProblem

# A form of ours has five fields; of each a channel may stand there once.
MAX_FORM_FIELDS = 200


async def read_body(request: Request, *, max_bytes: int, timeout_seconds: float) -> bytes:
    """Return the body.

    Raises:
        RequestProblem: 413, it is larger; 408, it does not come in time.
    """
    chunks: list[bytes] = []
    size = 0
    try:
        async with asyncio.timeout(timeout_seconds):
            async for chunk in request.stream():
                size += len(chunk)
                if size > max_bytes:
                    raise RequestProblem(
                        http.HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
                        f"The body has more than {max_bytes} bytes.",
                        headers={"Connection": "close"},
                    )
                chunks.append(chunk)
    except TimeoutError:
        raise RequestProblem(
            http.HTTPStatus.REQUEST_TIMEOUT,
            f"The body did not come within {timeout_seconds:g} s.",
            headers={"Connection": "close"},
        ) from None
    except ClientDisconnect as error:
        raise RequestProblem(http.HTTPStatus.BAD_REQUEST, "The body was cut off.") from error
    return b"".join(chunks)


def require_type(request: Request, wanted: str) -> None:
    """Do nothing where the body is of the type ``wanted``.

    Raises:
        RequestProblem: 415. A form of another site cannot send JSON without asking us first.
    """
    given = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if given != wanted:
        raise RequestProblem(http.HTTPStatus.UNSUPPORTED_MEDIA_TYPE, f"The body must be {wanted}.")


def read_form(body: bytes) -> list[tuple[str, str]]:
    """Return names and values of a form in order.

    Raises:
        RequestProblem: 400, it is no such form.
    """
    try:
        return parse_qsl(
            body.decode("ascii"), keep_blank_values=True, errors="strict",
            max_num_fields=MAX_FORM_FIELDS,
        )  # fmt: skip
    except ValueError as error:
        raise RequestProblem(http.HTTPStatus.BAD_REQUEST, "The body is no form.") from error

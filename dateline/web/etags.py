"""Answer with a tag of the content, and with 304 where the client has it."""

from __future__ import annotations

import hashlib
import http

from starlette.requests import Request
from starlette.responses import Response


def tagged_response(
    request: Request, content: bytes, *, media_type: str, tagged: bytes | None = None
) -> Response:
    """Return ``content`` with an ETag; a client may keep it and must ask again.

    ``tagged`` is the part of it that makes another answer; None: all of it. The tag is weak then.
    """
    digest = hashlib.sha256(content if tagged is None else tagged).hexdigest()[:32]
    tag = f'"{digest}"'
    header = tag if tagged is None else f"W/{tag}"
    headers = {"ETag": header, "Cache-Control": "no-cache"}
    if is_known(request.headers.get("if-none-match", ""), tag):
        return Response(status_code=http.HTTPStatus.NOT_MODIFIED, headers=headers)
    return Response(content, media_type=media_type, headers=headers)


def is_known(if_none_match: str, tag: str) -> bool:
    """Return whether a header ``If-None-Match`` names ``tag`` (RFC 9110 13.1.2, weak)."""
    named = {each.strip().removeprefix("W/") for each in if_none_match.split(",")}
    return tag in named or "*" in named

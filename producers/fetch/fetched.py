"""What a fetch gives back, or why it gave nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

ProblemKind = Literal[
    "address",      # a private, loopback, link-local or metadata address
    "url",          # no http(s) address, or one that cannot be parsed
    "redirects",    # too many, or in a circle
    "too_large",    # compressed or decompressed
    "timeout",
    "dns",
    "tls",
    "connection",
    "protocol",     # no HTTP, a broken encoding
    "robots",       # robots.txt forbids it, or cannot be had for now
    "busy",         # the host asked for a pause; ``retry_after_seconds`` says how long
]  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """An answer with any status. ``headers`` have lower-case names; repeated ones joined by ", ".

    ``final_url`` is where the last redirect led; ``permanent_url`` the address to use from now on
    (redirects with 301 and 308 only, from the start), else ``url``. ``body`` is decompressed.
    """

    url: str
    final_url: str
    permanent_url: str
    status: int
    headers: Mapping[str, str]
    body: bytes
    seconds: float


class FetchProblem(Exception):
    """Nothing was received; never carries text of the remote side beyond a short reason."""

    def __init__(
        self, kind: ProblemKind, message: str, *, retry_after_seconds: float | None = None
    ) -> None:
        self.kind: ProblemKind = kind
        self.message = message
        self.retry_after_seconds = retry_after_seconds
        super().__init__(f"{kind}: {message}")

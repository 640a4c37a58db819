"""Get the page of an article and its text, and tell what is final from what may pass."""

from __future__ import annotations

from dataclasses import dataclass

from producers.extract.extract_page import extract_page
from producers.extract.page_text import PageText
from producers.extract.pool import ExtractPool
from producers.fetch.fetched import Fetched, FetchProblem, ProblemKind
from producers.fetch.fetcher import Fetcher, Priority
from producers.parsed import Refusal

PASSING: frozenset[ProblemKind] = frozenset({"timeout", "dns", "connection", "busy"})
OK = 200
SERVER_ERRORS = 500
PASSING_STATUSES = frozenset({408, 425, 429})


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What a page gave: its text or why there is none, and the answer where there was one.

    ``is_passing`` says that another try may bring more.
    """

    content: PageText | Refusal
    answer: Fetched | None = None
    problem: FetchProblem | None = None
    is_passing: bool = False


async def get_page(
    url: str,
    *,
    fetcher: Fetcher,
    pool: ExtractPool,
    priority: Priority = Priority.PAGE,
    headers: dict[str, str] | None = None,
) -> Page:
    """Return the page at ``url``, fetched politely and read in a child process.

    Raises: Nothing: every failure is a `Page` without text.
    """
    try:
        answer = await fetcher.fetch(url, priority=priority, headers=headers)
    except FetchProblem as problem:
        # robots.txt that cannot be had now says when to ask again; a ban does not.
        is_passing = problem.kind in PASSING or problem.retry_after_seconds is not None
        refusal = Refusal(reason=f"page not fetched: {problem.kind}, {problem.message}")
        return Page(content=refusal, problem=problem, is_passing=is_passing)
    if answer.status != OK:
        is_passing = answer.status >= SERVER_ERRORS or answer.status in PASSING_STATUSES
        refusal = Refusal(reason=f"page not fetched: status {answer.status}")
        return Page(content=refusal, answer=answer, is_passing=is_passing)
    content = await pool.run(
        extract_page, answer.body, url=answer.final_url, headers=dict(answer.headers)
    )
    return Page(content=content, answer=answer)

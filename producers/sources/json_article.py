"""Return the article of a JSON object with our own field names (``docs/ingest.md``)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dateline.records import PubStatus, RightsSignal
from producers.parse_time import parse_time, read_time
from producers.parsed import Parsed, ParsedArticle, Refusal
from producers.sources.json_fields import FieldProblemError, first_text, kind_of, text_of, texts

STATUSES: dict[str, PubStatus] = {
    "usable": "usable", "published": "usable", "withheld": "withheld", "canceled": "canceled",
    "cancelled": "canceled", "withdrawn": "canceled", "deleted": "canceled", "killed": "canceled",
}  # fmt: skip
RIGHTS_FIELDS = ("rights", "license", "licence", "license_url", "copyright", "usage_terms")


def parse_json_article(item: object, *, line: int | None, is_alone: bool) -> Parsed:
    """Return the article of one decoded object; unknown fields are left out.

    Args:
        item: the decoded JSON value.
        line: where it begins, for messages.
        is_alone: the file holds this object only.

    Raises: Nothing. A field of the wrong type is a refusal that names it.
    """
    if not isinstance(item, dict):
        return Refusal(reason=f"expected a JSON object, got {kind_of(item)}", line=line)
    try:
        return _article(item, line, is_alone=is_alone)
    except FieldProblemError as problem:
        return Refusal(reason=str(problem), line=line)


def _article(item: Mapping[str, Any], line: int | None, *, is_alone: bool) -> Parsed:
    status = _status(item)
    body = first_text(item, "text", "body")
    guid = _guid(item)
    url = first_text(item, "url", "link")
    if status == "canceled" and not (guid or url):
        return Refusal(reason="withdrawn article without `id` or `url`", line=line)
    if body is None and status != "canceled":
        return Refusal(reason="missing text: no field `text` or `body`", line=line)
    published = read_time(first_text(item, "published_at", "published", "date"))
    updated = first_text(item, "updated_at", "updated")
    embargoed = first_text(item, "embargoed", "embargoed_until")
    return ParsedArticle(
        body=body or "",
        media_type="text/plain",
        line=line,
        is_alone=is_alone,
        url=url,
        guid=guid,
        source=first_text(item, "source"),
        title=first_text(item, "title", "headline"),
        summary=first_text(item, "summary", "description"),
        language=first_text(item, "language"),
        authors=texts(item, "authors") or texts(item, "author"),
        credit=first_text(item, "credit"),
        publisher=first_text(item, "publisher"),
        published_at=published.at,
        published_at_raw=published.raw,
        date_flags=published.flags,
        updated_at=parse_time(updated) if updated else None,
        pub_status=status,
        kill_reason=first_text(item, "reason") if status == "canceled" else None,
        embargoed_until=_embargo(embargoed),
        rights_signals=tuple(
            RightsSignal(layer="json", field=name, value=value)
            for name in RIGHTS_FIELDS
            for value in texts(item, name)
        ),
    )


def _status(item: Mapping[str, Any]) -> PubStatus:
    status = first_text(item, "status", "pub_status")
    if status is None:
        return "usable"
    found = STATUSES.get(status.strip().lower())
    if found is None:
        known = ", ".join(STATUSES)
        raise FieldProblemError(f"field `status`: {status[:40]!r} is none of {known}")
    return found


def _guid(item: Mapping[str, Any]) -> str | None:
    for name in ("id", "guid"):
        value = item.get(name)
        if isinstance(value, int) and not isinstance(value, bool):
            return str(value)
        found = text_of(value, name)
        if found is not None:
            return found.strip()
    return None


def _embargo(text: str | None) -> Any:
    if text is None:
        return None
    found = parse_time(text)
    if found is None:
        # Unreadable is not "none": sending too early cannot be taken back.
        raise FieldProblemError(f"field `embargoed`: {text[:40]!r} is no time")
    return found

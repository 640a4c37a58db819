"""Return the article of an IPTC ninjs item, versions 1 to 3 (iptc.org/standards/ninjs).

Version 1 has ``headline`` and ``body_text``, version 2 lists (``headlines``, ``bodies``) in lower
case, version 3 the same in camel case; so names are compared without case.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

from dateline.records import PubStatus, RightsSignal
from producers.parse_time import parse_time, read_time
from producers.parsed import Parsed, ParsedArticle, Refusal, Skip
from producers.sources.json_fields import (
    FieldProblemError,
    first_text,
    kind_of,
    objects,
    text_of,
    texts,
)

MARKS = frozenset(
    {"versioncreated", "pubstatus", "representationtype", "body_text", "body_xhtml", "body_html",
     "bodies", "headlines", "descriptions", "copyrightnotice", "usageterms", "rightsinfo"}
)  # fmt: skip
# https://cv.iptc.org/newscodes/pubstatusg2
PUB_STATUSES: dict[str, PubStatus] = {
    "usable": "usable", "withheld": "withheld", "canceled": "canceled", "cancelled": "canceled",
}  # fmt: skip
TEXT_TYPES = frozenset({"text", "composite"})
RIGHTS_FIELDS = ("copyrightholder", "copyrightnotice", "usageterms")
# Pictures of a gallery; items nest as deep as their maker likes.
MAX_RIGHTS_SIGNALS = 200
MAX_ASSOCIATION_DEPTH = 3
LINKED_RIGHTS = ("langid", "linkedrights", "encodedrights")


def is_ninjs(item: object) -> bool:
    """Return whether ``item`` has ninjs's ``uri`` and at least one field that only it has."""
    if not isinstance(item, dict):
        return False
    names = {name.lower() for name in item}
    standard = item.get("standard")
    if isinstance(standard, dict) and standard.get("name") == "ninjs":
        return True
    return "uri" in names and not names.isdisjoint(MARKS)


def parse_ninjs(item: object, *, line: int | None, is_alone: bool) -> Parsed:
    """Return the article of one decoded item; a cancelled one has status ``canceled``.

    Raises: Nothing. A field of the wrong type is a refusal that names it.
    """
    if not isinstance(item, dict):
        return Refusal(reason=f"expected a ninjs object, got {kind_of(item)}", line=line)
    try:
        return _article(
            {name.lower(): value for name, value in item.items()}, line, is_alone=is_alone
        )
    except FieldProblemError as problem:
        return Refusal(reason=str(problem), line=line)


def _article(item: Mapping[str, Any], line: int | None, *, is_alone: bool) -> Parsed:
    uri = first_text(item, "uri")
    if uri is None:
        return Refusal(reason="field `uri` is missing", line=line)
    status = _status(item)
    item_type = (first_text(item, "type") or "text").lower()
    if item_type not in TEXT_TYPES and status != "canceled":
        return Skip(reason=f"ninjs type {item_type[:40]!r} holds no text", line=line)
    body, media_type = _body(item)
    if not body and status != "canceled":
        return Refusal(
            reason="missing text: no `bodies`, `body_text`, `body_xhtml` or `body_html`", line=line
        )
    published = read_time(first_text(item, "firstcreated", "contentcreated"))
    updated = first_text(item, "versioncreated")
    return ParsedArticle(
        body=body,
        media_type=media_type,
        line=line,
        is_alone=is_alone,
        url=uri if uri.startswith(("http://", "https://")) else None,
        guid=uri.strip(),
        source=first_text(item, "source"),
        title=_labelled(item, "headlines", "headline"),
        summary=_labelled(item, "descriptions", "description_text"),
        language=first_text(item, "language"),
        authors=_authors(item),
        credit=_credit(item),
        publisher=first_text(item, "copyrightholder"),
        published_at=published.at,
        published_at_raw=published.raw,
        date_flags=published.flags,
        updated_at=parse_time(updated) if updated else None,
        pub_status=status,
        is_pub_status_explicit=first_text(item, "pubstatus") is not None,
        kill_reason=first_text(item, "ednote") if status == "canceled" else None,
        embargoed_until=_embargo(item),
        rights_signals=_rights(item),
        extraction_method="ninjs",
    )


def _status(item: Mapping[str, Any]) -> PubStatus:
    status = first_text(item, "pubstatus")
    if status is None:
        return "usable"
    # Providers also write the code with its scheme: "stat:usable".
    found = PUB_STATUSES.get(status.strip().lower().rpartition(":")[2])
    if found is None:
        known = ", ".join(PUB_STATUSES)
        raise FieldProblemError(f"field `pubstatus`: {status[:40]!r} is none of {known}")
    return found


def _body(item: Mapping[str, Any]) -> tuple[str, str]:
    """Return text and media type; plain text wins over markup."""
    plain = first_text(item, "body_text")
    markup = first_text(item, "body_xhtml", "body_html")
    for body in objects(item, "bodies"):
        fields = {name.lower(): value for name, value in body.items()}
        value = first_text(fields, "value")
        kind = (first_text(fields, "contenttype") or "").lower()
        if value is None:
            continue
        if "html" in kind or "xml" in kind:
            markup = markup or value
        else:
            plain = plain or value
    if plain:
        return plain, "text/plain"
    if not markup:
        return "", "text/plain"
    from producers.sources.html_file import html_to_text  # takes 0.5 s

    return html_to_text(markup), "text/html"


def _labelled(item: Mapping[str, Any], list_name: str, text_name: str) -> str | None:
    """Return the entry of role ``main``, else the first, else version 1's single field."""
    entries = [
        {name.lower(): value for name, value in entry.items()} for entry in objects(item, list_name)
    ]
    entries.sort(key=lambda entry: entry.get("role") != "main")
    found = (first_text(entry, "value") for entry in entries)
    return next((value for value in found if value), None) or first_text(item, text_name)


def _authors(item: Mapping[str, Any]) -> tuple[str, ...]:
    bylines = item.get("bylines")
    if isinstance(bylines, list):
        found = (
            first_text(each, "byline", "value", "name")
            if isinstance(each, dict)
            else text_of(each, "bylines")
            for each in bylines
        )
        names = tuple(name for name in found if name)
        if names:
            return names
    return texts(item, "by") or texts(item, "byline")


def _credit(item: Mapping[str, Any]) -> str | None:
    names = (first_text(source, "name") for source in objects(item, "infosources"))
    return ", ".join(name for name in names if name) or None


def _embargo(item: Mapping[str, Any]) -> Any:
    text = first_text(item, "embargoed")
    if text is None:
        return None
    found = parse_time(text)
    if found is None:
        # Unreadable is not "none": sending too early cannot be taken back.
        raise FieldProblemError(f"field `embargoed`: {text[:40]!r} is no time")
    return found


def _rights(item: Mapping[str, Any]) -> tuple[RightsSignal, ...]:
    """Return the statements of an item, then those of its associations, each for itself."""
    found = itertools.chain(
        _own_rights(item),
        _association_rights(item, depth=MAX_ASSOCIATION_DEPTH),
    )
    return tuple(itertools.islice(found, MAX_RIGHTS_SIGNALS))


def _own_rights(item: Mapping[str, Any]) -> Iterator[RightsSignal]:
    for name in RIGHTS_FIELDS:
        for value in texts(item, name):
            yield RightsSignal(layer="ninjs", field=name, value=value)
    for info in objects(item, "rightsinfo"):
        fields = _lowered(info)
        for name in LINKED_RIGHTS:
            for value in texts(fields, name):
                yield RightsSignal(layer="ninjs", field=f"rightsinfo.{name}", value=value)


def _association_rights(
    item: Mapping[str, Any], *, depth: int, above: str = ""
) -> Iterator[RightsSignal]:
    """Yield the statements of pictures and other items that belong to an item.

    ``associations[NAME:TYPE].usageterms``; one within another is named ``OUTER/INNER``. An
    association of the wrong type says nothing: the article can do without it.
    """
    if depth == 0:
        return
    for name, association in _associations(item):
        fields = _lowered(association)
        path = f"{above}{name}"
        kind = _word(fields.get("type"))
        with suppress(FieldProblemError):
            for signal in _own_rights(fields):
                field = f"associations[{path}:{kind}].{signal.field}"
                yield RightsSignal(layer="ninjs", field=field, value=signal.value)
        yield from _association_rights(fields, depth=depth - 1, above=f"{path}/")


def _associations(item: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield associations with their names: keys up to version 2, properties from version 3 on."""
    value = item.get("associations")
    named = value.items() if isinstance(value, dict) else ()
    listed = enumerate(value, start=1) if isinstance(value, list) else ()
    for name, association in (*named, *listed):
        if isinstance(association, dict):
            own = _word(_lowered(association).get("name")) if isinstance(name, int) else ""
            yield own or _word(str(name)), association


def _word(value: object) -> str:
    """Return a name as it can stand in a field: without brackets and colons, not too long."""
    return re.sub(r"[\[\]:/\s]+", "_", value.strip())[:60] if isinstance(value, str) else ""


def _lowered(item: Mapping[str, Any]) -> dict[str, Any]:
    return {name.lower(): value for name, value in item.items()}

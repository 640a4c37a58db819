"""Return an exported article as an item of IPTC ninjs 3.3, with its rights.

Source: https://iptc.org/std/ninjs/ (``ninjs-schema_3.3.json``): ``uri`` is the one required
property, unknown ones are refused inside objects, ``rightsInfo`` has exactly one of
``linkedRights`` and ``encodedRights``.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from yarl import URL

from dateline.export.export_record import ExportRecord

STANDARD = {
    "name": "ninjs",
    "version": "3.3",
    "schema": "http://www.iptc.org/std/ninjs/ninjs-schema_3.3.json#",
}
_DUTIES = {
    "by": "credit as given in the description `credit`",
    "sa": "an adaptation carries the same licence",
    "nc": "non-commercial use only",
    "nd": "verbatim only, no adaptations",
}


def ninjs_item(record: ExportRecord) -> dict[str, Any]:
    """Return the item; properties that are not known are left out."""
    address = _address(record.url)
    item = {
        "uri": f"urn:dateline:article:{record.article_id}",
        "type": "text",
        "representationType": "full",
        "version": str(record.revision),
        "firstCreated": _time(record.first_seen_at),
        "versionCreated": _time(record.updated_at),
        "contentCreated": _time(record.published_at),
        "expires": _time(record.expires_at),
        "pubStatus": "usable",
        "language": record.language,
        "headlines": _values(("headline", record.title)),
        "by": ", ".join(record.authors),
        "descriptions": _values(
            ("summary", record.summary), ("credit", record.attribution_text)
        ),
        "bodies": [
            {"role": "main", "contentType": "text/plain", "charCount": len(record.text),
             "value": record.text}
        ],
        "infoSources": [
            {"name": record.publisher or record.source_id, "role": "publisher",
             "literal": record.source_id}
        ],
        "renditions": [{"name": "web", "href": address}] if address else [],
        "standard": STANDARD,
        **_rights(record),
    }  # fmt: skip
    return {name: value for name, value in item.items() if value not in (None, "", [])}


def _rights(record: ExportRecord) -> dict[str, Any]:
    license_address = _address(record.license_uri)
    return {
        "copyrightHolder": record.copyright_holder or record.licensor,
        "copyrightNotice": record.copyright_notice,
        "usageTerms": usage_terms(record),
        "rightsInfo": {"linkedRights": license_address} if license_address else None,
    }


def usage_terms(record: ExportRecord) -> str:
    """Return licence and duties in a sentence, then the source's own terms, word for word."""
    name = record.license_name or record.spdx_expression
    address = f" ({record.license_uri})" if record.license_uri else ""
    if record.status == "public_domain":
        stated = f"Public domain: {name}{address}."
    else:
        stated = f"This text is licensed under {name}{address}."
    duties = [_DUTIES[each] for each in record.effective if each in _DUTIES]
    parts = [stated, f"Conditions: {'; '.join(duties)}." if duties else "", record.usage_terms]
    return " ".join(part for part in parts if part)


def _time(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment is not None else None


def _address(written: str | None) -> str | None:
    """Return an address as ninjs wants it, in ASCII (RFC 3986); None: it cannot be written so."""
    try:
        return str(URL(written)) if written else None
    except ValueError:
        return None


def _values(*named: tuple[str, str | None]) -> list[dict[str, str]]:
    return [{"role": role, "value": value} for role, value in named if value]

"""Return the attribution line of a licensed text: title, author, source and licence.

``"{title}" by {author}, {publisher} ({source_url}), licensed under {name} ({licence_url}).``
Only what was supplied stands in it; what was not is named, never filled in. The form is that of the
Creative Commons licences (4.0, section 3(a)).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from html import escape
from typing import Any

from dateline.rights.record import Attribution, Rights

_GIVEN = ("granted", "public_domain")


@dataclass(frozen=True, slots=True, kw_only=True)
class Supplied:
    """What the source said of the work; ``changes`` is what was done to it since, if anything."""

    title: str | None = None
    authors: tuple[str, ...] = ()
    url: str | None = None
    publisher: str | None = None
    changes: str | None = None


NOTHING_SUPPLIED = Supplied()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    """The parts of one line; each is one line of text, or empty."""

    title: str
    authors: tuple[str, ...]
    credited: str
    url: str
    notice: str
    changes: str
    verb: str
    license_name: str
    license_uri: str


def attribute(rights: Rights, supplied: Supplied = NOTHING_SUPPLIED) -> Attribution | None:
    """Return the attribution line of ``rights`` as text, HTML and JSON-LD.

    Args:
        rights: resolved; only a grant of one licence, or the public domain, has a line.
        supplied: title, authors, address and publisher, as far as the source gave them.

    Returns:
        None where nothing is granted. The line is complete with a licensor, copyright holder or
        author and with the licence's address; the public domain needs no credit at all.
    """
    if rights.status not in _GIVEN or rights.license_name is None:
        return None
    line = _line(rights, supplied)
    is_named = bool(rights.licensor or rights.copyright_holder or line.authors)
    is_complete = (is_named and bool(line.license_uri)) or rights.status == "public_domain"
    return Attribution(
        text=_text(line),
        html=_html(line),
        jsonld=_jsonld(line, rights),
        is_complete=is_complete,
        missing=missing_parts(rights, supplied),
    )


def missing_parts(rights: Rights, supplied: Supplied) -> tuple[str, ...]:
    """Return the names of what the source did not supply for the line."""
    parts = {
        "title": _one_line(supplied.title),
        "author": "".join(supplied.authors).strip(),
        "address": _one_line(supplied.url),
        "licensor": rights.licensor,
        "licence address": rights.license_uri,
    }
    return tuple(name for name, value in parts.items() if not value)


def _line(rights: Rights, supplied: Supplied) -> _Line:
    credited = rights.licensor or rights.copyright_holder or supplied.publisher
    return _Line(
        title=_one_line(supplied.title),
        authors=tuple(filter(None, map(_one_line, supplied.authors))),
        credited=_one_line(credited),
        url=_one_line(supplied.url),
        notice=_one_line(rights.copyright_notice),
        changes=_one_line(supplied.changes),
        verb="marked with" if rights.status == "public_domain" else "licensed under",
        license_name=rights.license_name or "",
        license_uri=rights.license_uri or "",
    )


def _text(line: _Line) -> str:
    title = f'"{_unquoted(line.title)}"' if line.title else ""
    license_ = _in_brackets(line.license_name, line.license_uri)
    return _joined(line, title, " and ".join(line.authors), line.credited, line.url, license_)


def _html(line: _Line) -> str:
    title = f'"<cite>{escape(_unquoted(line.title))}</cite>"' if line.title else ""
    authors = " and ".join(_credit(author, line) for author in line.authors)
    credited = _credit(line.credited, line) if not line.authors else escape(line.credited)
    uri = escape(line.license_uri)
    name = escape(line.license_name)
    # The address is written out too, for whoever reads the line on paper.
    license_ = f'<a rel="license" href="{uri}">{name}</a> ({uri})' if uri else name
    plain = _escaped(line)
    url = f'<a href="{plain.url}">{plain.url}</a>' if _is_web(line.url) else plain.url
    words = _joined(plain, title, authors, credited, url, license_)
    about = f' about="{plain.url}"' if _is_web(line.url) else ""
    return f'<p xmlns:cc="http://creativecommons.org/ns#"{about}>{words}</p>'


def _credit(name: str, line: _Line) -> str:
    if not name:
        return ""
    span = f'<span property="cc:attributionName">{escape(name)}</span>'
    if not _is_web(line.url):
        return span
    return (
        f'<a rel="cc:attributionURL" property="cc:attributionName"'
        f' href="{escape(line.url)}">{escape(name)}</a>'
    )


def _joined(line: _Line, title: str, authors: str, credited: str, url: str, license_: str) -> str:
    names = ", ".join(filter(None, (authors, credited)))
    joint = " by " if title and authors else ", "
    work = joint.join(filter(None, (title, names)))
    work = _in_brackets(work, url).strip()
    grant = f"{line.verb} {license_}"
    sentence = f"{work}, {grant}" if work else grant[0].upper() + grant[1:]
    sentence = f"{sentence}; {line.changes}." if line.changes else f"{sentence}."
    return f"{sentence} {line.notice}" if line.notice else sentence


def _jsonld(line: _Line, rights: Rights) -> str:
    node: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "url": line.url,
        "headline": line.title,
        # Names alone: whether a person or an organisation bears one was not supplied.
        "author": line.authors,
        "copyrightHolder": _one_line(rights.copyright_holder or rights.licensor),
        "copyrightNotice": line.notice,
        "creditText": _text(line),
        "license": line.license_uri,
    }
    text = json.dumps({k: v for k, v in node.items() if v}, ensure_ascii=False)
    # "</script>" inside a value would end the element that the JSON stands in.
    return text.replace("<", "\\u003c")


def _escaped(line: _Line) -> _Line:
    return _Line(
        title=escape(line.title),
        authors=line.authors,
        credited=escape(line.credited),
        url=escape(line.url),
        notice=escape(line.notice),
        changes=escape(line.changes),
        verb=line.verb,
        license_name=line.license_name,
        license_uri=line.license_uri,
    )


def _in_brackets(words: str, address: str) -> str:
    return f"{words} ({address})" if address else words


def _is_web(address: str) -> bool:
    return address.lower().startswith(("http://", "https://"))


def _unquoted(title: str) -> str:
    return title.replace('"', "'")


def _one_line(text: str | None) -> str:
    return " ".join((text or "").split())

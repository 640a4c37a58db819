"""Return the rights of an article: every place is read, then all that was read is weighed.

The only module that knows all readers. Pure: registry, confidences and contracts are loaded once.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from urllib.parse import urlsplit

from dateline.records import RawArticle, RightsSignal
from dateline.rights.attribution import Supplied, attribute, missing_parts
from dateline.rights.confidence import Confidences
from dateline.rights.contracts import Contract, contract_for
from dateline.rights.facts import Facts
from dateline.rights.notices import find_notices
from dateline.rights.record import Rights
from dateline.rights.registry import LicenseRegistry
from dateline.rights.resolve import resolve
from dateline.rights.signals.read_signals import read_signals
from dateline.rights.statement import RANK_NOTHING, Reading, Statement, joined
from dateline.rights.third_party import credits_in

Span = tuple[int, int]
# Signals whose value is text that no reader of the page sees, or that readers wrote.
_NOT_THE_PUBLISHERS = ("hidden-text", "comment-text")
_NOTICES = ("grant_text", "reserved", "republish_terms")
# A sentence of fewer letters stands in any text by chance.
_FEWEST_CHARS = 8


def read_rights(
    article: RawArticle,
    *,
    registry: LicenseRegistry,
    confidences: Confidences,
    contracts: Sequence[Contract] = (),
    language: str | None = None,
    agency: str | None = None,
) -> Rights:
    """Return what is known about the rights in ``article``, with its attribution line.

    Args:
        article: as its source gave it; offsets of evidence refer to its body.
        registry: the licences that can be named.
        confidences: measured by kind of statement.
        contracts: licences that the operator signed for sources.
        language: of the body (BCP 47), where it is known.
        agency: what stands in brackets in the body's dateline, where it has one.

    Raises: Nothing.
    """
    notices = find_notices(article.body, registry, language=language)
    beside = read_signals(
        article.rights_signals,
        registry,
        article_url=article.url,
        canonical_url=article.canonical_url,
        language=language,
    )
    ours = without_hidden(notices, article.rights_signals)
    reading = joined(Reading(statements=ours), beside)
    rights = resolve(reading, _facts(article, reading, contracts, registry, agency), confidences)
    supplied = _supplied(article)
    attribution = attribute(rights, supplied)
    if attribution is None:
        return rights
    notes = (f"{name} not supplied by the source" for name in missing_parts(rights, supplied))
    return replace(rights, attribution=attribution, notes=(*rights.notes, *notes))


def notice_spans(rights: Rights) -> tuple[Span, ...]:
    """Return the spans of the body that are notices about the text, sorted.

    They are cut before names are looked for. Notices inside prose are left: a sentence that is only
    told of, denied or quoted is part of the story.
    """
    spans = {
        (each.start, each.end)
        for each in rights.evidence
        if each.layer == "text"
        and each.frame in _NOTICES
        and each.object_id == "text"
        and each.rank > RANK_NOTHING
    }
    return tuple(sorted(spans))


def without_hidden(
    notices: Iterable[Statement], signals: Iterable[RightsSignal]
) -> tuple[Statement, ...]:
    """Return ``notices`` with those degraded to mentions that the page hides or readers wrote.

    A notice whose words stand in a ``hidden-text`` or ``comment-text`` signal counts nothing, even
    if the publisher says the same elsewhere: who wrote it cannot be told.
    """
    unseen = [
        _words(signal.value)
        for signal in signals
        if signal.layer == "html" and signal.field.split(" ")[0] in _NOT_THE_PUBLISHERS
    ]
    return tuple(_degraded(each) if _is_in(each, unseen) else each for each in notices)


def _degraded(statement: Statement) -> Statement:
    return replace(statement, frame="mention", rank=RANK_NOTHING, scope="unspecified")


def _is_in(statement: Statement, unseen: Sequence[str]) -> bool:
    words = _words(statement.quote)
    if len(words) < _FEWEST_CHARS:
        return bool(unseen)
    return any(words in text for text in unseen)


def _words(text: str) -> str:
    return "".join(char for char in text.casefold() if char.isalnum())


def _facts(
    article: RawArticle,
    reading: Reading,
    contracts: Sequence[Contract],
    registry: LicenseRegistry,
    agency: str | None,
) -> Facts:
    contract = contract_for(
        contracts,
        source_id=article.source_id,
        moment=article.published_at or article.observed_at,
    )
    # Whose text it is matters only where somebody gives away what they own.
    is_asked = contract is not None or any(
        each.frame == "grant_text" for each in reading.statements
    )
    words = credits_in(_without_notices(article.body, reading)) if is_asked else ()
    return Facts(
        publisher=article.publisher,
        credits=tuple(filter(None, (article.credit, *article.authors))),
        agency=agency,
        body_credits=words,
        host=_host(article.canonical_url or article.url or ""),
        observed_at=article.observed_at,
        contract=contract,
        registry_version=registry.version,
    )


def _host(address: str) -> str | None:
    try:
        return urlsplit(address).hostname
    except ValueError:
        return None


def _without_notices(body: str, reading: Reading) -> str:
    """Return the body without its notices: the licensor that they name is no credit."""
    spans = sorted((s.start, s.end) for s in reading.statements if s.layer == "text")
    kept, position = [], 0
    for start, end in spans:
        kept.append(body[position:start])
        position = max(position, end)
    return "".join([*kept, body[position:]])


def _supplied(article: RawArticle) -> Supplied:
    return Supplied(
        title=article.title,
        authors=article.authors,
        url=article.url,
        publisher=article.publisher,
    )

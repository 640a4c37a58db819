"""Return what changed between two versions of an article, as far as it may be shown.

The texts come from the raw topic. What the licence decision of the article, a withdrawal or an
undecided version forbids is left out here, so that no way of printing can show it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

import click

from dateline.errors import RecordRejected
from dateline.records import KillNotice, RawArticle, SearchDocument
from dateline.rights.record import Decision
from dateline.text_diff import DiffCounts, Operation, count_changes, diff_words
from dateline.topic_reader import TopicReader
from dateline.wire import from_wire
from producers.sent_state import SentRecord

SHOWN_PURPOSE = "public_search"
MIN_VERSIONS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """A version that Kafka acknowledged; ``number`` counts from 1 in the order of sending.

    ``was_withdrawn_later``: the source took it back after it; a later revival does not undo that.
    """

    number: int
    sent: SentRecord
    was_withdrawn_later: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionText:
    """The words of a version, or why they are not there."""

    title: str
    body: str
    absent_reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionDiff:
    """What changed between two versions.

    ``title`` and ``body`` are None where they may not be shown (``withheld_reason``) or could not
    be read (``absent_reasons``); then ``counts`` is all that is said of the text, if anything.
    """

    old: Version
    new: Version
    counts: DiffCounts | None
    title: tuple[Operation, ...] | None
    body: tuple[Operation, ...] | None
    withheld_reason: str | None
    absent_reasons: tuple[str, ...]


def number_versions(sent: Sequence[SentRecord]) -> tuple[Version, ...]:
    """Return the versions in order; the same content sent again is no new version.

    Of equal records the last counts: it stays in its topic for longest.
    """
    rows = [
        list(same)[-1]
        for _, same in groupby(sent, key=lambda row: (row.content_sha256, row.pub_status))
    ]
    last_kill = max((at for at, row in enumerate(rows) if row.pub_status == "canceled"), default=-1)
    return tuple(
        Version(number=at + 1, sent=row, was_withdrawn_later=at < last_kill)
        for at, row in enumerate(rows)
    )


def chosen_pair(
    versions: Sequence[Version], *, from_number: int | None, to_number: int | None
) -> tuple[Version, Version] | None:
    """Return the two versions to compare, by default the last two; None: there is only one.

    Raises:
        click.ClickException: there is no such version, or they are in the wrong order.
    """
    if not versions:
        raise click.ClickException(
            "the producer's state knows no version of this article: it was sent by another machine,"
            " or the state was moved away."
        )
    count = len(versions)
    for number in (from_number, to_number):
        if number is not None and not 1 <= number <= count:
            known = f"versions 1 to {count}" if count > 1 else "one version"
            raise click.ClickException(f"there is no version {number}: this article has {known}.")
    if count < MIN_VERSIONS:
        return None
    new = to_number or (count if from_number != count else from_number)
    old = from_number or new - 1
    if not 1 <= old < new:
        raise click.ClickException(
            f"version {old} is not older than version {new}: --from takes the older one."
        )
    return versions[old - 1], versions[new - 1]


def compare(
    reader: TopicReader,
    document: SearchDocument,
    versions: Sequence[Version],
    pair: tuple[Version, Version],
) -> VersionDiff:
    """Return what changed, with no more text than the decision on the article allows."""
    old, new = pair
    decision = next((d for d in document.decisions if d.purpose == SHOWN_PURPOSE), None)
    reason = next((found for v in pair if (found := version_withheld(document, versions, v))), None)
    texts = [read_text(reader, version) for version in pair]
    absent = tuple(text.absent_reason for text in texts if text.absent_reason)
    counts = title = body = None
    if not absent:
        changes = diff_words(texts[0].body, texts[1].body)
        counts = count_changes(changes)
        if reason is None:
            title = _title_changes(decision, texts[0].title, texts[1].title)
            reason = text_withheld(decision)
            body = changes if reason is None else None
    return VersionDiff(
        old=old, new=new, counts=counts, title=title, body=body, withheld_reason=reason,
        absent_reasons=absent,
    )  # fmt: skip


def version_withheld(
    document: SearchDocument, versions: Sequence[Version], version: Version
) -> str | None:
    """Return why nothing of a version may be shown, whatever the licence of the article says."""
    number = version.number
    if document.pub_status != "usable":
        what = "withdrawn" if document.pub_status == "canceled" else "withheld"
        return f"the article was {what} by its source"
    if version.sent.pub_status != "usable" or version.was_withdrawn_later:
        return f"version {number} was taken back by its source"
    if not _is_decided(document, versions, version):
        return f"version {number} is not indexed yet, so its licence is not decided"
    return None


def _is_decided(document: SearchDocument, versions: Sequence[Version], version: Version) -> bool:
    """Return whether the decision in the index was made with this version or a later one known."""
    content = version.sent.content_sha256
    if content == document.content_sha256:
        return True
    if any(seen.content_sha256 == content for seen in document.versions):
        return True
    # The index keeps the last hashes only; what is older than the current text was decided once.
    current = [v.number for v in versions if v.sent.content_sha256 == document.content_sha256]
    return bool(current) and version.number < current[-1]


def text_withheld(decision: Decision | None) -> str | None:
    """Return why the text may not be shown, or None where all of it may be."""
    if decision is None:
        return "there is no licence decision"
    if decision.display == "full":
        return None
    return "; ".join(decision.reasons) or f"only {decision.display.replace('_', ' ')} may be shown"


def _title_changes(decision: Decision | None, old: str, new: str) -> tuple[Operation, ...] | None:
    if decision is None or decision.display == "metadata_only":
        return None
    if decision.display == "snippet":
        old, new = old[: decision.snippet_chars], new[: decision.snippet_chars]
    return diff_words(old, new)


def read_text(reader: TopicReader, version: Version) -> VersionText:
    """Return the words of a version from the raw topic, or why they are not there."""
    sent = version.sent
    if sent.pub_status == "canceled":
        return VersionText(title="", body="")
    place = f"{sent.topic}[{sent.partition}] offset {sent.offset}"
    found = reader.read(sent.topic, sent.partition, sent.offset)
    if found is None or found.value is None:
        return _absent(f"version {version.number} is gone: retention removed {place}")
    try:
        record = from_wire(found.value, RawArticle, KillNotice)
    except RecordRejected as error:
        return _absent(f"version {version.number} cannot be read at {place}: {error}")
    # A topic that was made anew has other records at the same offsets.
    if not isinstance(record, RawArticle) or record.content_sha256 != sent.content_sha256:
        return _absent(f"version {version.number} is gone: another record is at {place}")
    return VersionText(title=record.title or "", body=record.body)


def _absent(reason: str) -> VersionText:
    return VersionText(title="", body="", absent_reason=reason)

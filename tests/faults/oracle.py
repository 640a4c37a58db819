"""Compare what was accepted with what can be found: nothing lost, doubled, mangled or made up.

Pure. The expected revision comes from a rule of its own, not from ``assign_revision``: a text is
taken over when it is not the one on show and not older than it; the revision counts those. How
often a copy is told that its original has come depends on the order of arrival, which faults may
change; what it is in the end does not.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from dateline.document_records import CopyRole
from faults.load import Journal, Version


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What a reader must find of an article; ``group_id`` as in ``Version``.

    Of a group, ``revision`` is the lowest one.
    """

    article_id: str
    content_sha256: str
    shown: str
    revision: int
    group_id: str | None = None

    @property
    def place(self) -> tuple[CopyRole, str | None]:
        """Return the role and the original that it must have."""
        if self.group_id in (None, self.article_id):
            return "original", None
        return "copy", self.group_id


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundDocument:
    """A document of the index; ``version`` is Elasticsearch's."""

    document_id: str
    source_id: str
    key: str
    revision: int
    version: int
    content_sha256: str | None
    body: str | None
    role: CopyRole
    origin_article_id: str | None
    story_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundDeadLetter:
    """A record of the dead letter topic."""

    place: str
    payload: bytes
    code: str
    stage: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What is wrong; ``redelivered`` is allowed and counted."""

    articles: int
    versions: int
    poison: int
    lost: tuple[str, ...] = ()
    duplicated: tuple[str, ...] = ()
    corrupted: tuple[str, ...] = ()
    wrong_revision: tuple[str, ...] = ()
    misplaced: tuple[str, ...] = ()
    unexpected: tuple[str, ...] = ()
    dead_letters_missing: tuple[str, ...] = ()
    dead_letters_wrong: tuple[str, ...] = ()
    dead_letters_unexpected: tuple[str, ...] = ()
    redelivered: int = 0

    @property
    def is_clean(self) -> bool:
        """Return whether every accepted record is where it must be, once and as it was sent."""
        return not any(
            (
                self.lost, self.duplicated, self.corrupted, self.wrong_revision, self.misplaced,
                self.unexpected, self.dead_letters_missing, self.dead_letters_wrong,
                self.dead_letters_unexpected,
            )
        )  # fmt: skip

    def __str__(self) -> str:
        found = self.poison - len(self.dead_letters_missing)
        words = (
            f"{self.articles} articles, {self.versions} versions: lost {len(self.lost)},"
            f" duplicated {len(self.duplicated)}, corrupted {len(self.corrupted)},"
            f" wrong revision {len(self.wrong_revision)}, misplaced {len(self.misplaced)},"
            f" unexpected {len(self.unexpected)};"
            f" dead letters {found} of {self.poison}, wrong {len(self.dead_letters_wrong)},"
            f" unexpected {len(self.dead_letters_unexpected)}, redelivered {self.redelivered}"
        )
        examples = [
            example
            for row in (
                self.lost, self.duplicated, self.corrupted, self.wrong_revision, self.misplaced,
                self.unexpected, self.dead_letters_missing, self.dead_letters_wrong,
                self.dead_letters_unexpected,
            )
            for example in row[:3]
        ]  # fmt: skip
        return "\n  ".join([words, *examples])


def expected_documents(journal: Journal) -> dict[str, Expected]:
    """Return what must be found, by article id."""
    arrived: dict[str, list[Version]] = {}
    for _, version in journal.versions():
        arrived.setdefault(version.article.article_id, []).append(version)
    return {article_id: _expected(article_id, row) for article_id, row in arrived.items()}


def _expected(article_id: str, arrived: Sequence[Version]) -> Expected:
    on_show = arrived[0]
    revision = 1
    for version in arrived[1:]:
        is_same = version.shown == on_show.shown
        if not is_same and version.article.updated_at >= on_show.article.updated_at:
            on_show = version
            revision += 1
    return Expected(
        article_id=article_id,
        content_sha256=on_show.article.content_sha256,
        shown=on_show.shown,
        revision=revision,
        group_id=on_show.group_id,
    )


@dataclass(slots=True)
class _Faults:
    lost: list[str] = field(default_factory=list)
    corrupted: list[str] = field(default_factory=list)
    wrong_revision: list[str] = field(default_factory=list)
    misplaced: list[str] = field(default_factory=list)
    unexpected: list[str] = field(default_factory=list)


def compare(
    journal: Journal, documents: Iterable[FoundDocument], letters: Iterable[FoundDeadLetter]
) -> Result:
    """Return the result of comparing ``journal`` with all documents and dead letters found."""
    expected = expected_documents(journal)
    found = list(documents)
    by_id = {document.document_id: document for document in found}
    faults = _Faults()
    for article_id, wanted in expected.items():
        document = by_id.get(article_id)
        if document is None:
            faults.lost.append(f"lost: {article_id} revision {wanted.revision}")
            continue
        _check_document(wanted, document, faults)
    faults.misplaced += _shared_stories(expected, by_id)
    faults.unexpected = [f"unexpected: {d}" for d in by_id.keys() - expected.keys()]
    times = Counter((document.source_id, document.key) for document in found)
    missing, wrong, extra, redelivered = _check_letters(journal, list(letters))
    return Result(
        articles=len(expected),
        versions=len(journal.versions()),
        poison=len(journal.poison()),
        lost=tuple(faults.lost),
        duplicated=tuple(f"{count} times: {pair}" for pair, count in times.items() if count > 1),
        corrupted=tuple(faults.corrupted),
        wrong_revision=tuple(faults.wrong_revision),
        misplaced=tuple(faults.misplaced),
        unexpected=tuple(faults.unexpected),
        dead_letters_missing=missing,
        dead_letters_wrong=wrong,
        dead_letters_unexpected=extra,
        redelivered=redelivered,
    )


def _check_document(wanted: Expected, document: FoundDocument, faults: _Faults) -> None:
    if document.content_sha256 != wanted.content_sha256 or document.body != wanted.shown:
        faults.corrupted.append(
            f"corrupted: {wanted.article_id} shows {document.body!r}, expected {wanted.shown!r}"
        )
    if (document.role, document.origin_article_id) != wanted.place:
        faults.misplaced.append(
            f"misplaced: {wanted.article_id} is {document.role} of {document.origin_article_id},"
            f" expected {wanted.place}"
        )
    is_right = document.revision == wanted.revision
    if wanted.group_id is not None:
        is_right = document.revision >= wanted.revision
    if not is_right or document.version != document.revision:
        faults.wrong_revision.append(
            f"revision: {wanted.article_id} has {document.revision} (Elasticsearch:"
            f" {document.version}), expected {wanted.revision}"
        )


def _shared_stories(
    expected: Mapping[str, Expected], documents: Mapping[str, FoundDocument]
) -> list[str]:
    """Return what is wrong: a group has one story to itself, and so has every other article."""
    stories: dict[str, set[str]] = {}
    owners: dict[str, set[str]] = {}
    for article_id in expected.keys() & documents.keys():
        group_id = expected[article_id].group_id or article_id
        story_id = documents[article_id].story_id
        stories.setdefault(group_id, set()).add(story_id)
        owners.setdefault(story_id, set()).add(group_id)
    apart = [
        f"group {key} is in {len(found)} stories"
        for key, found in stories.items()
        if len(found) > 1
    ]
    mixed = [f"story {key} has {sorted(found)}" for key, found in owners.items() if len(found) > 1]
    return [*apart, *mixed]


def _check_letters(
    journal: Journal, letters: Sequence[FoundDeadLetter]
) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...], int]:
    wanted = {sent.place: poison for sent, poison in journal.poison()}
    found = {letter.place: letter for letter in letters}
    missing = [f"no dead letter: {wanted[p].kind} at {p}" for p in wanted.keys() - found.keys()]
    extra = [f"dead letter: {found[p].code} of {p}" for p in found.keys() - wanted.keys()]
    wrong = [
        f"dead letter of {wanted[letter.place].kind}: {letter.code} by {letter.stage}, expected"
        f" {wanted[letter.place].code} by {wanted[letter.place].stage};"
        f" {len(letter.payload)} bytes"
        for letter in letters
        if letter.place in wanted
        and (letter.payload, letter.code, letter.stage)
        != (
            wanted[letter.place].payload or b"",
            wanted[letter.place].code,
            wanted[letter.place].stage,
        )
    ]
    return tuple(missing), tuple(wrong), tuple(extra), len(letters) - len(found)

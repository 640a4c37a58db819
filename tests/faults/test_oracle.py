"""The oracle reports each kind of damage, and nothing when there is none."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from faults.load import Journal, Poison, Sent, Version, make_load, poison_kinds, seed_sentences
from faults.oracle import FoundDeadLetter, FoundDocument, Result, compare, expected_documents


def _journal(articles: int = 60, poison: int = 5) -> Journal:
    """Return the journal of a broker with one partition."""
    items = make_load(1, source_id="unit", articles=articles, poison=poison)
    return Journal(
        [
            Sent(item=item, topic="raw", partition=0, offset=offset)
            for offset, item in enumerate(items)
        ]
    )


def _documents(journal: Journal) -> list[FoundDocument]:
    articles = {version.article.article_id: version.article for _, version in journal.versions()}
    return [
        FoundDocument(
            document_id=expected.article_id,
            source_id=articles[expected.article_id].source_id,
            key=articles[expected.article_id].key,
            revision=expected.revision,
            version=expected.revision,
            content_sha256=expected.content_sha256,
            body=expected.shown,
            role=expected.place[0],
            origin_article_id=expected.place[1],
            story_id=f"story of {expected.group_id or expected.article_id}",
        )
        for expected in expected_documents(journal).values()
    ]


def _letters(journal: Journal) -> list[FoundDeadLetter]:
    return [
        FoundDeadLetter(
            place=sent.place, payload=record.payload or b"", code=record.code, stage=record.stage
        )
        for sent, record in journal.poison()
    ]


def _damaged(journal: Journal, **damage: object) -> Result:
    documents = _documents(journal)
    alone = next(each for each in expected_documents(journal).values() if each.group_id is None)
    damaged = [
        replace(each, **damage) if each.document_id == alone.article_id else each  # type: ignore[arg-type]
        for each in documents
    ]
    return compare(journal, damaged, _letters(journal))


def test_compare_whole_index_is_clean() -> None:
    journal = _journal()
    result = compare(journal, _documents(journal), _letters(journal))
    assert result.is_clean
    assert str(result).startswith("68 articles, ")
    assert result.versions > 60
    assert "lost 0, duplicated 0, corrupted 0" in str(result)
    assert "dead letters 5 of 5" in str(result)


def test_compare_reports_a_lost_article() -> None:
    journal = _journal()
    result = compare(journal, _documents(journal)[1:], _letters(journal))
    assert not result.is_clean
    assert len(result.lost) == 1


def test_compare_reports_two_documents_of_one_key() -> None:
    journal = _journal()
    documents = _documents(journal)
    result = compare(
        journal, [*documents, replace(documents[0], document_id="other")], _letters(journal)
    )
    assert (len(result.duplicated), len(result.unexpected)) == (1, 1)


@pytest.mark.parametrize("damage", [{"body": "x"}, {"body": None}, {"content_sha256": "0" * 64}])
def test_compare_reports_another_text(damage: dict[str, object]) -> None:
    result = _damaged(_journal(), **damage)
    assert len(result.corrupted) == 1
    assert not result.is_clean


@pytest.mark.parametrize("damage", [{"revision": 9}, {"version": 9}])
def test_compare_reports_another_revision(damage: dict[str, object]) -> None:
    result = _damaged(_journal(), **damage)
    assert len(result.wrong_revision) == 1
    assert not result.is_clean


@pytest.mark.parametrize(
    "damage",
    [{"role": "copy"}, {"origin_article_id": "0" * 64}],
    ids=["role", "origin"],
)
def test_compare_reports_another_role_or_origin(damage: dict[str, object]) -> None:
    assert len(_damaged(_journal(), **damage).misplaced) == 1


def test_compare_reports_a_copy_that_was_not_told_of_its_original() -> None:
    journal = _journal()
    wanted = expected_documents(journal)
    documents = _documents(journal)
    place = next(n for n, d in enumerate(documents) if wanted[d.document_id].place[0] == "copy")
    documents[place] = replace(
        documents[place], role="original", origin_article_id=None, story_id="its own"
    )

    result = compare(journal, documents, _letters(journal))

    assert not result.is_clean
    assert [line.split()[0] for line in result.misplaced] == ["misplaced:", "group"]


def test_compare_reports_two_articles_in_one_story() -> None:
    result = _damaged(_journal(), story_id=_documents(_journal())[-1].story_id)
    assert len(result.misplaced) == 1
    assert not result.is_clean


def test_compare_takes_any_revision_of_a_copy_but_not_two() -> None:
    journal = _journal()
    wanted = expected_documents(journal)
    documents = _documents(journal)
    place = next(n for n, d in enumerate(documents) if wanted[d.document_id].group_id)
    documents[place] = replace(documents[place], revision=3, version=3)
    assert compare(journal, documents, _letters(journal)).is_clean
    documents[place] = replace(documents[place], revision=2)
    assert len(compare(journal, documents, _letters(journal)).wrong_revision) == 1


def test_compare_reports_dead_letters() -> None:
    journal = _journal()
    documents, letters = _documents(journal), _letters(journal)
    assert len(compare(journal, documents, letters[1:]).dead_letters_missing) == 1
    wrong = [replace(letters[0], payload=b"other"), *letters[1:]]
    assert len(compare(journal, documents, wrong).dead_letters_wrong) == 1
    extra = [*letters, replace(letters[0], place="raw/0/99999")]
    assert len(compare(journal, documents, extra).dead_letters_unexpected) == 1
    again = compare(journal, documents, [*letters, letters[0]])
    assert (again.redelivered, again.is_clean) == (1, True)


@pytest.mark.parametrize(
    ("rows", "revision", "shown"),
    [
        ([("a", 1), ("b", 2)], 2, "b"),
        ([("b", 2), ("a", 1)], 1, "b"),
        ([("a", 1), ("a", 1)], 1, "a"),
        ([("a", 1), ("b", 1)], 2, "b"),
        ([("a", 1), ("b", 2), ("a", 3)], 3, "a"),
        ([("c", 3), ("a", 1), ("b", 2)], 1, "c"),
        ([("b", 2), ("c", 3), ("a", 1)], 2, "c"),
    ],
)
def test_expected_revision(rows: list[tuple[str, int]], revision: int, shown: str) -> None:
    template = next(item for item in make_load(1, source_id="u", articles=1))
    assert isinstance(template, Version)
    journal = Journal()
    for offset, (text, hour) in enumerate(rows):
        moment = template.article.updated_at.replace(hour=hour)
        item = replace(template, shown=text, article=replace(template.article, updated_at=moment))
        journal.sent.append(Sent(item=item, topic="raw", partition=0, offset=offset))
    (expected,) = expected_documents(journal).values()
    assert (expected.revision, expected.shown) == (revision, shown)


def test_make_load_has_every_shape() -> None:
    items = make_load(7, source_id="unit", articles=600, poison=50)
    versions = [item for item in items if isinstance(item, Version)]
    texts: dict[str, list[Version]] = {}
    for version in versions:
        texts.setdefault(version.article.article_id, []).append(version)
    assert len(texts) == 600 + 8
    groups = Counter(version.group_id for version in versions if version.group_id)
    assert all(count >= 4 for count in groups.values())
    assert len(groups) == 2
    later = [row for row in texts.values() if len({v.shown for v in row}) > 1]
    assert 150 < len(later) < 250
    out_of_order = [row for row in later if row[0].article.updated_at > row[-1].article.updated_at]
    assert len(out_of_order) > 20
    assert all(40 <= len(v.shown.split()) <= 80 for v in versions if v.group_id is None)
    assert len({item.kind for item in items if isinstance(item, Poison)}) == len(poison_kinds("u"))
    again = make_load(7, source_id="unit", articles=600, poison=50)
    assert [i.shown for i in again if isinstance(i, Version)] == [v.shown for v in versions]


def test_seed_sentences_are_enough() -> None:
    assert len(seed_sentences()) >= 8

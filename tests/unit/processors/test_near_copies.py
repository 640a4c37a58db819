"""Near copies narrow rights as exact ones do; the three signs in order; roles are told."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from itertools import permutations
from typing import Any

import pytest
from made_up_texts import text_of, words_of
from sample_records import at
from stories_doubles import Broker, Process
from story_records import NO_SEARCH, RESERVED, about, article_id, killed

from dateline.document_records import TextSignature
from dateline.records import EnrichedArticle, GroupedArticle
from processors.enrich.copy_signature import sign_text

WORDS = words_of("wire", 120)
TEXT = " ".join(WORDS)
EDITED = " ".join([*words_of("head", 12), *WORDS[10:], *words_of("tail", 6)])
EXCERPT = " ".join(WORDS[20:60])


def run(*batches: list[Any]) -> Broker:
    broker = Broker()

    async def main() -> None:
        process = Process(broker)
        for batch in batches:
            await process.take(*batch)

    asyncio.run(main())
    return broker


def last(broker: Broker, name: str) -> GroupedArticle:
    return [item for item in broker.grouped if item.article_id == article_id(name)][-1]


def display(item: GroupedArticle) -> str:
    return next(d.display for d in item.decisions if d.purpose == "public_search")


@pytest.mark.parametrize(
    ("text", "role", "reason"),
    [(EDITED, "copy", "in_earlier"), (EXCERPT, "excerpt", "much_shorter")],
    ids=["edited", "excerpt"],
)
def test_near_copy_of_another_source_has_its_origins_rights(
    text: str, role: str, reason: str
) -> None:
    broker = run([about("a", text=TEXT, rights=RESERVED)], [about("b", text=text, minute=2)])

    copy = last(broker, "b")
    assert (copy.role, copy.origin_article_id) == (role, article_id("a"))
    assert reason in copy.role_reasons
    assert display(copy) == "snippet"
    assert copy.story_id == last(broker, "a").story_id
    assert copy.story_reasons == (f"shares its text with {article_id('a')}",)
    assert display(last(broker, "a")) == "snippet"


def test_same_source_has_a_role_and_its_own_rights() -> None:
    longer = f"{TEXT} {text_of('more', 40)}"
    update = about("u", text=longer, minute=2, raw={"source_id": "a.example"})

    broker = run([about("a", text=TEXT, rights=RESERVED)], [update])

    item = last(broker, "u")
    assert (item.role, item.origin_article_id, display(item)) == ("update", None, "full")
    assert item.role_reasons == ("same_source", "takes_in_earlier")


def test_update_that_was_a_copy_remains_one() -> None:
    update = about("u", text=f"{TEXT} {text_of('more', 40)}", minute=3)

    broker = run([about("a", text=TEXT, rights=RESERVED)], [about("u", text=EDITED, minute=2)],
                 [update])  # fmt: skip

    assert last(broker, "u").origin_article_id == article_id("a")
    assert display(last(broker, "u")) == "snippet"


def test_origin_that_comes_late_gets_its_copies() -> None:
    copy, origin = about("b", text=EDITED, minute=5), about("a", text=TEXT, rights=RESERVED)

    broker = run([copy], [origin])

    item = last(broker, "b")
    assert (item.change, item.revision, item.role) == ("policy", 2, "copy")
    assert (item.origin_article_id, display(item)) == (article_id("a"), "snippet")
    assert last(broker, "a").story_id == item.story_id
    assert last(broker, "a").role == "original"


def test_group_moves_to_an_earlier_origin_with_its_rights() -> None:
    broker = run(
        [about("b", text=TEXT, minute=5)],
        [about("c", text=EDITED, minute=6)],
        [about("a", text=f"{TEXT} {text_of('x', 5)}", minute=1, rights=NO_SEARCH)],
    )

    assert {last(broker, name).origin_article_id for name in "bc"} == {article_id("a")}
    assert {display(last(broker, name)) for name in "bc"} == {"no_index"}
    assert broker.state[article_id("c")].copy_sign.origin_article_id == article_id("a")  # type: ignore[union-attr]  # asserted by the line above


@pytest.mark.parametrize("order", list(permutations(range(4))), ids=str)
@pytest.mark.parametrize("in_one_batch", [True, False], ids=["one batch", "batches"])
@pytest.mark.parametrize(
    "texts",
    [[TEXT] * 4, [TEXT, *(f"{EDITED} {text_of(name, 9)}" for name in "bcd")]],
    ids=["exact", "edited"],
)
def test_group_ends_the_same_in_every_order_of_arrival(
    order: tuple[int, ...], in_one_batch: bool, texts: list[str]
) -> None:
    """What was published first is the original, also where it was seen last."""
    arrived = [
        about("abcd"[number], text=texts[number], minute=10 + place,
              raw={"published_at": at(number)})
        for place, number in enumerate(order)
    ]  # fmt: skip

    broker = run(arrived) if in_one_batch else run(*([each] for each in arrived))

    ended = {name: last(broker, name) for name in "abcd"}
    told = {name: (item.role, item.origin_article_id) for name, item in ended.items()}
    assert told == {"a": ("original", None)} | dict.fromkeys("bcd", ("copy", article_id("a")))
    assert len({item.story_id for item in ended.values()}) == 1
    assert len(broker.stories) == 1


def test_editing_an_origin_reads_no_copy_back() -> None:
    broker = Broker()
    offsets: list[int] = []
    read_back = broker.read_back

    async def counted(offset: int) -> Any:
        offsets.append(offset)
        return await read_back(offset)

    broker.read_back = counted  # type: ignore[method-assign]  # a spy

    async def main() -> None:
        process = Process(broker)
        await process.take(about("a", text=TEXT), about("b", text=EDITED, minute=2))
        await process.take(about("a", text=f"{TEXT} new", minute=3))

    asyncio.run(main())

    assert offsets == []


@pytest.mark.parametrize("canonical", ["a", None])
def test_of_signs_that_disagree_the_page_itself_is_believed_then_the_exact_text(
    canonical: str | None,
) -> None:
    """Near: to the oldest; exact: another; canonical: a third."""
    raw = {"canonical_url": f"https://{canonical}.example/1"} if canonical else {}

    broker = run(
        [about("near", text=EDITED, minute=1), about("a", "vote", minute=2),
         about("exact", text=TEXT, minute=3), about("copy", text=TEXT, minute=4, raw=raw)],
    )  # fmt: skip

    assert last(broker, "copy").origin_article_id == article_id(canonical or "exact")
    assert last(broker, "exact").origin_article_id == article_id("near")


def test_nearest_text_counts_where_no_other_sign_does() -> None:
    broker = run([about("a", text=TEXT)], [about("b", text=EDITED, minute=2)])

    assert last(broker, "b").role_reasons == ("in_earlier",)


def test_source_that_names_this_one_is_not_its_origin() -> None:
    """A fast aggregator has a cut text before the publisher is seen."""
    fast = about("b", text=EDITED, minute=1, raw={"canonical_url": "https://a.example/1"})

    broker = run([fast], [about("a", text=TEXT, minute=2, rights=RESERVED)])

    assert (last(broker, "a").role, last(broker, "a").origin_article_id) == ("original", None)
    assert last(broker, "b").origin_article_id == article_id("a")
    assert display(last(broker, "b")) == "snippet"


def test_killed_article_is_nobodys_origin_but_stays_that_of_its_copies() -> None:
    broker = run(
        [about("a", text=TEXT), about("b", text=EDITED, minute=2)],
        [killed("a", 3)],
        [about("c", text=TEXT, minute=4)],
    )

    assert display(last(broker, "b")) == "snippet"
    assert last(broker, "b").origin_article_id == article_id("a")
    assert last(broker, "c").origin_article_id in (article_id("a"), article_id("b"))


def signed(article: EnrichedArticle, text: str | None = None) -> EnrichedArticle:
    """The article with the signature of its text, or of another text, as enrich sends it."""
    made = sign_text(article.text if text is None else text)
    assert made is not None
    signature = TextSignature(shingle_count=made.shingle_count, hashes=made.hashes)
    return replace(article, text_signature=signature)


def test_article_with_its_signature_is_grouped_as_one_without() -> None:
    """An older enrich stage may still run: then the signature is made here."""
    articles = [about("a", text=TEXT, rights=RESERVED), about("b", text=EDITED, minute=2)]

    without = run(articles)
    sent = run([signed(each) for each in articles])

    assert last(sent, "b").origin_article_id == article_id("a")
    assert (sent.grouped, sent.state) == (without.grouped, without.state)
    assert all(item.enriched and item.enriched.text_signature is None for item in sent.grouped)


def test_signature_that_was_sent_is_not_made_again() -> None:
    other = about("b", text=EDITED, minute=2)
    broker = run([about("a", text=TEXT), signed(other, text_of("other", 120))])
    assert last(broker, "b").role == "original"


def test_repeated_records_say_the_same_again() -> None:
    broker = Broker()

    async def main() -> None:
        process = Process(broker)
        await process.take(
            about("a", text=TEXT, rights=RESERVED), about("b", text=EDITED, minute=2)
        )
        before = (dict(broker.state), dict(broker.stories), len(broker.told))
        await process.take_again(0, 1)
        assert (broker.state, broker.stories, len(broker.told)) == before

    asyncio.run(main())

    again = {item.article_id: item for item in broker.grouped[2:]}
    first = {item.article_id: item for item in broker.grouped[:2]}
    for key, item in again.items():
        assert (item.role, item.role_reasons, item.story_reasons, item.story_id) == (
            first[key].role, first[key].role_reasons, first[key].story_reasons,
            first[key].story_id,
        )  # fmt: skip

"""A watch query as a query of the real index: it finds what is true of an article, or more."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from cli_on_servers import index_documents
from sample_documents import document
from watch_articles import RIGHTS, Named, decision, grouped_article

from dateline.endpoints import search_client
from dateline.records import GroupedArticle
from dateline.rights.record import PURPOSES, Decision
from dateline.search.article_queries import HIDDEN
from dateline.search.find_articles import ask
from dateline.search.templates import articles_index
from dateline.search.watch_queries import Estimate, es_query, estimate_per_day, is_exact
from dateline.settings import Settings
from dateline.watches.article_view import view_article
from dateline.watches.evaluate import evaluate
from dateline.watches.parse_query import parse_query
from processors.index.build_document import build_document

pytestmark = pytest.mark.integration

BAGHERI = Named(name="Ali Bagheri", aliases=("Bagheri",), holder_of="ir")
KHULAIFI = Named(name="Mohammed bin Abdulaziz al-Khulaifi", aliases=("al-Khulaifi",))
AZIZ = Named(name="Abd al-Aziz Al Saud", aliases=("Abdulaziz",), country_code="sa")
TOLKIEN = Named(name="J.R.R. Tolkien")
CHAVEZ = Named(name="Hugo Chávez", aliases=("Chávez",), qid="Q8440", country_code="ve")
JCPOA = Named(name="JCPOA", entity_type="law", qid="Q576", aliases=("nuclear deal",))
ENERGY = Named(name="Qatar Energy Co.", entity_type="organization", country_code="qa")
SPENCER = Named(name="Marks & Spencer", entity_type="organization", country_code="gb")
STATE = Named(name="U.S.", entity_type="place", qid="Q30", country_code="us")
TOKYO = Named(name="東京タワー", entity_type="facility", country_code="jp")
NAMES = (BAGHERI, KHULAIFI, AZIZ, TOLKIEN, CHAVEZ, JCPOA, ENERGY, SPENCER, STATE, TOKYO)

TEXTS = (
    "Ali Bagheri met Mohammed bin Abdulaziz al-Khulaifi in Doha. They spoke of sanctions relief.",
    "Mohammed Bin Abdul Aziz Al Khulaifi spoke. Bagheri's visit to Qatar ends on Monday.",
    "Hugo Chávez spoke in Caracas; the U.S. was silent. Chávez's aides met nobody.",
    "Chavez fans, it's said, were in the streets of São Paulo, Malmö and Łódź.",
    "The U.S. envoy said: ‘Iran’s talks’ on the JCPOA, the nuclear deal, go on. It's for us all.",
    "Qatar Energy Co. signs with Marks & Spencer in London for 3.5 billion, or 1,000 a day.",
    "Qatar Energy signs nothing. Nuclear talks in Vienna: no deal, no relief, no talks.",
    "Abd al-Aziz Al Saud received Abdulaziz. The Qur'an was read by J.R.R. Tolkien's reader.",
    "東京タワーの近くで核協議が行われた。 ประเทศไทย และ Nguyễn Văn An",
    "Sanktionen: die Straße nach Ærø, ein Café in der Größe von 1,000 Metern.",
    "talks talks talks about talks. Relief of sanctions came late, said al-Khulaifi.",
    "نووی توافق: ایران و قطر، گفت‌وگوهای إيران مع قطر، أحمد",
    "On Monday the nuclear agency, not the government, spoke of nuclei and of nucleotides.",
    "Doha hosts talks on the nuclear file; Doha talks end.",
    "Nobody spoke.",
)
TITLES = ("Doha talks end", "Iran’s nuclear file", "Chávez in Doha", "No deal", "")
TIERS = {
    "shown": decision("full", "full"),
    "searched": decision("full_internal", "snippet", 40),
    "cut": decision("snippet", "snippet", 40),
    "bare": decision("metadata_only", "metadata_only"),
    "hidden": decision("no_index", "no_index"),
}


def in_all_purposes(given: Decision) -> tuple[Decision, ...]:
    return tuple(replace(given, purpose=purpose) for purpose in PURPOSES)


def made_up_articles() -> Iterator[GroupedArticle]:
    languages, sources = ("en", "fr", "de"), ("wire.example", "Mehr.example")
    for number, text in enumerate(TEXTS):
        named = tuple(each for each in NAMES if any(f in text for f in (each.name, *each.aliases)))
        for at, (tier, given) in enumerate(TIERS.items()):
            yield grouped_article(
                text, named, key=f"{number}-{tier}",
                title=TITLES[(number + at) % len(TITLES)] or "Untitled",
                enriched={
                    "language": languages[(number + at) % 3],
                    "rights": RIGHTS if number % 2 else replace(
                        RIGHTS, spdx_expression="LicenseRef-Reserved", family="reserved"
                    ),
                },
                source_id=sources[number % 2],
                decisions=in_all_purposes(given),
                pub_status="withheld" if (number, tier) == (0, "shown") else "usable",
            )  # fmt: skip


ARTICLES = {each.article_id: each for each in made_up_articles()}
VIEWS = {key: view for key, each in ARTICLES.items() if (view := view_article(each)) is not None}

# Of these the index finds exactly what is true, of the next it may find more.
EXACT = (
    "doha", "DOHA'S", "iran", "chavez", "Chávez", "us", "U.S.", "quran", "lodz", "malmo", "sao",
    "strasse", "aero", "cafe", "nguyen", "3.5", "1,000", "1000", "核", "近く", "東京", "ايران",
    "أحمد", "گفت‌وگوهای", "dont", "its", '"nuclear talks"', '"sanctions relief"', '"us envoy"',
    '"iran talks"', '"talks on the"', '"核協議"', "nucl*", "nuclei*", "ira*", "cha*",
    '"the nuclear agenc*"', "title:doha", 'title:"doha talks"', "title:nucl*", "body:doha",
    "entity:Q8440", "entity:Q576", "entity:Q999", "type:person", "type:organization", "country:qa",
    "country:us", "source:wire.example", "source:mehr.example", "source:wire", "license:cc",
    "license:cc-by-4.0", "license:CC-BY-3.0", "lang:en", "lang:de", "doha talks", "doha OR caracas",
    "doha NOT talks", "country:qa NOT type:person", "talks NOT (doha OR nuclear)",
    "lang:en (doha OR talks) NOT title:talks", "nuclear NEAR/1 talks", "talks NEAR/3 nuclear",
    "talks NEAR/4 nuclear", '"doha talks" NEAR/2 end', "relief NEAR/1 sanctions",
    "relief NEAR/2 sanctions", "doha NOT title:doha", "the NEAR/2 nucl*",
    "talks NOT (nuclear NEAR/9 talks)",
)  # fmt: skip
MORE = (
    'entity:"ali bagheri"', "entity:Bagheri", 'entity:"Mohammed bin Abdul Aziz al-Khulaifi"',
    'entity:"Mohammed Abdulaziz"', "entity:al-Khulaifi", 'entity:"Abdul-Aziz Al Saud"',
    "entity:Abdulaziz", 'entity:"JRR Tolkien"', 'entity:"J. R. R. Tolkien"', "entity:Tolkien",
    "entity:Chavez", 'entity:"Hugo CHÁVEZ"', 'entity:"qatar energy"', 'entity:"The Qatar Energy"',
    'entity:"Marks and Spencer"', "entity:US", "entity:U.S.", "entity:東京タワー", "タワー",
    '"東京タワー"', "ประเทศไทย", "entity:JCPOA country:us",
    "SENTENCE(type:organization country:qa)", "SENTENCE(nuclear talks)", "SENTENCE(doha NOT talks)",
    "entity:Q576 NEAR/5 nuclear", "type:person NEAR/3 doha", "(paris OR relief) NEAR/3 sanctions",
    "(doha OR talks) NEAR/5 nuclear", '"the nuc*"', '"nuclear fil*" OR doha',
    "doha NOT SENTENCE(talks end)", "doha NOT entity:Bagheri",
    "talks NEAR/2 talks", 'talks NOT "nuclear tal*"',
)  # fmt: skip


@pytest.fixture
def find(pipeline_settings: Settings) -> Iterator[Callable[[str], set[str]]]:
    """Return what the real index finds for a query, among all made-up articles."""
    index_documents(pipeline_settings, [build_document(each) for each in ARTICLES.values()])
    index = articles_index(pipeline_settings)
    with search_client(pipeline_settings) as client:

        def found(text: str) -> set[str]:
            request = {"query": es_query(parse_query(text)), "size": 1000, "_source": False}
            answer = ask(client, index.read_alias, request)
            return {hit["_id"] for hit in answer["hits"]["hits"]}

        yield found


def truth(text: str) -> set[str]:
    query = parse_query(text)
    return {key for key, view in VIEWS.items() if evaluate(query, view) is not None}


def told(keys: set[str]) -> Mapping[str, str]:
    """Return the articles as a reader of a failed test wants to see them."""
    return {key[:8]: ARTICLES[key].enriched.text for key in keys if ARTICLES[key].enriched}


def test_index_finds_what_is_true_of_an_article_or_more(
    find: Callable[[str], set[str]],
) -> None:
    rest = random_queries()
    for text in (*EXACT, *MORE, *rest):
        found, wanted = find(text), truth(text)

        assert not told(wanted - found), text
        if is_exact(parse_query(text)):
            assert not told(found - wanted), text
    assert all(is_exact(parse_query(text)) for text in EXACT)
    assert not any(is_exact(parse_query(text)) for text in MORE)
    # Neither side says no to everything, or yes.
    sizes = [len(truth(text)) for text in (*EXACT, *rest)]
    assert sum(0 < size < len(VIEWS) for size in sizes) > len(sizes) // 2


def random_queries() -> list[str]:
    choose = random.Random(7)  # noqa: S311 (made-up queries)
    parts = [text for text in (*EXACT, *MORE) if " " not in text]

    def made(depth: int) -> str:
        if not depth:
            return choose.choice(parts)
        one, other = made(depth - 1), made(choose.randrange(depth))
        form = choose.choice(("({0}) ({1})", "({0}) OR ({1})", "({0}) NOT ({1})"))
        return form.format(one, other)

    return [made(choose.choice((1, 2, 3))) for _ in range(120)]


def test_estimate_counts_the_live_articles_of_the_last_seven_days(
    pipeline_settings: Settings,
) -> None:
    now = datetime.now(UTC)
    days_ago = [0.1, 0.2, 0.3, 2.5, 2.6, 6.9, 7.1, 30]
    shown = {"title": "Doha talks", "rights": document("x").rights}
    documents = [
        document(f"k{at}", first_seen_at=now - timedelta(days=age), source_id=f"s{at % 2}", **shown)
        for at, age in enumerate(days_ago)
    ]
    backfilled = document("b", first_seen_at=now - timedelta(days=1), origin="backfill", **shown)
    with search_client(pipeline_settings) as client:
        index = articles_index(pipeline_settings)
        nothing = estimate_per_day(client, index, parse_query("doha"))
        index_documents(pipeline_settings, [*documents, backfilled])

        estimate = estimate_per_day(client, index, parse_query("doha"))
        other = estimate_per_day(client, index, parse_query("paris"))

    assert nothing == Estimate(per_day=0.0, match_count=0, days=0)
    assert nothing.verdict(200).startswith("nothing was indexed")
    # Six of them on three days; one is older than a week.
    assert estimate == Estimate(per_day=2.0, match_count=6, days=3, sources=(("s0", 3), ("s1", 3)))
    assert estimate.verdict(2) == "about 2 a day"
    assert estimate.verdict(1) == "about 2 a day; narrow it"
    assert other == Estimate(per_day=0.0, match_count=0, days=3)
    assert other.verdict(1) == "0 in the last 3 days"


def test_largest_query_is_answered(pipeline_settings: Settings) -> None:
    words = " OR ".join(f"w{number:02}érgänzung*" if number < 20 else f"wörd{number}xyz"
                        for number in range(200))  # fmt: skip
    phrases = " OR ".join(['"' + "talk " * 30 + '"'] * 16)
    near = "(" + " OR ".join(f"wörd{n}" for n in range(90)) + ") NEAR/100 (" + " OR ".join(
        f"term{n}" for n in range(90)) + ")"  # fmt: skip
    names = " OR ".join(f'entity:"name{n} of {n} abdul"' for n in range(200))
    deep = "(a1 OR " * 20 + "b1" + ")" * 20
    index = articles_index(pipeline_settings)
    index_documents(pipeline_settings, [build_document(each) for each in ARTICLES.values()])
    with search_client(pipeline_settings) as client:
        for text in (words, phrases, near, names, deep):
            estimate = estimate_per_day(client, index, parse_query(text))

            assert estimate.match_count == 0


def test_articles_that_search_may_not_show_are_not_found(
    find: Callable[[str], set[str]],
) -> None:
    found = find("source:wire.example OR source:mehr.example")

    assert {ARTICLES[key].decisions[0].display for key in found} == {
        "full", "snippet", "metadata_only",
    }  # fmt: skip
    assert all(ARTICLES[key].pub_status == "usable" for key in found)
    assert HIDDEN[0] in es_query(parse_query("doha"))["bool"]["must_not"]

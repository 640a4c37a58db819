"""Search over HTTP: the pages, the API and the feed, on real servers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any
from urllib.parse import urlencode

import feedparser
import pytest
from cli_on_servers import index_documents
from sample_documents import FIRST_SEEN_AT, RIGHTS, document, snippet_document, tombstone
from test_story_and_entity_cli import (
    COPY,
    FIRST,
    LATE,
    LISBON,
    LONE,
    MARTA,
    MARTA_HERE,
    MARTA_RECORD,
    MARTHA,
    MARTHA_RECORD,
    OLD,
    OLD_RECORD,
    STORY,
    STORY_RECORD,
    about,
)
from web_client import Client
from web_on_servers import running_web

from dateline.records import DecisionFilter, DecisionFilters, SearchDocument, StoryRecord
from dateline.rights.record import Access
from dateline.settings import Settings

pytestmark = pytest.mark.integration

HOSTILE = "<img src=x onerror=alert(1)>{{7*7}}</mark><script>pier</script>"
UNSHOWN = "quaggas munched zwieback"
NO_INDEX = DecisionFilters(
    public_search=DecisionFilter(
        policy_id="p@1", store="no_index", display="no_index", export=False, ai_use="denied"
    )
)
LAKE = document("lake", title="Lake", summary="x", body="x", body_chars=1, mentions=())
FAR = datetime(9000, 1, 1, tzinfo=UTC)


@pytest.fixture
def web(pipeline_settings: Settings) -> Iterator[Client]:
    with running_web(pipeline_settings) as url:
        yield Client(url)


def hidden_articles() -> dict[str, SearchDocument]:
    """Return articles of which nothing may be shown, each as one that knows a secret.

    The index stage leaves out what may not be shown; here it is in the fields all the same.
    """
    texts: dict[str, Any] = {
        "title": f"Title {UNSHOWN}", "summary": UNSHOWN, "body": f"{UNSHOWN}.",
        "body_chars": len(UNSHOWN) + 1, "mentions": (), "story_id": STORY,
        "document_entities": (MARTA_HERE,), "entity_ids": (MARTA,),
    }  # fmt: skip
    embargoed = replace(RIGHTS, access=Access(embargoed_until=FAR))
    expired = replace(RIGHTS, access=Access(expires_at=FIRST_SEEN_AT))
    return {
        "no_index": document("no-index", decision=NO_INDEX, **texts),
        "embargoed": document("embargoed", rights=embargoed, **texts),
        "expired": document("expired", rights=expired, **texts),
    }


def test_results_are_stories_with_copies_folded_and_a_licence_beside_each_text(
    web: Client, pipeline_settings: Settings
) -> None:
    index_documents(pipeline_settings, [FIRST, COPY, LATE, LONE, STORY_RECORD])
    page = web.get("/?q=pier")
    assert page.status == 200, page.text
    assert page.text.count("<article>") == 2  # of four articles in two stories
    assert "2 stories, 4 articles" in page.text
    assert "3 articles in this story, 1 of them copied" in page.text
    assert "<mark>pier</mark>" in page.text
    assert page.text.count("CC-BY-4.0 (granted)</a>") == 2
    assert page.text.count("“New pier” by Coast Wire, CC BY 4.0") == 2
    assert 'href="/alerts"' in page.text
    assert 'href="/"' in web.get("/alerts").text
    every = web.get("/?q=pier&collapse=false")
    assert every.text.count("<article>") == 4


def test_facets_are_links_that_narrow_the_search_down(
    web: Client, pipeline_settings: Settings
) -> None:
    index_documents(pipeline_settings, [FIRST, COPY, LATE, LONE])
    text = web.get("/?q=pier").text
    links = {
        unescape(label): unescape(address)
        for address, label in re.findall(r'<li><a href="([^"]+)" dir="auto">([^<]+)</a>', text)
    }
    assert links["other-wire"] == "/?q=pier&source=other-wire"
    assert links["en"] == "/?q=pier&lang=en"
    assert links["no licence named"] == "/?q=pier&license=NOASSERTION"
    assert links["Marta Oliveira"] == f"/?q=pier&entity={MARTA}"
    assert links["Lisbon"] == "/?q=pier&place=Lisbon"
    for label in links:
        found = web.get(links[label]).text
        assert "<article>" in found, label
        assert 'aria-label="Filters in force"' in found
    narrowed = web.get(links["other-wire"]).text
    assert narrowed.count("<article>") == 1
    assert '<a href="/?q=pier">remove' in narrowed
    assert '<input type="hidden" name="source" value="other-wire">' in narrowed
    assert web.get("/?q=pier&since=2026-11-20T11:00Z").text.count("<article>") == 1
    assert web.get("/?q=pier&until=2026-11-19").text.count("<article>") == 0


def test_pages_follow_without_repeating_or_leaving_out(
    web: Client, pipeline_settings: Settings
) -> None:
    articles = [
        document(f"n{number}", title=f"Pier {number}", first_seen_at=FIRST_SEEN_AT)
        for number in range(23)
    ]
    index_documents(pipeline_settings, articles)
    for number, asked in enumerate(("q=pier", "collapse=false", "q=pier&collapse=false", "")):
        address, seen = f"/?limit=5&{asked}", list[str]()
        while address:
            text = web.get(address).text
            seen += re.findall(r'<h3><a href="/articles/([0-9a-f]{64})"', text)
            found = re.search(r'<a rel="next" href="([^"]+)"', text)
            address = unescape(found[1]) if found else ""
            if len(seen) == 5:  # what comes meanwhile is not pushed into the pages behind
                later = datetime.now(UTC) + timedelta(seconds=1)
                news = document(f"late-{number}", title="Pier", first_seen_at=later)
                index_documents(pipeline_settings, [news])
        assert len(seen) == len(set(seen))
        assert {each.article_id for each in articles} <= set(seen)


def test_a_cursor_that_is_none_is_told_under_the_box(
    web: Client, pipeline_settings: Settings
) -> None:
    index_documents(pipeline_settings, [document(str(number)) for number in range(3)])
    text = web.get("/?q=pier&limit=1").text
    (address,) = re.findall(r'<a rel="next" href="([^"]+)"', text)
    cursor = unescape(address).partition("cursor=")[2]
    assert web.get(f"/?q=pier&limit=1&cursor={cursor}").status == 200
    for wrong in ("x", "%C3%A9", cursor[:-2], cursor[:-4] + "AAAA", "A" * 90):
        answer = web.get(f"/?q=pier&limit=1&cursor={wrong}")
        assert answer.status == 400, wrong
        assert "This cursor is not known here" in answer.text
    other = web.get(f"/?q=dock&limit=1&cursor={cursor}")
    assert other.status == 400


def test_a_query_that_cannot_be_read_is_marked_at_the_character(web: Client) -> None:
    page = web.get("/?q=%22%3Ci%3E%22+pier+AND+titel:x")
    assert page.status == 422
    assert "<code>&#34;&lt;i&gt;&#34; pier AND <mark>t</mark>itel:x</code>" in page.text
    assert "did you mean `title:`?" in unescape(page.text)
    assert 'value="&#34;&lt;i&gt;&#34; pier AND titel:x"' in page.text
    for wrong in ("since=soon", "limit=0", "limit=x", "collapse=perhaps", "sort=x", "entity=Nobody",
                  "story=zz", "q=" + "x" * 600, "entity=" + "x" * 400,
                  "&".join(f"place=p{n}" for n in range(80))):  # fmt: skip
        answer = web.get(f"/?{wrong}")
        assert answer.status == 422, wrong
        assert 'role="alert"' in answer.text


def test_a_long_question_is_answered_or_refused_but_no_error(web: Client) -> None:
    index_words = [f"w{number}" for number in range(60)]
    asked = (
        " ".join(index_words), " OR ".join(index_words), " NEAR/5 ".join(index_words[:20]),
        " ".join(f"{each}*" for each in index_words[:30]), "*", "a*", "*a", "(" * 40, "NOT x",
        '"' + " ".join(index_words) + '"', "SENTENCE(a b c)", "entity:*", "title:(a OR b)",
        "--", "|",
    )  # fmt: skip
    for words in asked:
        status = web.get(f"/v1/search?{urlencode({'q': words})}").status
        assert status in (200, 422), (words, status)


def test_an_empty_index_says_so(web: Client) -> None:
    page = web.get("/")
    assert page.status == 200
    assert "Nothing is indexed yet" in page.text


def test_hostile_texts_stay_texts(web: Client, pipeline_settings: Settings) -> None:
    marta = replace(MARTA_HERE, name=HOSTILE, text=HOSTILE, aliases=(HOSTILE,))
    hostile = about(
        "hostile", marta, title=HOSTILE, summary=HOSTILE, body=f"{HOSTILE} \u202epier\ue000 x",
        body_chars=len(HOSTILE) + 9, mentions=(), url="javascript:alert(1)",
        source_id=HOSTILE[:40], publisher=HOSTILE, authors=(HOSTILE,), language="en",
        story_reasons=(HOSTILE,),
        rights=replace(
            RIGHTS, license_uri="javascript:alert(2)", licensor=HOSTILE, notes=(HOSTILE,),
            evidence=(replace(RIGHTS.evidence[0], quote=HOSTILE, source_url="data:text/html,x"),),
        ),
    )  # fmt: skip
    index_documents(pipeline_settings, [hostile, STORY_RECORD])
    for path in (
        "/?q=pier", f"/articles/{hostile.article_id}", f"/stories/{STORY}", f"/entities/{MARTA}"
    ):  # fmt: skip
        page = web.get(path)
        assert page.status == 200, (path, page.text)
        for bad in ("<img", "<script>pier", "javascript:", "data:", "\u202e", "\ue000", ">49<"):
            assert bad not in page.text, (path, bad)
        assert "&lt;img src=x" in page.text, path
        assert page.headers["content-security-policy"].startswith("default-src 'none'; ")


def test_an_article_has_its_names_marked_and_its_licence_to_copy(
    web: Client, pipeline_settings: Settings
) -> None:
    index_documents(pipeline_settings, [FIRST, LATE])
    page = web.get(f"/articles/{FIRST.article_id}")
    assert page.status == 200
    assert f'href="/entities/{MARTA}">Marta Oliveira</a>' in page.text
    assert 'title="organization">Harbour Trust</span>' in page.text
    assert "12 million euros</" not in page.text  # quantities are not marked
    assert re.search(r"<textarea[^>]*readonly[^>]*>“New pier” by Coast Wire, CC BY 4.0<", page.text)
    assert "Content by Coast Wire is licensed under CC BY 4.0</q>" in page.text
    assert "revision 1" in page.text
    assert "public search: show full, export allowed" in page.text
    short = web.get(f"/articles/{LATE.article_id}").text
    assert "dock workers" not in short
    assert re.search(r"The text is withheld by its licence: \d+ of \d+ characters shown", short)
    for none in ("0" * 64, "x", FIRST.article_id[:12], FIRST.article_id.upper()):
        assert web.get(f"/articles/{none}").status == 404


def test_a_story_has_its_articles_in_order_with_reasons(
    web: Client, pipeline_settings: Settings
) -> None:
    index_documents(pipeline_settings, [FIRST, COPY, LATE, STORY_RECORD, OLD_RECORD])
    page = web.get(f"/stories/{STORY}")
    assert page.status == 200
    places = [page.text.index(each.article_id) for each in (FIRST, COPY, LATE)]
    assert places == sorted(places)
    assert "9 of 10 sentences in common" in page.text
    assert "a bar is one hour, at most 1" in page.text
    assert "5 of 8 names in common" in page.text
    merged = web.get(f"/stories/{OLD}").text
    assert f"The story <code>{OLD[:12]}</code> has become part of this one" in merged
    assert web.get(f"/stories/{'0' * 64}").status == 404
    assert web.get("/stories/x").status == 404


def test_an_entity_has_its_names_and_latest_stories(
    web: Client, pipeline_settings: Settings
) -> None:
    index_documents(pipeline_settings, [FIRST, COPY, LATE, MARTA_RECORD, MARTHA_RECORD])
    page = web.get(f"/entities/{MARTA}")
    assert page.status == 200
    assert "Martha Oliveira (1)" in page.text
    assert "chair of the Harbour Trust (1)" in page.text
    assert page.text.count("<article>") == 1  # two articles of one story
    assert f'href="/entities/{LISBON}"' in page.text
    assert web.get(f"/entities/{MARTHA}").text == page.text
    assert "https://www.wikidata.org/wiki/Q597" in web.get(f"/entities/{LISBON}").text
    for none in ("Q1", "0" * 64, "Marta", "Q0"):
        assert web.get(f"/entities/{none}").status == 404


def test_nothing_hidden_comes_through_any_page(web: Client, pipeline_settings: Settings) -> None:
    hidden = hidden_articles()
    killed = replace(tombstone(), title=f"Title {UNSHOWN}", story_id=STORY)
    snippet = snippet_document("snippet", body_internal=f"The harbour {UNSHOWN}", story_id=STORY)
    record = StoryRecord(
        story_id=STORY, root_article_id=killed.article_id, title=f"Title {UNSHOWN}",
        main_article_id=hidden["no_index"].article_id, first_at=FIRST_SEEN_AT,
        last_at=FIRST_SEEN_AT, article_count=6,
    )  # fmt: skip
    index_documents(pipeline_settings, [*hidden.values(), killed, snippet, record])
    asked = [
        *((f"/articles/{each.article_id}", 404) for each in hidden.values()),
        (f"/articles/{killed.article_id}", 410), (f"/articles/{snippet.article_id}", 200),
        (f"/stories/{STORY}", 200), (f"/stories/{hidden['embargoed'].article_id}", 200),
        (f"/entities/{MARTA}", 404), ("/", 200), ("/?q=zwieback", 200),
        (f"/?story={STORY}&collapse=false", 200), (f"/?entity={MARTA}", 422),
    ]  # fmt: skip
    asked += [
        *((f"/v1{path}", status) for path, status in asked if path.count("/") == 2),
        ("/v1/search", 200), ("/v1/search?q=zwieback&collapse=false", 200),
        (f"/v1/search?story={STORY}&collapse=false", 200), ("/v1/search.atom", 200),
        ("/v1/search.atom?q=zwieback", 200),
    ]  # fmt: skip
    for path, status in asked:
        answer = web.get(path)
        assert answer.status == status, (path, answer.text)
        told = answer.text.replace('value="zwieback"', "").replace("q=zwieback", "")
        told = told.replace("Search: zwieback", "").replace("<title>zwieback", "")
        for word in UNSHOWN.split():
            assert word not in told, (path, word)
    # Found by a word that may not be shown, and shown without it.
    assert snippet.article_id in web.get("/?q=zwieback").text
    assert "the source withdrew it" in web.get(f"/articles/{killed.article_id}").text


def test_a_search_in_json_has_pages_facets_and_a_tag(
    web: Client, pipeline_settings: Settings
) -> None:
    index_documents(pipeline_settings, [FIRST, COPY, LATE, LONE])
    answer = web.get("/v1/search?q=pier&limit=1")
    value = answer.json()
    assert (value["total"], value["stories"], len(value["hits"])) == (4, 2, 1)
    assert {"value": "en", "label": "en", "count": 4} in value["facets"]["lang"]
    assert {"value": MARTA, "label": "Marta Oliveira", "count": 2} in value["facets"]["entity"]
    behind = web.get(f"/v1/search?q=pier&limit=1&cursor={value['next_cursor']}").json()
    assert behind["next_cursor"] is None
    assert {value["hits"][0]["story_id"], behind["hits"][0]["story_id"]} == {
        FIRST.story_id, LONE.story_id,
    }  # fmt: skip
    again = web.get("/v1/search?q=pier&limit=1", If_None_Match=answer.headers["etag"])
    assert (again.status, again.body) == (304, b"")
    index_documents(pipeline_settings, [document("new")])
    assert web.get("/v1/search?q=pier&limit=1", If_None_Match=answer.headers["etag"]).status == 200
    folded = next(each for each in (value["hits"][0], behind["hits"][0]) if each["story_size"])
    assert folded["rights"]["attribution"]["text"]
    for wrong, status in (
        ("q=pier+AND+titel:x", 422), ("soruce=x", 400), ("cursor=x", 400), ("since=soon", 422),
    ):  # fmt: skip
        problem = web.get(f"/v1/search?{wrong}")
        assert problem.status == status, wrong
        assert problem.headers["content-type"] == "application/problem+json"
    assert web.get("/v1/search?q=pier+AND+titel:x").json()["position"] == 9


def test_articles_stories_and_entities_are_json_with_a_tag(
    web: Client, pipeline_settings: Settings
) -> None:
    bad = document("bad", url="javascript:alert(1)")
    bad = replace(bad, rights=replace(RIGHTS, license_uri="javascript:alert(1)"))
    killed = tombstone()
    index_documents(
        pipeline_settings,
        [FIRST, COPY, LATE, bad, killed, STORY_RECORD, MARTA_RECORD, MARTHA_RECORD],
    )
    article = web.get(f"/v1/articles/{FIRST.article_id}")
    assert article.json()["article"]["body"] == FIRST.body
    assert "body_internal" not in article.json()["article"]
    story = web.get(f"/v1/stories/{STORY}")
    assert [each["article_id"] for each in story.json()["articles"]] == [
        each.article_id for each in (FIRST, COPY, LATE)
    ]
    entity = web.get(f"/v1/entities/{MARTA}")
    assert entity.json()["entity"]["name"] == "Marta Oliveira"
    assert len(entity.json()["latest"]) == 2
    assert len(entity.json()["stories"]) == 1
    for path, answer in (
        (f"/v1/articles/{FIRST.article_id}", article), (f"/v1/stories/{STORY}", story),
        (f"/v1/entities/{MARTA}", entity),
    ):  # fmt: skip
        assert web.get(path, If_None_Match=answer.headers["etag"]).status == 304
    assert "javascript:" not in web.get(f"/v1/articles/{bad.article_id}").text
    assert "javascript:" not in web.get("/v1/search?q=pier").text
    gone = web.get(f"/v1/articles/{killed.article_id}")
    assert (gone.status, gone.json()["kill_reason"]) == (410, "the source withdrew it")
    for path in ("articles", "stories", "entities"):
        assert web.get(f"/v1/{path}/{'0' * 64}").status == 404
        assert web.get(f"/v1/{path}/x").headers["content-type"] == "application/problem+json"


def test_a_search_is_followed_as_atom(web: Client, pipeline_settings: Settings) -> None:
    hostile = document("hostile", title=f"{HOSTILE}\x00\x1b", url="javascript:alert(1)")
    index_documents(pipeline_settings, [FIRST, hostile, LAKE])
    answer = web.get("/v1/search.atom?q=pier&source=coast-wire")
    assert answer.headers["content-type"] == "application/atom+xml"
    feed = feedparser.parse(answer.body, resolve_relative_uris=False, sanitize_html=False)
    assert not feed.bozo
    assert feed.feed.title == "Search: pier"
    assert [each.title for each in feed.entries] == [HOSTILE, "Pier opens"]
    assert feed.entries[0].link == f"{web.url}/articles/{hostile.article_id}"
    assert feed.entries[1].link == FIRST.url
    assert feed.entries[1].rights == "“New pier” by Coast Wire, CC BY 4.0"
    assert "Licence: CC-BY-4.0 (granted), Coast Wire." in feed.entries[1].content[0].value
    assert "<mark>" not in answer.text
    tag = answer.headers["etag"]
    path = "/v1/search.atom?q=pier&source=coast-wire"
    assert web.get(path, If_None_Match=tag).status == 304
    assert web.get("/v1/search.atom?cursor=x").status == 400
    page = web.get("/?q=pier&sort=newest&limit=5&source=coast-wire").text
    (linked,) = re.findall(r'<link rel="alternate"[^>]*href="([^"]+)"', page)
    assert unescape(linked) == path
    empty = web.get("/v1/search.atom?q=nowhere")
    assert not feedparser.parse(empty.body).bozo

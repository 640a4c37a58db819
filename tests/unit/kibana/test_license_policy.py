"""Kibana offers no field whose text may not be shown, and follows search where text is shown."""

from __future__ import annotations

import json
from typing import Any, get_args

import pytest

from dateline.kibana.conditions import Condition, query
from dateline.kibana.declarations import Declarations, Search, View, load_declarations
from dateline.kibana.fields import mapped_fields
from dateline.kibana.saved_objects import build_objects
from dateline.kibana.used_fields import Use, used_fields
from dateline.records import PubStatus
from dateline.search.article_queries import HIDDEN, SHOWN_STATUS
from dateline.search.templates import MAPPINGS, load_mapping

DECLARED = load_declarations()
USES = list(used_fields(DECLARED))
ARTICLE_VIEWS = [view for view in DECLARED.views if view.mapping == "articles.json"]


def is_content(view: View, field: str) -> bool:
    return any(field == each or field.startswith(f"{each}.") for each in view.content)


def plain(clause: dict[str, Any]) -> dict[str, Any]:
    if "terms" in clause:
        ((field, (value,)),) = clause["terms"].items()
        return {"term": {field: value}}
    return clause


def test_no_panel_search_or_rule_names_a_hidden_field() -> None:
    for use in USES:
        assert use.field not in DECLARED.view(use.view).hidden, use


def test_no_object_mentions_the_internal_text_but_to_hide_it() -> None:
    for saved in build_objects(DECLARED):
        attributes = dict(saved["attributes"])
        hidden = attributes.pop("sourceFilters", "[]")
        assert "body_internal" not in json.dumps(attributes), saved["id"]
        if attributes.get("title") == "news-articles":
            assert {"value": "body_internal"} in json.loads(hidden)


@pytest.mark.parametrize("view", DECLARED.views, ids=lambda view: view.id)
def test_what_the_index_leaves_out_of_its_documents_is_hidden(view: View) -> None:
    excluded = load_mapping(MAPPINGS / view.mapping)["mappings"].get("_source", {})
    assert set(excluded.get("excludes", ())) <= set(view.hidden)
    assert set(view.hidden) <= set(mapped_fields(view))


def test_no_text_of_an_article_is_counted() -> None:
    texts = {"title", "summary", "body", "body_internal", "quotations", "mentions", "key_phrases"}
    counted = {use.field.partition(".")[0] for use in USES if use.is_counted}
    assert not counted & texts


def test_fields_of_articles_that_hold_names_or_text_are_known_as_content() -> None:
    names = {"title", "summary", "body", "entities", "quotations", "mentions", "document_entities"}
    assert len(ARTICLE_VIEWS) > 1
    for view in ARTICLE_VIEWS:
        assert names <= set(view.content)
        for field, mapped in mapped_fields(view).items():
            if mapped.type == "text" and "." not in field:
                assert is_content(view, field) or field in view.hidden, field


def content_without_conditions(declared: Declarations) -> list[Use]:
    """Fields that say something of a text, where documents are shown that search leaves out."""
    followed = {
        *(f"{page.id}/{panel.id}" for page, panel in declared.panels() if panel.is_shown_only),
        *(f"search {search.id}" for search in declared.searches if search.is_shown_only),
    }
    return [
        use
        for use in used_fields(declared)
        if use.is_shown
        and is_content(declared.view(use.view), use.field)
        and use.where not in followed
        and not use.where.endswith("/controls")
    ]


def test_lists_of_names_follow_search_and_the_page_only_leaves_out() -> None:
    for page in DECLARED.dashboards:
        assert all(condition.negate for condition in page.where)
        if any(is_content(DECLARED.view(each.view), each.field) for each in page.controls):
            status, *others = query(page.where)["bool"]["must_not"]
            assert status == {"terms": {"pub_status": ["withheld", "canceled"]}}
            assert set(get_args(PubStatus)) == {*status["terms"]["pub_status"], SHOWN_STATUS}
            assert [plain(clause) for clause in others] == list(HIDDEN)


def test_what_shows_content_follows_search() -> None:
    assert content_without_conditions(DECLARED) == []
    open_search = Search(
        id="all", title="All", description="", view="articles", columns=("title",),
        newest_by="first_seen_at",
    )  # fmt: skip
    spoiled = Declarations(
        views=DECLARED.views, dashboards=(), searches=(open_search,), rules=()
    )  # fmt: skip
    assert [use.field for use in content_without_conditions(spoiled)] == ["title"]


@pytest.mark.parametrize("view", ARTICLE_VIEWS, ids=lambda view: view.id)
def test_shown_means_what_it_means_in_search(view: View) -> None:
    asked = query(view.shown)["bool"]
    assert [plain(clause) for clause in asked["filter"]] == [{"term": {"pub_status": SHOWN_STATUS}}]
    assert sorted(map(str, map(plain, asked["must_not"]))) == sorted(map(str, HIDDEN))


def test_no_panel_counts_inside_nested_objects() -> None:
    # Lens does not offer them, and a plain aggregation on them finds nothing.
    for use in USES:
        mapped = mapped_fields(DECLARED.view(use.view))[use.field]
        assert not mapped.is_nested, use
        if use.is_counted:
            assert mapped.is_aggregatable, use
        if use.types:
            assert mapped.type in use.types, use


def test_conditions_are_no_content() -> None:
    # A condition on what an article says would tell by its count what may not be shown.
    for use in USES:
        if not use.is_shown:
            assert not is_content(DECLARED.view(use.view), use.field), use


def test_condition_with_two_tests_is_refused() -> None:
    with pytest.raises(ValueError, match="exactly one test"):
        Condition(field="a", exists=True, any_of=("b",))

"""Trafilatura made lean says the same of an article as it comes."""

from __future__ import annotations

from typing import Any

import lxml.html
import pytest
import trafilatura
from lxml.html import HtmlElement
from trafilatura.utils import load_html

from producers.extract.lean_trafilatura import make_lean
from producers.sources.html_file import DATE_PARAMS

PARAGRAPH = "The harbour office said on Monday that the ferry would run again from Thursday. " * 3
PAGE = f"""<!DOCTYPE html><html lang="en"><head><title>Ferry returns - Bay Paper</title>
<meta name="description" content="The ferry runs again.">
<meta property="article:published_time" content="2026-11-20T08:00:00Z"></head><body>
<form action="/find"><label for="q">Find</label><input id="q"><select><option>a</select>
<textarea>words</textarea></form>
<article><h1>Ferry returns</h1><p class="byline">Rosa Quay</p>
<p>{PARAGRAPH}</p><ul><li>First point</li><li>Second point</li></ul><p>{PARAGRAPH}</p></article>
<div class="tags"><a href="/tag/ferry/">ferry</a></div>
<p class="postmeta"><a href="/category/harbour/">harbour</a></p></body></html>"""
READ = ("text", "title", "author", "date", "description", "sitename", "url", "hostname")


@pytest.fixture(autouse=True)
def lean() -> None:
    make_lean()


def extracted(tree: Any) -> Any:
    return trafilatura.bare_extraction(
        tree,
        url="https://bay.example/ferry",
        fast=True,
        include_comments=False,
        with_metadata=True,
        date_extraction_params=DATE_PARAMS,
    )


def test_what_is_read_is_the_same_with_the_classes_of_lxml() -> None:
    lean = extracted(load_html(PAGE))
    usual = extracted(lxml.html.document_fromstring(PAGE))
    assert PARAGRAPH.strip() in lean.text
    assert (lean.author, lean.date) == ("Rosa Quay", "2026-11-20")
    assert [getattr(lean, name) for name in READ] == [getattr(usual, name) for name in READ]


def test_no_class_is_looked_up_in_python() -> None:
    tree = load_html(PAGE)
    assert tree is not None
    assert {type(element) for element in tree.iter()} == {HtmlElement}


def test_no_categories_and_tags_are_looked_for() -> None:
    found = extracted(load_html(PAGE))
    assert (found.categories, found.tags) == ([], [])

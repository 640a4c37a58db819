"""The pages of search in a real browser."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from cli_on_servers import index_documents
from playwright.sync_api import Page, expect
from sample_documents import RIGHTS
from test_story_and_entity_cli import COPY, FIRST, LATE, MARTA, STORY, STORY_RECORD, about
from test_web_browser import browser_page, contrast
from web_on_servers import running_web

from dateline.settings import Settings

pytestmark = pytest.mark.integration

HOSTILE = "<img src=x onerror=\"document.title='taken'\"> pier"
BAD = about("bad", title=HOSTILE, url="javascript:document.title='taken'", story_id="b" * 64)
# Where to leave pictures of the pages for whoever wants to look at them.
PICTURES = os.environ.get("DATELINE_PICTURES_DIR")
WIDE, PHONE = {"width": 1200, "height": 900}, {"width": 360, "height": 780}


@pytest.fixture
def url(pipeline_settings: Settings) -> Iterator[str]:
    bad = replace(BAD, rights=replace(RIGHTS, license_uri="javascript:alert(1)"))
    index_documents(pipeline_settings, [FIRST, COPY, LATE, bad, STORY_RECORD])
    with running_web(pipeline_settings) as found:
        yield found


def test_search_works_without_scripts_from_the_box_to_an_entity(url: str) -> None:
    with browser_page(has_scripts=False) as page:
        page.goto(url)
        page.get_by_label("Words").fill("pier AND titel:x")
        page.keyboard.press("Enter")
        expect(page.get_by_role("alert").locator("mark")).to_have_text("t")
        page.get_by_label("Words").fill("pier")
        page.get_by_role("button", name="Search").click()
        expect(page.locator(".hits > li")).to_have_count(2)
        page.get_by_role("link", name="other-wire").click()
        expect(page.locator(".hits > li")).to_have_count(1)
        page.get_by_role("link", name="remove Source: other-wire").click()
        page.get_by_role("link", name="3 articles in this story").click()
        expect(page.get_by_role("heading", name="Articles")).to_be_visible()
        page.locator(".hits").get_by_role("link", name="Pier opens", exact=True).click()
        expect(page.get_by_label("Attribution to copy")).to_have_value(
            "“New pier” by Coast Wire, CC BY 4.0"
        )
        page.locator(".body").get_by_role("link", name="Marta Oliveira").click()
        expect(page.get_by_role("heading", name="Marta Oliveira")).to_be_visible()
        page.get_by_role("link", name="Alerts", exact=True).click()
        page.get_by_role("link", name="Search", exact=True).click()
        expect(page.get_by_label("Words")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
def test_pages_fit_their_window_and_stand_out_from_their_ground(
    url: str, scheme: str, size: dict[str, int]
) -> None:
    complaints: list[str] = []
    with browser_page() as page:
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        page.set_viewport_size(size)  # type: ignore[arg-type]
        paths = {
            "search": "/?q=pier", "article": f"/articles/{FIRST.article_id}",
            "bad": f"/articles/{BAD.article_id}", "story": f"/stories/{STORY}",
            "entity": f"/entities/{MARTA}", "error": "/?q=pier+AND+titel:x",
        }  # fmt: skip
        for name, path in paths.items():
            page.goto(f"{url}{path}")
            if name != "error":
                expect(page.locator("img, script, a[href^=javascript]")).to_have_count(0)
            expect(page.get_by_role("main")).to_have_count(1)
            assert page.title() != "taken"
            width = page.evaluate("document.documentElement.scrollWidth")
            assert width <= size["width"], (name, width)
            assert unlabelled(page) == [], name
            for fore, back in colours(page):
                assert contrast(fore, back) >= 4.5, (name, fore, back)  # WCAG 2.2, 1.4.3
            if PICTURES:
                page.screenshot(
                    path=Path(PICTURES, f"{name}-{scheme}-{size['width']}.png"), full_page=True
                )
    # An answer of 422 is told on the console; nothing else is.
    assert all("422" in each for each in complaints), complaints


def unlabelled(page: Page) -> list[str]:
    """Return the fields and links of a page that say nothing to who cannot see it."""
    found: list[str] = page.evaluate(
        """() => [
          ...[...document.querySelectorAll("input:not([type=hidden]), textarea, select")]
            .filter((each) => !each.labels.length),
          ...[...document.querySelectorAll("a, button")].filter((each) => !each.innerText.trim()),
        ].map((each) => each.outerHTML)"""
    )
    return found


def colours(page: Page) -> list[tuple[str, str]]:
    """Return the colours of words and of their ground, ``#rrggbb``, of all that holds words."""
    found: list[tuple[str, str]] = page.evaluate(
        """() => {
          const hex = (rgb) => "#" + rgb.match(/[0-9]+/g).slice(0, 3)
            .map((each) => Number(each).toString(16).padStart(2, "0")).join("");
          const ground = (node) => {
            for (let at = node; at; at = at.parentElement) {
              const color = getComputedStyle(at).backgroundColor;
              if (color !== "rgba(0, 0, 0, 0)") return hex(color);
            }
          };
          const pairs = new Set();
          for (const node of document.querySelectorAll("main *, header *")) {
            if ([...node.childNodes].some((each) => each.nodeType === 3 && each.data.trim())) {
              pairs.add(hex(getComputedStyle(node).color) + " " + ground(node));
            }
          }
          return [...pairs].map((each) => each.split(" "));
        }"""
    )
    return [(fore, back) for fore, back in found]

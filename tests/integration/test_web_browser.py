"""The page of alerts in a real browser."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import ConsoleMessage, Page, expect, sync_playwright
from test_web_alerts import entry, told
from web_on_servers import publish, running_web, write_ledger

from dateline.settings import Settings
from dateline.watch_topic import read_watchlist

pytestmark = pytest.mark.integration

# Read before a fixture takes our variables out of the environment.
IS_REQUIRED = bool(os.environ.get("DATELINE_REQUIRE_ALL"))
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
HOSTILE = '<img src="x" onerror="document.title=\'taken\'"><script>document.title="taken"</script>'


@pytest.fixture
def url(pipeline_settings: Settings) -> Iterator[str]:
    with running_web(pipeline_settings) as found:
        yield found


@contextmanager
def browser_page(*, has_scripts: bool = True) -> Iterator[Page]:
    """Open a page of the system's Chromium; without one the test is skipped, and in CI fails."""
    if CHROMIUM is None:
        assert not IS_REQUIRED, "no Chromium: `make ci-deps` installs it"
        pytest.skip("no Chromium on this machine: `make ci-deps` installs it (Debian)")
    with sync_playwright() as player:
        # Chromium has no sandbox for root, which CI is.
        browser = player.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        try:
            yield browser.new_context(java_script_enabled=has_scripts).new_page()
        finally:
            browser.close()


@pytest.fixture
def page(url: str) -> Iterator[Page]:  # after the server: the browser's loop is in this thread
    with browser_page() as found:
        yield found


def test_a_hostile_alert_appears_live_and_as_text(
    page: Page, url: str, pipeline_settings: Settings
) -> None:
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(_words(message)))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    write_ledger(pipeline_settings, entry(1, title=f"Old {HOSTILE}", url="javascript:alert(1)"))
    page.goto(f"{url}/alerts")
    expect(page.get_by_role("heading", name=f"Old {HOSTILE}")).to_be_visible()
    expect(page.locator("#alerts a[href^=javascript]")).to_have_count(0)

    # Opened or not yet: what comes between page and stream is told from the ledger.
    new = entry(100, title=f"New {HOSTILE}", url="javascript:alert(2)", sentence=HOSTILE)
    write_ledger(pipeline_settings, new)
    publish(pipeline_settings, *told(new, "desk", "hook"))
    heading = page.get_by_role("heading", name=f"New {HOSTILE}")
    expect(heading).to_be_visible()
    expect(page.locator("#alerts > li")).to_have_count(2)
    expect(page.locator("#alerts > li").first.locator("blockquote")).to_have_text(HOSTILE)
    # What the licence asks for stands beside the text, live or not.
    expect(page.get_by_text("licensed under CC BY 4.0")).to_have_count(2)
    expect(page.get_by_role("status").filter(has_text="1 new alert")).to_be_visible()
    expect(page.locator("#alerts img, #alerts script, #alerts a[href^=javascript]")).to_have_count(
        0
    )
    expect(page).to_have_title("Alerts - Dateline")
    assert complaints == []


def test_a_watch_is_made_with_the_keyboard_and_an_error_points_at_the_character(
    page: Page, url: str, pipeline_settings: Settings
) -> None:
    page.goto(f"{url}/alerts")
    page.get_by_label("Query").fill("pier AND titel:x")
    page.keyboard.press("Enter")
    error = page.get_by_role("alert")
    expect(error).to_contain_text("did you mean `title:`?")
    expect(error.locator("mark")).to_have_text("t")
    query = page.get_by_label("Query")
    expect(query).to_have_value("pier AND titel:x")
    query.fill("pier AND title:x")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").filter(has_text="is in force")).to_be_visible()
    (kept,) = read_watchlist(pipeline_settings).watches.values()
    assert kept.query == "pier AND title:x"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_words_stand_out_from_their_ground(page: Page, url: str, scheme: str) -> None:
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    page.goto(f"{url}/alerts")
    colors = page.evaluate(
        """() => {
          const of = (name) => getComputedStyle(document.documentElement).getPropertyValue(name);
          return Object.fromEntries(["text", "soft", "link", "bad", "back", "mark"].map(
            (name) => [name, of(`--${name}`).trim()]));
        }"""
    )
    for name in ("text", "soft", "link", "bad"):
        assert contrast(colors[name], colors["back"]) >= 4.5, (name, colors)  # WCAG 2.2, 1.4.3
    assert contrast(colors["text"], colors["mark"]) >= 4.5


def test_the_page_works_without_scripts(url: str, pipeline_settings: Settings) -> None:
    write_ledger(pipeline_settings, entry(1))
    with browser_page(has_scripts=False) as page:
        page.goto(f"{url}/alerts")
        expect(page.get_by_role("link", name="Talks in Doha")).to_be_visible()
        page.get_by_label("Query").fill("pier")
        page.get_by_role("button", name="Watch").click()
        expect(page.get_by_text("is in force")).to_be_visible()


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours ``#rrggbb`` (WCAG 2.2)."""
    low, high = sorted(map(luminance, (one, other)))
    return (high + 0.05) / (low + 0.05)


def luminance(color: str) -> float:
    parts = [int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _words(message: ConsoleMessage) -> str:
    return f"{message.type}: {message.text}"

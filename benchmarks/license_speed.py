"""Milliseconds an article for all reading of rights: signals of the page, then `read_rights`.

    python -m benchmarks.license_speed [--articles 300]

One process, one thread, its own CPU time. Parsing the page, extracting its text and reading its
dateline are not counted, for they are done anyway. Made-up articles of about 600 words on pages
with 150 links, with and without notices, and the saved pages of the development data where
`DATELINE_DATA_DIR` names them. Every article is read three times and its best time counts: other
work of the machine only slows it.
"""

from __future__ import annotations

import argparse
import html
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from trafilatura.utils import load_html

from benchmarks.articles import NOTICE, WORDS, make_corpus
from dateline.records import RawArticle
from producers.extract.page_signals import page_signals
from tests.quality import pages
from tests.quality.detectors import agency_of, rights_with

GOAL_MS = 3.0
ROUNDS = 3
_LINKS = 150
_FOOTER = (
    '<footer><p class="copyright">&copy; 2026 Orchard Wire. Except where otherwise noted, content '
    'on this site is licensed under a <a rel="license" href="https://creativecommons.org/licenses/'
    'by/4.0/">Creative Commons Attribution 4.0 International License</a>.</p></footer>'
)
_JSONLD = (
    '<script type="application/ld+json">{"@type":"NewsArticle","headline":"Report","license":'
    '"https://creativecommons.org/licenses/by/4.0/","image":{"@type":"ImageObject","license":'
    '"https://o.example/pictures","creditText":"N. Roe"}}</script>'
)


@dataclass(frozen=True)
class Case:
    """A parsed page, the article of its text, and the agency in its dateline."""

    tree: Any
    article: RawArticle
    agency: str | None


def made_up(count: int, *, has_notice: bool) -> list[Case]:
    texts = make_corpus(count).texts
    bodies = texts if has_notice else [text.removesuffix(NOTICE).rstrip() for text in texts]
    return [_case(number, body, has_notice) for number, body in enumerate(bodies)]


def saved(folder: Path) -> list[Case]:
    """Return the saved pages that have an article, parsed."""
    found = ((page, pages.as_article(page)) for page in pages.load_pages(folder))
    return [
        Case(load_html(page.data), article, agency_of(article))
        for page, article in found
        if article is not None
    ]


def measure_ms(cases: Sequence[Case]) -> list[float]:
    """Return the best of ``ROUNDS`` times of every case."""
    best = [float("inf")] * len(cases)
    for _ in range(ROUNDS):
        for number, case in enumerate(cases):
            started = time.process_time()
            page_signals(case.tree, {})
            rights_with(case.article, agency=case.agency)
            best[number] = min(best[number], (time.process_time() - started) * 1000)
    return best


def report(folder: Path | None, *, count: int = 300) -> tuple[list[str], list[str]]:
    """Return the lines of a report, and what misses the goal."""
    contestants: dict[str, Callable[[], list[Case]]] = {
        f"made-up articles of {WORDS} words without a notice": lambda: made_up(
            count, has_notice=False
        ),
        f"made-up articles of {WORDS} words with notices": lambda: made_up(count, has_notice=True),
    }
    if folder is not None:
        contestants["saved pages"] = lambda: saved(folder)
    lines = ["| articles | n | median ms | 95th percentile ms |", "|---|---|---|---|"]
    missed = []
    for title, make in contestants.items():
        times = measure_ms(make())
        median, high = statistics.median(times), statistics.quantiles(times, n=20)[-1]
        lines.append(f"| {title} | {len(times)} | {median:.2f} | {high:.2f} |")
        if median > GOAL_MS:
            missed.append(f"speed: {title}: {median:.2f} ms at the median, the goal is {GOAL_MS}")
    lines += ["", f"One core, best of {ROUNDS} rounds; the goal is {GOAL_MS:g} ms at the median."]
    return lines, missed


def _case(number: int, body: str, has_notice: bool) -> Case:
    links = "".join(f'<li><a href="/section/{n}/">Section {n}</a></li>' for n in range(_LINKS))
    paragraphs = "".join(f"<p>{html.escape(part)}.</p>" for part in body.split(". "))
    marks = (_JSONLD, _FOOTER) if has_notice else ("", "<footer><p>Orchard Wire</p></footer>")
    page = (
        f"<html><head><title>Report {number}</title>{marks[0]}</head><body><nav><ul>{links}</ul>"
        f"</nav><article><h1>Report {number}</h1>{paragraphs}</article>{marks[1]}</body></html>"
    )
    tree = load_html(page)
    url = f"https://orchardwire.example/{number}"
    article = pages.article_of(url=url, body=body, signals=page_signals(tree, {}), language="en")
    return Case(tree, article, agency_of(article))


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.license_speed")
    parser.add_argument("--articles", type=int, default=300)
    lines, missed = report(pages.data_folder(), count=parser.parse_args().articles)
    sys.stdout.write("\n".join([*lines, *missed]) + "\n")
    return 1 if missed else 0


if __name__ == "__main__":
    raise SystemExit(main())

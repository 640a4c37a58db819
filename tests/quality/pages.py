"""Score readers of whole pages on the saved pages of the development data, where there are any."""

from __future__ import annotations

import gzip
import json
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from dateline import ids
from dateline.records import RawArticle, RightsSignal
from producers.extract.read_page import read_page
from producers.parsed import Refusal

from .detectors import normal_spdx, registry, rights_of, trafilatura_license
from .gather import OBSERVED_AT, SOURCE_ID
from .gold import GRANTED
from .score import Tally, family

DATA_VARIABLE = "DATELINE_DATA_DIR"
GROUPS = ("positive", "hard_negative", "other_negative")


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A saved page and its human label; ``label`` is an SPDX id, None for no licence."""

    url: str
    data: bytes
    group: str
    label: str | None
    is_doubted: bool


@dataclass(frozen=True, slots=True)
class PageAnswer:
    """A page and the licence that a reader gave it, None for none."""

    page: Page
    given: str | None

    @property
    def is_permissive(self) -> bool:
        """Whether the reader gave a licence where there is none, or lost a constraint."""
        if self.given is None:
            return False
        if self.page.label is None:
            return True
        return not set(_constraints(self.page.label)) <= set(_constraints(self.given))


PageReader = Callable[[Page], str | None]


def data_folder() -> Path | None:
    """Return the folder of the pages, or None where it is not named or not there."""
    named = os.environ.get(DATA_VARIABLE)
    folder = Path(named) / "licence_pages" if named else None
    return folder if folder and (folder / "labels.jsonl").is_file() else None


def load_pages(folder: Path) -> tuple[Page, ...]:
    """Return all pages with their labels; labels that name no licence raise ValueError."""
    notes = _rows(folder / "label_notes.jsonl")
    doubted = {row["file"] for row in notes if row["kind"] == "label_doubted"}
    return tuple(
        Page(
            url=row["url"],
            data=gzip.decompress((folder / row["file"]).read_bytes()),
            group=row["group"],
            label=_label(row["license"]),
            is_doubted=row["file"] in doubted,
        )
        for row in _rows(folder / "labels.jsonl")
    )


def as_article(page: Page) -> RawArticle | None:
    """Return the article of a page as the producers extract it, None where they refuse it."""
    found = read_page(page.data, url=page.url, headers={})
    if isinstance(found, Refusal):
        return None
    article = article_of(
        url=page.url, body=found.text, signals=found.rights_signals, language=found.language
    )
    return replace(article, authors=found.authors, publisher=found.publisher, title=found.title)


def article_of(
    *, url: str, body: str, signals: tuple[RightsSignal, ...], language: str | None
) -> RawArticle:
    """Return a record of an article with these parts."""
    return RawArticle(
        article_id=ids.article_id(SOURCE_ID, url),
        source_id=SOURCE_ID,
        key=url,
        content_sha256=ids.text_sha256(body),
        body=body,
        media_type="text/html",
        origin="live",
        observed_at=OBSERVED_AT,
        updated_at=OBSERVED_AT,
        url=url,
        language=language,
        rights_signals=signals,
    )


def ours(page: Page) -> str | None:
    """Return the licence that Dateline gives the text of a page."""
    article = as_article(page)
    if article is None:
        return None
    rights = rights_of(article)
    return rights.spdx_expression if rights.status in GRANTED else None


def by_trafilatura(page: Page) -> str | None:
    """Return the licence that trafilatura gives a page; words that name none are none."""
    return normal_spdx(trafilatura_license(page.data) or "")


def answers(pages: Sequence[Page], reader: PageReader) -> tuple[PageAnswer, ...]:
    return tuple(PageAnswer(page, reader(page)) for page in pages)


def has_license(rows: Sequence[PageAnswer]) -> Tally:
    """Pages that have a licence, whichever."""
    return Tally(
        sum(1 for row in rows if row.given and row.page.label),
        sum(1 for row in rows if row.given),
        sum(1 for row in rows if row.page.label),
    )


def same_family(rows: Sequence[PageAnswer]) -> Tally:
    """Among pages where both say that there is a licence: the same code."""
    return _same(rows, family)


def same_version(rows: Sequence[PageAnswer]) -> Tally:
    """Among hits whose label has a version: the same version."""
    with_version = [row for row in rows if row.page.label and _version(row.page.label)]
    return _same(with_version, _version)


def _same(rows: Sequence[PageAnswer], part: Callable[[str], object]) -> Tally:
    hits = [(row.page.label, row.given) for row in rows if row.page.label and row.given]
    return Tally(sum(part(a) == part(b) for a, b in hits if a and b), len(hits), len(hits))


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8") as file:
        yield from map(json.loads, file)


def _label(text: str) -> str | None:
    if not text:
        return None
    found = normal_spdx(text)
    if found is None:
        raise ValueError(f"the label {text!r} names no licence")
    return found


def _constraints(spdx: str) -> tuple[str, ...]:
    found = (registry().by_spdx(part) for part in spdx.split(" AND "))
    return tuple(c for license_ in found if license_ for c in license_.constraints)


def _version(spdx: str) -> str | None:
    license_ = registry().by_spdx(spdx)
    return license_.version if license_ else None


# Of pages without doubted labels: the most permissive errors, the least precision and recall.
GOALS = (0.01, 0.95, 0.85)


def missed_goals(rows: Sequence[PageAnswer]) -> list[str]:
    """Return a line for each goal that the rows miss."""
    most, *least = GOALS
    found = has_license(rows)
    errors = sum(row.is_permissive for row in rows) / len(rows)
    too_many = [f"pages: permissive errors {errors:.1%}, the most is {most:.0%}"]
    return (too_many if errors > most else []) + [
        f"pages: {name} {value or 0:.3f}, the least is {goal}"
        for name, value, goal in zip(
            ("precision", "recall"), (found.precision, found.recall), least, strict=True
        )
        if (value or 0) < goal
    ]

"""Hold what one publisher shows: articles, feeds and pages, and how each came to be."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from .articles import Article, State, closing, opening, token_of, write_text, write_title
from .feeds import Entry, FeedPage, content_type, render_feed
from .pages import render_home, render_page
from .plans import FeedPlan, SitePlan

EventKind = Literal["publish", "edit", "silent_edit", "cancel", "delete", "revive", "new_guids"]
RELATED_COUNT = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One line of the journal: what a publisher did to an article."""

    kind: EventKind
    source_id: str
    key: str
    url: str
    version: int
    token: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What must be known of an article in the end.

    ``tokens`` are of all versions, oldest first; ``current`` those that the newest record may have
    (several after a silent edit, which only a new look at the page finds, and where there is only a
    sitemap: many set a new time without a new text, so a poller may wait before it looks).
    """

    source_id: str
    key: str
    state: State
    current: tuple[str, ...]
    tokens: tuple[str, ...]
    is_shown: bool
    embargoed_until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """Something to send: bytes and validators."""

    body: bytes
    content_type: str
    etag: str
    modified_at: datetime


class Publisher:
    """One publisher. Every change is made by a method, is journaled, and is seen at once.

    Args:
        plan: what it is like.
        origin: ``http://host:port``.
        seed: of the texts.
    """

    def __init__(self, plan: SitePlan, *, origin: str, seed: int) -> None:
        self.plan = plan
        self.origin = origin
        self.events: list[Event] = []
        self._seed = seed
        self._in_feed: dict[int, Article] = {}
        self._on_page: dict[int, Article] = {}
        self._versions: dict[int, list[str]] = {}
        self._guid_generation = 0
        self._changed_at: datetime | None = None
        self._feeds: dict[str, Resource] = {}
        self._pages: dict[int, Resource] = {}

    # What a publisher does

    def publish(self, at: datetime, *, embargoed_until: datetime | None = None) -> Article:
        """Publish a new article."""
        number = len(self._versions)
        chance = self._chance(number, 1)
        token = token_of(self._seed, self.plan.name, number, 1)
        article = Article(
            publisher=self.plan.name,
            number=number,
            version=1,
            path=f"/news/{number // 100}/story-{number}",
            title=write_title(chance),
            paragraphs=write_text(chance, token),
            token=token,
            published_at=at,
            updated_at=at,
            embargoed_until=embargoed_until,
        )
        self._versions[number] = []
        return self._set("publish", article, at)

    def edit(self, number: int, at: datetime, *, is_silent: bool = False) -> Article:
        """Write a new version; a silent one changes the page and leaves the feed as it was."""
        before = self._on_page[number]
        version = before.version + 1
        chance = self._chance(number, version)
        token = token_of(self._seed, self.plan.name, number, version)
        changed = [
            paragraph.replace(opening(before.token), opening(token)).replace(
                closing(before.token), closing(token)
            )
            for paragraph in before.paragraphs
        ]
        middle = chance.randrange(1, len(changed) - 1)
        changed[middle] = write_text(chance, token, words=40)[1]
        title = write_title(chance) if chance.random() < 0.3 and not is_silent else before.title
        article = replace(
            before,
            version=version,
            title=title,
            paragraphs=tuple(changed),
            token=token,
            updated_at=at,
        )
        return self._set("silent_edit" if is_silent else "edit", article, at)

    def cancel(self, number: int, at: datetime) -> Article:
        """Withdraw an article: in the feed where that can be said, else it is deleted."""
        if not self.plan.can_cancel:
            return self.delete(number, at)
        article = replace(self._on_page[number], state="canceled", updated_at=at)
        return self._set("cancel", article, at)

    def delete(self, number: int, at: datetime) -> Article:
        """Take an article down without a word."""
        return self._set("delete", replace(self._on_page[number], state="deleted"), at)

    def revive(self, number: int, at: datetime) -> Article:
        """Put a withdrawn or deleted article back."""
        article = replace(self._on_page[number], state="usable", updated_at=at)
        return self._set("revive", article, at)

    def change_guids(self, at: datetime) -> None:
        """Give every entry a new GUID, as a change of software does."""
        self._guid_generation += 1
        self._touch(at)
        for article in self._in_feed.values():
            self.events.append(self._event("new_guids", article, at))

    # What it shows

    def articles(self, state: State = "usable") -> list[Article]:
        """Return the articles of a state that stand in a feed, youngest first."""
        shown = self._shown_numbers(max(feed.shown_count for feed in self.plan.feeds))
        found = [self._on_page[number] for number in shown]
        return [article for article in found if article.state == state]

    def page_state(self, number: int) -> State | None:
        """Return the state of an article, or None when there is none of that number."""
        article = self._on_page.get(number)
        return article.state if article else None

    def feed(self, plan: FeedPlan) -> Resource:
        """Return a feed as it is now."""
        found = self._feeds.get(plan.path)
        if found is None:
            found = self._feeds[plan.path] = self._resource(
                render_feed(self._feed_page(plan)), content_type(plan), self._moment()
            )
        return found

    def page(self, number: int) -> Resource:
        """Return the page of an article."""
        found = self._pages.get(number)
        if found is None:
            article = self._on_page[number]
            numbers = [each for each in self._shown_numbers(RELATED_COUNT + 1) if each != number]
            html = render_page(
                article,
                origin=self.origin,
                related=[self._on_page[each].title for each in numbers[:RELATED_COUNT]],
                has_cc_notice=self.plan.has_cc_notice,
            )
            found = self._pages[number] = self._resource(
                html.encode(), "text/html; charset=utf-8", article.updated_at
            )
        return found

    def home(self) -> bytes:
        """Return the front page."""
        return render_home(self.plan.name, [feed.path for feed in self.plan.feeds]).encode()

    # What must be found

    def expected(self) -> Iterator[Expected]:
        """Yield what must be known of each article ever published."""
        shown = set(self._shown_numbers(max(feed.shown_count for feed in self.plan.feeds)))
        for number, article in self._on_page.items():
            current = {self._in_feed.get(number, article).token: None, article.token: None}
            if self.plan.has_sitemaps_only:
                current = dict.fromkeys(self._versions[number])
            yield Expected(
                source_id=self.plan.name,
                key=self.key(article),
                state=article.state,
                current=tuple(current),
                tokens=tuple(self._versions[number]),
                is_shown=number in shown,
                embargoed_until=article.embargoed_until,
            )

    def key(self, article: Article) -> str:
        """Return the key that Dateline must give: the address, or the id of an agency's item."""
        if self.plan.can_cancel and self.plan.feeds[0].guids == "tag":
            return f"urn:newsml:{self.plan.name}.example:{article.number}"
        return f"https{self.origin.removeprefix('http')}{article.path}"

    # Inside

    def _set(self, kind: EventKind, article: Article, at: datetime) -> Article:
        number = article.number
        self._on_page[number] = article
        if kind == "delete":
            self._in_feed.pop(number, None)
        elif kind != "silent_edit":
            self._in_feed[number] = article
        if article.token not in self._versions[number]:
            self._versions[number].append(article.token)
        self._pages.pop(number, None)
        self._touch(at)
        self.events.append(self._event(kind, article, at))
        return article

    def _touch(self, at: datetime) -> None:
        self._changed_at = at
        self._feeds.clear()

    def _event(self, kind: EventKind, article: Article, at: datetime) -> Event:
        return Event(
            kind=kind,
            source_id=self.plan.name,
            key=self.key(article),
            url=f"{self.origin}{article.path}",
            version=article.version,
            token=article.token,
            at=at,
        )

    def _shown_numbers(self, count: int) -> list[int]:
        return sorted(self._in_feed, reverse=True)[:count]

    def _feed_page(self, plan: FeedPlan) -> FeedPage:
        entries = []
        for number in self._shown_numbers(plan.shown_count):
            article = self._in_feed[number]
            link = self._link(article, plan)
            entries.append(Entry(article=article, link=link, guid=self._guid(article, link, plan)))
        return FeedPage(
            plan=plan,
            title=f"{self.plan.name}: {plan.path.strip('/')}",
            home_url=f"{self.origin}/",
            self_url=f"{self.origin}{plan.path}",
            entries=entries,
            child_urls=[
                f"{self.origin}{feed.path}"
                for feed in self.plan.feeds
                if feed.kind == "news_sitemap"
            ],
            has_cc_notice=self.plan.has_cc_notice,
        )

    def _link(self, article: Article, plan: FeedPlan) -> str:
        url = f"{self.origin}{article.path}"
        section = plan.path.strip("/")
        return {
            "plain": url,
            "tracking": f"{url}?utm_source={section}&utm_medium=rss&fbclid=x{article.number}",
            "https": url.replace("http:", "https:", 1),
            "amp": f"{url}/amp",
            "fragment": f"{url}#comments",
        }[plan.links]

    def _guid(self, article: Article, link: str, plan: FeedPlan) -> str | None:
        generation = f".{self._guid_generation}" if self._guid_generation else ""
        if plan.kind == "ninjs":
            return self.key(article) if plan.guids == "tag" else link
        return {
            "tag": f"tag:{self.plan.name}.example,2026:{article.number}{generation}",
            "permalink": link,
            "shared": f"tag:{self.plan.name}.example,2026:pair-{article.number // 2}{generation}",
            "none": None,
        }[plan.guids]

    def _moment(self) -> datetime:
        if self._changed_at is None:
            raise LookupError(f"{self.plan.name} has published nothing yet")
        return self._changed_at

    def _resource(self, body: bytes, kind: str, modified_at: datetime) -> Resource:
        etag = f'"{hashlib.sha256(body).hexdigest()[:20]}"'
        return Resource(body=body, content_type=kind, etag=etag, modified_at=modified_at)

    def _chance(self, number: int, version: int) -> random.Random:
        return random.Random(f"{self._seed}/{self.plan.name}/{number}/{version}")  # noqa: S311

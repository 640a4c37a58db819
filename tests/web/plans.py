"""Say what a simulated site is like: its feeds, its manners and its tricks."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

FeedKind = Literal[
    "rss20", "rss10", "atom", "json_feed", "news_sitemap", "sitemap_index", "ninjs"
]  # fmt: skip
LinkStyle = Literal["plain", "tracking", "https", "amp", "fragment"]
GuidStyle = Literal["tag", "permalink", "shared", "none"]
DateStyle = Literal["good", "missing", "future", "no_zone"]
Validators = Literal["honest", "always_304", "never_304", "constant_etag", "none"]
Delivery = Literal[
    "normal",
    "moved",            # 301 to where the feed is now
    "loop",             # redirects in a circle
    "to_private",       # 302 to an address of an intranet
    "to_metadata",      # 302 to the address of a cloud's metadata
    "to_file",          # 302 to file:
    "drip",             # a few bytes at a time
    "gzip_bomb",
    "endless",
    "billion_laughs",
    "deep_nesting",
    "wrong_length",     # closes before Content-Length is reached
    "reset",            # TCP reset instead of an answer
    "html",             # a page where the feed should be
    "server_error",
    "gone_then_back",   # 410 for a while
    "too_many",         # 429 with Retry-After for a while
]  # fmt: skip
Robots = Literal["allow", "missing", "disallow", "crawl_delay", "server_error", "html"]

# After a 410 a polite poller stays away for days: no test waits for it to come back.
READABLE: frozenset[Delivery] = frozenset({"normal", "moved", "too_many"})
CRAWL_DELAY_SECONDS = 1
LIAR_SHOWS = 1000
BUSY_SHOWS = 100
KINDS: tuple[FeedKind, ...] = ("rss20", "atom", "json_feed", "rss10", "news_sitemap", "ninjs")
SECTIONS = ("home", "world", "region", "economy", "latest")


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedPlan:
    """One feed. The last ``shown_count`` articles stand in it, as feeds roll.

    ``has_full_text``: the text itself, else a teaser. ``is_gzip_file``: a ``.gz`` file (sitemaps).
    """

    path: str
    kind: FeedKind = "rss20"
    has_full_text: bool = False
    links: LinkStyle = "plain"
    guids: GuidStyle = "tag"
    dates: DateStyle = "good"
    validators: Validators = "honest"
    delivery: Delivery = "normal"
    shown_count: int = 20
    is_gzip_file: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SitePlan:
    """One publisher with an address of its own; the name is its id as a source.

    ``deletes_with`` is the status of a page that was taken down.
    """

    name: str
    feeds: tuple[FeedPlan, ...]
    robots: Robots = "allow"
    has_cc_notice: bool = False
    deletes_with: int = 410
    first_count: int = 5

    @property
    def is_readable(self) -> bool:
        """Return whether a polite and careful poller gets this publisher's articles."""
        return self.robots not in ("disallow", "server_error") and any(
            feed.delivery in READABLE for feed in self.feeds
        )

    @property
    def can_cancel(self) -> bool:
        """Return whether its feeds can say that an article is withdrawn."""
        return all(feed.kind == "ninjs" for feed in self.feeds)

    @property
    def has_sitemaps_only(self) -> bool:
        """Return whether nothing but a time tells that an article was edited."""
        return all(feed.kind in ("news_sitemap", "sitemap_index") for feed in self.feeds)


def plain_sites(count: int) -> list[SitePlan]:
    """Return ``count`` honest publishers with one feed each, of five kinds in turn.

    A fifth of them shows teasers, so that pages must be fetched.
    """
    kinds: tuple[FeedKind, ...] = ("rss20", "atom", "json_feed", "rss10", "ninjs")
    sites = []
    for number in range(count):
        kind = kinds[number % len(kinds)]
        has_full_text = kind == "ninjs" or number // len(kinds) % 5 != 4
        feed = FeedPlan(path="/feed", kind=kind, has_full_text=has_full_text)
        name = f"paper-{number}"
        sites.append(SitePlan(name=name, feeds=(feed,), has_cc_notice=number % 3 == 0))
    return sites


def mixed_sites(count: int, *, seed: int = 1) -> list[SitePlan]:
    """Return ``count`` readable publishers with the habits of real ones, in turn.

    Each habit comes once in eleven publishers; kinds, CC notices and lies are drawn from the seed.
    """
    chance = random.Random(f"mixed/{seed}")  # noqa: S311 (a seeded plan, no secret)
    makers = (
        _sections, _index, _agency, _agency_by_address, _moved, _liar, _constant, _twins, _shared,
        _undated, _busy,
    )  # fmt: skip
    return [makers[number % len(makers)](f"paper-{number}", chance) for number in range(count)]


def hostile_sites() -> list[SitePlan]:
    """Return one publisher for each trick; none of them gives an article."""
    deliveries: tuple[Delivery, ...] = (
        "loop", "to_private", "to_metadata", "to_file", "drip", "gzip_bomb", "endless",
        "billion_laughs", "deep_nesting", "wrong_length", "reset", "html", "server_error",
    )  # fmt: skip
    return [
        *(
            SitePlan(
                name=f"trick-{delivery.replace('_', '-')}",
                feeds=(FeedPlan(path="/feed", delivery=delivery),),
            )
            for delivery in deliveries
        ),
        SitePlan(name="robots-forbids", feeds=(FeedPlan(path="/feed"),), robots="disallow"),
        SitePlan(name="robots-is-ill", feeds=(FeedPlan(path="/feed"),), robots="server_error"),
    ]


def sources_toml(rows: Iterable[tuple[str, str]]) -> str:
    """Return the text of a sources file for (address of a feed, publisher)."""
    return "\n".join(
        f'[[sources]]\nurl = "{url}"\npublisher = "{publisher}"\n' for url, publisher in rows
    )


def _sections(name: str, chance: random.Random) -> SitePlan:
    """Five section feeds, each with every article, each with links of its own spelling."""
    styles: tuple[LinkStyle, ...] = ("plain", "tracking", "https", "amp", "fragment")
    feeds = tuple(
        FeedPlan(path=f"/{section}.rss", links=links, has_full_text=True)
        for section, links in zip(SECTIONS, styles, strict=True)
    )
    return SitePlan(name=name, feeds=feeds, has_cc_notice=chance.random() < 0.5)


def _index(name: str, chance: random.Random) -> SitePlan:
    feeds = (
        FeedPlan(path="/sitemap.xml", kind="sitemap_index"),
        FeedPlan(path="/sitemap-news.xml.gz", kind="news_sitemap", is_gzip_file=True),
    )
    return SitePlan(name=name, feeds=feeds, has_cc_notice=chance.random() < 0.5)


def _agency(name: str, _chance: random.Random) -> SitePlan:
    feed = FeedPlan(path="/wire.json", kind="ninjs", has_full_text=True, guids="tag")
    return SitePlan(name=name, feeds=(feed,))


def _agency_by_address(name: str, _chance: random.Random) -> SitePlan:
    feed = FeedPlan(path="/wire.json", kind="ninjs", has_full_text=True, guids="permalink")
    return SitePlan(name=name, feeds=(feed,), robots="missing")


def _moved(name: str, chance: random.Random) -> SitePlan:
    kind: FeedKind = chance.choice(("rss20", "atom"))
    feed = FeedPlan(path="/old-feed", kind=kind, delivery="moved", has_full_text=True)
    return SitePlan(name=name, feeds=(feed,), robots="html")


def _liar(name: str, chance: random.Random) -> SitePlan:
    lie: Validators = chance.choice(("always_304", "never_304"))
    # Who believes a 304 for a while must still find everything when it stops believing.
    feed = FeedPlan(
        path="/feed", kind="atom", validators=lie, has_full_text=True, shown_count=LIAR_SHOWS
    )
    return SitePlan(name=name, feeds=(feed,))


def _constant(name: str, _chance: random.Random) -> SitePlan:
    return SitePlan(name=name, feeds=(FeedPlan(path="/feed", validators="constant_etag"),))


def _twins(name: str, chance: random.Random) -> SitePlan:
    """The same articles once by http and once by https."""
    feeds = (
        FeedPlan(path="/a.xml", kind="rss10", links="plain", has_full_text=True),
        FeedPlan(path="/b.json", kind="json_feed", links="https", has_full_text=True),
    )
    return SitePlan(name=name, feeds=feeds, has_cc_notice=chance.random() < 0.5)


def _shared(name: str, _chance: random.Random) -> SitePlan:
    return SitePlan(name=name, feeds=(FeedPlan(path="/feed", guids="shared"),), deletes_with=404)


def _undated(name: str, chance: random.Random) -> SitePlan:
    dates: DateStyle = chance.choice(("missing", "future", "no_zone"))
    feed = FeedPlan(path="/feed", kind="rss20", dates=dates, has_full_text=True, guids="none")
    return SitePlan(name=name, feeds=(feed,))


def _busy(name: str, _chance: random.Random) -> SitePlan:
    # Who keeps away for as long as it is asked to must still find everything.
    feed = FeedPlan(
        path="/feed",
        kind="json_feed",
        delivery="too_many",
        guids="permalink",
        shown_count=BUSY_SHOWS,
    )
    return SitePlan(name=name, feeds=(feed,), robots="crawl_delay")

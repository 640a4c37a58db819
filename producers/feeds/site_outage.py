"""Say whether a whole site is out of order: then a page that is gone tells nothing.

A site that moves, breaks or is switched off answers 404 or 410 to everything, for hours. A deletion
is believed only where the site shows that it works otherwise. Pure.
"""

from __future__ import annotations

from dataclasses import dataclass

# Fewer are taken down together now and then: a story, its ticker, its pictures.
MIN_GONE = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteSigns:
    """What a site has shown since one of its articles was missed first.

    ``is_feed_read``: a feed of the source was read since and works, or it has none. The counts are
    of other articles of the same host by their last look since: ``there_count`` found,
    ``gone_count`` not found, ``held_count`` of these with a kill held back already.
    """

    is_feed_read: bool
    there_count: int = 0
    gone_count: int = 0
    held_count: int = 0


def outage_reason(signs: SiteSigns) -> str | None:
    """Return why a deletion is not to be believed now, None where it is.

    So it is when three or more other articles, and more than half of those looked at, are gone too;
    and when neither a feed nor another article could be read, so that nothing says the site is up.
    """
    looked_count = signs.there_count + signs.gone_count
    if signs.gone_count >= MIN_GONE and signs.gone_count > signs.there_count:
        return f"{signs.gone_count} of {looked_count} other articles looked at are gone, too"
    if not signs.is_feed_read and not signs.there_count:
        return "neither its feed nor another of its articles could be read since"
    return None

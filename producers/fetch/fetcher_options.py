"""Return the fetcher's options of the settings."""

from __future__ import annotations

from dateline import __version__
from dateline.outbound.address_guard import parse_networks
from dateline.settings import Settings
from producers.fetch.fetcher import FetcherOptions, user_agent
from producers.fetch.http_client import HttpOptions


def fetcher_options(settings: Settings) -> FetcherOptions:
    """Return who we are, what may be reached, and at what pace.

    Raises:
        ConfigError: a network or the contact is no such thing.
    """
    fetch = settings.fetch
    networks = [each.strip() for each in fetch.allow_networks.split(",") if each.strip()]
    return FetcherOptions(
        http=HttpOptions(
            user_agent=user_agent(__version__, fetch.contact),
            allowed_networks=parse_networks(networks),
            connect_timeout_seconds=fetch.connect_timeout_seconds,
            total_timeout_seconds=fetch.total_timeout_seconds,
            max_body_bytes=fetch.max_body_bytes,
        ),
        min_host_delay_seconds=fetch.min_host_delay_seconds,
    )

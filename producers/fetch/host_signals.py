"""Return what a site says of one article from the files it has beside its pages."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from dateline.records import RightsSignal
from dateline.rights.signals.rsl import cut_rsl, rsl_addresses
from dateline.rights.signals.tdmrep import cut_tdmrep

ROBOTS_PATH = "/robots.txt"
TDM_PATH = "/.well-known/tdmrep.json"
MAX_DOCUMENT_BYTES = 262_144
# Of what travels with an article; a document of that length for one address is no licence.
MAX_VALUE_CHARS = 65_536
# Of one article: its page's document and the site's.
MAX_RSL_DOCUMENTS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class HostFiles:
    """The files of one site (``origin``: scheme, host and port), "" where there is none.

    ``robots_lines`` are those of ``rights_lines``; ``rsl`` has the documents by address.
    """

    origin: str
    robots_lines: str = ""
    tdmrep: str = ""
    rsl: Mapping[str, str] = field(default_factory=dict)


def file_signals(files: HostFiles, url: str) -> tuple[RightsSignal, ...]:
    """Return what robots.txt and tdmrep.json say of the article at ``url``, cut to it.

    Raises: Nothing.
    """
    rules = cut_tdmrep(files.tdmrep, article_url=url)
    return (
        *_signal("robots", "robots.txt", files.robots_lines, f"{files.origin}{ROBOTS_PATH}"),
        *_signal("wellknown", "tdmrep.json", rules, f"{files.origin}{TDM_PATH}"),
    )


def rsl_signals(documents: Mapping[str, str], url: str) -> tuple[RightsSignal, ...]:
    """Return what RSL documents, by their address, say of the article at ``url``, cut to it.

    Raises: Nothing.
    """
    return tuple(
        signal
        for address, xml in documents.items()
        for signal in _signal("rsl", "document", cut_rsl(xml, article_url=url), address)
    )


def host_signals(files: HostFiles, url: str) -> tuple[RightsSignal, ...]:
    """Return what all files of a site say of the article at ``url``.

    Raises: Nothing.
    """
    found = file_signals(files, url)
    named = {each: files.rsl[each] for each in rsl_named_by(found, url) if each in files.rsl}
    return (*found, *rsl_signals(named, url))


def rsl_named_by(signals: Iterable[RightsSignal], url: str) -> Sequence[str]:
    """Return the addresses of the RSL documents that count for an article, the nearest first."""
    return rsl_addresses(signals, article_url=url)[:MAX_RSL_DOCUMENTS]


def _signal(layer: str, name: str, value: str, source_url: str) -> Iterator[RightsSignal]:
    if value and len(value) <= MAX_VALUE_CHARS:
        yield RightsSignal(layer=layer, field=name, value=value, source_url=source_url)

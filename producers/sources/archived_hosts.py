"""Remember what sites say of rights in the files that an archive holds beside their pages."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import replace
from urllib.parse import urlsplit

from dateline.rights.signals.robots_lines import rights_lines
from producers.fetch.fetched import FetchProblem
from producers.fetch.host_signals import MAX_DOCUMENT_BYTES, ROBOTS_PATH, TDM_PATH, HostFiles
from producers.fetch.parse_http_url import origin_of

# An archive of one crawl has some thousand sites; their lines and rules are some hundred bytes.
MAX_HOSTS = 5_000
MAX_KEPT_CHARS = 10_000_000
# RFC 9309, 2.5: at least 500 KiB must be read.
MAX_ROBOTS_BYTES = 512_000


def is_host_file(url: str) -> bool:
    """Return whether ``url`` is a site's robots.txt or tdmrep.json."""
    parts = urlsplit(url)
    return parts.path in (ROBOTS_PATH, TDM_PATH) and not parts.query


class ArchivedHosts:
    """The last files of each site that were met so far; the oldest are forgotten first."""

    def __init__(self) -> None:
        """Begin an archive."""
        self._hosts: OrderedDict[str, HostFiles] = OrderedDict()
        self._kept_chars = 0

    def keep(self, url: str, data: bytes) -> None:
        """Remember the file at ``url``; one that is none takes the place of the one before."""
        try:
            origin = origin_of(url)
        except FetchProblem:
            return
        before = self._hosts.pop(origin, HostFiles(origin=origin))
        if urlsplit(url).path == ROBOTS_PATH:
            files = replace(before, robots_lines=rights_lines(_text(data[:MAX_ROBOTS_BYTES])))
        else:
            is_whole = len(data) <= MAX_DOCUMENT_BYTES
            files = replace(before, tdmrep=_text(data) if is_whole else "")
        self._kept_chars += _size(files) - _size(before)
        self._hosts[origin] = files
        while len(self._hosts) > MAX_HOSTS or self._kept_chars > MAX_KEPT_CHARS:
            self._kept_chars -= _size(self._hosts.popitem(last=False)[1])

    def files_of(self, url: str) -> HostFiles | None:
        """Return the files of the site of a page, None where none were met."""
        try:
            return self._hosts.get(origin_of(url))
        except FetchProblem:
            return None


def _text(data: bytes) -> str:
    return data.decode("utf-8-sig", "replace").replace("\0", "").strip()


def _size(files: HostFiles) -> int:
    return len(files.robots_lines) + len(files.tdmrep)

"""Read the addresses of licences in running text, and tell what is inside another address."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

from dateline.rights.license import License, NamedLicense
from dateline.rights.license_names.words import any_of

ReadAddress = Callable[[str], License | None]

_LONGEST_CHARS = 300
# Addresses end where ASCII ends: in scripts without spaces the next word stands right behind.
_IN_PATH = r"[!#$%&*+,\-./0-9:;=?@A-Z\\^_`a-z|~]"
_ALL_OF_PATH = re.compile(rf"{_IN_PATH}*")
_CC = re.compile(rf"creativecommons\.org(?![\w.\-@:])(?:/{_IN_PATH}{{0,200}})?", re.IGNORECASE)
_BEFORE = re.compile(r"(?:(?:https?:)?//)?(?:www\.)?\Z", re.IGNORECASE)
_NAME_CHAR = re.compile(r"[\w@.\-/]")
_END = ".,;:!?"


class AddressReader:
    """Reads addresses of creativecommons.org and of the hosts of other licences."""

    def __init__(self, read_address: ReadAddress, hosts: Iterable[str]) -> None:
        """Take what an address names, and the hosts of other licences' addresses."""
        self._read_address = read_address
        self._hosts = tuple(host.removeprefix("www.") for host in hosts)
        self._other = re.compile(rf"https?://(?:www\.)?{any_of(self._hosts)}/{_IN_PATH}{{0,200}}")

    def cc_places(self, lowered: str) -> Iterator[int]:
        """Give where ``creativecommons.org`` stands."""
        if "creativecommons.org" in lowered:
            yield from (match.start() for match in _CC.finditer(lowered))

    def other_places(self, lowered: str) -> Iterator[int]:
        """Give where an address of another licence's host begins."""
        if "://" in lowered and any(host in lowered for host in self._hosts):
            yield from (match.start() for match in self._other.finditer(lowered))

    def read_cc(self, text: str, lowered: str, start: int) -> NamedLicense | None:
        """Return the address around the host at ``start``; its licence is None where it has none.

        None for what is inside another address or of another scheme.
        """
        found = _CC.match(text, start)
        before = _BEFORE.search(text, max(0, start - 12), start)
        begin = before.start() if before else start
        if found is None or (begin and _NAME_CHAR.match(text, begin - 1)):
            return None
        is_other_scheme = text.startswith("//", begin) and text.endswith(":", 0, begin)
        if is_other_scheme or is_in_address(lowered, begin):
            return None
        address = text[begin : found.end()].rstrip(_END)
        return NamedLicense(
            begin, begin + len(address), self._read_address(address), is_address=True
        )

    def read_other(self, text: str, lowered: str, start: int) -> NamedLicense | None:
        """Return the address at ``start`` if it is exactly one of ours."""
        found = self._other.match(lowered, start)
        if found is None or is_in_address(lowered, start):
            return None
        address = text[start : found.end()].rstrip(_END)
        license_ = self._read_address(address)
        if license_ is None:
            return None
        return NamedLicense(start, start + len(address), license_, is_address=True)


def is_in_address(lowered: str, start: int) -> bool:
    """Return whether ``start`` is inside an address, where nothing is named.

    Of these are ``https://evil.example/cc-by-4.0`` and ``javascript://...``.
    """
    window = max(0, start - _LONGEST_CHARS)
    begin = max(lowered.rfind("://", window, start), lowered.rfind("www.", window, start))
    return begin >= 0 and _ALL_OF_PATH.fullmatch(lowered, begin, start) is not None

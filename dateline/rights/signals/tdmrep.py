"""Read the reservation of text and data mining that TDMRep states (W3C CG-FINAL-tdmrep-20240202).

The file of the site, the HTTP header and the meta element follow each other: the later one
supersedes, even where it is looser. What a feed says of its item stands before the header.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import urljoin, urlsplit

from dateline.records import RightsSignal
from dateline.rights.record import RawPreference
from dateline.rights.signals.path_pattern import is_match, path_of
from dateline.rights.statement import StatedPreference

PROTOCOL = "tdmrep"
MAX_RULES = 1000
MAX_WHOLE_CHARS = 2000
_RESERVATION, _POLICY = "reservation", "policy"
# The later level supersedes.
_LEVELS: tuple[Mapping[tuple[str, str], str], ...] = (
    {("feed", f"{scope}/tdm:{name}"): name
     for scope in ("channel", "feed") for name in (_RESERVATION, _POLICY)},
    {("feed", f"{scope}/tdm:{name}"): name
     for scope in ("item", "entry") for name in (_RESERVATION, _POLICY)},
    {("http", f"tdm-{name}"): name for name in (_RESERVATION, _POLICY)},
    {("html", f"meta[{attribute}=tdm-{name}]"): name
     for attribute in ("name", "property", "http-equiv") for name in (_RESERVATION, _POLICY)},
)  # fmt: skip
_FILE_FIELD = ("wellknown", "tdmrep.json")


def read_tdmrep(
    signals: Sequence[RightsSignal], *, article_url: str | None
) -> tuple[StatedPreference, ...]:
    """Return the one reservation that counts, with all that was stated; () where nothing was.

    A value other than 0 and 1 states nothing (``tdm_reservation`` None).

    Raises: Nothing.
    """
    raw = tuple(_raw(signals))
    if not raw:
        return ()
    is_reserved: bool | None = None
    policy: str | None = None
    for found, found_policy in (_of_file(signals, article_url), *_of_levels(signals)):
        if found is not None:
            is_reserved, policy = found, found_policy
    return (
        StatedPreference(
            raw=raw, tdm_reservation=is_reserved, tdm_policy_url=_absolute(policy, article_url)
        ),
    )


def cut_tdmrep(text: str, *, article_url: str) -> str:
    """Return a TDMRep file cut to the one rule that is about an article where it is long.

    Returns:
        the file as it stands up to ``MAX_WHOLE_CHARS``; "" where it has no rule for the article.

    Raises: Nothing.
    """
    path = path_of(article_url)
    for rule in _rules(text):
        location = rule.get("location")
        if isinstance(location, str) and _applies(location.strip(), path):
            return text if len(text) <= MAX_WHOLE_CHARS else json.dumps([rule], ensure_ascii=False)
    return ""


def _raw(signals: Iterable[RightsSignal]) -> Iterator[RawPreference]:
    for signal in signals:
        key = (signal.layer, signal.field)
        if key == _FILE_FIELD or any(key in level for level in _LEVELS):
            yield RawPreference(
                protocol=PROTOCOL,
                field=signal.field,
                value=signal.value,
                source_url=signal.source_url,
            )


def _of_levels(signals: Iterable[RightsSignal]) -> Iterator[tuple[bool | None, str | None]]:
    for level in _LEVELS:
        values: dict[str, list[str]] = {_RESERVATION: [], _POLICY: []}
        for signal in signals:
            name = level.get((signal.layer, signal.field))
            if name:
                values[name].append(signal.value.strip())
        yield _stated(values[_RESERVATION]), next(iter(values[_POLICY]), None)


def _stated(values: Iterable[str]) -> bool | None:
    """Return what one level says; who repeats the header with both values reserves."""
    found = {_flag(part.strip()) for value in values for part in value.split(",")} - {None}
    return True in found if found else None


def _of_file(
    signals: Iterable[RightsSignal], article_url: str | None
) -> tuple[bool | None, str | None]:
    path = path_of(article_url)
    for signal in signals:
        if (signal.layer, signal.field) != _FILE_FIELD:
            continue
        for rule in _rules(signal.value):
            location = rule.get("location")
            if not isinstance(location, str) or not _applies(location.strip(), path):
                continue
            policy = rule.get("tdm-policy")
            return _flag(rule.get("tdm-reservation")), policy if isinstance(policy, str) else None
    return None, None


def _rules(text: str) -> Iterator[dict[str, Any]]:
    try:
        decoded = json.loads(text)
    except (ValueError, RecursionError):
        return
    # The array is mandatory: a lone object is no TDMRep file.
    for rule in decoded[:MAX_RULES] if isinstance(decoded, list) else ():
        if isinstance(rule, dict):
            yield rule


def _applies(location: str, path: str | None) -> bool:
    if path is None:  # of an unknown place only what is said of every place
        return location in ("/", "/*", "*")
    return is_match(path, location)


def _flag(value: object) -> bool | None:
    # In Python True == 1; in JSON `true` is neither 0 nor 1.
    if isinstance(value, bool) or not isinstance(value, int | str):
        return None
    return {"0": False, "1": True}.get(str(value).strip())


def _absolute(policy: str | None, article_url: str | None) -> str | None:
    if not policy:
        return None
    try:
        address = urljoin(article_url or "", policy.strip()[:2000])
        is_web = urlsplit(address).scheme in ("http", "https")
    except ValueError:
        return None
    return address if is_web else None

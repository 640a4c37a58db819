"""Read ``config/watchlists.toml``, and say what it changes among the watches that are kept."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields, replace
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from dateline.alert_records import Channel, Watch
from dateline.errors import ConfigError
from dateline.watches.watchlist import Watchlist

TABLES: Mapping[str, type[Watch] | type[Channel]] = {"watches": Watch, "channels": Channel}
# What the file does not say: it is a record's history.
_OWN = frozenset({"created_at", "changed_at", "came_from"})
# Keys of the file that are shorter than those of the record.
_SHORT = {"watch_id": "id", "channel_id": "id", "channel_ids": "channels"}
# What a watch asks for; where it changes, the watch begins anew, and does not alert for the past.
_ASKED = ("query", "trigger", "scope", "silence_days", "surge")

Kept = TypeVar("Kept", Watch, Channel)


def load_watch_file(path: Path, *, at: datetime) -> Watchlist:
    """Return what the file lists, as if written ``at``.

    Raises:
        ConfigError: see ``parse_watch_file``; the file cannot be read.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"watchlist {path} cannot be read: {error}.") from error
    return parse_watch_file(text, shown=str(path), at=at)


def parse_watch_file(text: str, *, shown: str, at: datetime) -> Watchlist:
    """Return the watches and channels of a TOML text. Queries are not read.

    Args:
        text: tables ``[[watches]]`` and ``[[channels]]``.
        shown: name of the file for messages.
        at: time of the records.

    Raises:
        ConfigError: no TOML, an unknown key (with the nearest known one), a wrong value, an id that
            stands there twice.
    """
    try:
        tree = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{shown} is not valid TOML: {error}.") from error
    for key in tree:
        if key not in TABLES:
            raise ConfigError(f"{shown}: unknown table {key!r}.", hint=_nearest(key, TABLES))
    watches = _records(tree, "watches", Watch, shown, at)
    channels = _records(tree, "channels", Channel, shown, at)
    return Watchlist(
        watches=_by_id(watches, "watches", shown), channels=_by_id(channels, "channels", shown)
    )


def changes_of_import(listed: Watchlist, kept: Watchlist, *, at: datetime) -> list[Watch | Channel]:
    """Return the records to write so that what is kept says what the file lists.

    Channels come first. What came from the file and is no longer in it is written as removed; what
    was made elsewhere is left alone. A watch that asks for something else than before, or was
    removed, begins ``at``: it does not alert for the past.

    Raises:
        ConfigError: an id of the file belongs to what was made elsewhere; a watch names a channel
            that there is not.
    """
    channels = _changed(listed.channels, kept.channels, "channel", at)
    watches = _changed(listed.watches, kept.watches, "watch", at)
    known = {key for key, channel in kept.channels.items() if channel.is_active}
    known -= {channel.channel_id for channel in channels if not channel.is_active}
    for watch in listed.watches.values():
        refuse_unknown_channels(watch, known | set(listed.channels))
    return [*channels, *watches]


def refuse_unknown_channels(watch: Watch, known: Iterable[str]) -> None:
    """Return nothing.

    Raises:
        ConfigError: ``watch`` names a channel that is not among ``known``.
    """
    channels = set(known)
    for channel_id in watch.channel_ids:
        if channel_id not in channels:
            hint = _nearest(channel_id, channels) if channels else "There is no channel yet."
            raise ConfigError(f"watch {watch.watch_id}: no channel {channel_id!r}.", hint=hint)


def begun_anew(watch: Watch, before: Watch | None, *, at: datetime) -> Watch:
    """Return ``watch`` with the time from which it alerts, given what it was before."""
    if before is None or not before.is_active:
        return replace(watch, created_at=at, changed_at=at)
    is_same = all(getattr(watch, name) == getattr(before, name) for name in _ASKED)
    return replace(watch, created_at=before.created_at if is_same else at, changed_at=at)


def record_id(record: Watch | Channel) -> str:
    """Return the id of a watch or channel."""
    return record.watch_id if isinstance(record, Watch) else record.channel_id


def chosen_watch(kept: Watchlist, watch_id: str) -> Watch:
    """Return the watch with this id.

    Raises:
        ConfigError: there is none (with the nearest).
    """
    found = kept.watches.get(watch_id)
    if found is None:
        hint = _nearest(watch_id, kept.watches) if kept.watches else "Nothing is watched yet."
        raise ConfigError(f"there is no watch {watch_id!r}.", hint=hint)
    return found


def chosen_channel(kept: Watchlist, channel_id: str) -> Channel:
    """Return the channel with this id.

    Raises:
        ConfigError: there is none (with the nearest).
    """
    found = kept.channels.get(channel_id)
    if found is None:
        hint = _nearest(channel_id, kept.channels) if kept.channels else "There is no channel yet."
        raise ConfigError(f"there is no channel {channel_id!r}.", hint=hint)
    return found


def _changed(
    listed: Mapping[str, Kept], kept: Mapping[str, Kept], noun: str, at: datetime
) -> list[Kept]:
    found: list[Kept] = []
    for key, record in listed.items():
        before = kept.get(key)
        if before is not None and before.is_active and before.came_from != "file":
            raise ConfigError(
                f"the file's {noun} {key!r} was made elsewhere already ({before.came_from}).",
                hint="Give it another id, or remove the other one.",
            )
        wanted = _with_history(record, before, at)
        if before is None or _content(wanted) != _content(before):
            found.append(wanted)
    for key, before in kept.items():
        if key not in listed and before.came_from == "file" and before.is_active:
            found.append(replace(before, is_active=False, changed_at=at))
    return found


def _with_history(record: Kept, before: Kept | None, at: datetime) -> Kept:
    if before is None:
        return record
    if isinstance(record, Watch) and isinstance(before, Watch):
        return begun_anew(record, before, at=at)
    return replace(record, created_at=before.created_at, changed_at=at)


def _content(record: Watch | Channel) -> dict[str, Any]:
    return {
        field.name: getattr(record, field.name)
        for field in fields(record)
        if field.name not in ("created_at", "changed_at")
    }


def _records(
    tree: Mapping[str, Any], table: str, kind: type[Kept], shown: str, at: datetime
) -> list[Kept]:
    entries = tree.get(table, [])
    if not isinstance(entries, list):
        raise ConfigError(f"{shown}: {table!r} is not a list.", hint=f"Write [[{table}]].")
    return [
        _record(entry, kind, f"{shown}: {table} {number}", at)
        for number, entry in enumerate(entries, start=1)
    ]


def _record(entry: Any, kind: type[Kept], where: str, at: datetime) -> Kept:
    if not isinstance(entry, dict):
        raise ConfigError(f"{where} is not a table.")
    names = {_SHORT.get(each.name, each.name): each.name for each in fields(kind)}
    names = {key: name for key, name in names.items() if name not in _OWN}
    for key in entry:
        if key not in names:
            raise ConfigError(f"{where}: unknown key {key!r}.", hint=_nearest(key, names))
    values = {names[key]: value for key, value in entry.items()}
    try:
        return msgspec.convert(
            {**values, "created_at": at, "changed_at": at, "came_from": "file"}, kind
        )
    except msgspec.ValidationError as error:
        raise ConfigError(f"{where}: {_in_words(str(error))}.") from error


def _in_words(message: str) -> str:
    for name, key in _SHORT.items():
        message = message.replace(f"$.{name}", f"$.{key}").replace(f"`{name}`", f"`{key}`")
    return message


def _by_id(records: Sequence[Kept], table: str, shown: str) -> dict[str, Kept]:
    found: dict[str, Kept] = {}
    for record in records:
        key = record_id(record)
        if key in found:
            raise ConfigError(f"{shown}: {table} has the id {key!r} twice.")
        found[key] = record
    return found


def _nearest(key: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(key, list(known), n=1)
    return f"Did you mean {near[0]!r}?" if near else f"Known: {', '.join(sorted(known))}."

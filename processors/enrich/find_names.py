"""Find the names of a text and say who they are: what a model saw, mended by the gazetteer."""

from __future__ import annotations

import hashlib
import tomllib
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec

from dateline.errors import ConfigError
from dateline.gazetteer.boost import LABELS, Found, mended_type, missing_names
from dateline.gazetteer.find import Gazetteer, load_gazetteer
from dateline.gazetteer.link import link
from dateline.gazetteer.links import Link
from dateline.ids import entity_id
from dateline.records import Mention
from dateline.rights.sentences import Span
from processors.enrich.document_entities.state_bodies import name_state_bodies
from processors.enrich.repeat_names import repeat_names

# More is no article but a list. Elasticsearch holds each mention as a document of its own.
MAX_MENTIONS = 5_000
_VERSION_CHARS = 8
# What reads a document looks for these too.
_WORD_LISTS = ("titles.toml", "quotation_verbs.toml")


@dataclass(frozen=True, slots=True)
class FoundNames:
    """The mentions of a text with who they are.

    Attributes:
        mentions: sorted by place, none overlapping, ``MAX_MENTIONS`` at most.
        links: one for each mention, in their order.
        left_out: how many mentions more the text has.
    """

    mentions: tuple[Mention, ...]
    links: tuple[Link, ...]
    left_out: int = 0


@dataclass(frozen=True, slots=True)
class NameFinder:
    """Finds names with one gazetteer; ``detector`` marks those that no model saw."""

    gazetteer: Gazetteer
    detector: str

    def find(
        self, seen: Sequence[Mention], text: str, sentences: Sequence[Span], *, language: str,
        story_start: int = 0,
    ) -> FoundNames:  # fmt: skip
        """Return the mentions that a model saw, their types mended, and the names it missed.

        Args:
            seen: what ``build_mentions`` made of the model's spans; nothing where no model ran.
            text: clean text; all offsets refer to it.
            sentences: in order, for the names that the gazetteer adds.
            language: ISO 639-1 code of the text.
            story_start: where the story begins; of the dateline before it, only the places count.
        """
        spans = self.gazetteer.find(text, language=language)
        mended = [self._mended(mention, text) for mention in seen]
        missing = missing_names(mended, text, self.gazetteer, spans=spans, language=language)
        starts = [start for start, _ in sentences]
        added = [
            self._added(each, text, sentences, starts)
            for each in missing
            if each.entity_type == "place" or each.start >= story_start
        ]
        apart: Sequence[Mention] = _apart([*mended, *added])
        if seen:
            apart = repeat_names(apart, text, sentences, language=language, story_start=story_start)
        whole = name_state_bodies(apart, text, self.gazetteer)
        kept = whole[:MAX_MENTIONS]
        links = link(kept, text, self.gazetteer, spans=spans, language=language)
        return FoundNames(kept, links, len(whole) - len(kept))

    def _mended(self, mention: Mention, text: str) -> Mention:
        entity_type = mended_type(mention, text, self.gazetteer)
        if entity_type == mention.entity_type:
            return mention
        return replace(
            mention, entity_type=entity_type, entity_id=entity_id(entity_type, mention.text)
        )

    def _added(
        self, found: Found, text: str, sentences: Sequence[Span], starts: Sequence[int]
    ) -> Mention:
        name = text[found.start : found.end]
        at = bisect_right(starts, found.start) - 1
        start, end = sentences[at] if at >= 0 else (found.start, found.end)
        if end <= found.start:  # between two sentences, such as in a dateline
            start = found.start
        return Mention(
            text=name, label=LABELS[found.entity_type], entity_type=found.entity_type,
            entity_id=entity_id(found.entity_type, name), start=found.start, end=found.end,
            sentence_start=start, sentence_end=max(end, found.end), detector=self.detector,
        )  # fmt: skip


def _apart(mentions: Iterable[Mention]) -> list[Mention]:
    """Return the mentions by place; of overlapping ones the longest that comes first stays.

    "US$5 million" names no country, and the date in "2015 nuclear deal" is a part of the name.
    """
    apart: list[Mention] = []
    for each in sorted(mentions, key=lambda mention: (mention.start, -mention.end)):
        while apart and each.start < apart[-1].end and _chars(each) > _chars(apart[-1]):
            apart.pop()
        if not apart or apart[-1].end <= each.start:
            apart.append(each)
    return apart


def _chars(mention: Mention) -> int:
    return mention.end - mention.start


def load_name_finder(folder: Path) -> NameFinder:
    """Return what finds the names of the gazetteer in ``folder``.

    Its detector is ``gazetteer@`` and the beginning of the hash of the folder's files.

    Raises:
        ConfigError: a file is missing or wrong.
    """
    version = hashlib.sha256()
    path = folder
    try:
        for path in sorted({*folder.iterdir(), *(folder / name for name in _WORD_LISTS)}):
            version.update(path.name.encode() + b"\0" + path.read_bytes())
            if path.suffix == ".toml":
                tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ConfigError(f"gazetteer {path}: {error}") from error
    try:
        gazetteer = load_gazetteer(folder)
    except (OSError, ValueError, LookupError, msgspec.MsgspecError) as error:
        raise ConfigError(f"gazetteer {folder}: {error!r}") from error
    return NameFinder(gazetteer, f"gazetteer@{version.hexdigest()[:_VERSION_CHARS]}")

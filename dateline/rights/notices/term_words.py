"""Return the words that rights are kept and terms of re-use are set with, by language."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import msgspec

from dateline.rights.alternatives import joined
from dateline.rights.folding import folded_text

_EAST_ASIAN = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
# Arabic writes article, "and", "by", "for" and "as" in one with the word behind.
_ARABIC_START = "(?:[\u0648\u0641]?[\u0628\u06a9\u0644]?(?:\u0627\u0644|\u0644)?)"
_GAP = r" (?:[\w'\-]+ ){0,3}?"
_WILD = re.compile(r"\[\S*|\*| \.\.\. ")
_FEWEST_ANCHOR_CHARS = 4
_FEWEST_OF_SEVERAL_CHARS = 7
_KEY_CHARS = 4
# What words stand right behind.
_MARKS = "(\"'«“„/-¿¡"
# Words stand behind others without a space, or behind an article that is written with them.
_GLUED = re.compile("[\u0600-\u06ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")


class _Words(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The words of one language as its file has them: lower-case words and short phrases.

    ``*`` stands for letters, ``...`` for up to three words, ``[sz]`` for one of these letters.

    - acts: ``copy`` (what is done to texts and the like), ``use`` (what is done to other things
      too), ``imperative`` (asks to do so where a clause begins);
    - leave: ``may``, ``free`` (at no cost, without asking); no leave: ``forbid``, ``no`` (plain
      negation), ``needs`` with ``consent``;
    - rights: ``all_rights``, ``rights``, ``right`` (to do something); that they are kept: ``kept``,
      ``held`` (said of other things too);
    - whose: ``ours`` (beside the words of ``lexicon/`` for our texts), ``part`` (in whole or in
      part, of any kind), ``whom`` (who may: papers, schools); ``credit``: what is asked in return;
    - ``government`` with ``no_copyright``: a government's work; ``open_license``: a licence that is
      open or free and has no name;
    - ``ignored``: phrases that are taken out first.
    """

    copy: tuple[str, ...]
    use: tuple[str, ...]
    imperative: tuple[str, ...]
    may: tuple[str, ...]
    free: tuple[str, ...]
    no: tuple[str, ...]
    forbid: tuple[str, ...]
    needs: tuple[str, ...]
    consent: tuple[str, ...]
    all_rights: tuple[str, ...]
    rights: tuple[str, ...]
    right: tuple[str, ...]
    kept: tuple[str, ...]
    held: tuple[str, ...]
    credit: tuple[str, ...]
    ours: tuple[str, ...]
    part: tuple[str, ...]
    whom: tuple[str, ...]
    open_license: tuple[str, ...]
    government: tuple[str, ...] = ()
    no_copyright: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()


# What an imperative stands behind.
_CLAUSE_START = (
    r"(?:^|[,;:?!.\-(¡] ?|\b(?:please|so|then|just|bitte|also|donc|alors|por favor|pues|então"
    r"|quindi|perciò|dus|пожалуйста|поэтому) )"
)
# A statement without one of these is none.
_ANCHOR_KINDS = (
    "copy", "free", "forbid", "consent", "credit", "ours", "all_rights", "rights", "no_copyright",
    "open_license",
)  # fmt: skip
_TOGETHER = {
    "acts": ("copy", "use", "imperative"),
    "leaves": ("may", "free", "forbid", "needs", "consent", "imperative"),
    "signs": ("free", "credit", "consent", "ours", "part"),
    "titles": ("all_rights", "rights", "right"),
    "keeps": ("kept", "held"),
    "alone": ("open_license", "no_copyright"),
    "needed": (
        "copy", "use", "imperative", "all_rights", "rights", "right", "open_license",
        "no_copyright",
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class TermWords:
    """The words of one language, compiled; each kind is one pattern over folded lower case.

    ``anchors`` are pieces of words, one of which stands in every statement, each with its longest
    word, by how that begins; those under "" may stand inside words.
    """

    anchors: Mapping[str, tuple[tuple[str, str], ...]]
    patterns: Mapping[str, re.Pattern[str]]

    def may_state(self, text: str) -> bool:
        """Return whether ``text`` has words of the kinds that a statement needs."""
        if not self.has("needed", text):
            return False
        is_about_acts = self.has("acts", text) and self.has("leaves", text)
        if is_about_acts and (self.has("copy", text) or self.has("signs", text)):
            return True
        if self.has("titles", text) and self.has("keeps", text):
            return True
        return self.has("alone", text)

    def anchors_in(self, text: str, words: Mapping[str, Sequence[str]]) -> Iterator[str]:
        """Give the anchors that may stand in ``text``, which has these words by their beginning."""
        if "" in self.anchors and not text.isascii() and _GLUED.search(text):
            yield from (anchor for anchor, _ in self.anchors[""])
        for key in words.keys() & self.anchors.keys():
            found = words[key]
            for anchor, longest in self.anchors[key]:
                if longest == key or any(word.startswith(longest) for word in found):
                    yield anchor

    def find(self, kind: str, text: str) -> re.Match[str] | None:
        """Return the first words of this kind in ``text``."""
        return self.patterns[kind].search(text)

    def find_all(self, kind: str, text: str) -> Iterator[re.Match[str]]:
        """Give all words of this kind in ``text``."""
        return self.patterns[kind].finditer(text)

    def has(self, kind: str, text: str) -> bool:
        """Return whether ``text`` has words of this kind."""
        return self.patterns[kind].search(text) is not None

    def without(self, kind: str, text: str) -> str:
        """Return ``text`` with the words of this kind blanked out, so that places stay."""
        return self.patterns[kind].sub(lambda found: " " * len(found.group()), text)


@cache
def load_term_words() -> Mapping[str, TermWords]:
    """Return the words of each language by the code of its lexicon."""
    folder = files(__package__) / "term_words"
    found = {}
    for file in folder.iterdir():
        language, _, ending = file.name.rpartition(".")
        if ending == "toml":
            read = msgspec.convert(tomllib.loads(file.read_text(encoding="utf-8")), _Words)
            found[language] = _compiled(msgspec.structs.asdict(read), language)
    return found


def _compiled(words: Mapping[str, tuple[str, ...]], language: str) -> TermWords:
    start = _ARABIC_START if language == "ar" else ""
    patterns = {kind: re.compile(_any(each, start)) for kind, each in words.items()}
    asking = _any(words["imperative"], start)
    patterns["imperative"] = re.compile(f"{_CLAUSE_START}{asking}")
    for name, kinds in _TOGETHER.items():
        patterns[name] = re.compile(_any([each for kind in kinds for each in words[kind]], start))
    return TermWords(anchors=_anchors(words), patterns=patterns)


def _anchors(
    words: Mapping[str, tuple[str, ...]],
) -> Mapping[str, tuple[tuple[str, str], ...]]:
    """Return pieces of the words that a statement has one of, by how their first word begins."""
    pieces = {_piece(word) for kind in _ANCHOR_KINDS for word in words[kind]}
    # "All rights" begins before "rights", and so does its sentence.
    titles = {word for word in words["all_rights"] if not _WILD.search(word)}
    anchors: dict[str, list[tuple[str, str]]] = {}
    for piece in sorted({*_shortest(pieces - {""}), *titles}):
        longest = max(piece.split(), key=len)
        key = "" if _GLUED.search(piece) else longest[:_KEY_CHARS]
        anchors.setdefault(key, []).append((piece, longest))
    return {key: tuple(each) for key, each in anchors.items()}


def words_by_beginning(text: str, beginnings: Collection[str]) -> Mapping[str, Sequence[str]]:
    """Return what stands between white space and marks in ``text``, each once, by its beginning.

    Only words that begin with one of ``beginnings`` are returned.
    """
    for mark in _MARKS:
        text = text.replace(mark, " ")
    found: dict[str, list[str]] = {}
    for word in frozenset(text.split()):
        if word[:_KEY_CHARS] in beginnings:
            found.setdefault(word[:_KEY_CHARS], []).append(word)
    return found


def _any(words: Iterable[str], start: str) -> str:
    """Return the expression of any of these, whole words where a script has spaces."""
    folded = [folded_text(each).lower() for each in words]
    spaced = [_expression(each, start) for each in folded if not _EAST_ASIAN.search(each)]
    glued = [_expression(each, "") for each in folded if _EAST_ASIAN.search(each)]
    whole = [rf"(?<!\w){start}(?:{joined(spaced)})(?!\w)"] if spaced else []
    return f"(?:{'|'.join(whole + glued) or '(?!)'})"


def _expression(word: str, start: str) -> str:
    plain = word.replace(".", r"\.").replace(r" \.\.\. ", _GAP).replace("*", r"\w*")
    return plain.replace(" ", " " + start) if start else plain


def _piece(word: str) -> str:
    """Return the longest part of a phrase without a wild card, if it is long enough to be rare."""
    folded = folded_text(word).lower()
    piece = max(_WILD.split(folded), key=len).strip()
    fewest = _FEWEST_OF_SEVERAL_CHARS if " ... " in folded else _FEWEST_ANCHOR_CHARS
    return piece if len(piece) >= fewest or _GLUED.search(piece) else ""


def _shortest(words: Iterable[str]) -> tuple[str, ...]:
    """Return the words that have no other of them in them."""
    kept: list[str] = []
    for word in sorted(words, key=len):
        if not any(each in word for each in kept):
            kept.append(word)
    return tuple(kept)

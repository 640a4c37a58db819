"""Find the words by which a source says itself that its article was corrected (pure).

Pages change by the hour. Only what its source calls a correction is told to everybody who was told
of the article; any other new text is an update, for those who asked for updates.
"""

from __future__ import annotations

import hashlib
import re
from functools import lru_cache

from dateline.alert_records import MatchReason
from dateline.records import EnrichedArticle, GroupedArticle
from dateline.watches.words import fold_words

_HEADS = r"corrected|correction|corrections|corrigendum|clarification|rectificatif|correctif"
_TEXTS = r"article|story|report|post|headline|dispatch"
# "CORRECTED-UPDATE 1-Bank keeps rates", "Correction: Bank keeps rates"
_IN_TITLE = re.compile(rf"^\W*(?:{_HEADS})\s*[-–—:(]", re.I)
_IN_TEXT = re.compile(
    # "Correction: ...", at the beginning of a line or behind a sentence
    rf"(?:^|[\n.!?”\"]\s*)\W{{0,3}}(?P<head>(?:{_HEADS})\s*(?:\([^)\n]{{1,40}}\)\s*)?[:—])"
    # agencies: "(Corrects name in paragraph 3)", "This version corrects that ..."
    r"|\((?:corrects|clarifies)\s"
    r"|\bthis version corrects\b"
    rf"|\b(?:an?|the) (?:earlier|previous|original) version of this (?:{_TEXTS})\b"
    rf"|\bthis (?:{_TEXTS}) (?:has been|was) (?:corrected|amended)\b"
    r"|\bcet article a été (?:corrigé|rectifié)"
    r"|\bune (?:première version|version (?:précédente|antérieure)) de cet article\b",
    re.I,
)
# One of these is in every notice; looking for them takes a hundredth of the time.
_HINTS = ("correct", "corrig", "clarif", "rectif", "amended", "version")
_SENTENCE_END = re.compile(r"[.!?](?:\s|$)|\n|\Z")
TERM = "correction"


def find_notice(enriched: EnrichedArticle) -> MatchReason | None:
    """Return where the article says that it was corrected; None: it does not say so."""
    return _notice(enriched.text, enriched.title)


def notice_sha256(grouped: GroupedArticle) -> str:
    """Return the hash of the notice's words; empty: there is none."""
    enriched = grouped.enriched
    found = find_notice(enriched) if enriched else None
    if found is None or enriched is None:
        return ""
    words = enriched.text[found.start : found.end] if found.place == "body" else enriched.title
    return hashlib.sha256(" ".join(fold_words(words)).encode("utf-8", "surrogatepass")).hexdigest()


# Asked once an alert, and an article may make thousands.
@lru_cache(maxsize=64)
def _notice(text: str, title: str) -> MatchReason | None:
    lowered = text.lower()
    may_be_in_text = any(hint in lowered for hint in _HINTS)
    found = _IN_TEXT.search(text) if may_be_in_text else None
    if found is not None:
        start = found.start("head") if found["head"] else found.start()
        end = _sentence_end(text, found.end())
        return MatchReason(
            term=TERM, place="body", start=start, end=end, sentence_start=start, sentence_end=end
        )
    head = _IN_TITLE.search(title)
    if head is None:
        return None
    return MatchReason(term=TERM, place="title", start=head.start(), end=head.end())


def _sentence_end(text: str, after: int) -> int:
    found = _SENTENCE_END.search(text, after)
    return (found.start() + (found[0][:1] in {".", "!", "?"})) if found else len(text)

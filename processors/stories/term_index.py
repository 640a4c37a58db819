"""Find the stories that may be near an article by the heaviest terms of their articles."""

from __future__ import annotations

import math
from heapq import nlargest

from processors.stories.open_stories import MemberArticle, OpenStory
from processors.stories.term_vector import TermVector, strongest

# By how many terms a text looks for stories.
QUERY_TERMS = 32
# The rarest terms are looked up until so many articles were seen: bounded however large the window.
MAX_LOOKUPS = 500
MAX_CANDIDATES = 12


class TermIndex:
    """The articles of the window by their heaviest terms."""

    def __init__(self) -> None:
        self._articles: dict[int, list[MemberArticle]] = {}

    def add(self, article: MemberArticle) -> None:
        """Make an article findable."""
        for term in article.key_terms:
            self._articles.setdefault(term, []).append(article)

    def remove(self, article: MemberArticle) -> None:
        """Forget an article."""
        for term in article.key_terms:
            found = self._articles[term]
            found.remove(article)
            if not found:
                del self._articles[term]

    def candidates(self, vector: TermVector, lane: str) -> list[OpenStory]:
        """Return the stories that share the heaviest and rarest terms, best first."""
        terms = strongest(vector, QUERY_TERMS)
        weights = dict(zip(vector.ids.tolist(), vector.weights.tolist(), strict=True))
        found = [
            (len(articles), term, articles)
            for term in terms.tolist()
            if (articles := self._articles.get(term))
        ]
        shared: dict[OpenStory, int] = {}
        looked = 0
        for count, term, articles in sorted(found, key=lambda entry: entry[:2]):
            looked += count
            if looked > MAX_LOOKUPS:
                break
            for story in {article.story for article in articles}:
                shared[story] = shared.get(story, 0) + weights[term]
        of_lane = {story: weight for story, weight in shared.items() if story.lane == lane}
        least = min(nlargest(MAX_CANDIDATES, of_lane.values()), default=0)
        best = [story for story, weight in of_lane.items() if weight >= least]
        best.sort(key=lambda story: (-shared[story], story.story_id))
        return best[:MAX_CANDIDATES]


def cosine(first: TermVector, second: TermVector) -> float:
    """Return the cosine of two vectors (the longer one first), 0 where one is empty."""
    product = first.dot(second)
    return product / math.sqrt(first.norm2 * second.norm2) if product else 0.0

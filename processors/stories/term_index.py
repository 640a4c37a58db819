"""Find the stories that may be near an article by the heaviest terms of their articles."""

from __future__ import annotations

import math
from array import array

import numpy as np
from numpy.typing import NDArray

from processors.stories.numbering import Numbering
from processors.stories.open_stories import MemberArticle, OpenStory
from processors.stories.term_vector import TermVector, run_starts, strongest_places

# By how many terms a text looks for stories.
QUERY_TERMS = 32
# The rarest terms are looked up until so many articles were seen: bounded however large the window.
MAX_LOOKUPS = 500
MAX_CANDIDATES = 12


class TermIndex:
    """The articles of the window by their heaviest terms.

    Articles, stories and lanes are numbers here, so that all lookups of a text are a few steps over
    arrays. Most terms have one article: it stands for itself, not in an array.
    """

    def __init__(self) -> None:
        self._rows: dict[int, int | array[int]] = {}
        self._articles: Numbering[MemberArticle] = Numbering()
        self._stories: Numbering[OpenStory] = Numbering()
        self._lanes: Numbering[str] = Numbering()
        self._open: dict[int, OpenStory] = {}
        # By the number of an article its story's, by that of a story its lane's.
        self._story_of = np.zeros(1024, np.int32)
        self._lane_of = np.zeros(1024, np.int32)

    def add(self, article: MemberArticle) -> None:
        """Make an article findable."""
        self.move(article)
        number = self._articles.of(article)
        for term in article.key_terms:
            rows = self._rows.get(term)
            if rows is None:
                self._rows[term] = number
            elif isinstance(rows, array):
                rows.append(number)
            else:
                self._rows[term] = array("i", (rows, number))

    def move(self, article: MemberArticle) -> None:
        """Note the story that an article has now."""
        story = self._stories.of(article.story)
        self._open[story] = article.story
        self._story_of = _noted(self._story_of, self._articles.of(article), story)
        self._lane_of = _noted(self._lane_of, story, self._lanes.of(article.story.lane))

    def remove(self, article: MemberArticle) -> None:
        """Forget an article."""
        number = self._articles.of(article)
        for term in article.key_terms:
            rows = self._rows[term]
            if not isinstance(rows, array):
                del self._rows[term]
                continue
            rows.remove(number)
            if len(rows) == 1:
                self._rows[term] = rows[0]
        self._articles.take_back(article)

    def close(self, story: OpenStory) -> None:
        """Forget a story that has no articles."""
        number = self._stories.take_back(story)
        if number is not None:
            del self._open[number]

    def candidates(self, vector: TermVector, lane: str) -> list[OpenStory]:
        """Return the stories that share the heaviest and rarest terms, best first."""
        stories, shared = self._shared(vector)
        is_of_lane = self._lane_of[stories] == self._lanes.of(lane)
        stories, shared = stories[is_of_lane], shared[is_of_lane]
        if len(stories) > MAX_CANDIDATES:
            is_best = shared >= np.partition(shared, -MAX_CANDIDATES)[-MAX_CANDIDATES]
            stories, shared = stories[is_best], shared[is_best]
        found = [self._open[number] for number in stories.tolist()]
        ids = [story.story_id for story in found]
        best = sorted(zip((-shared).tolist(), ids, found, strict=True))
        return [story for _, _, story in best[:MAX_CANDIDATES]]

    def _shared(self, vector: TermVector) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
        """Return the numbers of stories, and the weight of the terms that each has."""
        weights, counts, articles = self._look_up(vector)
        if not articles:
            return np.empty(0, np.int32), np.empty(0, np.int64)
        places = np.repeat(np.arange(len(counts), dtype=np.int32), counts)
        pairs = self._story_of[np.frombuffer(articles, np.intc)] * QUERY_TERMS + places
        pairs.sort()
        # A story has a term once, in however many of its articles.
        pairs = pairs[run_starts(pairs)]
        stories = pairs // QUERY_TERMS
        starts = run_starts(stories)
        return stories[starts], np.add.reduceat(np.array(weights)[pairs % QUERY_TERMS], starts)

    def _look_up(self, vector: TermVector) -> tuple[list[int], list[int], array[int]]:
        """Return the weights of the rarest terms, how many articles each has, and which."""
        places = strongest_places(vector, QUERY_TERMS)
        found = []
        terms, weights = vector.ids[places].tolist(), vector.weights[places].tolist()
        for term, weight in zip(terms, weights, strict=True):
            rows = self._rows.get(term)
            if rows is not None:
                count = len(rows) if isinstance(rows, array) else 1
                found.append((count, term, weight, rows))
        found.sort(key=_count_and_term)
        counts, articles = [], array("i")
        for count, _, _, rows in found:
            if len(articles) + count > MAX_LOOKUPS:
                break
            counts.append(count)
            if isinstance(rows, array):
                articles.extend(rows)
            else:
                articles.append(rows)
        return [weight for _, _, weight, _ in found[: len(counts)]], counts, articles


def _count_and_term(row: tuple[int, int, int, int | array[int]]) -> tuple[int, int]:
    return row[:2]


def _noted(values: NDArray[np.int32], place: int, value: int) -> NDArray[np.int32]:
    """Return the values, twice as many where they were too few, with one more of them set."""
    if place >= len(values):
        values = np.concatenate([values, np.zeros_like(values)])
    values[place] = value
    return values


def cosine(first: TermVector, second: TermVector) -> float:
    """Return the cosine of two vectors (the longer one first), 0 where one is empty."""
    product = first.dot(second)
    return product / math.sqrt(first.norm2 * second.norm2) if product else 0.0

"""The quick looks at names: they may say yes in vain, never no."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from dateline.entities.name_keys import may_be_alike
from dateline.names.compare import THRESHOLD
from dateline.names.similar_words import organization_word_similarity

WORDS = st.text("abdnost", min_size=1, max_size=8) | st.text("absن", min_size=1, max_size=5)


@given(first=WORDS, second=WORDS)
@example(first="govt", second="government")  # an abbreviation
@example(first="bsnt", second="basinota")  # the same consonants, half of the letters
@example(first="abcd", second="badc")  # letters that changed places
def test_words_that_are_alike_may_be_alike(first: str, second: str) -> None:
    if organization_word_similarity(first, second) >= THRESHOLD:
        assert may_be_alike(first, second)


def test_words_with_few_letters_in_common_are_not_compared() -> None:
    assert not may_be_alike("unhcr", "telecom")

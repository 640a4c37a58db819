"""What a window knows follows from the articles in it, not from those that came and went."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from dateline import ids
from dateline.document_records import StoryEntity
from dateline.entities.window import Window

START = datetime(2026, 1, 1, tzinfo=UTC)
NAMES = (
    "Yusuf Haddad", "Yousef Hadad", "Ada Brook", "Ada M. Brook", "Ada Brook Says", "Brook",
    "Haddad", "Norland Bank of Trade", "NBT", "Norland Trade Bank",
    *(f"Ben {letter}arsh" for letter in "MKTLRSFN"),
)  # fmt: skip
KINDS = ("person", "organization")


def entity(kind: str, name: str, alias: str) -> StoryEntity:
    return StoryEntity(
        entity_id=ids.entity_id(kind, name), entity_type=kind, name=name,
        is_full_name=" " in name, aliases=(alias,), country_codes=("qa",),
    )  # fmt: skip


entities = st.lists(
    st.builds(entity, st.sampled_from(KINDS), st.sampled_from(NAMES), st.sampled_from(NAMES)),
    max_size=14,
)
steps = st.lists(st.tuples(st.integers(0, 7), st.sampled_from("st"), st.none() | entities))


def known(window: Window) -> dict[object, object]:
    """Return all that a window can be asked, in words."""
    found: dict[object, object] = {}
    for one in window.entities.values():
        for said in one.said:
            own = one.entity_id, said.kind, said.text
            found["in", *own] = [each.article_id for each in said.articles]
            found["alike", *own] = {
                (each.entity.entity_id, each.text) for each in window.alike(said)
            }
            found["claims", *own] = {
                each.entity.entity_id for claim in said.claims for each in window.claims.get(claim)
            }
    for story in window.stories.values():
        for article in story.articles:
            for said in article.named():
                # Asked of a story of one article its names have no forms.
                forms = story.forms(said) if len(story.articles) > 1 else ()
                own = story.story_id, said.entity.entity_id, said.text
                found["forms", *own] = {(each.entity.entity_id, each.text) for each in forms}
    return found


@settings(deadline=None)
@given(steps)
def test_articles_that_came_and_went_leave_nothing(rows) -> None:
    window, last = Window(), {}
    for article, story, said in rows:
        last.pop(article, None)
        window.take(str(article))
        if said is not None:
            last[article] = story, said
            window.put(str(article), story, START, said)
        known(window)  # what is found is kept from here on

    anew = Window()
    for article, (story, said) in last.items():
        anew.put(str(article), story, START, said)

    assert known(window) == known(anew)

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sample_records import at, kill_notice, raw_article, sha

from dateline.outcomes import Outcome
from dateline.records import ArticleState, KillNotice, RawArticle
from processors.stories.assign_revision import assign_revision

Version = RawArticle | KillNotice
CAP = 50


def text(name: str, minute: float, *, explicit: bool = False, status: str = "usable") -> RawArticle:
    return raw_article(name, minute, pub_status=status, is_pub_status_explicit=explicit)


def run(
    versions: Iterable[Version], state: ArticleState | None = None, cap: int = CAP
) -> tuple[ArticleState, list[tuple[Outcome, int | None, str]]]:
    steps = []
    for version in versions:
        step = assign_revision(state, version, max_versions=cap)
        state = step.state
        steps.append((step.outcome, step.revision, step.change))
    assert state is not None
    return state, steps


P, D, S, R = Outcome.PASSED, Outcome.DUPLICATE, Outcome.SUPERSEDED, Outcome.REFUSED_KILLED


@pytest.mark.parametrize(
    ("versions", "expected"),
    [
        pytest.param([text("A", 1)], [(P, 1, "new")], id="new"),
        pytest.param(
            [text("A", 1), text("A", 1)], [(P, 1, "new"), (D, 1, "content")], id="same-again"
        ),
        pytest.param([text("A", 1), text("B", 2)], [(P, 1, "new"), (P, 2, "content")], id="newer"),
        pytest.param(
            [text("A", 5), text("B", 2)], [(P, 1, "new"), (S, None, "content")], id="older-unseen"
        ),
        pytest.param(
            [text("A", 5), text("B", 2), text("B", 2)],
            [(P, 1, "new"), (S, None, "content"), (D, None, "content")],
            id="older-unseen-again-has-no-revision-to-repeat",
        ),
        pytest.param(
            [text("A", 1), text("B", 2), text("A", 1)],
            [(P, 1, "new"), (P, 2, "content"), (D, 1, "content")],
            id="older-known-is-repeated-with-its-revision",
        ),
        pytest.param(
            [text("A", 1), text("B", 2), text("A", 3)],
            [(P, 1, "new"), (P, 2, "content"), (P, 3, "content")],
            id="revert",
        ),
        pytest.param(
            [text("A", 1), text("B", 2), text("A", 3), text("B", 2), text("A", 1)],
            [(P, 1, "new"), (P, 2, "content"), (P, 3, "content"), (D, 2, "content"),
             (D, 3, "content")],
            id="redelivery-after-revert",
        ),
        pytest.param(
            [text("A", 1), text("B", 1)],
            [(P, 1, "new"), (P, 2, "content")],
            id="equal-times-unseen",
        ),
        pytest.param(
            [text("A", 1), text("B", 1), text("A", 1), text("B", 1)],
            [(P, 1, "new"), (P, 2, "content"), (D, 1, "content"), (D, 2, "content")],
            id="equal-times-redelivered-do-not-flap",
        ),
        pytest.param(
            [text("A", 5), text("B", 2), text("B", 6)],
            [(P, 1, "new"), (S, None, "content"), (P, 2, "content")],
            id="late-text-becomes-current-later",
        ),
        pytest.param(
            [text("A", 1), text("A", 5), text("B", 3)],
            [(P, 1, "new"), (D, 1, "content"), (S, None, "content")],
            id="a-text-older-than-the-last-sight-of-the-current-one",
        ),
        pytest.param(
            [text("A", 1), kill_notice(2)], [(P, 1, "new"), (P, 2, "kill")], id="kill"
        ),
        pytest.param(
            [text("A", 5), kill_notice(2)],
            [(P, 1, "new"), (P, 2, "kill")],
            id="kill-with-an-older-time-kills",
        ),
        pytest.param(
            [text("A", 1), kill_notice(2), kill_notice(3)],
            [(P, 1, "new"), (P, 2, "kill"), (D, 2, "kill")],
            id="kill-twice",
        ),
        pytest.param(
            [kill_notice(2), text("A", 1)],
            [(P, 1, "kill"), (R, None, "content")],
            id="kill-of-unknown-then-late-original",
        ),
        pytest.param(
            [text("A", 1), kill_notice(2), text("B", 3)],
            [(P, 1, "new"), (P, 2, "kill"), (R, None, "content")],
            id="implicit-newer-text-does-not-revive",
        ),
        pytest.param(
            [text("A", 1), kill_notice(2), text("B", 3, explicit=True)],
            [(P, 1, "new"), (P, 2, "kill"), (P, 3, "revive")],
            id="explicit-newer-usable-revives",
        ),
        pytest.param(
            [text("A", 1), kill_notice(2), text("B", 3, explicit=True, status="withheld")],
            [(P, 1, "new"), (P, 2, "kill"), (R, None, "content")],
            id="explicit-withheld-does-not-revive",
        ),
        pytest.param(
            [text("A", 1), kill_notice(2), text("B", 2, explicit=True)],
            [(P, 1, "new"), (P, 2, "kill"), (R, None, "content")],
            id="explicit-usable-as-old-as-the-kill-does-not-revive",
        ),
        pytest.param(
            [text("A", 1), kill_notice(2), kill_notice(4), text("B", 3, explicit=True)],
            [(P, 1, "new"), (P, 2, "kill"), (D, 2, "kill"), (R, None, "content")],
            id="older-than-the-second-kill-does-not-revive",
        ),
        pytest.param(
            [text("A", 5, explicit=True), kill_notice(3), text("A", 5, explicit=True)],
            [(P, 1, "new"), (P, 2, "kill"), (R, None, "content")],
            id="the-killed-text-again-does-not-revive",
        ),
        pytest.param(
            [text("A", 1), kill_notice(2), text("B", 3, explicit=True), kill_notice(2)],
            [(P, 1, "new"), (P, 2, "kill"), (P, 3, "revive"), (S, None, "content")],
            id="old-kill-after-revival",
        ),
        pytest.param(
            [text("A", 1), kill_notice(2), text("B", 3, explicit=True), text("C", 4),
             kill_notice(2)],
            [(P, 1, "new"), (P, 2, "kill"), (P, 3, "revive"), (P, 4, "content"),
             (S, None, "content")],
            id="old-kill-after-revival-and-one-more-text",
        ),
        pytest.param(
            [text("A", 1), kill_notice(2), text("B", 3, explicit=True), kill_notice(4)],
            [(P, 1, "new"), (P, 2, "kill"), (P, 3, "revive"), (P, 4, "kill")],
            id="new-kill-after-revival",
        ),
        pytest.param(
            [text("A", 1), text("B", 2, status="canceled")],
            [(P, 1, "new"), (P, 2, "kill")],
            id="canceled-by-status",
        ),
        pytest.param(
            [kill_notice(2), text("A", 9), text("B", 3, explicit=True), text("A", 9)],
            [(P, 1, "kill"), (R, None, "content"), (P, 2, "revive"), (D, None, "content")],
            id="a-refused-text-again-after-revival",
        ),
        pytest.param(
            [kill_notice(1), text("A", 3), text("A", 2, explicit=True), text("A", 3),
             text("B", 2)],
            [(P, 1, "kill"), (R, None, "content"), (P, 2, "revive"), (D, 2, "content"),
             (P, 3, "content")],
            id="a-refused-text-revived-and-delivered-again",
        ),
    ],
)  # fmt: skip
def test_assign_revision_follows_the_contract(
    versions: list[Version], expected: list[tuple[Outcome, int | None, str]]
) -> None:
    _, steps = run(versions)

    assert steps == expected


def test_first_version_fixes_the_story_and_the_first_sight() -> None:
    first, _ = run([text("A", 1)])
    last, _ = run([text("B", 2), kill_notice(3), text("C", 4, explicit=True)], first)

    assert first.first_seen_at == at(1)
    assert last.first_seen_at == at(1)
    assert last.story_id == first.story_id
    assert last.last_changed_at == at(4)


def test_accepted_text_is_current_with_its_status() -> None:
    state, _ = run([text("A", 1), text("B", 2, status="withheld")])

    assert (state.current_sha256, state.current_updated_at) == (sha("B"), at(2))
    assert state.pub_status == "withheld"
    assert [v.content_sha256 for v in state.versions] == [sha("A"), sha("B")]
    assert [v.revision for v in state.versions] == [1, 2]


def test_killed_article_has_no_current_text() -> None:
    state, _ = run([text("A", 1), kill_notice(2)])

    assert (state.current_sha256, state.pub_status) == ("", "canceled")
    assert [seen.content_sha256 for seen in state.versions] == [sha("A")]


def test_late_text_is_remembered_with_revision_zero() -> None:
    state, _ = run([text("A", 5), text("B", 2)])

    assert {v.content_sha256: v.revision for v in state.versions} == {sha("A"): 1, sha("B"): 0}
    assert (state.current_sha256, state.revision) == (sha("A"), 1)


def test_oldest_texts_are_forgotten_at_the_limit() -> None:
    state, _ = run([text(str(i), i) for i in range(6)], cap=3)

    assert [seen.content_sha256 for seen in state.versions] == [sha("3"), sha("4"), sha("5")]
    assert state.revision == 6


def test_forgotten_text_delivered_again_changes_nothing() -> None:
    versions = [text(str(i), i) for i in range(6)]
    state, _ = run(versions, cap=3)

    again, steps = run(versions, state, cap=3)

    assert again == state
    assert [step[0] for step in steps] == [S, S, S, D, D, D]


def test_state_read_from_the_index_goes_on() -> None:
    """The index knows no more than one current text; its hash may be missing in ``versions``."""
    state, _ = run([text("A", 1), text("B", 2)])
    archived = ArticleState(
        article_id=state.article_id, source_id=state.source_id, revision=7,
        story_id=state.story_id, first_seen_at=at(0), last_changed_at=at(2),
        current_sha256=sha("B"), current_updated_at=at(2), pub_status="usable", versions=(),
    )  # fmt: skip

    _, steps = run([text("B", 2), text("C", 3)], archived)

    assert steps == [(D, 7, "content"), (P, 8, "content")]


# ---- any stream, with any redelivery -------------------------------------------------------------

MINUTES = st.integers(1, 6)
TEXTS = st.builds(
    text,
    st.sampled_from("ABCD"),
    MINUTES,
    explicit=st.booleans(),
    status=st.sampled_from(["usable", "usable", "usable", "withheld", "canceled"]),
)
VERSIONS = st.one_of(TEXTS, TEXTS, TEXTS, MINUTES.map(kill_notice))
STREAMS = st.lists(VERSIONS, min_size=1, max_size=10)
# Each number: after so many records the reader dies and begins again so many records back.
CRASHES = st.lists(st.tuples(st.integers(1, 10), st.integers(1, 10)), max_size=4)


def delivered(stream: Sequence[Version], crashes: Sequence[tuple[int, int]]) -> list[Version]:
    """Return ``stream`` as an at-least-once reader sees it."""
    seen: list[Version] = []
    position = 0
    for run_length, back in crashes:
        end = min(position + run_length, len(stream))
        seen.extend(stream[position:end])
        position = max(0, end - back)
    return [*seen, *stream[position:]]


@dataclass
class Model:
    """The rules of contract points 3 and 6 over the whole history, written for plainness."""

    revision: int = 0
    current: str | None = None
    current_at: datetime | None = None
    is_killed: bool = False
    revived_at: datetime | None = None
    last_seen_at: dict[str, datetime] = field(default_factory=dict)
    revisions: dict[int, str] = field(default_factory=dict)

    def take(self, version: Version) -> None:
        if isinstance(version, KillNotice) or version.pub_status == "canceled":
            self._kill(version.updated_at)
            return
        name, moment = version.content_sha256, version.updated_at
        seen_at = self.last_seen_at.get(name)
        self.last_seen_at[name] = max(seen_at or moment, moment)
        if self.is_killed:
            is_explicit = version.is_pub_status_explicit and version.pub_status == "usable"
            if is_explicit and self.current_at is not None and moment > self.current_at:
                self.is_killed, self.revived_at = False, moment
                self._accept(name, moment)
        elif self.current == name:
            if seen_at is None or moment > seen_at:
                self.current_at = max(self.current_at or moment, moment)
        elif self.current_at is not None and moment < self.current_at:
            pass
        elif seen_at is None or moment > seen_at:
            self._accept(name, moment)

    def _accept(self, name: str, moment: datetime) -> None:
        self.revision += 1
        self.current, self.current_at = name, moment
        self.revisions[self.revision] = name

    def _kill(self, moment: datetime) -> None:
        if not self.is_killed:
            # Later sightings are no reason to ignore a kill: only the explicit word was.
            if self.revived_at is not None and moment < self.revived_at:
                return
            self._accept("", moment if self.current_at is None else max(moment, self.current_at))
            self.is_killed = True
        self.current_at = max(self.current_at or moment, moment)


def emitted(stream: Iterable[Version], cap: int = CAP) -> tuple[ArticleState, dict[int, str]]:
    """Return the last state and what was emitted under each revision; a contradiction fails."""
    contents: dict[int, str] = {}
    state: ArticleState | None = None
    for version in stream:
        before = state.revision if state else 0
        step = assign_revision(state, version, max_versions=cap)
        state = step.state
        assert state.revision - before == (1 if step.outcome is P else 0)
        if step.revision is not None:
            is_kill = isinstance(version, KillNotice) or version.pub_status == "canceled"
            content = "" if is_kill else version.content_sha256
            assert contents.setdefault(step.revision, content) == content
    assert state is not None
    return state, contents


@settings(max_examples=400, deadline=None)
@given(STREAMS, CRASHES)
def test_redelivery_changes_neither_the_state_nor_any_revision(
    stream: list[Version], crashes: list[tuple[int, int]]
) -> None:
    assert emitted(delivered(stream, crashes)) == emitted(stream)


@settings(max_examples=300, deadline=None)
@given(STREAMS)
@example(
    [
        text("A", 1), text("A", 1, status="canceled"), text("A", 2, explicit=True), text("A", 3),
        kill_notice(2),
    ]
)  # fmt: skip
def test_revisions_are_those_of_the_reference_model(stream: list[Version]) -> None:
    model = Model()
    for version in stream:
        model.take(version)

    state, contents = emitted(stream)

    assert contents == model.revisions
    assert state.revision == model.revision
    assert state.current_updated_at == model.current_at
    assert (state.pub_status == "canceled") is model.is_killed


@settings(max_examples=150, deadline=None)
@given(st.permutations(range(1, 9)), CRASHES, st.integers(2, 4))
def test_redelivery_is_harmless_past_the_limit_of_remembered_texts(
    minutes: list[int], crashes: list[tuple[int, int]], cap: int
) -> None:
    stream = [text(str(minute), minute) for minute in minutes]

    assert emitted(delivered(stream, crashes), cap) == emitted(stream, cap)


def test_kill_after_a_revival_and_an_implicit_update_is_no_old_kill() -> None:
    state, _ = run([text("A", 1), kill_notice(2), text("C", 3, explicit=True), text("D", 5)])
    assert state.pub_status == "usable"

    killed = assign_revision(state, kill_notice(4), max_versions=CAP)

    assert killed.outcome is Outcome.PASSED
    assert killed.state.pub_status == "canceled"

"""Return the revision that a version of an article gets (contract points 3 and 6).

Pure: the same versions in the same order always get the same revisions, which is what makes a
repeated batch harmless.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from dateline import ids
from dateline.outcomes import Outcome
from dateline.records import ArticleState, Change, KillNotice, RawArticle, VersionSeen


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    """The state after a version, and what to emit: nothing when ``revision`` is None."""

    state: ArticleState
    outcome: Outcome
    revision: int | None = None
    change: Change = "content"


def assign_revision(
    state: ArticleState | None, version: RawArticle | KillNotice, *, max_versions: int
) -> Assignment:
    """Return the new state and the revision of ``version``.

    An unseen text that is not older than the current one becomes current with the next revision; an
    older one is remembered with revision 0. A known text changes nothing and is emitted again with
    the revision it has, unless its source gives it a later time than before: then the source has
    gone back to it, and that is a change. A kill is sticky: only an explicit newer ``usable``
    revives.

    A record that was processed before changes nothing, whatever came after it: its text is then
    known with this time or a later one, or was so old that it is forgotten again at once.

    Args:
        state: what is remembered of the article, or None for an unknown one.
        version: the text or the kill, in the order of arrival.
        max_versions: how many texts are remembered; the oldest are forgotten first.
    """
    if isinstance(version, KillNotice) or version.pub_status == "canceled":
        return _killed(state, version)
    if state is None:
        return _accepted(None, version, change="new", max_versions=max_versions)
    known = _known(state, version.content_sha256)
    if state.pub_status == "canceled":
        return _after_kill(state, version, known, max_versions=max_versions)
    return _after_text(state, version, known, max_versions=max_versions)


def _after_text(
    state: ArticleState, version: RawArticle, known: VersionSeen | None, *, max_versions: int
) -> Assignment:
    if version.content_sha256 == state.current_sha256:
        if known is None:  # a state read from the index need not remember its text
            return Assignment(state=state, outcome=Outcome.DUPLICATE, revision=state.revision)
        again = _seen_again(state, version, known)
        return Assignment(state=again, outcome=Outcome.DUPLICATE, revision=state.revision)
    is_older = version.updated_at < state.current_updated_at
    if known is not None and (is_older or version.updated_at <= known.updated_at):
        again = _seen_again(state, version, known)
        return Assignment(state=again, outcome=Outcome.DUPLICATE, revision=known.revision or None)
    if is_older:
        late = _with_late(state, version, revision=0, max_versions=max_versions)
        return Assignment(state=late, outcome=Outcome.SUPERSEDED)
    return _accepted(state, version, change="content", max_versions=max_versions)


def _known(state: ArticleState, content_sha256: str) -> VersionSeen | None:
    found = (seen for seen in state.versions if seen.content_sha256 == content_sha256)
    return max(found, key=lambda seen: seen.revision, default=None)


def _remembered(
    versions: tuple[VersionSeen, ...], seen: VersionSeen, max_versions: int
) -> tuple[VersionSeen, ...]:
    kept = [v for v in versions if v.content_sha256 != seen.content_sha256]
    while len(kept) >= max_versions:
        kept.remove(min(kept, key=lambda v: v.updated_at))
    return (*kept, seen)


def _with_late(
    state: ArticleState, article: RawArticle, *, revision: int, max_versions: int
) -> ArticleState:
    """Remember a text that does not become current, unless it would be the first to be forgotten.

    Without the exception a forgotten text that is delivered again would push out a newer one.
    """
    others = [v for v in state.versions if v.content_sha256 != article.content_sha256]
    if len(others) >= max_versions and article.updated_at <= min(v.updated_at for v in others):
        return state
    seen = VersionSeen(
        content_sha256=article.content_sha256, updated_at=article.updated_at, revision=revision
    )
    return replace(state, versions=_remembered(state.versions, seen, max_versions))


def _seen_again(state: ArticleState, article: RawArticle, known: VersionSeen) -> ArticleState:
    """Note that the source had a known text then; what is older than the current one stays so."""
    if article.updated_at <= known.updated_at:
        return state
    versions = tuple(
        replace(seen, updated_at=article.updated_at) if seen == known else seen
        for seen in state.versions
    )
    current_at = state.current_updated_at
    if known.content_sha256 == state.current_sha256:
        current_at = max(current_at, article.updated_at)
    return replace(state, current_updated_at=current_at, versions=versions)


def _accepted(
    state: ArticleState | None, article: RawArticle, *, change: Change, max_versions: int
) -> Assignment:
    begun = state or _first_state(article)
    revision = begun.revision + 1
    known = _known(begun, article.content_sha256)
    seen = VersionSeen(
        content_sha256=article.content_sha256,
        updated_at=max(article.updated_at, known.updated_at) if known else article.updated_at,
        revision=revision,
    )
    accepted = replace(
        begun,
        revision=revision,
        last_changed_at=article.observed_at,
        current_sha256=article.content_sha256,
        current_updated_at=article.updated_at,
        pub_status=article.pub_status,
        revived_at=article.updated_at if change == "revive" else begun.revived_at,
        versions=_remembered(begun.versions, seen, max_versions),
    )
    return Assignment(state=accepted, outcome=Outcome.PASSED, revision=revision, change=change)


def _first_state(version: RawArticle | KillNotice) -> ArticleState:
    return ArticleState(
        article_id=version.article_id,
        source_id=version.source_id,
        revision=0,
        story_id=ids.story_id(version.article_id),
        first_seen_at=version.observed_at,
        last_changed_at=version.observed_at,
        current_sha256="",
        current_updated_at=version.updated_at,
        pub_status="usable",
        versions=(),
    )


def _killed(state: ArticleState | None, kill: RawArticle | KillNotice) -> Assignment:
    if state is not None and state.pub_status == "canceled":
        newest = max(kill.updated_at, state.current_updated_at)
        return Assignment(
            state=replace(state, current_updated_at=newest),
            outcome=Outcome.DUPLICATE,
            revision=state.revision,
            change="kill",
        )
    if state is not None and state.revived_at is not None and kill.updated_at < state.revived_at:
        # The source has said since then that the article is usable: this is that kill again.
        return Assignment(state=state, outcome=Outcome.SUPERSEDED)
    begun = state or _first_state(kill)
    revision = begun.revision + 1
    killed = replace(
        begun,
        revision=revision,
        last_changed_at=kill.observed_at,
        current_sha256="",
        # Never back in time: the killed text, delivered again, must not be newer than its kill.
        current_updated_at=max(kill.updated_at, begun.current_updated_at),
        pub_status="canceled",
    )
    return Assignment(state=killed, outcome=Outcome.PASSED, revision=revision, change="kill")


def _after_kill(
    state: ArticleState, article: RawArticle, known: VersionSeen | None, *, max_versions: int
) -> Assignment:
    is_explicit = article.pub_status == "usable" and article.is_pub_status_explicit
    if is_explicit and article.updated_at > state.current_updated_at:
        return _accepted(state, article, change="revive", max_versions=max_versions)
    if known is None or article.updated_at > known.updated_at:
        # Remembered, so that the same record again is nothing new after a revival.
        revision = known.revision if known is not None else 0
        state = _with_late(state, article, revision=revision, max_versions=max_versions)
    return Assignment(state=state, outcome=Outcome.REFUSED_KILLED)

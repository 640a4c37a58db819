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
    the revision it has, unless the source has gone back to it later: that is a change. A kill is
    sticky: only an explicit newer ``usable`` revives.

    Args:
        state: what is remembered of the article, or None for an unknown one.
        version: the text or the kill, in the order of arrival.
        max_versions: how many texts are remembered; the oldest are forgotten first.
    """
    if isinstance(version, KillNotice) or version.pub_status == "canceled":
        return _killed(state, version)
    if state is None:
        return _accepted(None, version, change="new", max_versions=max_versions)
    if state.pub_status == "canceled":
        return _after_kill(state, version, max_versions=max_versions)
    known = _known(state, version.content_sha256)
    is_older = version.updated_at < state.current_updated_at
    if version.content_sha256 == state.current_sha256 or (known is not None and is_older):
        revision = known.revision if known is not None else state.revision
        return Assignment(
            state=state, outcome=Outcome.DUPLICATE, revision=revision or None, change="content"
        )
    if is_older:
        seen = VersionSeen(
            content_sha256=version.content_sha256, updated_at=version.updated_at, revision=0
        )
        late = replace(state, versions=_remembered(state.versions, seen, max_versions))
        return Assignment(state=late, outcome=Outcome.SUPERSEDED)
    return _accepted(state, version, change="content", max_versions=max_versions)


def _known(state: ArticleState, content_sha256: str) -> VersionSeen | None:
    found = (seen for seen in state.versions if seen.content_sha256 == content_sha256)
    return max(found, key=lambda seen: seen.revision, default=None)


def _remembered(
    versions: tuple[VersionSeen, ...], seen: VersionSeen, max_versions: int
) -> tuple[VersionSeen, ...]:
    others = tuple(v for v in versions if v.content_sha256 != seen.content_sha256)
    return (*others, seen)[-max_versions:]


def _accepted(
    state: ArticleState | None, article: RawArticle, *, change: Change, max_versions: int
) -> Assignment:
    revision = state.revision + 1 if state else 1
    seen = VersionSeen(
        content_sha256=article.content_sha256, updated_at=article.updated_at, revision=revision
    )
    accepted = ArticleState(
        article_id=article.article_id,
        source_id=article.source_id,
        revision=revision,
        story_id=state.story_id if state else ids.story_id(article.article_id),
        story_aliases=state.story_aliases if state else (),
        first_seen_at=state.first_seen_at if state else article.observed_at,
        last_changed_at=article.observed_at,
        current_sha256=article.content_sha256,
        current_updated_at=article.updated_at,
        pub_status=article.pub_status,
        versions=_remembered(state.versions if state else (), seen, max_versions),
    )
    return Assignment(state=accepted, outcome=Outcome.PASSED, revision=revision, change=change)


def _killed(state: ArticleState | None, kill: RawArticle | KillNotice) -> Assignment:
    if state is not None and state.pub_status == "canceled":
        return Assignment(
            state=state, outcome=Outcome.DUPLICATE, revision=state.revision, change="kill"
        )
    if state is not None and kill.updated_at < state.current_updated_at and _is_revived(state):
        return Assignment(state=state, outcome=Outcome.SUPERSEDED)
    revision = state.revision + 1 if state else 1
    killed = ArticleState(
        article_id=kill.article_id,
        source_id=kill.source_id,
        revision=revision,
        story_id=state.story_id if state else ids.story_id(kill.article_id),
        story_aliases=state.story_aliases if state else (),
        first_seen_at=state.first_seen_at if state else kill.observed_at,
        last_changed_at=kill.observed_at,
        current_sha256="",
        current_updated_at=kill.updated_at,
        pub_status="canceled",
        versions=state.versions if state else (),
    )
    return Assignment(state=killed, outcome=Outcome.PASSED, revision=revision, change="kill")


def _is_revived(state: ArticleState) -> bool:
    """Return whether the current text came after a kill, so that the same kill is an old one."""
    return state.pub_status == "usable" and state.is_revived


def _after_kill(state: ArticleState, article: RawArticle, *, max_versions: int) -> Assignment:
    is_explicit = article.pub_status == "usable" and article.is_pub_status_explicit
    if not is_explicit or article.updated_at <= state.current_updated_at:
        return Assignment(state=state, outcome=Outcome.REFUSED_KILLED)
    revived = _accepted(state, article, change="revive", max_versions=max_versions)
    return replace(revived, state=replace(revived.state, is_revived=True))

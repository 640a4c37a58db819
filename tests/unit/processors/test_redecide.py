"""Deciding again: on request, for known texts under another policy, and what may never happen."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import msgspec
import pytest
from sample_records import at, enriched_article, kill_notice, raw_article
from stories_doubles import POLICY, AfterCommit, Archive, Broker, Process, key_of

from dateline.errors import BrokerUnavailable
from dateline.outcomes import Outcome
from dateline.records import GroupedArticle, Redecide
from dateline.rights.record import Access, Attribution, Rights
from dateline.wire import from_wire, to_wire

GRANTED = Rights(
    status="granted", spdx_expression="CC-BY-4.0", effective=("by",), confidence=0.9,
    attribution=Attribution(text="By W", html="By W", jsonld="{}", is_complete=True),
)  # fmt: skip
STRICTER = msgspec.structs.replace(
    POLICY,
    version=3,
    purposes={
        name: msgspec.structs.replace(terms, min_confidence=0.99)
        for name, terms in POLICY.purposes.items()
    },
)


def granted(text: str = "A", minute: float = 1, **fields: Any) -> Any:
    return enriched_article(text, minute, **({"rights": GRANTED} | fields))


def request(minute: float = 50, *, key: str = "k", policy_id: str = STRICTER.stamp) -> Redecide:
    return Redecide(article_id=key_of(key), requested_at=at(minute), policy_id=policy_id)


def display(item: GroupedArticle) -> str:
    return next(d.display for d in item.decisions if d.purpose == "public_search")


def history(broker: Broker) -> list[tuple[str, int, str]]:
    return [(i.change, i.revision, display(i) if i.decisions else "") for i in broker.grouped]


def decided_before() -> Broker:
    """Return a broker that has one article, decided by the policy that is not in force any more."""
    broker = Broker()
    asyncio.run(Process(broker).take(granted()))
    return broker


def test_request_under_another_policy_is_a_revision_of_its_own() -> None:
    broker = decided_before()

    results = asyncio.run(Process(broker, policy=STRICTER).take(request()))

    assert results == [Outcome.PASSED]
    assert history(broker) == [("new", 1, "full"), ("policy", 2, "snippet")]
    last = broker.grouped[-1]
    assert last.enriched == granted()
    assert {decision.policy_id for decision in last.decisions} == {"default@3"}
    assert broker.state[key_of()].revision == 2


def test_request_that_decides_the_same_writes_nothing_new() -> None:
    broker = decided_before()

    results = asyncio.run(Process(broker).take(request(policy_id=POLICY.stamp)))

    assert results == [Outcome.DUPLICATE]
    assert len(broker.grouped) == 1


def test_request_twice_is_one_revision() -> None:
    broker = decided_before()

    async def main() -> list[Any]:
        process = Process(broker, policy=STRICTER)
        return [*await process.take(request(), request()), *await process.take(request(60))]

    assert asyncio.run(main()) == [Outcome.PASSED, Outcome.DUPLICATE, Outcome.DUPLICATE]
    assert broker.state[key_of()].revision == 2


def test_text_between_two_requests_is_decided_by_the_policy_in_force() -> None:
    broker = decided_before()

    async def main() -> list[Any]:
        process = Process(broker, policy=STRICTER)
        return await process.take(request(), granted("B", 2), request(60))

    assert asyncio.run(main()) == [Outcome.PASSED, Outcome.PASSED, Outcome.DUPLICATE]
    assert history(broker)[1:] == [("policy", 2, "snippet"), ("content", 3, "snippet")]
    assert broker.grouped[-1].enriched == granted("B", 2)


def test_request_for_an_unknown_article_changes_nothing() -> None:
    broker = decided_before()

    results = asyncio.run(Process(broker, policy=STRICTER).take(request(key="other")))

    assert results == [Outcome.UNDECIDED]
    assert key_of("other") not in broker.state
    assert len(broker.grouped) == 1


def test_killed_article_stays_killed() -> None:
    broker = decided_before()

    async def main() -> list[Any]:
        process = Process(broker, policy=STRICTER)
        return await process.take(kill_notice(2), request())

    assert asyncio.run(main()) == [Outcome.PASSED, Outcome.REFUSED_KILLED]
    assert broker.grouped[-1].kill == kill_notice(2)


def test_request_by_a_policy_that_the_stage_has_not_loaded_waits_for_a_restart() -> None:
    broker = decided_before()

    results = asyncio.run(Process(broker).take(request(policy_id="default@3")))

    assert results == [Outcome.UNDECIDED]
    assert len(broker.grouped) == 1


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(None, id="gone"),
        pytest.param(b"no record", id="no-record"),
        pytest.param(to_wire(granted("other", key="other")), id="another-article"),
        pytest.param(to_wire(granted("another text")), id="another-text"),
        pytest.param(to_wire(kill_notice(1)), id="a-kill"),
    ],
)
def test_text_that_is_gone_leaves_the_decision_as_it_was(other: bytes | None) -> None:
    """A topic that was made anew holds other records at the same offsets."""
    broker = decided_before()
    broker.enriched[0] = other

    results = asyncio.run(Process(broker, policy=STRICTER).take(request()))

    assert results == [Outcome.UNDECIDED]
    assert len(broker.grouped) == 1
    assert broker.state[key_of()].revision == 1


def test_article_of_the_archive_has_no_text_to_read_back() -> None:
    broker = decided_before()
    old = replace(broker.state.pop(key_of()), enriched_offset=None)

    results = asyncio.run(
        Process(broker, Archive({key_of(): old}), policy=STRICTER).take(request())
    )

    assert results == [Outcome.UNDECIDED]


@pytest.mark.parametrize("is_committed", [False, True])
def test_request_that_is_handled_again_after_a_crash_is_one_revision(is_committed: bool) -> None:
    broker = decided_before()
    failure = BrokerUnavailable("away")

    async def main() -> list[Any]:
        dying = Process(broker, policy=STRICTER)
        broker.failures = [AfterCommit(failure) if is_committed else failure]
        with pytest.raises(BrokerUnavailable):
            await dying.take(request())
        return await Process(broker, policy=STRICTER).take_again(1)

    asyncio.run(main())

    assert [item.revision for item in broker.grouped] == [1, 2]
    assert broker.state[key_of()].revision == 2


# ---- known texts ---------------------------------------------------------------------------------


def test_known_text_under_another_policy_is_decided_again() -> None:
    broker = decided_before()

    results = asyncio.run(Process(broker, policy=STRICTER).take_again(0))

    assert results == [Outcome.PASSED]
    assert history(broker) == [("new", 1, "full"), ("policy", 2, "snippet")]


def test_known_text_whose_rights_are_read_anew_is_decided_again() -> None:
    broker = decided_before()

    asyncio.run(Process(broker).take(granted(rights=Rights(status="reserved", confidence=0.9))))

    assert history(broker) == [("new", 1, "full"), ("policy", 2, "snippet")]


def test_record_from_before_the_last_decision_does_not_undo_it() -> None:
    """The worst case: earlier rights, which allow more, come back after a crash."""
    broker = decided_before()

    async def main() -> list[Any]:
        process = Process(broker)
        await process.take(granted(rights=Rights(status="reserved", confidence=0.9)))
        return await Process(broker).take_again(0, 1)

    assert asyncio.run(main()) == [Outcome.DUPLICATE, Outcome.DUPLICATE]
    assert {(i.revision, display(i)) for i in broker.grouped} == {(1, "full"), (2, "snippet")}
    assert broker.state[key_of()].revision == 2


def test_topic_that_was_made_anew_begins_again_at_small_offsets() -> None:
    broker = Broker()

    async def main() -> list[Any]:
        await Process(broker).take(kill_notice(1, key="other"), granted())
        broker.enriched = []
        process = Process(broker, policy=STRICTER)
        return [*await process.take(granted()), *await process.take(request())]

    assert asyncio.run(main()) == [Outcome.PASSED, Outcome.DUPLICATE]
    assert broker.state[key_of()].enriched_offset == 0
    assert history(broker)[-1] == ("policy", 2, "snippet")


def test_expired_text_is_not_shown_again_when_its_record_comes_again() -> None:
    expiring = replace(GRANTED, access=Access(expires_at=at(20)))
    broker = Broker()

    async def main() -> list[Any]:
        process = Process(broker)
        await process.take(granted(rights=expiring), request(30, policy_id=POLICY.stamp))
        return await process.take_again(0)

    assert asyncio.run(main()) == [Outcome.DUPLICATE]
    assert [item[2] for item in history(broker)] == ["full", "metadata_only", "metadata_only"]


def test_request_from_a_clock_that_is_ahead_ends_no_embargo() -> None:
    held = replace(GRANTED, access=Access(embargoed_until=at(500)))
    broker = Broker()

    async def main() -> list[Any]:
        process = Process(broker)  # its clock stands at minute 100
        await process.take(granted(rights=held))
        return await process.take(request(900, policy_id=POLICY.stamp))

    assert asyncio.run(main()) == [Outcome.DUPLICATE]
    assert history(broker) == [("new", 1, "no_index")]


def test_withheld_text_is_not_shown_in_any_purpose() -> None:
    broker = Broker()
    withheld = granted(article=raw_article("A", 1, pub_status="withheld"))

    asyncio.run(Process(broker).take(withheld))

    assert {decision.display for decision in broker.grouped[0].decisions} == {"metadata_only"}


def test_state_of_an_earlier_version_is_read_and_decided() -> None:
    broker = decided_before()
    tree = msgspec.json.decode(to_wire(broker.state[key_of()]))
    added = (
        "url", "canonical_url", "text_sha256", "origin_article_id", "enriched_offset", "rights",
        "decisions_sha256", "decided_at",
    )  # fmt: skip
    earlier = {name: value for name, value in tree.items() if name not in added}
    broker.state[key_of()] = from_wire(msgspec.json.encode(earlier), type(broker.state[key_of()]))

    results = asyncio.run(Process(broker).take_again(0))

    assert results == [Outcome.PASSED]
    assert broker.emitted()[-1] == ("policy", 2, "A")
    assert broker.state[key_of()].enriched_offset == 0

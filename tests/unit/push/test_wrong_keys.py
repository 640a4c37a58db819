from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from push_doubles import AS_WIRE, KEY, KEYS, OTHER_KEY, Client, Room, served

from producers.push.push_app import PushOptions
from producers.push.wrong_keys import MAX_CLIENTS, WrongKeys

WIRE, OTHER = KEYS
ARTICLE = {"id": "1", "text": "Body of one."}
HERE = "192.0.2.1"


class Clients:
    """Wrong keys with a clock of their own; at most two in a minute."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.wrong_keys = WrongKeys(max_count=2, monotonic=lambda: self.now)

    def give(self, key: object, client: str = HERE) -> float:
        """Give a key as the endpoint does, and return how long the client has to wait."""
        found = WIRE if key == KEY else OTHER if key == OTHER_KEY else None
        wait_seconds = self.wrong_keys.wait_seconds(client, found)
        if not wait_seconds:
            self.wrong_keys.note(client, found)
        return wait_seconds


def test_wrong_keys_are_looked_at_twice_a_minute() -> None:
    clients = Clients()
    assert [clients.give("a"), clients.give("b")] == [0, 0]
    clients.now += 20
    assert clients.give("c") == 40
    assert clients.give("d", client="192.0.2.2") == 0
    clients.now += 40
    assert [clients.give("e"), clients.give("f"), clients.give("g")] == [0, 0, 60]


def test_a_right_key_is_not_told_from_a_wrong_one_while_the_client_waits() -> None:
    clients = Clients()
    for wrong in "ab":
        clients.give(wrong)
    assert clients.give(KEY) == clients.give("c") == 60


def test_a_right_key_that_was_given_before_has_not_to_wait() -> None:
    clients = Clients()
    clients.give(KEY)
    for wrong in "abc":
        clients.give(wrong)
    assert [clients.give(KEY), clients.give(OTHER_KEY)] == [0, 60]
    assert clients.give(KEY, client="192.0.2.2") == 0


def test_wrong_keys_are_remembered_of_so_many_clients_only() -> None:
    clients = Clients()
    for number in range(3 * MAX_CLIENTS):
        for key in (KEY, "a", "b"):
            clients.give(key, client=f"client {number}")
    assert clients.give("c", client=f"client {number}") == 60
    assert clients.give("c", client="client 0") == 0
    assert len(clients.wrong_keys._tries) <= MAX_CLIENTS
    assert len(clients.wrong_keys._right) <= MAX_CLIENTS


@pytest.fixture
def room(tmp_path: Path) -> Room:
    return Room(tmp_path)


def test_push_slows_down_a_client_with_wrong_keys(room: Room) -> None:
    async def statuses(client: Client, *keys: str) -> list[int]:
        return [(await client.push(ARTICLE, headers={"X-API-Key": key}))[0] for key in keys]

    async def scenario() -> None:
        async with served(room, PushOptions(keys=KEYS, max_wrong_keys=3)) as client:
            assert await statuses(client, KEY, "a", "", "b", "", "c", "d") == [
                200, 401, 401, 401, 401, 401, 429,
            ]  # fmt: skip
            status, content, answer = await client.push(ARTICLE, headers={"X-API-Key": OTHER_KEY})
            assert (status, content["detail"]) == (
                429,
                "Too many wrong API keys came from this address.",
            )
            assert 0 < int(answer.headers["Retry-After"]) <= 60
            assert (await client.push(ARTICLE, headers=AS_WIRE))[0] == 200

    asyncio.run(scenario())

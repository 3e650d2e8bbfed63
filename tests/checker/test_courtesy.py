"""Manners towards hosts, on a clock of our own."""

import asyncio
from datetime import UTC, datetime

import pytest

from checker.courtesy import LONGEST_WAIT, Breaker, Courtesy, retry_after

NOON = datetime(2026, 11, 28, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("written", "seconds"),
    [
        ("", 0.0),
        ("0", 0.0),
        ("120", 120.0),
        (" 120 ", 120.0),
        ("-5", 0.0),
        ("soon", 0.0),
        ("1.5", 0.0),
        ("٣", 0.0),
        ("9" * 400, 999999999.0),
        ("Sat, 28 Nov 2026 12:02:00 GMT", 120.0),
        ("Sat, 28 Nov 2026 12:02:00 -0000", 120.0),
        ("Sat, 28 Nov 2026 11:00:00 GMT", 0.0),
        ("Sat, 99 Nov 2026 11:00:00 GMT", 0.0),
    ],
)
def test_how_long_a_host_wants_to_be_left_alone(written: str, seconds: float) -> None:
    assert retry_after({"retry-after": written}, NOON) == seconds


def test_a_host_is_asked_by_few_at_a_time_and_not_too_often() -> None:
    courtesy = Courtesy(concurrency=2, interval=0.01)
    at_once: list[int] = []
    inside = 0

    async def ask(host: str) -> None:
        nonlocal inside
        async with courtesy.turn(host):
            inside += 1
            at_once.append(inside)
            await asyncio.sleep(0.03)
            inside -= 1

    async def all_of_them() -> None:
        await asyncio.gather(*(ask("example.com") for _ in range(6)))

    asyncio.run(all_of_them())

    assert (len(at_once), max(at_once)) == (6, 2)


def test_a_host_says_when_it_may_be_asked_again() -> None:
    courtesy = Courtesy(interval=1, clock=lambda: 100.0)

    courtesy.wait("example.com", 30)
    courtesy.wait("example.com", 10)
    courtesy.wait("example.org", 10**9)

    assert courtesy.due_in("example.com") == 30.0
    assert courtesy.due_in("example.org") == LONGEST_WAIT
    assert courtesy.due_in("example.net") == 0.0


def test_the_breaker_opens_when_nobody_answers_and_tries_one_now_and_then() -> None:
    now = [0.0]
    breaker = Breaker(hosts=3, pause=30, clock=lambda: now[0])

    for host in ("a", "a", "b"):
        breaker.note(host, is_answered=False)
    assert not breaker.is_open
    breaker.note("c", is_answered=False)
    assert breaker.is_open

    assert not breaker.lets_through()
    now[0] = 30.0
    assert [breaker.lets_through(), breaker.lets_through()] == [True, False]
    breaker.note("d", is_answered=True)
    assert [breaker.is_open, breaker.lets_through()] == [False, True]


def test_one_host_that_fails_alone_opens_nothing() -> None:
    breaker = Breaker(hosts=3)

    for _ in range(50):
        breaker.note("a", is_answered=False)
        breaker.note("b", is_answered=False)
        breaker.note("c", is_answered=True)

    assert breaker.lets_through()

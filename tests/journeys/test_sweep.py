"""A small sweep through the whole path: what is due is leased by HTTP, visited, judged and counted once.

The large one, with programs that are killed on the way, is `python -m benchmarks sweep`.
"""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from accounts.roles import Role
from casework import check_jobs, checkers
from casework.models import Check, CheckJob, Visit
from checker.client import Client
from checker.courtesy import Courtesy
from checker.fetch import Fetcher, Limits
from checker.pretend.world import World
from checker.spool import Spool
from checker.visiting import Visitor
from checker.work import Worker
from tests.casework.checking import noticed, switch
from tests.factories import some

EXPECTED = {
    "live": "live", "missing": "gone", "removed": "gone", "suspended": "account_gone", "soft": "inconclusive",
    "consent": "inconclusive", "captcha": "inconclusive", "login": "login_required", "private": "private",
    "withheld": "geo_blocked", "home": "redirected", "bomb": "inconclusive", "closed": "inconclusive",
    "broken": "inconclusive", "slow": "inconclusive",
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_everything_due_is_looked_at_once_and_nothing_is_falsely_gone(
    live_server: Any, tmp_path: Path, settings: Any
) -> None:
    settings.CHECK_SPREAD_SECONDS = 1
    switch("web")
    _, secret = checkers.add_checker("London 1", country="GB", by=some(Role.ADMINISTRATOR))
    told = {f"https://{does}.example/offers/471100011": does for does in EXPECTED}
    for address in told:
        noticed(address=address)
    check_jobs.plan()
    CheckJob.objects.update(not_before=timezone.now())

    visited = [asyncio.run(sweep(live_server.url, secret, told, tmp_path / "spool")) for _ in range(2)]

    found = dict(Check.objects.filter(method="automatic").values_list("item__address", "verdict"))
    assert {told[address]: verdict for address, verdict in found.items()} == EXPECTED
    assert Visit.objects.count() == Check.objects.filter(method="automatic").count() == len(EXPECTED)
    assert (visited[0] > 0, visited[1]) == (True, 0)
    assert set(CheckJob.objects.values_list("state", flat=True)) == {"done"}


async def sweep(url: str, secret: str, told: dict[str, str], spool: Path) -> int:
    """Work until nothing is due; returns how often the pretend platforms were asked."""
    limits, courtesy = Limits(deadline=15.0), Courtesy(interval=0)
    async with World(told) as world, Client(url, secret) as client:
        async with Fetcher(pretence=world.pretence, courtesy=courtesy, limits=limits) as fetcher:
            with Spool(spool) as kept:
                await Worker(client, kept, Visitor(fetcher), concurrency=8).run(once=True)
        return sum(world.visits.values())

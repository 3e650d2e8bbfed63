"""The checker's own program between a pretend world and the desk: its files arrive, whenever it is killed."""

import hashlib
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import pytest
from django.conf import settings as configured
from django.utils import timezone

from accounts.roles import Role
from casework import check_jobs, checkers, store
from casework.models import Capture, Check, CheckJob
from tests.casework.checking import noticed, switch
from tests.factories import some

SITES = {f"https://site-{number}.example/offers/471100011": "live" for number in range(12)}
KINDS = ["fingerprint", "text", "warc"]


@contextmanager
def program(*arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    """A program of ours, killed at the end."""
    process = subprocess.Popen([sys.executable, "-m", *arguments], cwd=configured.BASE_DIR)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def wait_for(what: Any) -> None:
    end = monotonic() + 60
    while not what():
        assert monotonic() < end, "it does not come"
        sleep(0.01)


def end_leases() -> None:
    """As if five minutes had passed."""
    CheckJob.objects.filter(state="leased").update(leased_until=timezone.now())


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_captures_arrive_once_whenever_the_checker_is_killed(
    live_server: Any, tmp_path: Path, settings: Any
) -> None:
    settings.CHECK_SPREAD_SECONDS = 1
    settings.EVIDENCE_DIR = tmp_path / "evidence"
    switch("web")
    _, secret = checkers.add_checker("London 1", country="GB", by=some(Role.ADMINISTRATOR))
    for address in SITES:
        noticed(address=address)
    check_jobs.plan()
    CheckJob.objects.update(not_before=timezone.now())
    (tmp_path / "behaviours.json").write_text(json.dumps(SITES))
    (tmp_path / "token").write_text(secret)
    world = str(tmp_path / "world.json")
    checker = ["checker", "--api", live_server.url, "--token-file", str(tmp_path / "token")]
    checker += ["--pretend", world, "--interval", "0"]
    waiting = tmp_path / "token.spool.files"

    with program("checker.pretend", str(tmp_path / "behaviours.json"), world):
        with program(*checker):  # killed before any file was sent, or about then
            wait_for(lambda: waiting.is_dir() and any(waiting.iterdir()))
        end_leases()
        with program(*checker):  # killed after the first file has arrived
            wait_for(lambda: any(file.is_file() for file in settings.EVIDENCE_DIR.rglob("*")))
        end_leases()
        with program(*checker, "--once") as process:
            assert process.wait(120) == 0

    looks = Check.objects.filter(method="automatic")
    assert looks.count() == len(SITES)
    assert sorted(Capture.objects.values_list("kind", flat=True)) == sorted(KINDS * len(SITES))
    for capture in Capture.objects.select_related("exhibit"):
        content = store.get(capture.exhibit.sha256)
        assert hashlib.sha256(content).hexdigest() == capture.exhibit.sha256
    assert list(waiting.iterdir()) == []

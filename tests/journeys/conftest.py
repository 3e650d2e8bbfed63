"""What both journeys need: people who can sign in, ways to two platforms, a mail sink, an earlier case."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP
from django.conf import settings as site
from playwright.sync_api import sync_playwright
from pytest_django.live_server_helper import LiveServer

from accounts.models import User
from accounts.roles import Role
from casework.models import ItemStatus
from config.mailsink import LARGEST_MESSAGE, Keeper
from platforms.models import Channel, ChannelKind, Platform
from tests.conftest import PASSWORD
from tests.factories import item_at, make_case
from tests.journeys import story
from tests.journeys.hand import CHROMIUM, MISSING, Hand, let_go

People = dict[str, User]


class Sink(Controller):
    """The product's own mail sink, in a thread, on a free port."""

    def __init__(self, folder: Path) -> None:
        super().__init__(Keeper(folder), hostname="127.0.0.1", port=0)

    def factory(self) -> SMTP:
        return SMTP(self.handler, hostname="mailsink", data_size_limit=LARGEST_MESSAGE, enable_SMTPUTF8=True)

    def _trigger_server(self) -> None:
        """The port is known only now."""
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


@pytest.fixture(autouse=True, scope="session")
def _folder_of_static_files() -> None:
    """The live server wants it to be there, although it serves the sources."""
    Path(site.STATIC_ROOT).mkdir(parents=True, exist_ok=True)


@pytest.fixture
def mail_sink(settings: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Path]:
    """The folder in which real SMTP leaves each letter."""
    sink = Sink(tmp_path / "mail")
    sink.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = sink.hostname, sink.port
    settings.MAIL_FOLDER = tmp_path / "mail"
    yield settings.MAIL_FOLDER
    sink.stop()


@pytest.fixture
def people(
    person: Callable[..., User], mail_sink: Path, settings: pytest.FixtureRequest, tmp_path: Path
) -> People:
    """Who takes part, by role; letters to X leave by mail, those to Facebook stand in the portal."""
    settings.EVIDENCE_DIR = tmp_path / "evidence"
    known_already()
    part = {str(role): person(role) for role in (Role.OFFICER, Role.REVIEWER, Role.MANAGER)}
    part["facebook"] = person(Role.LIAISON, platform="facebook")
    part["x"] = person(Role.LIAISON, number=2, platform="x")
    for each in part.values():
        each.set_password(PASSWORD)
        each.save(update_fields=["password"])
    x = Platform.objects.get(slug="x")
    Channel.objects.create(
        platform=x, kind=ChannelKind.MAIL, address="legal-requests@x.example", rung=0, proves_receipt=False
    )
    return part


@pytest.fixture
def hand(
    people: People, live_server: LiveServer, monkeypatch: pytest.MonkeyPatch, settings: pytest.FixtureRequest
) -> Iterator[Hand]:
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # the browser's driver runs a loop in this thread
    if CHROMIUM is None:  # root has had it installed; an ordinary user cannot
        (pytest.fail if os.geteuid() == 0 else pytest.skip)(MISSING)
    settings.SITE_URL = live_server.url
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield Hand(browser, live_server.url)
        browser.close()
    let_go()


def known_already() -> None:
    """An item of an earlier case, set aside as lawful."""
    earlier = make_case(reference="OP-2026-007", title="Summer")
    item_at(ItemStatus.NOT_ACTIONABLE, case=earlier, address=story.KNOWN_ADDRESS)

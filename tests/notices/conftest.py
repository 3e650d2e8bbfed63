from collections.abc import Callable, Iterator
from typing import Any

import pytest

from accounts.models import User
from accounts.roles import Role
from platforms.models import Channel, ChannelKind
from tests.notices.letters_at import Desk, channel
from tests.notices.mail_server import MailServer, Script
from tests.notices.webhook_server import WebhookServer


@pytest.fixture
def desk(person: Callable[..., User], settings: pytest.FixtureRequest, tmp_path: object) -> Desk:
    settings.EVIDENCE_DIR = tmp_path
    return Desk(person(Role.OFFICER), person(Role.REVIEWER), person(Role.LIAISON, platform="x"))


@pytest.fixture
def script() -> Script:
    return Script()


@pytest.fixture
def mail_server(script: Script, settings: pytest.FixtureRequest) -> Iterator[MailServer]:
    """A mail server that does what `script` says; the desk's letters go to it."""
    server = MailServer(script)
    server.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = server.hostname, server.port
    settings.EMAIL_TIMEOUT = 10
    yield server
    script.go_on.set()
    server.stop()


@pytest.fixture
def endpoint(settings: Any, db: None) -> Iterator[WebhookServer]:
    """X's endpoint, on this machine: the settings say that it may be reached."""
    server = WebhookServer()
    settings.WEBHOOK_LOCAL_ENDPOINTS, settings.WEBHOOK_TIMEOUT = [server.netloc], 5
    Channel.objects.filter(pk=channel("x", ChannelKind.WEBHOOK).pk).update(address=server.url)
    yield server
    server.stop()

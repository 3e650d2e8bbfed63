"""People signed in by role, and a database in which the tests are the web role, as the site is."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.conf import Settings
from django.db import connections
from django.db.backends.postgresql.operations import DatabaseOperations
from django.test import Client
from rest_framework.test import APIClient

from accounts.models import User
from accounts.roles import Role
from platforms.models import Platform

WEB = "takedown_web"
PASSWORD = "a long enough password"


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: pytest.FixtureRequest) -> Iterator[None]:
    """Made by the owner; from here on every connection, live servers' too, is the web role's."""
    connection = connections["default"]
    connection.settings_dict["OPTIONS"]["assume_role"] = WEB
    with django_db_blocker.unblock():
        connection.close()
    yield
    del connection.settings_dict["OPTIONS"]["assume_role"]
    with django_db_blocker.unblock():
        connection.close()
        with connection.cursor() as cursor:  # a live server's thread may still hold its connection
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
            )
        connection.close()


@pytest.fixture(autouse=True, scope="session")
def _owner_empties_tables() -> Iterator[None]:
    """Between transactional tests Django empties all tables, which the web role may not."""
    empty = DatabaseOperations.execute_sql_flush

    def as_owner(self: DatabaseOperations, sql_list: list[str]) -> None:
        empty(self, ["RESET ROLE", *sql_list, f"SET ROLE {WEB}"])

    DatabaseOperations.execute_sql_flush = as_owner
    yield
    DatabaseOperations.execute_sql_flush = empty


@pytest.fixture(autouse=True)
def _quick_passwords(settings: pytest.FixtureRequest) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.WHITENOISE_AUTOREFRESH = True  # there is no folder of collected files
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }


@pytest.fixture(autouse=True)
def _own_seals(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Tables are emptied between tests: an anchor or ledger of the test before would rightly call that tampering."""
    files = {
        "SEAL_KEY_FILE": "seal_key",
        "SEAL_ANCHOR_FILE": "seals.jsonl",
        "OUTBOX_LEDGER_FILE": "outbox.jsonl",
        "LIST_KEY_FILE": "list_key",
    }
    for name, file in files.items():
        monkeypatch.setenv(name, str(tmp_path / file))  # for programs that a test starts
        setattr(settings, name, tmp_path / file)


@pytest.fixture
def person(db: None) -> Callable[..., User]:
    """Makes a person of a role; `platform` is the slug that a liaison answers for."""

    def make(role: Role | str, *, number: int = 1, platform: str = "") -> User:
        made = User.objects.add(
            f"{role}{number}@desk.example", role=Role(role), name=f"{role} {number}".capitalize()
        )
        if platform:
            Platform.objects.get(slug=platform).liaisons.add(made)
        return made

    return make


@pytest.fixture
def officer(person: Callable[..., User]) -> User:
    return person(Role.OFFICER)


@pytest.fixture
def reviewer(person: Callable[..., User]) -> User:
    return person(Role.REVIEWER)


@pytest.fixture
def liaison(person: Callable[..., User]) -> User:
    """Answers for X."""
    return person(Role.LIAISON, platform="x")


@pytest.fixture
def manager(person: Callable[..., User]) -> User:
    return person(Role.MANAGER)


@pytest.fixture
def auditor(person: Callable[..., User]) -> User:
    return person(Role.AUDITOR)


@pytest.fixture
def administrator(person: Callable[..., User]) -> User:
    return person(Role.ADMINISTRATOR)


@pytest.fixture
def signed_in() -> Callable[[User], Client]:
    def sign_in(user: User) -> Client:
        client = Client()
        client.force_login(user)
        return client

    return sign_in


@pytest.fixture
def api() -> Callable[[User], APIClient]:
    def sign_in(user: User) -> APIClient:
        client = APIClient()
        client.force_authenticate(user)
        return client

    return sign_in

"""What the embedded run puts into the environment, and how commands beside it join in."""

import json
import os
import socket
from pathlib import Path

import pytest

from config.embedded import surroundings
from config.embedded.problems import CannotRun


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name in ("DATABASE_URL", "SECRET_KEY", "TAKEDOWN_DATA"):
        monkeypatch.delenv(name, raising=False)
    return monkeypatch


def leave_note(root: Path) -> None:
    (root / "var").mkdir()
    variables = {"DATABASE_URL": "postgresql:///web", "SECRET_KEY": "of the run"}
    surroundings.write_note(root / "var", variables, owner_url="postgresql:///owner")


def test_secret_key_is_made_once_and_kept_private(tmp_path: Path) -> None:
    first = surroundings.secret_key(tmp_path)

    assert surroundings.secret_key(tmp_path) == first
    assert len(first) > 50
    assert (tmp_path / "secret_key").stat().st_mode & 0o777 == 0o600


def test_needed_port_that_is_taken_is_refused() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        with pytest.raises(CannotRun, match=rf"Port {port} cannot be used .* make run PORT="):
            surroundings.free_port(port, needed=True)


def test_other_port_is_taken_when_any_will_do() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        assert surroundings.free_port(port, needed=False) not in {0, port}


def test_note_is_private(tmp_path: Path) -> None:
    leave_note(tmp_path)

    assert (tmp_path / "var" / surroundings.NOTE).stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("command", "url"), [("verify_history", "postgresql:///web"), ("migrate", "postgresql:///owner")]
)
def test_command_joins_the_run_that_goes_on(
    bare: pytest.MonkeyPatch, tmp_path: Path, command: str, url: str
) -> None:
    leave_note(tmp_path)
    bare.setattr(os, "environ", dict(os.environ))

    surroundings.join(["manage.py", command], root=tmp_path)

    assert (os.environ["DATABASE_URL"], os.environ["SECRET_KEY"]) == (url, "of the run")


def test_command_with_a_database_of_its_own_joins_nothing(bare: pytest.MonkeyPatch, tmp_path: Path) -> None:
    leave_note(tmp_path)
    bare.setattr(os, "environ", {"DATABASE_URL": "postgresql:///mine"})

    surroundings.join(["manage.py", "migrate"], root=tmp_path)

    assert os.environ == {"DATABASE_URL": "postgresql:///mine"}


def test_note_of_a_run_that_is_gone_counts_for_nothing(bare: pytest.MonkeyPatch, tmp_path: Path) -> None:
    leave_note(tmp_path)
    path = tmp_path / "var" / surroundings.NOTE
    path.write_text(json.dumps(json.loads(path.read_text()) | {"pid": 2**22 + 1}))
    bare.setattr(os, "environ", {})

    surroundings.join(["manage.py", "migrate"], root=tmp_path)

    assert os.environ == {}


def test_up_starts_without_a_database_and_takes_no_placeholder_for_one(
    bare: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    bare.setattr(os, "environ", {})

    surroundings.join(["manage.py", "up"], root=tmp_path)

    assert set(os.environ) == {"DATABASE_URL", "SECRET_KEY"}
    assert (surroundings.given("DATABASE_URL"), surroundings.given("SECRET_KEY")) == (None, None)

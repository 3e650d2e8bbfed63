"""Every test run has its own PostgreSQL, started before Django's settings are read.

Loaded by `-p tests.embedded_server`. TAKEDOWN_TEST_DATABASE_URL names a server to use instead: the URL of a
role that may create databases, on a server that also knows the role takedown_web.
"""

import contextlib
import os
import tempfile
from collections.abc import Generator
from pathlib import Path

import pytest

from config.embedded.problems import CannotRun
from config.embedded.throwaway import environment, throwaway_database

VARIABLE = "TAKEDOWN_TEST_DATABASE_URL"


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Generator[None, None, None]:
    """A wrapper runs before pytest-django's own hook, which reads the settings."""
    kept = contextlib.ExitStack()
    early_config.add_cleanup(kept.close)
    try:
        url, files = _given_server(kept) if os.environ.get(VARIABLE) else _own_server(kept)
    except CannotRun as problem:
        raise pytest.UsageError(str(problem)) from problem
    os.environ.update(environment(url, files))
    yield


def _own_server(kept: contextlib.ExitStack) -> tuple[str, Path]:
    """Announced in the environment, so that the workers of pytest-xdist, children of ours, use it too."""
    addresses, files = kept.enter_context(throwaway_database())
    os.environ[VARIABLE] = addresses.owner
    kept.callback(os.environ.pop, VARIABLE)
    return addresses.owner, files


def _given_server(kept: contextlib.ExitStack) -> tuple[str, Path]:
    files = kept.enter_context(tempfile.TemporaryDirectory(prefix="takedown-test-files-"))
    return os.environ[VARIABLE], Path(files)

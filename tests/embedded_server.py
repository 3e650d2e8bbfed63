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

from config.embedded.postgres import Addresses
from config.embedded.throwaway import environment, throwaway_database

VARIABLE = "TAKEDOWN_TEST_DATABASE_URL"


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Generator[None, None, None]:
    """A wrapper runs before pytest-django's own hook, which reads the settings."""
    kept = contextlib.ExitStack()
    early_config.add_cleanup(kept.close)
    given = os.environ.get(VARIABLE)
    if not given:
        addresses, files = kept.enter_context(throwaway_database())
        os.environ[VARIABLE] = (
            addresses.owner
        )  # the workers of pytest-xdist are our children and use this one
        kept.callback(os.environ.pop, VARIABLE)
    else:
        addresses = Addresses(owner=given, web="")
        files = Path(kept.enter_context(tempfile.TemporaryDirectory(prefix="takedown-test-files-")))
    os.environ.update(environment(addresses, files))
    yield

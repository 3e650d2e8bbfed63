"""Folders for servers that run under an account of their own."""

import tempfile
from collections.abc import Callable
from itertools import takewhile
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def open_folder(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Makes a folder that the database's account may enter; pytest closes its own to others."""
    top = Path(tempfile.gettempdir()).resolve()

    def make(name: str) -> Path:
        path = tmp_path_factory.mktemp(name)
        for folder in takewhile(lambda folder: folder != top, (path, *path.parents)):
            folder.chmod(0o755)
        return path

    return make

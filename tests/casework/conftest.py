"""Every test of casework keeps its exhibits in a folder of its own."""

from pathlib import Path

import pytest
from django.conf import Settings


@pytest.fixture(autouse=True)
def _own_store(settings: Settings, tmp_path: Path) -> None:
    settings.EVIDENCE_DIR = tmp_path / "evidence"

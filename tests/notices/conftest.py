from collections.abc import Callable

import pytest

from accounts.models import User
from accounts.roles import Role
from tests.notices.letters_at import Desk


@pytest.fixture
def desk(person: Callable[..., User], settings: pytest.FixtureRequest, tmp_path: object) -> Desk:
    settings.EVIDENCE_DIR = tmp_path
    return Desk(person(Role.OFFICER), person(Role.REVIEWER), person(Role.LIAISON, platform="x"))

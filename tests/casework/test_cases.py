"""References of cases: each can be reached by its address, wherever the case is opened."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.test import Client

from accounts.models import User
from casework.cases import open_case
from casework.models import Case

pytestmark = pytest.mark.django_db

UNFIT = ["open", "a/b", "a b", "...", ".", "a\x00b", "a\nb", "-a", "é", "a?b", "a#b"]


@pytest.mark.parametrize("reference", UNFIT)
def test_reference_without_an_address_is_refused(reference: str, officer: User) -> None:
    with pytest.raises(ValidationError) as refused:
        open_case(reference, title="T", by=officer)

    assert list(refused.value.message_dict) == ["reference"]
    assert not Case.objects.exists()


@pytest.mark.parametrize("reference", ["OP-2026.14_b", "opened", "Open", "7"])
def test_other_references_are_reached(
    reference: str, officer: User, signed_in: Callable[[User], Client]
) -> None:
    open_case(reference, title="Crossings", by=officer)

    assert "Crossings" in signed_in(officer).get(f"/cases/{reference}/").content.decode()


def test_page_call_and_command_say_why(
    officer: User, signed_in: Callable[[User], Client], api: Callable[[User], Any]
) -> None:
    why = "“open” is the address of another page; choose a different reference."

    page = signed_in(officer).post("/cases/open/", {"reference": "open", "title": "T"})
    call = api(officer).post("/api/v1/cases/", {"reference": "open", "title": "T"})

    assert (page.status_code, page.context["form"].errors["reference"]) == (422, [why])
    assert (call.status_code, call.json()["errors"]) == (400, {"reference": [why]})
    with pytest.raises(CommandError, match="address of another page"):
        call_command("open_case", "open", title="T", by=officer.email)

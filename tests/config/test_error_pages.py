"""The pages that say what went wrong: whole, in the desk's clothes, and with what to do next."""

import pytest
from django.http import HttpRequest
from django.test import Client, RequestFactory
from django.views import defaults

from config.problems import server_error


def read(content: bytes) -> str:
    return content.decode()


@pytest.mark.parametrize(
    ("status", "heading"),
    [(400, "This request cannot be read"), (500, "Something went wrong on our side")],
)
def test_page_without_a_request_stands_by_itself(rf: RequestFactory, status: int, heading: str) -> None:
    request: HttpRequest = rf.get("/items/")

    response = defaults.bad_request(request, ValueError()) if status == 400 else server_error(request)

    page = read(response.content)
    assert response.status_code == status
    assert f'<h1 class="govuk-heading-l">{heading}</h1>' in page
    assert "Takedown Desk</span>" in page
    assert "Sign out" not in page
    assert '<a class="govuk-link" href="/">Go to the start page</a>' in page


@pytest.mark.django_db
def test_too_many_fields_are_told_on_a_page(client: Client, settings: pytest.FixtureRequest) -> None:
    settings.DATA_UPLOAD_MAX_NUMBER_FIELDS = 3  # type: ignore[attr-defined]

    response = client.post("/sign-in/", {f"field{number}": "x" for number in range(5)})

    assert response.status_code == 400
    assert "This request cannot be read" in read(response.content)

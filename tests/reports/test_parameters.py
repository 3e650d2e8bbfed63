"""An address is read whole or refused: no parameter is passed over, and none is taken from two."""

import re
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from django.http import QueryDict
from django.test import Client

from accounts.models import User
from reports.figures_pages import PAGES
from reports.parameters import misread
from tests.reports.histories import ten_items

JUNE = "from=2026-06-01&to=2026-06-30"
SCOPED = (
    "", "episodes/", "items/", "looks/", "chasers/", "collateral/", "article-22/", "platforms/x/briefing/",
    *(f"{slug}/" for slug in PAGES),
)  # fmt: skip
FILES = (
    "episodes.csv",
    "takedown-rate.pdf",
    "takedown-rate.csv",
    "article-22.csv",
    "platforms/x/briefing.pdf",
)
KNOWN = "from, to, as_at, known_by, platform, category, kind, channel, language, severity"


@pytest.fixture
def reader(manager: User, signed_in: Callable[[User], Client]) -> Client:
    return signed_in(manager)


def errors(response: Any) -> list[str]:
    """The problems that the page sums up above its heading."""
    summary = re.search(
        r'<ul class="govuk-list govuk-error-summary__list">(.*?)</ul>', response.content.decode(), re.S
    )
    assert summary is not None
    return [unescape(re.sub(r"<[^>]+>", "", row)) for row in re.findall(r"<li>(.*?)</li>", summary[1], re.S)]


@pytest.mark.parametrize(
    ("address", "wrong"),
    [
        ("from=1&to=2", []),
        ("utm_source=mail", ["“utm_source” is not known here: use from, to."]),
        ("from=1&from=1", ["“from” is given twice: give it once."]),
        ("from=&from=1", ["“from” is given twice: give it once."]),
        ("From=1", ["“From” is not known here: use from, to."]),
    ],
)
def test_names_are_known_and_given_once(address: str, wrong: list[str]) -> None:
    assert misread(QueryDict(address), ["from", "to"]) == wrong


@pytest.mark.parametrize("page", SCOPED)
def test_page_of_figures_refuses_what_it_does_not_know(page: str, db: None, reader: Client) -> None:
    response = reader.get(f"/reports/{page}?{JUNE}&plattform=x")

    assert response.status_code == 400
    assert [said.partition(":")[0] for said in errors(response)] == ["“plattform” is not known here"]
    assert "scope" not in response.context
    assert 'name="from"' in response.content.decode()


@pytest.mark.parametrize("page", SCOPED)
def test_page_of_figures_refuses_two_values(page: str, db: None, reader: Client) -> None:
    response = reader.get(f"/reports/{page}?{JUNE}&kind=post&kind=page")

    assert response.status_code == 400
    assert errors(response) == ["“kind” is given twice: give it once."]


@pytest.mark.parametrize("file", FILES)
def test_file_of_figures_refuses_both(file: str, db: None, reader: Client) -> None:
    unknown = reader.get(f"/reports/{file}?{JUNE}&plattform=x")
    twice = reader.get(f"/reports/{file}?{JUNE}&kind=post&kind=page")

    assert (unknown.status_code, twice.status_code) == (400, 400)
    assert "“plattform” is not known here" in unknown.content.decode()
    assert "“kind” is given twice: give it once." in twice.content.decode()


@pytest.mark.parametrize(
    ("page", "told"),
    [
        ("episodes/?eligible=banana", "“eligible” cannot be banana: use 1."),
        ("episodes/?outcome=LOST", "“outcome” cannot be LOST: use "),
        ("episodes/?set=refused&set=removals", "“set” is given twice: give it once."),
        ("episodes/?removed=2026-01", "“removed” is two days such as 2026-01-01..2026-01-31. "),
        ("episodes/?removed=2026-02-01..2026-01-01", "“removed” is two days "),
        ("items/?stage=lost", "“stage” cannot be lost: use "),
        ("looks/?by=nobody", "“by” cannot be nobody: use "),
        ("chasers/?stage=gone", "“stage” is not known here: use "),
        ("?by=kind&by=platform", "“by” is given twice: give it once."),
        ("claims/?sentence=x&window=24h", "“window” is not known here: use sentence, edition."),
        ("claims/?statistic=S04&statistic=S05", "“statistic” is given twice: give it once."),
        ("claims/?statistics=S04", "“statistics” is not known here: use "),
        ("editions/compare/?first=a&second=b&third=c", "“third” is not known here: use first, second."),
        ("editions/prepare/?title=x&form=2026-01-01", "“form” is not known here: use "),
    ],
)  # fmt: skip
def test_what_only_some_pages_know_is_held_to_the_same(
    page: str, told: str, db: None, reader: Client
) -> None:
    response = reader.get(f"/reports/{page}")

    assert response.status_code == 400
    assert [said[: len(told)] for said in errors(response)] == [told]


def test_a_refusal_names_what_is_known(db: None, reader: Client) -> None:
    (said,) = errors(reader.get("/reports/overview/?fbclid=1"))

    assert said == f"“fbclid” is not known here: use {KNOWN}."


def test_program_is_refused_two_values_too(db: None, reader: Client) -> None:
    response = reader.get(f"/api/v1/figures/?{JUNE}&kind=post&kind=page")

    assert (response.status_code, response.json()["errors"]) == (
        400,
        {"kind": ["Given twice: give it once."]},
    )


def test_address_to_send_keeps_the_second_group(bring_in: Callable[..., None], reader: Client) -> None:
    bring_in(ten_items())
    beside = "beside_from=2025-12-01&beside_to=2025-12-31"

    page = reader.get(f"/reports/comparison/?from=2026-01-01&to=2026-01-31&{beside}")
    kept = reader.get(page.context["kept_url"])

    assert page.context["kept_url"].endswith(f"&{beside}")
    assert (kept.status_code, kept.context["scope"]) == (200, page.context["scope"])

"""Cases, items and what hangs on them, by API."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from rest_framework.test import APIClient

from accounts.models import User
from casework import imports
from casework.models import Item, ItemStatus
from tests.factories import PIXEL, assess, exhibit, item_at, make_case, make_item

Api = Callable[[User], APIClient]
ASSESSMENT = {
    "category": "small_boat_advert",
    "ground": "bsaia_2025_17",
    "rationale": "Offers places and names a price.",
    "severity": "high",
    "protected_speech": "none",
}


@pytest.fixture(autouse=True)
def _own_store(settings: Any, tmp_path: Any) -> None:
    settings.EVIDENCE_DIR = tmp_path


def test_case_is_opened_read_and_closed(api: Api, officer: User, reviewer: User) -> None:
    opened = api(officer).post("/api/v1/cases/", {"reference": "OP-1", "title": "Crossings"})
    closed = api(reviewer).post("/api/v1/cases/OP-1/close/", {"reason": "Over"})

    assert (opened.status_code, opened.json()["opened_by"]) == (201, "Officer 1")
    assert (closed.status_code, closed.json()["status"]) == (200, "closed")


def test_case_reference_taken_is_said_at_the_field(api: Api, officer: User) -> None:
    make_case(reference="OP-1")

    response = api(officer).post("/api/v1/cases/", {"reference": "OP-1", "title": "Again"})

    assert (response.status_code, list(response.json()["errors"])) == (400, ["reference"])


def test_preview_names_what_is_known_and_saves_nothing(api: Api, officer: User) -> None:
    earlier = item_at(ItemStatus.CLOSED, address="https://x.com/a/status/1700000000000000001")
    case, text = make_case(), "hxxps://x[.]com/a/status/1700000000000000001\nnot an address"

    response = api(officer).post("/api/v1/items/preview/", {"case": case.reference, "text": text})

    found, unread = response.json()
    assert (found["platform"], found["kind"], found["known"][0]["reference"]) == (
        "x",
        "post",
        earlier.reference,
    )
    assert unread["problem"]
    assert Item.objects.count() == 1


def test_items_are_identified_with_duplicates_and_refusals_by_row(api: Api, officer: User) -> None:
    case = make_case()
    rows = [
        {"address": "https://x.com/a/status/1700000000000000001", "category": "small_boat_advert"},
        {"address": "https://twitter.com/a/status/1700000000000000001"},
        {"address": "javascript:alert(1)"},
    ]

    response = api(officer).post("/api/v1/items/", {"case": case.reference, "items": rows})

    told = response.json()
    assert response.status_code == 201
    assert [(item["platform"], item["category"]) for item in told["items"]] == [("x", "small_boat_advert")]
    assert told["duplicates"] == [2]
    assert [(error["row"], error["code"]) for error in told["refused"]] == [(3, "not_an_address")]


def test_unknown_case_is_not_found(api: Api, officer: User) -> None:
    rows = [{"address": "https://x.com/a/status/17"}]

    assert api(officer).post("/api/v1/items/", {"case": "OP-404", "items": rows}).status_code == 404


def test_item_goes_from_reported_to_approved(api: Api, officer: User, reviewer: User) -> None:
    item = make_item(by=officer)
    address, picture = f"/api/v1/items/{item.reference}/", SimpleUploadedFile("a.png", PIXEL, "image/png")

    assessed = api(officer).post(f"{address}assess/", ASSESSMENT)
    kept = api(officer).post(f"{address}evidence/", {"file": picture}, format="multipart")
    own = api(officer).post(f"{address}approve/")
    approved = api(reviewer).post(f"{address}approve/")

    assert (assessed.json()["status"], assessed.json()["assessments"][0]["severity"]) == (
        "in_assessment",
        "high",
    )
    assert (kept.status_code, kept.json()["size"]) == (201, len(PIXEL))
    assert own.status_code == 403
    assert (approved.json()["status"], "revoke" in approved.json()["actions"]) == ("approved", True)


def test_own_assessment_is_not_approved(api: Api, reviewer: User) -> None:
    item = assess(make_item(by=reviewer), by=reviewer)
    exhibit(item, by=reviewer)

    response = api(reviewer).post(f"/api/v1/items/{item.reference}/approve/")

    assert response.status_code == 409
    assert "approve" not in response.json()["actions"]


def test_clause_of_another_platform_is_refused(api: Api, officer: User) -> None:
    item = make_item(by=officer)

    response = api(officer).post(
        f"/api/v1/items/{item.reference}/assess/", {**ASSESSMENT, "policy_clause": "nowhere"}
    )

    assert (response.status_code, list(response.json()["errors"])) == (400, ["policy_clause"])


def test_check_with_an_exhibit_confirms_a_removal(api: Api, officer: User) -> None:
    item = item_at(ItemStatus.NOTIFIED)
    address = f"/api/v1/items/{item.reference}/"
    shot = exhibit(item)

    check = api(officer).post(
        f"{address}checks/", {"verdict": "gone", "cause": "platform_policy", "exhibit": shot.pk}
    )

    assert (check.status_code, check.json()["confirms"]) == (201, True)
    assert api(officer).get(address).json()["status"] == "watching"
    assert [row["verdict"] for row in api(officer).get(f"{address}checks/").json()["results"]] == ["gone"]


def test_exhibit_of_another_item_is_refused(api: Api, officer: User) -> None:
    item, foreign = make_item(), exhibit(make_item())

    response = api(officer).post(
        f"/api/v1/items/{item.reference}/checks/", {"verdict": "live", "exhibit": foreign.pk}
    )

    assert (response.status_code, list(response.json()["errors"])) == (400, ["exhibit"])


def test_hold_and_release(api: Api, officer: User) -> None:
    item = item_at(ItemStatus.APPROVED)
    client, address = api(officer), f"/api/v1/items/{item.reference}/"
    held = client.post(
        f"{address}hold/",
        {"authority": "Another force", "reason": "Needed up", "review_at": "2030-01-01T00:00Z"},
    )
    released = client.post(f"{address}release/", {"reason": "Done"})

    assert (held.json()["status"], held.json()["holds"][0]["authority"]) == ("on_hold", "Another force")
    assert released.json()["status"] == "approved"


def test_duplicate_and_undo(api: Api, officer: User) -> None:
    item, other = make_item(), make_item()
    client, address = api(officer), f"/api/v1/items/{item.reference}/"

    marked = client.post(f"{address}mark_duplicate/", {"of": other.reference})
    undone = client.post(f"{address}undo_duplicate/")

    assert (marked.json()["status"], marked.json()["duplicate_of"]) == ("duplicate", other.reference)
    assert undone.json()["status"] == "reported"


def test_reject_says_why(api: Api, officer: User) -> None:
    item = item_at(ItemStatus.IN_ASSESSMENT)

    response = api(officer).post(
        f"/api/v1/items/{item.reference}/reject/", {"not_actionable_as": "lawful", "reason": "A news report"}
    )

    assert response.json()["not_actionable_as"] == "lawful"


def test_timeline_reads_as_sentences(api: Api, officer: User) -> None:
    item = item_at(ItemStatus.IN_ASSESSMENT)

    rows = api(officer).get(f"/api/v1/items/{item.reference}/events/").json()["results"]

    assert [row["kind"] for row in rows] == ["item.claimed", "item.identified"]
    assert all(row["sentence"] for row in rows)


def test_list_is_narrowed_by_the_filters_of_the_pages(api: Api, officer: User) -> None:
    wanted = item_at(ItemStatus.IN_ASSESSMENT, language="ku")
    make_item(language="ar")
    asked = (
        f"case={wanted.case.reference}&status=in_assessment&platform=x&kind=post&language=ku&queue=to_assess"
    )

    rows = api(officer).get(f"/api/v1/items/?{asked}").json()["results"]

    assert [row["reference"] for row in rows] == [wanted.reference]


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize("path", ["items/", "cases/"])
def test_lists_ask_a_fixed_number_of_queries(
    path: str, count: int, api: Api, officer: User, django_assert_num_queries: Any
) -> None:
    for _ in range(count):
        assess(make_item(by=officer))

    with django_assert_num_queries(1):
        response = api(officer).get(f"/api/v1/{path}")

    assert len(response.json()["results"]) == count


@pytest.mark.parametrize("count", [1, 3])
def test_item_asks_a_fixed_number_of_queries(
    count: int, api: Api, officer: User, django_assert_max_num_queries: Any
) -> None:
    item = make_item(by=officer)
    for _ in range(count):
        assess(item)

    with django_assert_max_num_queries(9):
        response = api(officer).get(f"/api/v1/items/{item.reference}/")

    assert len(response.json()["assessments"]) == count


def test_file_is_imported_with_its_progress(api: Api, officer: User) -> None:
    case, client = make_case(), api(officer)
    file = SimpleUploadedFile("a.csv", b"address\nhttps://x.com/a/status/17\njavascript:x\n", "text/csv")

    begun = client.post(
        "/api/v1/imports/", {"case": case.reference, "file": file, "dry_run": False}, format="multipart"
    )
    imports.run_import(begun.json()["id"])
    done = client.get(f"/api/v1/imports/{begun.json()['id']}/").json()

    assert (begun.status_code, begun.json()["status"]) == (202, "queued")
    assert (done["status"], done["accepted"], done["refused"]) == ("done", 1, 1)
    assert [(error["row"], error["column"]) for error in done["errors"]] == [(3, "address")]


def test_file_that_is_no_table_is_refused(api: Api, officer: User) -> None:
    file = SimpleUploadedFile("a.csv", b"address,address\n", "text/csv")

    response = api(officer).post(
        "/api/v1/imports/", {"case": make_case().reference, "file": file}, format="multipart"
    )

    assert (response.status_code, list(response.json()["errors"])) == (400, ["file"])


def test_exhibit_comes_as_a_download_byte_for_byte(api: Api, officer: User) -> None:
    shot = exhibit(make_item())

    response = api(officer).get(f"/api/v1/evidence/{shot.pk}/file/")

    assert response["Content-Type"] == "application/octet-stream"
    assert response["Content-Disposition"].startswith("attachment")
    assert len(b"".join(response.streaming_content)) == shot.size

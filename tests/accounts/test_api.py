"""Oneself and tokens by API, and requests that are repeated."""

import json
import threading
import time
import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connections
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from accounts import idempotency, tokens
from accounts.models import IdempotencyKey, Token, User
from casework.models import Case, Evidence
from tests.factories import make_item

Api = Callable[[User], APIClient]
NEW = {"reference": "OP-1", "title": "Crossings"}


def with_token(user: User, *scopes: str) -> Client:
    _, secret = tokens.issue(user, name="Feed", scopes=scopes, by=user)
    return Client(headers={"authorization": f"Bearer {secret}"})


# -- Oneself and tokens --------------------------------------------------------------------------------------


def test_me_names_what_the_token_lets_its_person_do(officer: User) -> None:
    response = with_token(officer, "see_casework", "identify_item").get("/api/v1/me/")

    assert response.json() == {
        "name": "Officer 1",
        "email": "officer1@desk.example",
        "role": "officer",
        "permissions": ["identify_item", "see_casework"],
    }


def test_token_acts_within_its_scopes(officer: User) -> None:
    client = with_token(officer, "see_casework")

    read, written = (
        client.get("/api/v1/cases/"),
        client.post("/api/v1/cases/", NEW, content_type="application/json"),
    )

    assert (read.status_code, written.status_code) == (200, 403)
    assert not Case.objects.exists()


def test_token_is_issued_and_works_at_once(api: Api, officer: User) -> None:
    response = api(officer).post("/api/v1/tokens/", {"name": "Feed", "scopes": ["see_casework"], "days": 7})

    issued = response.json()
    client = Client(headers={"authorization": f"Bearer {issued['secret']}"})
    assert response.status_code == 201
    assert client.get("/api/v1/cases/").status_code == 200
    assert "secret" not in client.get("/api/v1/tokens/").json()["results"][0]


def test_token_issues_none_that_may_do_more(officer: User) -> None:
    client = with_token(officer, "see_casework")

    response = client.post(
        "/api/v1/tokens/", {"name": "More", "scopes": ["assess_item"]}, content_type="application/json"
    )

    assert response.status_code == 403
    assert Token.objects.count() == 1


def test_scope_that_the_role_does_not_grant(api: Api, officer: User) -> None:
    response = api(officer).post("/api/v1/tokens/", {"name": "More", "scopes": ["approve_item"]})

    assert response.status_code == 400
    assert "approve_item" in response.json()["errors"]["scopes"][0]


def test_token_revoked_works_no_more(api: Api, officer: User) -> None:
    client = with_token(officer, "see_casework")
    token = Token.objects.get()

    response = api(officer).post(f"/api/v1/tokens/{token.pk}/revoke/")

    assert response.json()["revoked_at"] is not None
    assert client.get("/api/v1/cases/").status_code == 401


def test_tokens_of_others_are_not_there(api: Api, officer: User, reviewer: User) -> None:
    token, _ = tokens.issue(reviewer, name="Feed", scopes=["see_casework"], by=reviewer)

    assert api(officer).get("/api/v1/tokens/").json()["results"] == []
    assert api(officer).get(f"/api/v1/tokens/{token.pk}/").status_code == 404
    assert api(officer).post(f"/api/v1/tokens/{token.pk}/revoke/").status_code == 404


@pytest.mark.parametrize("count", [1, 3])
def test_list_of_tokens_asks_a_fixed_number_of_queries(
    api: Api, officer: User, count: int, django_assert_num_queries: Any
) -> None:
    for number in range(count):
        tokens.issue(officer, name=f"Feed {number}", scopes=["see_casework"], by=officer)

    with django_assert_num_queries(1):
        response = api(officer).get("/api/v1/tokens/")

    assert len(response.json()["results"]) == count


def test_pages_are_walked_without_loss_while_rows_come_in(api: Api, officer: User) -> None:
    for number in range(5):
        tokens.issue(officer, name=f"{number}", scopes=["see_casework"], by=officer)
    client, address, seen = api(officer), "/api/v1/tokens/?page_size=2", []

    while address:
        page = client.get(address).json()
        seen += [token["name"] for token in page["results"]]
        tokens.issue(officer, name="late", scopes=["see_casework"], by=officer)
        address = page["next"]

    assert seen == ["4", "3", "2", "1", "0"]


# -- The same request twice ----------------------------------------------------------------------------------


def post(client: Any, path: str, body: Any, key: str, **more: Any) -> Any:
    return client.post(path, body, headers={"idempotency-key": key}, **more)


def test_repeated_request_is_done_once_and_answered_the_same(api: Api, officer: User) -> None:
    client, key = api(officer), str(uuid.uuid4())

    first, second = (post(client, "/api/v1/cases/", NEW, key) for _ in range(2))

    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json() == second.json()
    assert second["Idempotency-Replayed"] == "true"
    assert Case.objects.count() == 1


def test_same_key_with_another_body_is_refused(api: Api, officer: User) -> None:
    client = api(officer)
    post(client, "/api/v1/cases/", NEW, "one")

    response = post(client, "/api/v1/cases/", {**NEW, "reference": "OP-2"}, "one")

    assert response.status_code == 422
    assert response["Content-Type"] == "application/problem+json"
    assert Case.objects.count() == 1


def test_same_key_at_another_address_is_refused(api: Api, officer: User) -> None:
    client, item = api(officer), make_item(by=officer)
    post(client, f"/api/v1/items/{item.reference}/claim/", {}, "one")

    assert post(client, "/api/v1/cases/", NEW, "one").status_code == 422


def test_key_of_another_person_is_another_key(api: Api, officer: User, reviewer: User) -> None:
    first = post(api(officer), "/api/v1/cases/", NEW, "one")
    second = post(api(reviewer), "/api/v1/cases/", {**NEW, "reference": "OP-2"}, "one")

    assert (first.status_code, second.status_code) == (201, 201)


def test_refusal_is_answered_the_same_too(api: Api, officer: User) -> None:
    client, item = api(officer), make_item(by=officer)
    address = f"/api/v1/items/{item.reference}/ask/"
    first = post(client, address, {"reason": "Where?"}, "one")
    client.post(f"/api/v1/items/{item.reference}/claim/")

    second = post(client, address, {"reason": "Where?"}, "one")

    assert (first.status_code, second.status_code) == (409, 409)
    assert first.json() == second.json()
    assert second["Content-Type"] == "application/problem+json"


def test_request_without_permission_uses_up_no_key(api: Api, auditor: User) -> None:
    assert post(api(auditor), "/api/v1/cases/", NEW, "one").status_code == 403
    assert not IdempotencyKey.objects.exists()


def test_secret_of_a_token_is_not_kept(api: Api, officer: User) -> None:
    body = {"name": "Feed", "scopes": ["see_casework"]}
    first, second = (post(api(officer), "/api/v1/tokens/", body, "one") for _ in range(2))

    kept = IdempotencyKey.objects.get()
    assert first.json()["secret"] not in json.dumps(kept.body)
    assert second.json() == {**first.json(), "secret": None}
    assert Token.objects.count() == 1


@pytest.mark.parametrize(("again", "status", "kept"), [(b"one", 201, 1), (b"two", 422, 1)])
def test_file_counts_as_part_of_the_request(
    again: bytes, status: int, kept: int, api: Api, officer: User, settings: Any, tmp_path: Any
) -> None:
    settings.EVIDENCE_DIR = tmp_path
    item, client = make_item(by=officer), api(officer)
    address = f"/api/v1/items/{item.reference}/evidence/"

    def send(content: bytes) -> Any:
        file = SimpleUploadedFile("seen.png", content, "image/png")
        return post(client, address, {"file": file, "kind": "document"}, "one", format="multipart")

    first, second = send(b"one"), send(again)

    assert (first.status_code, second.status_code) == (201, status)
    assert Evidence.objects.count() == kept
    assert Evidence.objects.get().size == 3


@pytest.mark.parametrize("key", ["", "a" * 256, "two words"])
def test_key_that_is_none(key: str, api: Api, officer: User) -> None:
    assert post(api(officer), "/api/v1/cases/", NEW, key).status_code == 400
    assert not Case.objects.exists()


def test_key_is_forgotten_after_a_week(officer: User) -> None:
    long_ago = timezone.now() - timedelta(days=8)
    with idempotency.once(officer, "one", "a" * 64, at=long_ago) as row:
        idempotency.keep(row, status=201, headers={}, body={})

    with idempotency.once(officer, "one", "b" * 64) as row:
        assert row.status is None


def test_killed_request_leaves_the_key_free(officer: User) -> None:
    with pytest.raises(RuntimeError), idempotency.once(officer, "one", "a" * 64):
        raise RuntimeError

    assert not IdempotencyKey.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_request_under_way_makes_the_second_wait_its_turn(officer: User, api: Api) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def hold() -> None:
        with idempotency.once(officer, "one", "a" * 64):
            begun.set()
            go_on.wait(10)
        connections.close_all()

    holder = threading.Thread(target=hold)
    holder.start()
    assert begun.wait(10)
    response = post(api(officer), "/api/v1/cases/", NEW, "one")
    go_on.set()
    holder.join(10)

    assert response.status_code == 409
    assert response["Content-Type"] == "application/problem+json"
    assert not Case.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_ten_at_once_are_done_once(officer: User) -> None:
    client_of = [APIClient() for _ in range(10)]
    came: list[int] = []

    def send(client: APIClient) -> None:
        client.force_authenticate(officer)
        for _ in range(50):
            response = post(client, "/api/v1/cases/", NEW, "one")
            if response.status_code != 409:
                break
            time.sleep(0.05)
        came.append(response.status_code)
        connections.close_all()

    threads = [threading.Thread(target=send, args=(client,)) for client in client_of]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    assert came == [201] * 10
    assert Case.objects.count() == 1

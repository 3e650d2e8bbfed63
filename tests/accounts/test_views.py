"""Signing in, tokens and people, as pages."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts import tokens
from accounts.guards import allow
from accounts.models import Token, User
from accounts.roles import Permission, Role
from tests.conftest import PASSWORD

SignIn = Callable[[User], Client]


def told(response: Any) -> list[str]:
    return [str(message) for message in response.context["messages"]]


@pytest.fixture
def office(administrator: User, signed_in: SignIn) -> Client:
    return signed_in(administrator)


# -- Signing in ---------------------------------------------------------------------------------------------------


def test_anybody_else_is_sent_to_sign_in(client: Client, db: None) -> None:
    assert client.get("/items/").url == "/sign-in/?next=/items/"


def test_person_signs_in_by_e_mail_in_any_case(client: Client, db: None) -> None:
    User.objects.add("officer@desk.example", role=Role.OFFICER, password=PASSWORD)

    response = client.post("/sign-in/", {"username": " Officer@Desk.example ", "password": PASSWORD})

    assert response.url == "/"


@pytest.mark.parametrize("given", [{"password": "wrong"}, {"username": "nobody@desk.example"}])
def test_failed_sign_in_does_not_say_what_was_wrong(client: Client, db: None, given: dict[str, str]) -> None:
    User.objects.add("officer@desk.example", role=Role.OFFICER, password=PASSWORD)

    response = client.post("/sign-in/", {"username": "officer@desk.example", "password": PASSWORD, **given})

    assert "one of them is not right" in response.content.decode()
    assert "_auth_user_id" not in client.session


def test_person_switched_off_cannot_sign_in(client: Client, db: None) -> None:
    person = User.objects.add("officer@desk.example", role=Role.OFFICER, password=PASSWORD)
    User.objects.filter(pk=person.pk).update(is_active=False)

    client.post("/sign-in/", {"username": person.email, "password": PASSWORD})

    assert "_auth_user_id" not in client.session


def test_signing_out_is_a_post(officer: User, signed_in: SignIn) -> None:
    client = signed_in(officer)

    assert client.get("/sign-out/").status_code == 405
    assert client.post("/sign-out/").url == "/sign-in/"
    assert "_auth_user_id" not in client.session


def test_own_password_is_changed(officer: User, signed_in: SignIn) -> None:
    officer.set_password(PASSWORD)
    officer.save()
    new = "quite another long phrase"

    response = signed_in(officer).post(
        "/password/", {"old_password": PASSWORD, "new_password1": new, "new_password2": new}
    )

    officer.refresh_from_db()
    assert (response.url, officer.check_password(new)) == ("/password/changed/", True)


# -- Tokens -------------------------------------------------------------------------------------------------------


def test_token_is_shown_once_and_works(officer: User, signed_in: SignIn) -> None:
    client = signed_in(officer)

    response = client.post("/tokens/issue/", {"name": "Feed", "scopes": ["identify_item"], "days": "30"})

    secret = response.context["secret"]
    token = Token.objects.get()
    assert secret in response.content.decode()
    assert "no-store" in response["Cache-Control"]
    assert secret not in client.get("/tokens/").content.decode()
    assert (token.scopes, tokens.find(secret)) == (["identify_item"], token)


def test_scope_that_the_role_lacks_is_not_offered(officer: User, signed_in: SignIn) -> None:
    response = signed_in(officer).post(
        "/tokens/issue/", {"name": "Feed", "scopes": ["approve_item"], "days": "30"}
    )

    assert (response.status_code, list(response.context["form"].errors)) == (422, ["scopes"])
    assert not Token.objects.exists()


def test_token_of_somebody_else_does_not_exist(officer: User, reviewer: User, signed_in: SignIn) -> None:
    token, _ = tokens.issue(reviewer, name="Feed", scopes=["see_casework"], by=reviewer)

    response = signed_in(officer).post(f"/tokens/{token.pk}/revoke/")

    token.refresh_from_db()
    assert (response.status_code, token.revoked_at) == (404, None)


def test_token_is_revoked_by_its_owner_or_an_administrator(
    officer: User, office: Client, signed_in: SignIn
) -> None:
    own, _ = tokens.issue(officer, name="One", scopes=["see_casework"], by=officer)
    other, _ = tokens.issue(officer, name="Two", scopes=["see_casework"], by=officer)

    signed_in(officer).post(f"/tokens/{own.pk}/revoke/")
    office.post(f"/tokens/{other.pk}/revoke/")

    assert not Token.objects.filter(revoked_at=None).exists()


# -- People -------------------------------------------------------------------------------------------------------


def test_administrator_starts_at_the_people_and_adds_one(office: Client) -> None:
    form = {"email": "New@Desk.example", "name": "Officer 7", "role": "officer", "password": PASSWORD}

    start = office.get("/", follow=True)
    response = office.post("/people/add/", form, follow=True)

    assert start.redirect_chain == [("/people/", 302)]
    assert told(response) == ["Officer 7 can sign in now."]
    assert User.objects.get(email="new@desk.example").check_password(PASSWORD)


@pytest.mark.parametrize(
    ("given", "field"), [({"email": "admin1@desk.example"}, "email"), ({"password": "short"}, "password")]
)
def test_person_who_cannot_be_added_is_refused_beside_the_field(
    office: Client, given: dict[str, str], field: str
) -> None:
    User.objects.add("admin1@desk.example", role=Role.ADMINISTRATOR)
    form = {"email": "new@desk.example", "name": "New", "role": "officer", "password": PASSWORD, **given}

    response = office.post("/people/add/", form)

    assert (response.status_code, list(response.context["form"].errors)) == (422, [field])


def test_new_role_or_leaving_ends_the_tokens(office: Client, officer: User) -> None:
    tokens.issue(officer, name="Feed", scopes=["identify_item"], by=officer)

    office.post(f"/people/{officer.pk}/", {"name": officer.name, "role": "auditor", "is_active": "on"})

    officer.refresh_from_db()
    assert (officer.role, Token.objects.filter(revoked_at=None).count()) == ("auditor", 0)


def test_last_administrator_stays(office: Client, administrator: User) -> None:
    response = office.post(
        f"/people/{administrator.pk}/", {"name": "Me", "role": "officer", "is_active": "on"}
    )

    administrator.refresh_from_db()
    assert (response.status_code, administrator.role) == (422, "administrator")


def test_list_of_people_asks_a_fixed_number_of_questions(
    office: Client, person: Callable[..., User], django_assert_num_queries: Any
) -> None:
    for number in range(3):
        made = person(Role.OFFICER, number=number)
        tokens.issue(made, name="Feed", scopes=["see_casework"], by=made)

    with django_assert_num_queries(4):  # session, person, count, rows
        office.get("/people/")


def test_admin_site_is_the_administrators(office: Client, officer: User, signed_in: SignIn) -> None:
    assert office.get("/admin/platforms/platform/").status_code == 200
    assert office.get("/admin/accounts/user/add/").status_code == 403
    assert signed_in(officer).get("/admin/").status_code == 302


# -- Platforms ----------------------------------------------------------------------------------------------------


def test_platform_directory_shows_ways_times_and_rules(officer: User, signed_in: SignIn) -> None:
    page = signed_in(officer).get("/platforms/x/").content.decode()

    for words in ("Portal", "48 hours", "Illegal or certain regulated goods"):
        assert words in page


def test_liaison_sees_their_platform_only(liaison: User, signed_in: SignIn) -> None:
    client = signed_in(liaison)

    assert [platform.slug for platform in client.get("/platforms/").context["page_obj"]] == ["x"]
    assert client.get("/platforms/facebook/").status_code == 404


# -- The guard ----------------------------------------------------------------------------------------------------


def test_guard_can_be_read_back_from_functions_and_classes() -> None:
    guarded = allow(Permission.OPEN_CASE)(lambda request: None)

    assert guarded.permissions == {Permission.OPEN_CASE}

import pytest
from django.db import ProgrammingError, connection

from accounts.privileges import append_only_models
from accounts.roles import PERSONS, Role
from casework.models import Category, Event
from platforms.models import Platform

pytestmark = pytest.mark.django_db


def test_tests_run_as_the_web_role() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_user, rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user"
        )
        assert cursor.fetchone() == ("takedown_web", False, False)


@pytest.mark.parametrize("statement", ["UPDATE {} SET id = id", "DELETE FROM {}", "TRUNCATE {}"])
@pytest.mark.parametrize("model", append_only_models(), ids=lambda model: model.__name__)
def test_histories_cannot_be_changed(model: type[Event], statement: str) -> None:
    with connection.cursor() as cursor, pytest.raises(ProgrammingError, match="permission denied"):
        cursor.execute(statement.format(model._meta.db_table))


def test_no_table_can_be_emptied() -> None:
    with connection.cursor() as cursor, pytest.raises(ProgrammingError, match="permission denied"):
        cursor.execute("TRUNCATE accounts_user CASCADE")


def test_a_fresh_database_holds_platforms_and_categories() -> None:
    assert {"facebook", "x", "web"} <= set(Platform.objects.values_list("slug", flat=True))
    assert Category.objects.get(slug="small_boat_advert").parent == Category.objects.get(
        slug="people_smuggling"
    )


def test_roles_are_the_six_and_the_program_that_looks() -> None:
    assert [role.value for role in Role] == [
        "officer", "reviewer", "liaison", "manager", "auditor", "administrator", "checker",
    ]  # fmt: skip
    assert [role.value for role in PERSONS] == [role.value for role in Role][:-1]

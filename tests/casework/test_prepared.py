"""Statements that the database plans once: their values, their errors, their transaction."""

import pytest
from django.db import IntegrityError, connection, transaction

from casework import prepared
from casework.models import Case
from tests.factories import make_case

RENAME = "UPDATE casework_case SET title = %(title)s WHERE reference = %(reference)s"


@pytest.mark.usefixtures("db")
def test_it_is_planned_once_and_counts_its_rows() -> None:
    case = make_case()

    counts = [
        prepared.execute(RENAME, {"title": title, "reference": reference}).rowcount
        for title, reference in (("One", case.reference), ("Two", case.reference), ("Three", "none such"))
    ]

    case.refresh_from_db()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE 'UPDATE casework_case%'"
        )
        planned = cursor.fetchone()
    assert (counts, case.title, planned) == ([1, 1, 0], "Two", (1,))


@pytest.mark.usefixtures("db")
def test_it_belongs_to_the_transaction_and_raises_as_django_does() -> None:
    first, second = make_case(), make_case()
    taken = "UPDATE casework_case SET reference = %(taken)s WHERE id = %(case)s"

    def both() -> None:
        prepared.execute(RENAME, {"title": "Undone", "reference": first.reference})
        prepared.execute(taken, {"taken": first.reference, "case": second.pk})

    with pytest.raises(IntegrityError):
        transaction.atomic(both)()

    assert not Case.objects.filter(title="Undone").exists()

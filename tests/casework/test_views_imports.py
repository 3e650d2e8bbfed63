"""Files brought in by the page: trial, progress, refusals row by row."""

import csv
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.models import User
from casework import imports
from casework.models import Case, Item, ItemImport
from tests.factories import make_case

ROWS = "address,category\nhttps://x.com/a/status/1700000000000000021,small_boat_advert\n=cmd,fraud\n"


@pytest.fixture
def case(db: None) -> Case:
    return make_case()


@pytest.fixture
def desk(officer: User, signed_in: Callable[[User], Client], settings: Any, tmp_path: Any) -> Client:
    settings.EVIDENCE_DIR = tmp_path
    return signed_in(officer)


def upload(desk: Client, case: Case, content: str = ROWS, *, name: str = "items.csv", **more: str) -> Any:
    file = SimpleUploadedFile(name, content.encode())
    return desk.post(f"/cases/{case.reference}/import/", {"file": file, **more}, follow=True)


def test_trial_shows_what_would_happen_and_stores_nothing(desk: Client, case: Case) -> None:
    waiting = upload(desk, case, dry_run="on")
    started = ItemImport.objects.get()
    imports.run_import(started.pk)

    page = desk.get(f"/imports/{started.pk}/").content.decode()

    assert waiting.context["refresh_seconds"] == 2
    assert "Import 1 items" in page
    assert not Item.objects.exists()


def test_after_a_trial_the_same_file_is_imported(desk: Client, case: Case) -> None:
    upload(desk, case, dry_run="on")
    trial = ItemImport.objects.get()
    imports.run_import(trial.pk)

    desk.post(f"/imports/{trial.pk}/run/")

    real = ItemImport.objects.exclude(pk=trial.pk).get()
    imports.run_import(real.pk)
    assert (real.dry_run, Item.objects.get().category.slug) == (False, "small_boat_advert")


def test_refused_rows_can_be_taken_along_without_formulas(desk: Client, case: Case) -> None:
    upload(desk, case)
    started = ItemImport.objects.get()
    imports.run_import(started.pk)

    refused = taken_along(desk, f"/imports/{started.pk}/errors.csv")
    whole = taken_along(desk, f"/imports/{started.pk}/errors.csv?rows=all")

    assert [row[:2] for row in refused] == [["address", "category"], ["'=cmd", "fraud"]]
    assert (refused[0][2], refused[1][2].startswith("address: ")) == ("error", True)
    assert [row[0] for row in whole] == ["address", "https://x.com/a/status/1700000000000000021", "'=cmd"]
    assert [bool(row[2]) for row in whole] == [True, False, True]


def taken_along(desk: Client, address: str) -> list[list[str]]:
    content = b"".join(desk.get(address).streaming_content).decode("utf-8-sig")
    return list(csv.reader(content.splitlines()))


def test_file_with_an_unknown_column_is_refused_beside_the_field(desk: Client, case: Case) -> None:
    response = upload(desk, case, "address,colour\nhttps://x.com/a/status/17,red\n")

    assert (response.status_code, list(response.context["form"].errors)) == (422, ["file"])
    assert not ItemImport.objects.exists()


def test_file_that_is_too_large_is_refused(desk: Client, case: Case, settings: Any) -> None:
    settings.IMPORT_MAX_BYTES = 10

    assert list(upload(desk, case).context["form"].errors) == ["file"]


def test_import_is_stopped(desk: Client, case: Case) -> None:
    upload(desk, case)
    started = ItemImport.objects.get()

    desk.post(f"/imports/{started.pk}/cancel/")

    started.refresh_from_db()
    assert started.status == "cancelled"

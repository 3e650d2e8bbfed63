"""Items read anew after a change of the rules: what is harmless is kept, the rest waits for a person."""

import json
from collections.abc import Callable
from io import StringIO
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management import call_command
from django.db import connection

from accounts.models import User
from casework import decisions, duplicates, rereading
from casework.models import Effect, Item, ItemStatus, Rereading
from casework.transitions import TransitionNotAllowed
from platforms.recognition import RULES_VERSION
from tests.factories import item_at, make_case, make_item, read_before, reread

pytestmark = pytest.mark.django_db


def test_what_leaves_the_key_is_kept_without_a_question() -> None:
    item = make_item(address="https://www.facebook.com/groups/1111/posts/222222")
    Item.objects.update(printed="https://old.test/", recognition_rule="facebook.old", rules_version="earlier")

    done = rereading.reread_items()

    item.refresh_from_db()
    assert (done.read, done.updated, dict(done.proposed), done.left) == (1, 1, {}, 0)
    assert (item.printed, item.recognition_rule, item.rules_version) == (
        "https://www.facebook.com/groups/1111/posts/222222",
        "facebook.post",
        RULES_VERSION,
    )
    assert rereading.reread_items().read == 0


def test_a_dry_run_stores_nothing_and_the_command_says_what_would_be() -> None:
    item = read_before(make_item())
    out = StringIO()

    call_command("rederive_items", "--dry-run", "--format", "json", stdout=out)

    assert json.loads(out.getvalue()) == {
        "read": 1, "updated": 0, "left": 1, "busy": False, "proposed": {"new_key": 1}, "dry_run": True,
    }  # fmt: skip
    item.refresh_from_db()
    assert (item.rules_version, Rereading.objects.count()) == ("earlier", 0)


def test_batches_go_on_where_a_run_was_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    case = make_case()
    for _ in range(5):
        make_item(case=case)
    Item.objects.update(rules_version="earlier")
    monkeypatch.setattr(rereading, "BATCH", 2)

    class Killed(Exception):
        pass

    def die(done: rereading.Reread) -> None:
        raise Killed

    with pytest.raises(Killed):
        rereading.reread_items(tell=die)

    assert rereading.due().count() == 3
    assert rereading.reread_items().read == 3


def test_a_merge_is_proposed_and_carried_out_as_a_duplicate(reviewer: User) -> None:
    case = make_case()
    stays = make_item(case=case, address="https://x.com/a/status/123456")
    other = read_before(make_item(case=case, address="https://x.com/a/status/777777"))
    Item.objects.filter(pk=other.pk).update(address="https://twitter.com/b/status/123456")
    rereading.reread_items()
    row = Rereading.objects.get()
    assert (row.effect, row.item, row.other) == (Effect.MERGE, other, stays)

    decisions.accept(row, reason="The same post.", by=reviewer)

    other.refresh_from_db()
    assert (other.status, other.duplicate_of, other.key) == ("duplicate", stays, stays.key)
    assert other.events.filter(kind="item.reread").get().details["of"] == stays.reference
    with pytest.raises(ValidationError, match="very address"):
        duplicates.undo_duplicate(other, by=reviewer)


def test_two_items_that_meet_by_the_new_rules_are_accepted_one_after_the_other(reviewer: User) -> None:
    case = make_case()
    first = read_before(make_item(case=case, address="https://x.com/a/status/1234561"), "1" * 64)
    second = read_before(make_item(case=case, address="https://x.com/a/status/1234562"), "2" * 64)
    Item.objects.update(address="https://x.com/a/status/123456")
    rereading.reread_items()
    rows = {row.item_id: row for row in Rereading.objects.all()}
    assert {row.effect for row in rows.values()} == {Effect.MERGE}

    decisions.accept(rows[first.pk], reason="The same.", by=reviewer)
    with pytest.raises(TransitionNotAllowed, match="changed meanwhile"):
        decisions.accept(rows[second.pk], reason="The same.", by=reviewer)
    fresh = Rereading.objects.get(item=second, status="open")
    decisions.accept(fresh, reason="The same.", by=reviewer)

    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.status, first.duplicate_of, first.key) == ("duplicate", second, second.key)
    assert (fresh.effect, second.status) == (Effect.NEW_KEY, "reported")


@pytest.mark.parametrize("moves", ["duplicate", "survivor"])
def test_a_split_takes_the_mark_back(moves: str, reviewer: User) -> None:
    case = make_case()
    stays = make_item(case=case, address="https://x.com/a/status/123456")
    double = make_item(case=case, address="https://x.com/a/status/777777")
    duplicates.mark_duplicate(double, of=stays, by=reviewer)
    shared = stays.key if moves == "duplicate" else double.key
    Item.objects.update(key=shared)
    Item.objects.filter(pk=(double if moves == "duplicate" else stays).pk).update(rules_version="earlier")
    rereading.reread_items()
    row = Rereading.objects.get()
    assert row.effect == Effect.SPLIT

    decisions.accept(row, reason="Two posts.", by=reviewer)

    stays.refresh_from_db()
    double.refresh_from_db()
    assert (double.status, double.duplicate_of, stays.status) == ("reported", None, "reported")
    assert stays.key != double.key


def test_a_kind_is_proposed_only_while_it_can_be_corrected(reviewer: User) -> None:
    open_item, fixed = make_item(), item_at(ItemStatus.APPROVED)
    Item.objects.update(kind="page", recognition_rule="x.old", rules_version="earlier")
    rereading.reread_items()
    row = Rereading.objects.get()
    assert (row.item, row.effect) == (open_item, Effect.KIND)

    decisions.accept(row, reason="It is a post.", by=reviewer)

    open_item.refresh_from_db()
    fixed.refresh_from_db()
    assert (open_item.kind, fixed.kind, fixed.recognition_rule) == ("post", "page", "x.post")


def test_what_is_no_longer_recognised_keeps_its_identity(reviewer: User) -> None:
    item = make_item()
    Item.objects.update(address="no address", rules_version="earlier")
    rereading.reread_items()
    row = Rereading.objects.get()
    assert (row.effect, row.new, bool(row.problem)) == (Effect.UNREADABLE, {}, True)

    decisions.accept(row, reason="Noted.", by=reviewer)

    assert Item.objects.get().key == item.key


def test_an_accepted_reading_takes_the_account_along(reviewer: User) -> None:
    item = make_item(address="https://www.tiktok.com/@seller/video/7000000000000000001")
    account = item.account
    read_before(item)
    Item.objects.update(account=None)
    rereading.reread_items()

    decisions.accept(Rereading.objects.get(), reason="The rules read it rightly.", by=reviewer)

    item.refresh_from_db()
    assert account is not None
    assert item.account == account


def test_what_was_refused_is_not_proposed_again(reviewer: User) -> None:
    item = make_item()
    row = reread(item)

    decisions.refuse(row, reason="The old reading is right.", by=reviewer)
    Item.objects.update(rules_version="earlier")
    rereading.reread_items()

    item.refresh_from_db()
    assert (item.key, Rereading.objects.filter(status="open").count()) == ("0" * 64, 0)
    with pytest.raises(TransitionNotAllowed, match="refused already"):
        decisions.accept(row, reason="After all.", by=reviewer)


def test_a_proposal_about_an_item_that_has_changed_is_not_carried_out(reviewer: User) -> None:
    item = make_item()
    row = reread(item)
    Item.objects.filter(pk=item.pk).update(key="3" * 64)

    with pytest.raises(TransitionNotAllowed, match="Look at the new proposal"):
        decisions.accept(row, reason="Yes.", by=reviewer)

    row.refresh_from_db()
    item.refresh_from_db()
    assert (row.status, item.key) == ("outdated", "3" * 64)
    assert Rereading.objects.filter(status="open").count() == 1


def test_deciding_needs_a_reviewer_and_a_reason(officer: User, reviewer: User) -> None:
    row = reread(make_item())

    with pytest.raises(PermissionDenied):
        decisions.accept(row, reason="Yes.", by=officer)
    for verb in (decisions.accept, decisions.refuse):
        with pytest.raises(ValidationError, match="Say why"):
            verb(row, reason=" ", by=reviewer)

    row.refresh_from_db()
    assert row.status == "open"


def test_a_batch_takes_as_many_queries_however_many_items(django_assert_max_num_queries: Any) -> None:
    case = make_case()
    for _ in range(20):
        make_item(case=case)
    Item.objects.update(rules_version="earlier")

    with django_assert_max_num_queries(20):
        rereading.reread_items()


def test_the_pages_show_both_sides_and_end_in_the_verbs(
    reviewer: User, signed_in: Callable[[User], Any]
) -> None:
    accepted, kept = reread(make_item()), reread(make_item())
    client = signed_in(reviewer)

    listed = client.get("/items/read-anew/").content.decode()
    shown = client.get(f"/items/read-anew/{accepted.pk}/accept/").content.decode()
    yes = client.post(f"/items/read-anew/{accepted.pk}/accept/", {"reason": "Right."})
    no = client.post(f"/items/read-anew/{kept.pk}/refuse/", {"reason": "Wrong."})
    twice = client.post(f"/items/read-anew/{kept.pk}/refuse/", {"reason": "Wrong."}, follow=True)

    assert accepted.item.reference in listed
    assert "is known by the new address" in shown
    assert (yes.status_code, no.status_code) == (302, 302)
    assert "refused already" in twice.content.decode()
    assert sorted(Rereading.objects.values_list("status", flat=True)) == ["accepted", "refused"]


def test_a_second_run_at_the_same_time_does_nothing() -> None:
    read_before(make_item())
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [rereading.ONE_READER])
        done = rereading.reread_items()
    finally:
        other.close()

    assert (done.busy, done.read) == (True, 0)

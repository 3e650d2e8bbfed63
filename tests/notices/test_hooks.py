"""Answers by webhook: signed messages, kept as they came, done once or not at all."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from standardwebhooks import Webhook

from accounts.models import User
from casework.models import Event
from casework.transitions import TransitionNotAllowed
from notices import answers, hook_secrets, hooks
from notices.hook_inputs import NOT_JSON, TOO_DEEP
from notices.models import Answer, AnswerHook, HookMessage, HookReading, Notice
from platforms.models import Platform
from tests.notices.answered import everything
from tests.notices.letters_at import Desk, ago

SPECIFIED = {
    "secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
    "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
    "webhook-timestamp": "1614265330",
    "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    "body": b'{"test": 2432232314}',
}
FIRST = {"line": 1, "answer": "removed"}
SPECIFIED_AT = datetime.fromtimestamp(1614265330, UTC)


@pytest.fixture
def notice(desk: Desk) -> Notice:
    return desk.sent(lines=3, at=ago(hours=30))


@pytest.fixture
def hook(administrator: User) -> AnswerHook:
    return hook_secrets.open_hook(Platform.objects.get(slug="x"), by=administrator)


def signed(
    hook: AnswerHook, body: bytes, *, id: str = "msg_1", at: datetime | None = None, number: int = 0
) -> dict[str, str]:
    """The headers of a message that the platform signs at `at` (default: now)."""
    secret = hook_secrets.secret_of(hook, number or hook.secret_number)
    at = at or timezone.now()
    return {
        "webhook-id": id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Webhook(secret).sign(id, at, body.decode()),
    }


def said(kind: str, **data: Any) -> bytes:
    return json.dumps({"type": kind, "timestamp": "2026-03-01T09:30:00Z", "data": data}).encode()


def send(hook: AnswerHook, body: bytes, *, slug: str = "x", **how: Any) -> Any:
    """POST as a platform's program does."""
    return Client().post(
        f"/api/v1/answers/{slug}/", body, content_type="application/json", headers=signed(hook, body, **how)
    )


# -- What a platform can say ----------------------------------------------------------------------


def test_lines_are_answered_each_by_itself(hook: AnswerHook, notice: Notice) -> None:
    body = said("lines.answered", notice=notice.reference, lines=[
        {"line": 1, "answer": "removed", "effective_at": "2026-03-01T10:00:00+01:00", "platform_reference": "P-1"},
        {"line": 3, "answer": "access_disabled", "territories": ["gb", "FR"], "note": "By court order"},
    ])  # fmt: skip

    response = send(hook, body)

    assert (response.status_code, response.json()) == (200, {
        "id": "msg_1", "type": "lines.answered", "notice": notice.reference, "status": "part_answered", "answered": 2,
    })  # fmt: skip
    made = Answer.objects.order_by("line__position")
    fields = ("line__position", "answer", "territories", "note", "platform_reference")
    assert list(made.values_list(*fields)) == [
        (1, "removed", [], "", "P-1"), (3, "access_disabled", ["GB", "FR"], "By court order", ""),
    ]  # fmt: skip
    assert {(each.source, each.by, each.by_name) for each in made} == {("webhook", None, "X, webhook")}
    assert made[0].effective_at == datetime(2026, 3, 1, 9, tzinfo=UTC)
    read = Event.objects.get(kind="notice.message_read")
    assert (read.actor_name, read.details["id"], read.details["sha256"]) == (
        "X, webhook", "msg_1", HookMessage.objects.get().sha256,
    )  # fmt: skip


def test_a_notice_is_acknowledged_objected_to_and_asked_about(hook: AnswerHook, notice: Notice) -> None:
    reference = notice.reference
    tomorrow = (timezone.now() + timedelta(days=1)).isoformat()
    sent = [
        said("notice.acknowledged", notice=reference, expected_at=tomorrow, platform_reference="P-9"),
        said("notice.objected", notice=reference, objection="Line 2 is satire."),
        said("clarification.asked", notice=reference, question="Which account?"),
    ]

    responses = [send(hook, body, id=f"msg_{number}") for number, body in enumerate(sent)]

    assert [(each.status_code, each.json()["status"]) for each in responses] == [
        (200, "acknowledged"), (200, "acknowledged"), (200, "clarification"),
    ]  # fmt: skip
    notice.refresh_from_db()
    assert notice.platform_reference == "P-9"


# -- What is wrong, by its place ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "pointer", "words"),
    [
        ({"type": "notice.sent"}, "/type", "is not a valid choice"),
        ({"timestamp": "yesterday"}, "/timestamp", "Datetime has wrong format"),
        ({"timestamp": "2026-03-01T09:30:00"}, "/timestamp", "with its zone"),
        ({"extra": 1}, "/extra", "Not known here"),
        ({"data": []}, "/data", "Expected a dictionary"),
        ({"data": {"lines": [{"line": 1, "answer": "removed"}]}}, "/data/notice", "required"),
        ({"lines": []}, "/data/lines", "may not be empty"),
        ({"lines": [FIRST, {"line": 2, "answer": "deleted"}]}, "/data/lines/1/answer", "not a valid choice"),
        ({"lines": [{"line": 1, "answer": "refused"}]}, "/data/lines/0/refusal_code", "Give the reason"),
        ({"lines": [FIRST | {"territories": ["GB"]}]}, "/data/lines/0/territories", "belong to"),
        ({"lines": [FIRST | {"territories": ["Britain"]}]}, "/data/lines/0/territories/0", "two letters"),
        ({"lines": [FIRST | {"effective_at": "2999-01-01T00:00:00Z"}]}, "/data/lines/0/effective_at", "after the year"),
        ({"lines": [{"line": 4, "answer": "removed"}]}, "/data/lines/0/line", "no such line"),
        ({"lines": [FIRST] * 2}, "/data/lines/1/line", "answered twice"),
        ({"lines": [FIRST | {"a/b~c": 1}]}, "/data/lines/0/a~1b~0c", "Not known here"),
        ({"lines": [{"line": 1, "answer": "re\ud800\u0000"}]}, "/data/lines/0/answer", "not a valid choice"),
        ({"lines": [FIRST | {"note": "a\u0000b"}]}, "/data/lines/0/note", "Null characters"),
    ],
)  # fmt: skip
def test_an_error_names_its_place_and_nothing_is_done(
    change: dict[str, Any], pointer: str, words: str, hook: AnswerHook, notice: Notice
) -> None:
    lines = change.pop("lines", [{"line": 1, "answer": "removed"}])
    document = {"type": "lines.answered", "timestamp": "2026-03-01T09:30:00Z",
                "data": {"notice": notice.reference, "lines": lines}} | change  # fmt: skip
    before = everything()

    response = send(hook, json.dumps(document).encode())

    assert (response.status_code, response["Content-Type"]) == (400, "application/problem+json")
    errors = {each["pointer"]: each["detail"] for each in response.json()["errors"]}
    assert words in errors[pointer]
    assert everything() == before
    assert HookReading.objects.get().result == response.json()


@pytest.mark.parametrize(
    ("body", "said"),
    [(b"", NOT_JSON), (b"{", NOT_JSON), (b"[" * 5_000 + b"]" * 5_000, NOT_JSON), (b"[" * 50 + b"]" * 50, TOO_DEEP),
     (b"1" * 5_000, NOT_JSON), (b'{"a": NaN}', "Not known here; known: type, timestamp, data.")],
)  # fmt: skip
def test_what_is_no_document_is_kept_and_refused(body: bytes, said: str, hook: AnswerHook) -> None:
    response = send(hook, body)

    assert response.status_code == 400
    assert said in [each["detail"] for each in response.json()["errors"]]
    assert bytes(HookMessage.objects.get().body) == body


def test_every_error_is_told_at_once(hook: AnswerHook, notice: Notice) -> None:
    rows = [
        {"line": 1, "answer": "removed"},
        {"line": 9, "answer": "removed"},
        {"line": 2, "answer": "refused"},
    ]

    response = send(hook, said("lines.answered", notice=notice.reference, lines=rows))

    assert [each["pointer"] for each in response.json()["errors"]] == [
        "/data/lines/1/line", "/data/lines/2/refusal_code",
    ]  # fmt: skip
    assert Answer.objects.count() == 0


def test_a_refused_transition_says_where_the_notice_stands(
    hook: AnswerHook, notice: Notice, desk: Desk
) -> None:
    answers.withdraw(notice, reason="An error", by=desk.second)

    response = send(hook, said("notice.acknowledged", notice=notice.reference))

    assert (response.status_code, response.json()["status_of_record"]) == (409, "withdrawn")


# -- Signatures -----------------------------------------------------------------------------------


def test_the_vector_of_the_specification_is_signed() -> None:
    headers = {name: value for name, value in SPECIFIED.items() if name.startswith("webhook")}
    body, secrets = SPECIFIED["body"], [SPECIFIED["secret"]]

    assert hooks.is_signed(headers, body, secrets, at=SPECIFIED_AT)
    assert not hooks.is_signed(headers, body, secrets, at=timezone.now())
    assert not hooks.is_signed(headers, body + b" ", secrets, at=SPECIFIED_AT)
    assert not hooks.is_signed(headers | {"webhook-id": "msg_2"}, body, secrets, at=SPECIFIED_AT)
    assert not hooks.is_signed(headers | {"webhook-timestamp": "1614265331"}, body, secrets, at=SPECIFIED_AT)


@pytest.mark.parametrize(("seconds", "taken"), [(-301, False), (-299, True), (299, True), (301, False)])
def test_clocks_may_differ_by_five_minutes(seconds: int, taken: bool, hook: AnswerHook) -> None:
    now = timezone.now().replace(microsecond=0)
    headers = signed(hook, b"{}", at=now + timedelta(seconds=seconds))

    assert hooks.is_signed(headers, b"{}", hook_secrets.valid(hook, at=now), at=now) == taken


@pytest.mark.parametrize(
    "spoil",
    [
        {"webhook-signature": ""}, {"webhook-signature": "v1"}, {"webhook-signature": "v1,%%%"},
        {"webhook-signature": "é"}, {"webhook-signature": "v1a,x v2,y"}, {"webhook-timestamp": "now"},
        {"webhook-timestamp": "nan"}, {"webhook-timestamp": "9" * 40}, {"webhook-timestamp": ""},
        {"webhook-id": ""}, {"webhook-id": "a" * 256}, {"webhook-id": "a b"},
    ],
)  # fmt: skip
def test_whatever_is_wrong_with_a_signature_the_answer_is_the_same(
    spoil: dict[str, str], hook: AnswerHook, notice: Notice
) -> None:
    body, before = said("notice.acknowledged", notice=notice.reference), everything()

    response = Client().post(
        "/api/v1/answers/x/", body, content_type="application/json", headers=signed(hook, body) | spoil
    )

    assert (response.status_code, response.json()["detail"]) == (401, hooks.NOT_SIGNED)
    kept = HookMessage.objects.get()
    assert (kept.verified, bytes(kept.body), list(kept.readings.all())) == (False, body, [])
    assert everything() == before


def test_one_signature_of_several_is_enough(hook: AnswerHook, notice: Notice) -> None:
    body = said("notice.acknowledged", notice=notice.reference)
    headers = signed(hook, body)
    headers["webhook-signature"] = f"v2,new v1,b3RoZXI= {headers['webhook-signature']}"

    assert hooks.receive("x", headers, body, address=None).status == 200


def test_two_secrets_are_taken_while_they_change(
    hook: AnswerHook, notice: Notice, administrator: User
) -> None:
    at, body = timezone.now(), said("notice.acknowledged", notice=notice.reference)
    hook_secrets.rotate(hook, by=administrator, at=at)
    later = at + timedelta(days=8)

    taken = {
        (number, moment): hooks.is_signed(
            signed(hook, body, at=moment, number=number), body, hook_secrets.valid(hook, at=moment), at=moment
        )
        for number in (1, 2)
        for moment in (at, later)
    }

    assert taken == {(1, at): True, (2, at): True, (1, later): False, (2, later): True}
    with pytest.raises(TransitionNotAllowed, match="Two secrets sign already"):
        hook_secrets.rotate(hook, by=administrator, at=at)


def test_no_secret_is_in_the_database_and_each_differs(hook: AnswerHook, administrator: User) -> None:
    other = hook_secrets.open_hook(Platform.objects.get(slug="facebook"), by=administrator)
    secrets = [
        hook_secrets.secret_of(hook, 1),
        hook_secrets.secret_of(hook, 2),
        hook_secrets.secret_of(other, 1),
    ]

    assert len(set(secrets)) == 3
    with connection.cursor() as cursor:
        cursor.execute("SELECT h::text FROM notices_answerhook h")
        assert [row for (row,) in cursor.fetchall() if any(secret[6:] in row for secret in secrets)] == []


def test_forgeries_are_kept_up_to_a_number(hook: AnswerHook, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hooks, "MOST_FORGED", 2)
    codes = [hooks.receive("x", {}, b"x", address="203.0.113.9").status for _ in range(5)]

    assert codes == [401] * 5
    assert list(HookMessage.objects.values_list("address", flat=True)) == ["203.0.113.9"] * 2


# -- Another platform -----------------------------------------------------------------------------


def test_another_platforms_notice_is_as_if_it_did_not_exist(
    hook: AnswerHook, notice: Notice, desk: Desk
) -> None:
    foreign, unsent = desk.sent(platform="facebook", lines=1), desk.approved(lines=1)
    before = everything()
    found = []
    for number, reference in enumerate([foreign.reference, unsent.reference, "N2026-999999"]):
        for kind, data in (
            ("lines.answered", {"lines": [{"line": 1, "answer": "removed"}]}),
            ("notice.acknowledged", {}),
            ("clarification.asked", {"question": "Which?"}),
            ("notice.objected", {"objection": "No."}),
        ):
            response = send(hook, said(kind, notice=reference, **data), id=f"{kind}{number}")
            found.append((response.status_code, response.content))

    assert set(found) == {(400, found[0][1])}
    assert everything() == before


def test_the_secret_of_one_platform_opens_no_other_address(
    hook: AnswerHook, desk: Desk, administrator: User
) -> None:
    foreign = desk.sent(platform="facebook", lines=1)
    body = said("notice.acknowledged", notice=foreign.reference)

    without = send(hook, body, slug="facebook")
    hook_secrets.open_hook(Platform.objects.get(slug="facebook"), by=administrator)
    opened = send(hook, body, slug="facebook")
    nowhere = send(hook, body, slug="nowhere")
    hook_secrets.close_hook(hook, by=administrator)
    closed = send(hook, body)

    assert {(each.status_code, each.content) for each in (without, opened, nowhere, closed)} == {
        (401, nowhere.content)
    }
    foreign.refresh_from_db()
    assert foreign.status == "sent"


def test_our_own_message_turned_around_is_no_answer(hook: AnswerHook) -> None:
    """The secret with which we sign to the platform is another one."""
    body = said("notice.acknowledged", notice="N2026-000001")
    ours = Webhook("whsec_" + "b3VycyBvdXJzIG91cnM=").sign("msg_1", timezone.now(), body.decode())
    headers = signed(hook, body) | {"webhook-signature": ours}

    assert hooks.receive("x", headers, body, address=None).status == 401


# -- Once -----------------------------------------------------------------------------------------


def test_a_repetition_is_answered_the_same_and_does_nothing(hook: AnswerHook, notice: Notice) -> None:
    body = said("lines.answered", notice=notice.reference, lines=[{"line": 1, "answer": "removed"}])
    first = send(hook, body)
    after = everything()

    again = send(hook, body, at=timezone.now() + timedelta(minutes=1))

    assert (again.status_code, again.json()) == (200, first.json())
    assert (first.headers.get("Webhook-Replayed"), again["Webhook-Replayed"]) == (None, "true")
    assert everything() == after
    assert (HookMessage.objects.count(), HookReading.objects.count()) == (1, 1)


def test_the_same_id_with_another_body_is_refused_and_kept(hook: AnswerHook, notice: Notice) -> None:
    send(hook, said("lines.answered", notice=notice.reference, lines=[{"line": 1, "answer": "removed"}]))
    other = said("lines.answered", notice=notice.reference, lines=[{"line": 1, "answer": "already_gone"}])

    responses = [send(hook, other), send(hook, other)]

    assert [(each.status_code, each.json()["detail"]) for each in responses] == [(409, hooks.REUSED)] * 2
    assert list(Answer.objects.values_list("answer", flat=True)) == ["removed"]
    assert HookMessage.objects.filter(sha256=hooks.hashlib.sha256(other).hexdigest()).count() == 2


def test_ids_of_two_platforms_do_not_meet(
    hook: AnswerHook, notice: Notice, desk: Desk, administrator: User
) -> None:
    foreign = desk.sent(platform="facebook", lines=1)
    other = hook_secrets.open_hook(foreign.platform, by=administrator)

    codes = [
        send(hook, said("notice.acknowledged", notice=notice.reference)).status_code,
        send(other, said("notice.acknowledged", notice=foreign.reference), slug="facebook").status_code,
    ]

    assert codes == [200, 200]


def test_a_refused_message_may_be_repeated_when_its_time_has_come(
    hook: AnswerHook, notice: Notice, desk: Desk
) -> None:
    answers.clarify(notice, reason="Which?", by=desk.liaison)
    body = said("clarification.asked", notice=notice.reference, question="And whose?")
    assert send(hook, body).status_code == 409
    answers.reply(notice, reason="That one.", by=desk.first)

    assert send(hook, body).status_code == 200
    assert list(HookReading.objects.values_list("status", flat=True)) == [409, 200]


def test_what_came_in_cannot_be_changed(hook: AnswerHook) -> None:
    hooks.receive("x", {}, b"{}", address=None)
    from_us = HookMessage.objects.get()

    with pytest.raises(Exception, match=r"permission denied|Cannot"):
        HookMessage.objects.filter(pk=from_us.pk).update(body=b"other")


def test_a_message_that_is_too_large_is_refused_and_not_kept(
    hook: AnswerHook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hooks, "MOST_BYTES", 10)

    response = send(hook, b'{"a": "bbbbbbb"}')

    assert (response.status_code, response["Content-Type"]) == (413, "application/problem+json")
    assert HookMessage.objects.count() == 0


# -- The pages ------------------------------------------------------------------------------------


def test_the_desk_reads_a_message_again(
    hook: AnswerHook, notice: Notice, desk: Desk, signed_in: Callable[[User], Client]
) -> None:
    answers.clarify(notice, reason="Which?", by=desk.liaison)
    send(hook, said("clarification.asked", notice=notice.reference, question="And <b>whose</b>?"))
    answers.reply(notice, reason="That one.", by=desk.first)
    client, message = signed_in(desk.first), HookMessage.objects.get()
    listed = client.get(reverse("notices:hook_messages")).content.decode()
    shown = client.get(reverse("notices:hook_message", args=[message.pk])).content.decode()

    assert reverse("notices:hook_message", args=[message.pk]) in listed
    assert ("And &lt;b&gt;whose&lt;/b&gt;?" in shown, "Read it again" in shown) == (True, True)
    after = client.post(reverse("notices:hook_message_read", args=[message.pk]), follow=True).content.decode()
    assert (f"It is done: notice {notice.reference}." in after, "Read it again" in after) == (True, False)
    assert list(HookReading.objects.values_list("status", "by__name")) == [
        (409, None),
        (200, desk.first.name),
    ]
    client.post(reverse("notices:hook_message_read", args=[message.pk]))
    assert HookReading.objects.count() == 2


def test_what_was_not_believed_is_never_read(hook: AnswerHook, desk: Desk) -> None:
    hooks.receive("x", {}, said("notice.acknowledged", notice="N2026-000001"), address=None)

    with pytest.raises(TransitionNotAllowed, match="Only a message that was signed"):
        hooks.read_again(HookMessage.objects.get(), by=desk.first)
    with pytest.raises(PermissionDenied):
        hooks.read_again(HookMessage.objects.get(), by=desk.liaison)


def test_an_administrator_opens_shows_changes_and_closes(
    administrator: User, signed_in: Callable[[User], Client]
) -> None:
    client, address = signed_in(administrator), reverse("notices:hook", args=["x"])
    assert "No answer by webhook is taken from X now." in client.get(address).content.decode()

    client.post(address, {"act": "open"})
    hook = AnswerHook.objects.get()
    shown = client.post(address, {"act": "show"}).content.decode()
    changed = client.post(address, {"act": "change"}).content.decode()
    client.post(address, {"act": "close"})

    assert hook_secrets.secret_of(hook, 1) in shown
    assert "/api/v1/answers/x/" in shown
    assert hook_secrets.secret_of(hook, 2) in changed
    assert "Two secrets sign already" in (
        client.post(address, {"act": "open"}, follow=True)
        and client.post(address, {"act": "change"}).content.decode()
    )
    assert client.post(address, {"act": "sing"}).status_code == 422
    kinds = Event.objects.filter(kind__startswith="hook.").order_by("pk").values_list("kind", flat=True)
    assert list(kinds) == [
        "hook.opened",
        "hook.secret_shown",
        "hook.secret_changed",
        "hook.closed",
        "hook.opened",
    ]

"""Notices over a real endpoint: what each of its answers leads to, and what it can check of ours."""

import base64
import hashlib
import hmac
import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient
from standardwebhooks import Webhook, WebhookVerificationError

from accounts.models import User
from casework import holds
from casework.models import Episode, Event, Item
from casework.timeline import sentence
from casework.transitions import TransitionNotAllowed
from notices import attempts, dispatch
from notices.channels import webhook, webhook_secrets
from notices.models import Attempt, DeliveryRecord, Dispatch, DispatchState, Notice
from platforms.models import Channel, ChannelKind
from tests.notices.certificates import certificate
from tests.notices.letters_at import Desk, channel
from tests.notices.webhook_server import Reply, WebhookServer


def queued(desk: Desk, **how: Any) -> Notice:
    return desk.queued(**{"lines": 1, "kind": ChannelKind.WEBHOOK, **how})


def verified(secret: str, server: WebhookServer, number: int = 0) -> Any:
    came = server.received[number]
    return Webhook(secret).verify(came.body, came.headers)


def the_secret() -> str:
    return webhook_secrets.valid(channel("x", ChannelKind.WEBHOOK), at=timezone.now())[0]


# -- What arrives ------------------------------------------------------------------------------------------


def test_any_answer_of_success_is_the_receipt_and_sets_t0(desk: Desk, endpoint: WebhookServer) -> None:
    notice = queued(desk)
    endpoint.replies = [Reply(202, b"thank you")]

    assert dispatch.send_due() == 1

    notice.refresh_from_db()
    assert (notice.status, notice.t0_basis, notice.channel_kind) == ("sent", "received", "webhook")
    assert list(DeliveryRecord.objects.order_by("pk").values_list("kind", flat=True)) == ["sent", "received"]
    assert Episode.objects.get().t0 == notice.received_at
    logged = Attempt.objects.get()
    assert (logged.number, logged.outcome, logged.status, logged.said) == (
        1,
        "accepted",
        202,
        "202 thank you",
    )


def test_the_platform_can_verify_it_and_read_every_line(desk: Desk, endpoint: WebhookServer) -> None:
    notice = queued(desk, lines=2)

    dispatch.send_due()

    document = verified(the_secret(), endpoint)
    notice.refresh_from_db()
    assert document["type"] == "notice.sent"
    told, line = document["data"], notice.lines.select_related("item").first()
    assert told["reference"] == notice.reference
    assert told["letter"] == notice.body
    assert told["letter_sha256"] == hashlib.sha256(told["letter"].encode()).hexdigest() == notice.body_sha256
    assert told["lines"][0] == {
        "line": 1,
        "reference": line.item.reference,
        "address": line.address,
        "kind": "post",
        "identifier": line.item.identifier,
        "owner": "seller",
        "ground": {"code": "bsaia_2025_17", "name": line.item.assessments.get().ground.name},
        "policy_clause": {
            "code": "authenticity",
            "title": line.item.assessments.get().policy_clause.title,
            "url": "https://help.x.com/en/rules-and-policies/authenticity",
        },
        "reasons": "Offers places in a small boat and names a price.",
    }
    assert [each["line"] for each in told["lines"]] == [1, 2]
    assert endpoint.received[0].headers["content-type"] == "application/json"


def test_a_forged_or_altered_message_does_not_verify(desk: Desk, endpoint: WebhookServer) -> None:
    queued(desk)
    dispatch.send_due()
    came = endpoint.received[0]

    with pytest.raises(WebhookVerificationError):
        Webhook(the_secret()).verify(came.body.replace(b"seller", b"others"), came.headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(the_secret()).verify(came.body, {**came.headers, "webhook-id": "another"})
    with pytest.raises(WebhookVerificationError):
        Webhook("whsec_" + "A" * 43 + "=").verify(came.body, came.headers)


def test_a_recorded_message_is_too_old_later(desk: Desk, endpoint: WebhookServer) -> None:
    queued(desk)
    dispatch.send_due()

    for shift in (timedelta(minutes=6), timedelta(minutes=-6)):
        with time_machine.travel(timezone.now() + shift), pytest.raises(WebhookVerificationError):
            verified(the_secret(), endpoint)


def test_vector_of_the_specification(db: None) -> None:
    """The example that standardwebhooks.com and its libraries share."""
    secret, id, at = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330
    body = b'{"test": 2432232314}'

    said = Webhook(secret).sign(id, datetime.fromtimestamp(at, UTC), body.decode())

    assert said == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_our_headers_are_the_specifications(desk: Desk) -> None:
    """Computed by hand: HMAC-SHA256 over id, time and body, joined by full stops."""
    at, way = datetime(2026, 3, 1, 9, 30, tzinfo=UTC), channel("x", ChannelKind.WEBHOOK)

    headers = webhook.signed(way, id="N1-abc", body="{“a”:1}".encode(), at=at)

    key = base64.b64decode(webhook_secrets.valid(way, at=at)[0].removeprefix("whsec_"))
    signed = b"N1-abc." + str(int(at.timestamp())).encode() + b"." + "{“a”:1}".encode()
    mac = base64.b64encode(hmac.digest(key, signed, "sha256")).decode()
    assert headers == {
        "webhook-id": "N1-abc",
        "webhook-timestamp": "1772357400",
        "webhook-signature": f"v1,{mac}",
    }
    assert len(key) == 32
    assert "." not in webhook.message_id(desk.submitted(lines=1))


# -- What is repeated --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reply", "status", "said"),
    [
        (Reply(500, b"oh"), 500, "500 oh"),
        (Reply(503, b""), 503, "503"),
        (Reply(drop="after"), None, "The message was sent, but no answer came: Server disconnected"),
    ],
)
def test_what_may_have_arrived_is_repeated_with_the_same_id(
    reply: Reply, status: int | None, said: str, desk: Desk, endpoint: WebhookServer
) -> None:
    notice = queued(desk)
    endpoint.replies = [reply]

    assert dispatch.send_due() == 0
    assert dispatch.send_due() == 0
    assert dispatch.send_due(timezone.now() + timedelta(minutes=2)) == 1

    first, second = endpoint.received
    assert first.headers["webhook-id"] == second.headers["webhook-id"] == webhook.message_id(notice)
    assert first.body == second.body
    logged = list(Attempt.objects.order_by("pk").values_list("number", "outcome", "status"))
    assert logged == [(1, "uncertain", status), (2, "accepted", 200)]
    assert Attempt.objects.get(number=1).said.startswith(said)


@pytest.mark.parametrize("status", [408, 425, 429])
def test_not_now_is_repeated_too(status: int, desk: Desk, endpoint: WebhookServer) -> None:
    queued(desk)
    endpoint.replies = [Reply(status)]

    dispatch.send_due()

    assert Dispatch.objects.get().state == DispatchState.QUEUED
    assert Attempt.objects.get().outcome == "later"


def test_an_endpoint_out_of_reach_has_certainly_not_got_it(desk: Desk, endpoint: WebhookServer) -> None:
    queued(desk)
    endpoint.stop()

    dispatch.send_due()

    logged = Attempt.objects.get()
    assert (logged.outcome, logged.status) == ("later", None)
    assert logged.said.startswith("The endpoint cannot be reached: [Errno ")


@pytest.mark.parametrize("slow", [Reply(wait=3), Reply(body=b"x" * 50, drip=0.2)])
def test_a_slow_endpoint_is_left_at_the_deadline(
    slow: Reply, desk: Desk, endpoint: WebhookServer, settings: Any
) -> None:
    """Without a code in time it may have arrived; a code counts although its body drips."""
    settings.WEBHOOK_TIMEOUT = 1
    queued(desk)
    endpoint.replies = [slow]

    sent = dispatch.send_due()

    logged = Attempt.objects.get()
    assert (sent, logged.outcome) == ((1, "accepted") if slow.drip else (0, "uncertain"))
    assert 900 <= logged.duration_ms < 2900


def test_the_pause_that_was_asked_for_is_kept(desk: Desk, endpoint: WebhookServer) -> None:
    now = timezone.now()
    tomorrow = format_datetime(now + timedelta(hours=5), usegmt=False)
    for asked, least, most in (
        ("7200", 120, 121),
        (tomorrow, 299, 301),
        ("9" * 40, 1440, 1441),
        ("soon", 0, 2),
        ("-5", 0, 2),
    ):
        notice = queued(desk)
        endpoint.replies = [Reply(503, headers={"Retry-After": asked})]
        dispatch.send_due()
        waits = (Dispatch.objects.get(notice=notice).due_at - timezone.now()) / timedelta(minutes=1)
        assert least - 1 <= waits <= most, asked


@pytest.mark.parametrize(
    ("arrives", "state", "status"), [(True, "unknown", "queued"), (False, "failed", "delivery_failed")]
)
def test_in_the_end_a_person_decides_unless_it_cannot_have_arrived(
    arrives: bool, state: str, status: str, desk: Desk, endpoint: WebhookServer
) -> None:
    notice = queued(desk)
    endpoint.replies = [Reply(500 if arrives else 429) for _ in range(2)]
    Dispatch.objects.update(attempts=attempts.MOST_ATTEMPTS - 2)

    dispatch.send_due()
    dispatch.send_due(timezone.now() + timedelta(days=1))

    notice.refresh_from_db()
    row = Dispatch.objects.get()
    assert (row.state, notice.status) == (state, status)
    assert row.last_result.startswith("Given up after 30 attempts. ")
    assert set(Dispatch.objects.for_a_person()) == ({row} if arrives else set())


# -- What is refused ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        (Reply(400, b"no such field"), "400 no such field"),
        (Reply(404, b"<script>x</script>\x00\r\n\xe2\x80\xae"), "404 <script>x</script>"),
        (
            Reply(302, b"", {"Location": "http://127.0.0.1/"}),
            "302 It points elsewhere; enter the endpoint's own address.",
        ),
    ],
)
def test_a_refusal_fails_with_its_reason(
    reply: Reply, said: str, desk: Desk, endpoint: WebhookServer
) -> None:
    notice = queued(desk)
    endpoint.replies = [reply]

    assert dispatch.send_due() == 0

    notice.refresh_from_db()
    assert (notice.status, Dispatch.objects.get().state) == ("delivery_failed", "failed")
    assert Attempt.objects.get().said == said
    assert DeliveryRecord.objects.get().reason == said
    assert len(endpoint.received) == 1
    assert set(Item.objects.values_list("status", flat=True)) == {"approved"}


def test_clocks_that_differ_are_named(desk: Desk, endpoint: WebhookServer) -> None:
    queued(desk)
    theirs = format_datetime(timezone.now() + timedelta(minutes=12), usegmt=False)
    endpoint.replies = [Reply(401, b"old", {"X-Date": "1", "Date": theirs})]

    dispatch.send_due()

    assert Attempt.objects.get().said.startswith("401 old Its clock and ours are 12 minutes apart")


def test_an_endpoint_that_is_gone_is_switched_off(desk: Desk, endpoint: WebhookServer) -> None:
    first, second = queued(desk), queued(desk)
    endpoint.replies = [Reply(410, b"closed")]

    dispatch.send_due()

    assert Channel.objects.get(kind=ChannelKind.WEBHOOK).is_current is False
    assert list(Attempt.objects.order_by("pk").values_list("said", flat=True)) == [
        "410 closed",
        "The endpoint was switched off.",
    ]
    assert len(endpoint.received) == 1
    assert set(Notice.objects.values_list("status", flat=True)) == {"delivery_failed"}
    told = Event.objects.get(kind="channel.switched_off")
    assert (told.notice, sentence(told)) == (
        first.reference,
        f"X has switched its endpoint off (Webhook {endpoint.url}): 410 closed",
    )
    with pytest.raises(Exception, match="does not lead to X now"):
        dispatch.queue(second, by=desk.first)


# -- Where it may go ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "said"),
    [
        (
            "https://127.0.0.1/hook",
            "The endpoint's address cannot be used: 127.0.0.1 is not a public address.",
        ),
        (
            "https://[::ffff:127.0.0.1]/",
            "The endpoint's address cannot be used: ::ffff:7f00:1 is not a public address.",
        ),
        ("https://0x7f.1/", "The endpoint's address cannot be used: 127.0.0.1 is not a public address."),
        (
            "https://169.254.169.254/latest",
            "The endpoint's address cannot be used: 169.254.169.254 is not a public",
        ),
        (
            "https://10.1.2.3:8443/",
            "The endpoint's address cannot be used: 10.1.2.3 is not a public address.",
        ),
        ("http://platform.example/", "The endpoint's address must begin with https://."),
        ("legal@platform.example", "The endpoint's address must begin with https://."),
    ],
)
def test_no_connection_to_what_is_not_public(
    address: str, said: str, desk: Desk, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    notice = queued(desk)
    Channel.objects.filter(kind=ChannelKind.WEBHOOK).update(address=address)
    monkeypatch.setattr("socket.create_connection", lambda *_, **__: pytest.fail("connected"))

    assert dispatch.send_due() == 0

    notice.refresh_from_db()
    assert notice.status == "approved"
    assert Attempt.objects.get().said.startswith(said)


def test_a_local_endpoint_counts_with_its_very_port(
    desk: Desk, endpoint: WebhookServer, settings: Any
) -> None:
    settings.WEBHOOK_LOCAL_ENDPOINTS = [f"127.0.0.1:{endpoint.server_port + 1}"]
    queued(desk)

    assert dispatch.send_due() == 0

    assert endpoint.received == []


def test_no_proxy_is_asked(desk: Desk, endpoint: WebhookServer, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    queued(desk)

    assert dispatch.send_due() == 1


@pytest.mark.parametrize(
    ("named", "trusted"), [("127.0.0.1", True), ("127.0.0.2", True), ("127.0.0.1", False)]
)
def test_the_certificate_must_be_trusted_and_name_the_endpoint(
    named: str, trusted: bool, desk: Desk, settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = certificate(tmp_path, address=named)
    monkeypatch.setenv("SSL_CERT_FILE", str(made) if trusted else os.devnull)
    server = WebhookServer(made)
    settings.WEBHOOK_LOCAL_ENDPOINTS, settings.WEBHOOK_TIMEOUT = [server.netloc], 5
    queued(desk)
    Channel.objects.filter(kind=ChannelKind.WEBHOOK).update(address=server.url)

    sent = dispatch.send_due()
    server.stop()

    assert sent == (named == "127.0.0.1" and trusted)
    assert len(server.received) == sent
    if not sent:
        assert "CERTIFICATE_VERIFY_FAILED" in Attempt.objects.get().said


# -- Replays -----------------------------------------------------------------------------------------------


def test_a_message_is_handed_over_again_with_its_id(desk: Desk, endpoint: WebhookServer) -> None:
    notice = queued(desk)
    dispatch.send_due()
    notice.refresh_from_db()
    before = (notice.status, notice.sent_at, notice.received_at)

    again = dispatch.replay(Dispatch.objects.get(), by=desk.first)
    with pytest.raises(TransitionNotAllowed, match="it is being handed over already"):
        dispatch.replay(again, by=desk.first)
    assert dispatch.send_due() == 1

    notice.refresh_from_db()
    first, second = endpoint.received
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert first.body == second.body
    assert (notice.status, notice.sent_at, notice.received_at) == before
    assert DeliveryRecord.objects.count() == 2
    assert Event.objects.get(kind="notice.replayed").actor == desk.first


@pytest.mark.parametrize("reply", [Reply(400), Reply(410), Reply(500)])
def test_a_replay_that_fails_changes_nothing_of_the_notice(
    reply: Reply, desk: Desk, endpoint: WebhookServer
) -> None:
    notice = queued(desk)
    dispatch.send_due()
    again = dispatch.replay(Dispatch.objects.get(), by=desk.first)
    Dispatch.objects.filter(pk=again.pk).update(attempts=attempts.MOST_ATTEMPTS - 1)
    endpoint.replies = [reply]

    dispatch.send_due()

    notice.refresh_from_db()
    again.refresh_from_db()
    assert (notice.status, again.state) == ("sent", "failed")


def test_what_is_on_hold_is_not_handed_over_again(desk: Desk, endpoint: WebhookServer) -> None:
    notice = queued(desk)
    dispatch.send_due()
    row, item = Dispatch.objects.get(), Item.objects.get()
    held = holds.place(item, authority="Inquiry", reason="Needed up", review_at=None, by=desk.first)

    with pytest.raises(TransitionNotAllowed, match="on hold"):
        dispatch.replay(row, by=desk.first)

    holds.release(held, reason="Over", by=desk.first)
    again = dispatch.replay(row, by=desk.first)
    holds.place(item, authority="Inquiry", reason="Needed up", review_at=None, by=desk.first)
    assert dispatch.send_due() == 0
    again.refresh_from_db()
    notice.refresh_from_db()
    assert (again.state, notice.status) == ("failed", "sent")


def test_only_what_left_by_webhook_is_handed_over_again(desk: Desk, endpoint: WebhookServer) -> None:
    desk.sent(lines=1)
    with pytest.raises(TransitionNotAllowed, match="Only a message by webhook"):
        dispatch.replay(Dispatch.objects.get(), by=desk.first)

    waiting = queued(desk)
    row = Dispatch.objects.get(notice=waiting)
    with pytest.raises(TransitionNotAllowed, match="only what has left"):
        dispatch.replay(row, by=desk.first)
    with pytest.raises(PermissionDenied):
        dispatch.replay(row, by=desk.liaison)


# -- Secrets -----------------------------------------------------------------------------------------------


def test_while_secrets_change_both_verify(desk: Desk, endpoint: WebhookServer, administrator: User) -> None:
    way, old = channel("x", ChannelKind.WEBHOOK), the_secret()

    new = webhook_secrets.rotate(way, by=administrator)
    queued(desk)
    dispatch.send_due()

    assert new != old
    assert verified(old, endpoint) == verified(new, endpoint)
    with pytest.raises(TransitionNotAllowed, match="Two secrets sign already"):
        webhook_secrets.rotate(way, by=administrator)
    assert webhook_secrets.valid(way, at=timezone.now() + timedelta(days=8)) == [new]
    assert webhook_secrets.show(way, by=administrator) == new
    assert sorted(Event.objects.filter(kind__startswith="channel.").values_list("kind", flat=True)) == [
        "channel.secret_changed",
        "channel.secret_shown",
    ]


def test_secrets_differ_by_channel_and_site_key(db: None, settings: Any) -> None:
    ways = [channel("x", ChannelKind.WEBHOOK), channel("facebook", ChannelKind.WEBHOOK)]
    found = {webhook_secrets.valid(way, at=timezone.now())[0] for way in ways}
    settings.SECRET_KEY = "another" * 10
    found |= {webhook_secrets.valid(way, at=timezone.now())[0] for way in ways}

    assert len(found) == 4


def test_only_an_administrator_handles_secrets_and_only_of_webhooks(desk: Desk, administrator: User) -> None:
    for act in (webhook_secrets.show, webhook_secrets.rotate):
        with pytest.raises(PermissionDenied):
            act(channel("x", ChannelKind.WEBHOOK), by=desk.second)
        with pytest.raises(TransitionNotAllowed, match="Only a webhook"):
            act(channel("x", ChannelKind.MAIL), by=administrator)


def test_the_page_shows_the_secret_only_when_asked(
    administrator: User, db: None, signed_in: Callable[[User], Client]
) -> None:
    way = channel("x", ChannelKind.WEBHOOK)
    client, page = signed_in(administrator), f"/channels/{way.pk}/secret/"
    first, second = (
        webhook_secrets.valid(Channel(pk=way.pk, secret_number=number), at=timezone.now())[0]
        for number in (1, 2)
    )

    before = client.get(page).content.decode()
    shown = client.post(page, {"act": "show"}).content.decode()
    changed = client.post(page, {"act": "change"}).content.decode()
    again = client.post(page, {"act": "change"}).content.decode()

    assert (first in before, first in shown, second in changed, second in again) == (False, True, True, False)
    assert "Two secrets sign already" in again
    assert client.post(page, {"act": "guess"}).status_code == 422
    assert client.get(f"/channels/{channel('x', ChannelKind.MAIL).pk}/secret/").status_code == 404
    assert page in client.get("/platforms/x/").content.decode()


def test_the_page_of_a_notice_shows_every_attempt_and_hands_it_over_again(
    desk: Desk, endpoint: WebhookServer, signed_in: Callable[[User], Client]
) -> None:
    notice = queued(desk)
    endpoint.replies = [Reply(503, b"see http://evil.example/ <b>")]
    dispatch.send_due()
    dispatch.send_due(timezone.now() + timedelta(minutes=2))
    client, row = signed_in(desk.first), Dispatch.objects.get()

    shown = client.get(f"/notices/{notice}/").content.decode()
    once = client.post(f"/dispatches/{row.pk}/replay/")
    twice = client.post(f"/dispatches/{row.pk}/replay/", follow=True).content.decode()

    assert ("May have arrived" in shown, "Accepted" in shown) == (True, True)
    assert ("http://evil.example" in shown, "<b>" in shown) == (False, False)
    assert once["Location"] == f"/notices/{notice}/"
    assert "it is being handed over already" in twice
    assert Dispatch.objects.filter(is_replay=True).count() == 1


def test_the_api_shows_the_log_and_hands_over_again(
    desk: Desk, endpoint: WebhookServer, api: Callable[[User], APIClient]
) -> None:
    notice = queued(desk)
    dispatch.send_due()
    client, row = api(desk.first), Dispatch.objects.get()

    again = client.post(f"/api/v1/dispatches/{row.pk}/replay/", {})
    told = client.get(f"/api/v1/notices/{notice}/").json()["dispatches"]

    assert (again.status_code, again.json()["is_replay"]) == (201, True)
    assert [len(each["log"]) for each in told] == [0, 1]
    assert told[1]["log"][0] | {"duration_ms": 0, "at": ""} == {
        "number": 1, "outcome": "accepted", "status": 200, "said": '200 {"ok":true}', "duration_ms": 0, "at": "",
    }  # fmt: skip

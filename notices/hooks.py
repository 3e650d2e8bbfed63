"""A platform's answers by webhook: signed, kept byte for byte before they are read, and done once.

Messages are those of Standard Webhooks. The id is the key of repetition: the same id with the same body is answered as
the first time and has no second effect; with another body it is refused. All that a message says is done, or nothing.
"""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from standardwebhooks import Webhook

from accounts.models import User
from accounts.roles import Permission, require
from casework import events
from casework.transitions import TransitionNotAllowed
from notices import answer_rules, answers, hook_secrets
from notices.answers import Given
from notices.correspondents import LONGEST_NAME, Correspondent
from notices.hook_inputs import Problem, Unreadable, read
from notices.models import AnswerHook, AnswerSource, HookMessage, HookReading, Line, Notice

MOST_BYTES = 5 * 1024**2
MOST_FORGED = 200  # of what is not believed, kept for each platform within the hour
HOUR = timedelta(hours=1)
TOLERANCE = timedelta(minutes=5)
LONGEST_ID = 255
ID, SIGNED_AT, SIGNATURE = "webhook-id", "webhook-timestamp", "webhook-signature"
KEPT = (ID, SIGNED_AT, SIGNATURE, "content-type", "user-agent")
LONGEST_HEADER = 500
NOT_SIGNED = "The message is not signed with the secret of this address, or not at this time."
REUSED = "This webhook-id belongs to another message. A new message needs an id of its own."
NO_NOTICE = "There is no such notice."


@dataclass(frozen=True)
class Result:
    """How a message is answered: the code, and the document; `repeated` if it had been done before."""

    status: int
    document: dict[str, Any]
    repeated: bool = False

    @property
    def accepted(self) -> bool:
        return self.status == HTTPStatus.OK


def receive(
    platform: str, headers: Mapping[str, str], body: bytes, *, address: str | None, at: datetime | None = None
) -> Result:
    """Take one message at the address of a platform (its slug); `headers` by their names in small letters.

    Nobody learns from the answer whether the platform has such an address.
    """
    at = at or timezone.now()
    hook = AnswerHook.objects.filter(platform__slug=platform, is_open=True).select_related("platform").first()
    if hook is None:
        return problem(HTTPStatus.UNAUTHORIZED, NOT_SIGNED)
    if not is_signed(headers, body, hook_secrets.valid(hook, at=at), at=at):
        if HookMessage.objects.filter(hook=hook, verified=False, at__gt=at - HOUR).count() < MOST_FORGED:
            _keep(hook, headers, body, address=address, verified=False, at=at)
        return problem(HTTPStatus.UNAUTHORIZED, NOT_SIGNED)
    with transaction.atomic():  # kept, whatever becomes of its reading
        _lock(hook)
        first = HookMessage.objects.filter(hook=hook, verified=True, webhook_id=headers[ID]).last()
        message = first or _keep(hook, headers, body, address=address, verified=True, at=at)
        if bytes(message.body) != body:
            other = _keep(hook, headers, body, address=address, verified=True, at=at)
            return _told(other, problem(HTTPStatus.CONFLICT, REUSED), by=None, at=at)
    return read_message(message, at=at)


def read_again(message: HookMessage, *, by: User, at: datetime | None = None) -> Result:
    """Read once more what was believed but could not be done, as `by` asks; what is done is not done twice.

    Raises `TransitionNotAllowed` for a message that was not believed.
    """
    require(by, Permission.SEND_NOTICE)
    first = HookMessage.objects.filter(
        hook=message.hook_id, verified=True, webhook_id=message.webhook_id
    ).last()
    if not message.verified or first != message:
        raise TransitionNotAllowed(
            "Only a message that was signed, the first with its id, is read.", status=""
        )
    return read_message(message, by=by, at=at)


def read_message(message: HookMessage, *, by: User | None = None, at: datetime | None = None) -> Result:
    """Do what a message says, all or nothing, unless it has been done; the result is kept."""
    at = at or timezone.now()
    with transaction.atomic():
        _lock(message.hook)
        done = HookReading.objects.filter(message=message, status=HTTPStatus.OK).first()
        if done is not None:
            return Result(done.status, done.result, repeated=True)
        return _told(message, _attempt(message, at), by=by, at=at)


def is_signed(headers: Mapping[str, str], body: bytes, secrets: list[str], *, at: datetime) -> bool:
    """Whether one of the secrets has signed the message, at most five minutes from `at`."""
    id, moment = headers.get(ID, ""), _moment(headers.get(SIGNED_AT, ""))
    visible = 0 < len(id) <= LONGEST_ID and all("!" <= letter <= "~" for letter in id)
    if not visible or moment is None or abs(at - moment) > TOLERANCE:
        return False
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return False
    said = [each.encode() for each in headers.get(SIGNATURE, "").split(" ")]
    wanted = [Webhook(secret).sign(id, moment, text).encode() for secret in secrets]
    # every pair is compared, each in constant time
    return any([hmac.compare_digest(one, other) for one in wanted for other in said])


def problem(status: HTTPStatus, detail: str, **more: Any) -> Result:
    """A refusal (RFC 9457)."""
    return Result(
        status.value,
        {"type": "about:blank", "title": status.phrase, "status": status.value, "detail": detail, **more},
    )


def _moment(text: str) -> datetime | None:
    if not (text.isascii() and text.isdecimal() and len(text) <= 11):
        return None
    return datetime.fromtimestamp(int(text), UTC)


def _lock(hook: AnswerHook) -> None:
    """One message of a platform at a time."""
    AnswerHook.objects.select_for_update(no_key=True).get(pk=hook.pk)


def _keep(
    hook: AnswerHook,
    headers: Mapping[str, str],
    body: bytes,
    *,
    address: str | None,
    verified: bool,
    at: datetime,
) -> HookMessage:
    said = {name: headers[name][:LONGEST_HEADER].replace("\0", "") for name in KEPT if name in headers}
    return HookMessage.objects.create(
        hook=hook, webhook_id=said.get(ID, "")[:LONGEST_ID], headers=said, body=body, verified=verified,
        sha256=hashlib.sha256(body).hexdigest(), address=address, at=at,
    )  # fmt: skip


def _told(message: HookMessage, result: Result, *, by: User | None, at: datetime) -> Result:
    HookReading.objects.create(message=message, status=result.status, result=result.document, by=by, at=at)
    return result


def _attempt(message: HookMessage, at: datetime) -> Result:
    """The result; of a refusal nothing stays behind."""
    try:
        with transaction.atomic():
            return Result(HTTPStatus.OK, _do(message, at))
    except Unreadable as wrong:
        return problem(HTTPStatus.BAD_REQUEST, "The message cannot be taken.", errors=wrong.problems)
    except ValidationError as wrong:
        problems = [Problem(f"/data/{name}", " ".join(said)) for name, said in wrong.message_dict.items()]
        return problem(HTTPStatus.BAD_REQUEST, "The message cannot be taken.", errors=problems)
    except TransitionNotAllowed as refusal:
        return problem(HTTPStatus.CONFLICT, refusal.message, status_of_record=refusal.status)


def _do(message: HookMessage, at: datetime) -> dict[str, Any]:
    kind, said = read(bytes(message.body))
    platform = message.hook.platform
    by = Correspondent(f"{platform.name}, webhook"[:LONGEST_NAME], AnswerSource.WEBHOOK, platform.pk)
    notice = by.among(Notice.objects.filter(reference=said.pop("notice"))).first()
    if notice is None:
        raise Unreadable([Problem("/data/notice", NO_NOTICE)])
    count = 0
    match kind:
        case "notice.acknowledged":
            answers.acknowledge(notice, **said, by=by, at=at)
        case "clarification.asked":
            answers.clarify(notice, reason=said["question"], by=by, at=at)
        case "notice.objected":
            answers.object_to(notice, reason=said["objection"], by=by, at=at)
        case _:
            count = _answer(notice, said["lines"], by=by, at=at)
    events.record(
        "notice.message_read", by=by, at=at, notice=notice.reference,
        details={"type": kind, "id": message.webhook_id, "sha256": message.sha256},
    )  # fmt: skip
    notice.refresh_from_db()
    return {
        "id": message.webhook_id,
        "type": kind,
        "notice": notice.reference,
        "status": notice.status,
        "answered": count,
    }


def _answer(notice: Notice, rows: list[dict[str, Any]], *, by: Correspondent, at: datetime) -> int:
    """How many lines were answered; every row is checked before the first is recorded."""
    lines = {line.position: line for line in Line.objects.filter(notice=notice).select_related("notice")}
    said: dict[int, Given] = {}
    problems: list[Problem] = []
    for number, row in enumerate(rows):
        line, place = lines.get(row.pop("line")), f"/data/lines/{number}"
        given = Given(**{**row, "territories": tuple(row["territories"])})
        if line is None:
            problems.append(Problem(f"{place}/line", "This notice has no such line."))
        elif line.pk in said:
            problems.append(Problem(f"{place}/line", "This line is answered twice."))
        else:
            said[line.pk] = given
            problems += _misfits(given, line, place, at)
    if problems:
        raise Unreadable(problems)
    return len(answers.answer_each(said, source=by.source, by=by, at=at))


def _misfits(given: Given, line: Line, place: str, at: datetime) -> list[Problem]:
    common = {"at": at, "source": AnswerSource.WEBHOOK, "by": None, "by_name": "-"}
    try:
        answer_rules.check(given.values() | common, [line])
    except ValidationError as wrong:
        return [Problem(f"{place}/{name}", " ".join(said)) for name, said in wrong.message_dict.items()]
    return []

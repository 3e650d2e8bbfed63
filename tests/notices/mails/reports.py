"""What mail servers and programs write: bounces, delays, receipts, out-of-office notes in four languages."""

import base64

from notices.models import MailKind as K
from tests.notices.mails.forms import PASSED, PLATFORM, About, Case, mail

DAEMON = "From: Mail Delivery System <MAILER-DAEMON@mx.platform.example>"


def report(
    about: About,
    *,
    action: str = "failed",
    recipient: str = PLATFORM,
    status: str = "5.1.1",
    diagnostic: str = "smtp; 550 5.1.1 No such user",
    original: str = "message/rfc822",
    subject: str = "Undelivered Mail Returned to Sender",
    to: str = "",
) -> bytes:
    body = "\n".join(
        ["This is a MIME report.", "--r1", "Content-Type: text/plain; charset=utf-8", "",
         "Your message could not be delivered.", "--r1", "Content-Type: message/delivery-status", "",
         "Reporting-MTA: dns; mx.platform.example", "", f"Final-Recipient: rfc822; {recipient}",
         f"Original-Recipient: rfc822;{recipient}", f"Action: {action}", f"Status: {status}",
         f"Diagnostic-Code: {diagnostic}", "", "--r1", f"Content-Type: {original}", "",
         f"Message-ID: {about.notice.message_id}", f"Subject: {about.notice.subject}", "", "Body", "--r1--", ""]
    )  # fmt: skip
    return mail(
        about, body, sender=DAEMON, subject=subject, threaded=False, results=None, to=to or about.return_to,
        kind='multipart/report; report-type=delivery-status; boundary="r1"',
        headers=["Auto-Submitted: auto-replied"],
    )  # fmt: skip


def postfix(about: About) -> bytes:
    return report(about)


def exchange(about: About) -> bytes:
    return report(
        about, subject="Undeliverable: Notice", status="5.1.10", original="text/rfc822-headers",
        diagnostic="smtp;550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found", recipient=PLATFORM.upper(),
    )  # fmt: skip


def gmail(about: About) -> bytes:
    return report(about, subject="Delivery Status Notification (Failure)", status="5.2.1")


def qmail(about: About) -> bytes:
    body = (
        "Hi. This is the qmail-send program at mx.platform.example.\nI wasn't able to deliver your message.\n"
        f"\n<{PLATFORM}>:\nSorry, no mailbox here by that name. (#5.1.1)\n\n--- Below this line is a copy.\n"
    )
    return mail(
        about, body, sender=DAEMON, subject="failure notice", threaded=False, results=None, to=about.return_to
    )


def words(subject: str, body: str, *headers: str, kind: str = "text/plain; charset=utf-8") -> "object":
    """A report without the standard form; our letter's copy below it names our recipient, whoever it is about."""

    def raw(about: About) -> bytes:
        copy = f"\n------ This is a copy of the message ------\n\nTo: {PLATFORM}\n\n{about.notice.body}"
        return mail(
            about, body + copy, sender=DAEMON, subject=subject, threaded=False, results=None, to=about.return_to,
            headers=headers, kind=kind,
        )  # fmt: skip

    return raw


EXIM = (
    "This message was created automatically by mail delivery software.\n\nA message that you sent could not be "
    f"delivered. The following address(es) failed:\n\n  {PLATFORM}\n    550 5.1.1 User unknown\n"
)
EXCHANGE = f"Your message\n\n  To:      {PLATFORM}\n  Subject: Notice\n\ndid not reach the following recipient(s):\n\n"
SENDMAIL = (
    "The original message was received at Mon, 2 Mar 2026\n\n   ----- The following addresses had permanent fatal "
    f"errors -----\n<{PLATFORM}>\n"
)
HTML = f"<p>Delivery has failed to these recipients:</p><a href='mailto:{PLATFORM}'>{PLATFORM}</a><p>550 5.1.1</p>"


def form(fields: str, *, kind: str = "message/delivery-status", encode: bool = False) -> "object":
    """The standard form, with these fields of the one recipient."""

    def raw(about: About) -> bytes:
        status = f"Reporting-MTA: dns; mx.platform.example\n\n{fields}\n"
        head = f"--r1\nContent-Type: {kind}\n"
        if encode:
            head += "Content-Transfer-Encoding: base64\n"
            status = base64.encodebytes(status.encode()).decode()
        return mail(
            about, f"{head}\n{status}\n--r1--\n", sender=DAEMON, subject="Returned", threaded=False, results=None,
            to=about.return_to, kind='multipart/report; report-type=delivery-status; boundary="r1"',
        )  # fmt: skip

    return raw


TO_US = f"Final-Recipient: rfc822; {PLATFORM}\n"
FAILED = f"Final-Recipient: utf-8; {PLATFORM}\nAction: failed\nStatus: 5.1.1\n"
GLOBAL = "message/global-delivery-status"


def of_another_recipient(about: About) -> bytes:
    return report(about, recipient="somebody@elsewhere.example")


def to_the_reply_address(about: About) -> bytes:
    """Forged by somebody who knows where to reply, and not where letters come back."""
    return report(about, to=about.reply_to)


def with_another_token(about: About) -> bytes:
    return report(about, to=about.return_to.replace("@", "a@"))


def delayed(about: About) -> bytes:
    return report(about, action="delayed", status="4.4.1", subject="Delayed Mail (still being retried)")


def relayed(about: About) -> bytes:
    return report(about, action="relayed", status="2.0.0", subject="Successful Mail Delivery Report")


def opened(about: About) -> bytes:
    body = "\n".join(
        ["--r1", "Content-Type: text/plain", "", "Your message was displayed.", "--r1",
         "Content-Type: message/disposition-notification", "", f"Final-Recipient: rfc822; {PLATFORM}",
         f"Original-Message-ID: {about.notice.message_id}",
         "Disposition: manual-action/MDN-sent-manually; displayed", "", "--r1--", ""]
    )  # fmt: skip
    return mail(about, body, kind='multipart/report; report-type=disposition-notification; boundary="r1"')


def away(subject: str, body: str, *headers: str) -> "object":
    def raw(about: About) -> bytes:
        return mail(about, body, subject=subject, headers=headers, to=about.return_to)

    return raw


def ticket(about: About) -> bytes:
    body = "Thank you for contacting us. Ticket #TS-20431 has been created. This is an automated message.\n"
    return mail(
        about, body, subject="[Ticket #TS-20431] Received", headers=["Auto-Submitted: auto-replied (ticket)"]
    )


def automatic_removal(about: About) -> bytes:
    """A program that says of itself that it replied by itself answers nothing, whatever it says."""
    return mail(about, "The content has been removed.\n", headers=["Auto-Submitted: auto-replied"])


NOBODY = ""
BACK = {"to": "return", "matched": "return", "verified": False, "envelope": NOBODY}
FAILS = {"kind": K.BOUNCE, "status": "delivery_failed", **BACK}
AWAY = {"kind": K.OUT_OF_OFFICE, "to": "return", "matched": "return", "envelope": NOBODY}
REPLIED = "Auto-Submitted: auto-replied"
SUBJECTS = (
    "AUTO: Jo is out of the office (returning 09/03/2026)", "OOO: Notice", "Vacation reply: Notice", "Abwesend: Notice",
    "Respuesta automática: Notice", "Risposta automatica: Notice", "Automatisch antwoord: Notice", "Autosvar: Notice",
    "Resposta automática: Notice", "Odpowiedź automatyczna: Notice", "Otomatik cevap: Notice", "自動応答: Notice",
    "Автоматический ответ: Notice", "Αυτόματη απάντηση: Notice", "自动答复: Notice", "자동 회신: Notice",
)  # fmt: skip
CASES = [
    Case("postfix", postfix, kind=K.BOUNCE, status="delivery_failed", **BACK),
    Case("exchange", exchange, kind=K.BOUNCE, status="delivery_failed", **BACK),
    Case("gmail", gmail, kind=K.BOUNCE, status="delivery_failed", **BACK),
    Case("qmail, in no standard form", qmail, kind=K.BOUNCE, status="delivery_failed", **BACK),
    Case("exim", words("Mail delivery failed: returning message to sender", EXIM), **FAILS),
    Case("exim by its header", words("Mail failure", "Rejected.", f"X-Failed-Recipients: {PLATFORM}"), **FAILS),
    Case("an old exchange", words("Undeliverable: Notice", f"{EXCHANGE}{PLATFORM} on Monday\n"), **FAILS),
    Case("an old exchange, of another", words("Undeliverable: Notice", f"{EXCHANGE}jo@else.example\n"),
         kind=K.BOUNCE, remark="nothing was changed", **BACK),
    Case("sendmail", words("Returned mail: User unknown", SENDMAIL), **FAILS),
    Case("domino", words("DELIVERY FAILURE: User not listed", f"User {PLATFORM} not listed in Directory\n"), **FAILS),
    Case("in French words", words("Non remis : avis", f"Votre message n'a pas pu être remis à {PLATFORM}\n"), **FAILS),
    Case("in HTML words", words("Undeliverable: Notice", HTML, kind="text/html; charset=utf-8"), **FAILS),
    Case("delayed, in words", words("Warning: message 1abc delayed 24 hours", f"{PLATFORM}\n"),
         kind=K.DELAYED, **BACK),
    Case("an action with a comment", form(f"{TO_US}Action: Failed (no mailbox)\nStatus: 5.1.1 (bad)\n"), **FAILS),
    Case("a status without an action", form(f"{TO_US}Status: 5.1.1\n"), **FAILS),
    Case("a report in UTF-8", form(FAILED, kind=GLOBAL), **FAILS),
    Case("a report in base64", form(FAILED, kind=GLOBAL, encode=True), **FAILS),
    Case("bounce of another recipient", of_another_recipient, kind=K.BOUNCE, remark="nothing was changed", **BACK),
    Case("bounce to the reply address", to_the_reply_address, kind=K.BOUNCE, verified=False, envelope=NOBODY,
         remark="no report is believed"),
    Case("bounce with a token that is not true", with_another_token, kind=K.BOUNCE,
         **{**BACK, "to": "none", "matched": ""}),
    Case("delayed", delayed, kind=K.DELAYED, **BACK),
    Case("relayed", relayed, kind=K.DELIVERED, **BACK),
    Case("read receipt", opened, kind=K.OPENED),
    Case("out of office", away("Automatic reply: Notice", "I am out of the office until 9 March.\n", REPLIED), **AWAY),
    Case("out of office in German", away("Abwesenheitsnotiz: Notice", "Ich bin im Urlaub.\n"), **AWAY),
    Case("out of office in French", away("Réponse automatique : Notice", "Je suis en congés.\n", REPLIED), **AWAY),
    Case("out of office in Arabic", away("رد تلقائي: إشعار", "أنا خارج المكتب.\n", REPLIED), **AWAY),
    *(Case(f"out of office: {subject}", away(subject, "…\n"), **AWAY) for subject in SUBJECTS),
    Case("out of office by a list", away("Re: Notice", "I am on leave until Monday.\n", "Precedence: bulk"), **{**AWAY,
         "to": "reply", "matched": "reply"}),
    Case("out of office by its words", away("Re: Notice", "I am on annual leave.\n", REPLIED), **AWAY),
    Case("automatic receipt with a number", ticket, kind=K.RECEIPT, receipt=True, reference="TS-20431"),
    Case("automatic removal", automatic_removal, kind=K.AUTOMATIC, says={1: "removed", 2: "removed"}),
]  # fmt: skip
assert PASSED

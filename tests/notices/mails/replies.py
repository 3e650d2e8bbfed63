"""Replies as ten mail programs and three ticket systems form them, in four languages."""

from notices.models import MailKind as K
from tests.notices.mails.forms import PLATFORM, About, Case, mail, quoted

BOTH = {1: "removed", 2: "removed"}
DIVIDED = {1: "removed", 2: "refused:no_policy_breach"}
TWO = "Line 1 has been removed.\nLine 2 does not violate our rules.\n"
DESK = "Referral desk <desk@centre.example>"
HEADS = {
    "en": ("From:", "Sent: Monday, 2 March 2026 09:30", "To:", "Subject:"),
    "fr": ("De :", "Envoyé : lundi 2 mars 2026 09:30", "À :", "Objet :"),
    "de": ("Von:", "Gesendet: Montag, 2. März 2026 09:30", "An:", "Betreff:"),
    "ar": ("من:", "تم الإرسال: 2 مارس 2026 09:30", "إلى:", "الموضوع:"),
}


def heads(about: About, language: str) -> str:
    sender, sent, to, subject = HEADS[language]
    return f"{sender} {DESK}\n{sent}\n{to} {PLATFORM}\n{subject} {about.notice.subject}\n"


def outlook(about: About) -> bytes:
    return mail(about, f"{TWO}\nKind regards\n\n{heads(about, 'en')}\n{about.notice.body}")


def outlook_web(about: About) -> bytes:
    html = (
        "<html><head><style>p {margin: 0}</style></head><body><div>We have <b>removed</b> both posts.</div>"
        '<div id="appendonsend"></div><hr><div id="divRplyFwdMsg" dir="ltr"><b>From:</b> Referral desk<br>'
        f"<b>Subject:</b> Notice</div><div>{about.notice.body}</div></body></html>"
    )
    return mail(about, html, kind="text/html; charset=utf-8")


def unseen_words(about: About) -> bytes:
    html = (
        '<p>Line 1 has been removed.</p><div style="display : none">Line 2 has been removed.</div><p>Jo</p>'
    )
    return mail(about, html, kind="text/html; charset=utf-8")


def outlook_german(about: About) -> bytes:
    return mail(
        about, f"Guten Tag,\n\nbeide Beiträge wurden entfernt.\n\n{heads(about, 'de')}\n{about.notice.body}"
    )


def gmail(about: About) -> bytes:
    said = "Both posts were taken down on 2 March 2026 at 09:15 UTC."
    when = "On Mon, 2 Mar 2026 at 09:30, Referral desk <desk@centre.example>\nwrote:"
    plain = f"{said}\n\n{when}\n\n{quoted(about)}"
    html = f'<div dir="ltr">{said}</div><div class="gmail_quote"><blockquote>{about.notice.body}</blockquote></div>'
    body = "\n".join(
        ["--b1", "Content-Type: text/plain; charset=utf-8", "", plain, "--b1",
         "Content-Type: text/html; charset=utf-8", "", html, "--b1--", ""]
    )  # fmt: skip
    return mail(about, body, kind='multipart/alternative; boundary="b1"')


def gmail_html_only(about: About) -> bytes:
    html = (
        '<div dir="ltr">Removed.</div><br><div class="gmail_quote"><div class="gmail_attr">On Monday, desk wrote:</div>'
        f"<blockquote>Please say whether it was removed or not found. {about.notice.body}</blockquote></div>"
    )
    return mail(about, html, kind="text/html; charset=utf-8")


def apple_mail(about: About) -> bytes:
    when = "> On 2 Mar 2026, at 09:30, Referral desk <desk@centre.example> wrote:\n> "
    return mail(about, f"Hello,\n\nall of the content has been removed.\n\n{when}\n{quoted(about)}")


def apple_mail_french(about: About) -> bytes:
    when = "Le 2 mars 2026 à 09:30, Referral desk <desk@centre.example> a écrit :"
    return mail(about, f"Bonjour,\n\nnous avons supprimé les deux publications.\n\n{when}\n\n{quoted(about)}")


def thunderbird_below(about: About) -> bytes:
    when = "On 02/03/2026 09:30, Referral desk wrote:"
    return mail(
        about, f"{when}\n{quoted(about)}\n\nBoth posts have been deleted.\n\n-- \nNot removed? Call us.\n"
    )


def thunderbird_between(about: About) -> bytes:
    (first, address_1), (second, address_2) = about.lines
    body = (
        f"On 02/03/2026 09:30, Referral desk wrote:\n> Please remove:\n> 1. {first} {address_1}\n\nremoved\n\n"
        f"> 2. {second} {address_2}\n\nNo violation of our policies.\n\n> Kind regards\n"
    )
    return mail(about, body)


def notes(about: About) -> bytes:
    heads = (
        "From:\tReferral desk <desk@centre.example>\nTo:\tlegal@platform.example\nDate:\t02.03.2026 09:30\n"
        f"Subject:\t{about.notice.subject}\n"
    )
    return mail(about, f"{TWO}\n\n\n{heads}\n\n\n{about.notice.body}")


def mobile(about: About) -> bytes:
    return mail(
        about,
        f"Removed both.\n\nSent from my iPhone\n\n> On 2 Mar 2026, at 09:30, desk wrote:\n> \n{quoted(about)}",
    )


def mobile_german(about: About) -> bytes:
    when = "Am 02.03.2026 um 09:30 schrieb Referral desk <desk@centre.example>:"
    return mail(about, f"Ist gelöscht.\n\nVon meinem iPhone gesendet\n\n{when}\n\n{quoted(about)}")


def arabic(about: About) -> bytes:
    return mail(about, f"مرحبا،\n\nتمت إزالة جميع المنشورات.\n\n{heads(about, 'ar')}\n{about.notice.body}")


def outlook_french_refusal(about: About) -> bytes:
    said = "Le contenu de la ligne 2 n'enfreint pas nos règles. La ligne 1 a été supprimée."
    return mail(about, f"{said}\n\n{heads(about, 'fr')}\n{about.notice.body}")


def zendesk(about: About) -> bytes:
    body = (
        "##- Please type your reply above this line -##\n\nYour request (#4711) has been updated.\n\n"
        "Sam (Trust and Safety)\n\nWe have removed both posts.\n\n"
        f"-----------------------------\n\n{about.notice.body}\n"
    )
    return mail(
        about, body, subject="[Request #4711] Notice",
        headers=["X-Auto-Response-Suppress: All", "Auto-Submitted: auto-generated"],
    )  # fmt: skip


def salesforce(about: About) -> bytes:
    body = (
        "Case number: 00123456\n\nThe account has been permanently suspended.\n\n"
        f"--------------- Original Message ---------------\n{heads(about, 'en')}\n{about.notice.body}\n"
    )
    return mail(about, body, subject="Case 00123456: Notice [ ref:!00D.500!:ref ]")


def jira(about: About) -> bytes:
    body = (
        "—-—-—-—\nReply above this line.\n\nAlex commented:\n\nThe posts are no longer available.\n\n"
        "View request: https://desk.platform.example/TS-815\n"
    )
    return mail(
        about, body, subject="TS-815 Notice", headers=["Precedence: bulk", "Auto-Submitted: auto-generated"]
    )


def yahoo(about: About) -> bytes:
    html = (
        f'<div>{TWO}</div><div id="yahoo_quoted_1" class="yahoo_quoted"><div>On Monday, desk wrote:</div>'
        f"<div>{about.notice.body}</div></div>"
    )
    return mail(about, html, kind="text/html; charset=utf-8")


def promise(about: About) -> bytes:
    return mail(about, "We will remove both posts tomorrow.\n")


def question(about: About) -> bytes:
    return mail(about, "Could you please send us a screenshot of line 2?\n")


def without_marks(about: About) -> bytes:
    """The letter below, with no mark that it is quoted; it says “removed” itself."""
    return mail(about, f"None of these breach our policies.\n\n{about.notice.body}\n")


CASES = [
    Case("outlook", outlook, says=DIVIDED, own="Line 1 has been removed."),
    Case("outlook on the web", outlook_web, says=BOTH, own="We have removed both posts."),
    Case("outlook in German", outlook_german, says=BOTH, own="Guten Tag,"),
    Case(
        "words that a reader does not see",
        unseen_words,
        says={1: "removed"},
        own="Line 1 has been removed.\nJo",
    ),
    Case("gmail", gmail, says=BOTH, own="Both posts were taken down"),
    Case("gmail in HTML alone", gmail_html_only, says=BOTH, own="Removed."),
    Case("apple mail", apple_mail, says=BOTH, own="Hello,"),
    Case("apple mail in French", apple_mail_french, says=BOTH, own="Bonjour,"),
    Case("thunderbird, below", thunderbird_below, says=BOTH, own="Both posts have been deleted."),
    Case("thunderbird, between", thunderbird_between, says=DIVIDED, own="removed"),
    Case("notes", notes, says=DIVIDED, own="Line 1 has been removed."),
    Case("mobile", mobile, says=BOTH, own="Removed both."),
    Case("mobile in German", mobile_german, says=BOTH, own="Ist gelöscht."),
    Case("arabic", arabic, says=BOTH, own="مرحبا"),
    Case("outlook in French, refusal", outlook_french_refusal, says=DIVIDED, own="Le contenu"),
    Case("zendesk", zendesk, says=BOTH, reference="4711"),
    Case("salesforce", salesforce, says=dict.fromkeys((1, 2), "account_terminated"), reference="00123456"),
    Case("jira", jira, says=dict.fromkeys((1, 2), "already_gone")),
    Case("yahoo", yahoo, says=DIVIDED, own="Line 1 has been removed."),
    Case("a promise is no answer", promise),
    Case("a question", question, says={2: "more_information"}),
    Case("the letter without marks", without_marks, says=dict.fromkeys((1, 2), "refused:no_policy_breach")),
]
assert all(case.kind == K.REPLY for case in CASES)

"""Mails that pretend, break or flood: kept, read without an exception, believed in nothing."""

import base64
import io
import zipfile

from notices.incoming import addresses
from notices.models import MailKind as K
from tests.notices.mails.forms import AUTHSERV, PASSED, PLATFORM, About, Case, mail

REMOVED = "Both posts have been removed.\n"
BOTH = {1: "removed", 2: "removed"}
STRANGER = "From: Trust and Safety <legal@platform.example.evil.example>"


def spoofed(about: About) -> bytes:
    failed = (
        f"{AUTHSERV}; dmarc=fail header.from=platform.example; dkim=none; spf=fail smtp.mailfrom=evil.example"
    )
    return mail(about, REMOVED, results=failed)


def stranger(about: About) -> bytes:
    passed = f"{AUTHSERV}; dkim=pass header.d=platform.example.evil.example"
    return mail(about, REMOVED, sender=STRANGER, results=passed)


def name_like_an_address(about: About) -> bytes:
    return mail(about, REMOVED, sender=f'From: "{PLATFORM}" <somebody@evil.example>')


def two_from_lines(about: About) -> bytes:
    return mail(about, REMOVED, headers=[f"From: {PLATFORM}"])


def two_addresses(about: About) -> bytes:
    return mail(about, REMOVED, sender=f"From: {PLATFORM}, somebody@evil.example")


def group(about: About) -> bytes:
    return mail(about, REMOVED, sender=f"From: Team: {PLATFORM};")


def comment(about: About) -> bytes:
    """An address that parseaddr of Python 3.11.7 takes for the platform's."""
    return mail(about, REMOVED, sender=f"From: {PLATFORM}(<somebody@evil.example>")


def no_from(about: About) -> bytes:
    return mail(about, REMOVED, sender="")


def results_below(about: About) -> bytes:
    return mail(
        about, REMOVED, results=f"{AUTHSERV}; dkim=none", headers=[f"Authentication-Results: {PASSED}"]
    )


def results_of_another(about: About) -> bytes:
    return mail(about, REMOVED, results=PASSED.replace(AUTHSERV, "mx.evil.example"))


def results_behind_a_server(about: About) -> bytes:
    """With our name, but below what another server wrote."""
    forged = mail(about, REMOVED, results=PASSED)
    return b"Received: from evil.example by mx.evil.example; Mon, 2 Mar 2026 10:00:00 +0000\r\n" + forged


def results_in_a_comment(about: About) -> bytes:
    comment = "(dkim=pass; dkim=pass header.d=platform.example)"
    return mail(about, REMOVED, results=f"{AUTHSERV}; dkim=fail {comment} header.d=evil.example")


def results_in_quotes(about: About) -> bytes:
    value = f'{AUTHSERV}; spf=fail smtp.mailfrom="; dkim=pass header.d=platform.example"'
    return mail(about, REMOVED, results=value)


def domain_in_a_quoted_sender(about: About) -> bytes:
    """Everybody may choose what stands before the @ of their own envelope sender."""
    return mail(about, REMOVED, results=f'{AUTHSERV}; spf=pass smtp.mailfrom="{PLATFORM}"@evil.example')


def domain_in_a_quoted_signer(about: About) -> bytes:
    return mail(about, REMOVED, results=f'{AUTHSERV}; dkim=pass header.i="{PLATFORM}"@evil.example')


def domain_in_another_property(about: About) -> bytes:
    value = f"{AUTHSERV}; dkim=pass header.d=evil.example x.header.d=platform.example"
    return mail(about, REMOVED, results=value)


def blank_before_the_colon(about: About) -> bytes:
    return mail(about, REMOVED, sender=f"From : somebody@evil.example\r\nFrom: {PLATFORM}")


def results_missing(about: About) -> bytes:
    return mail(about, REMOVED, results=None)


def another_token(about: About) -> bytes:
    """Written to another notice's address than the one that its headers name: the address counts."""
    return mail(about, REMOVED, headers=[f"References: {about.other.message_id}"], threaded=False)


def headers_alone(about: About) -> bytes:
    return mail(about, REMOVED, to="desk@centre.example")


def untrue_token(about: About) -> bytes:
    local, domain = about.reply_to.split("@")
    return mail(about, REMOVED, to=f"{local[:-1]}{'a' if local[-1] != 'a' else 'b'}@{domain}", threaded=False)


def both_notices(about: About) -> bytes:
    return mail(
        about, REMOVED, to=f"{about.reply_to}, {addresses.reply_address(about.other)}", threaded=False
    )


def upper_case(about: About) -> bytes:
    return mail(about, REMOVED, to=about.reply_to.upper(), threaded=False)


def unknown_encoding(about: About) -> bytes:
    return mail(about, REMOVED, kind="text/plain; charset=x-unheard-of")


def false_encoding(about: About) -> bytes:
    raw = mail(about, f"Caf\u00e9. {REMOVED}", kind="text/plain; charset=us-ascii")
    return raw.replace("é".encode(), b"\xe9")


def costly_encoding(about: About) -> bytes:
    return mail(about, REMOVED + "a" * 50_000, kind="text/plain; charset=punycode")


def broken_parts(about: About) -> bytes:
    body = f'--b\nContent-Type: text/plain\n\n{REMOVED}\n--b\nContent-Type: image/png; name="=?x?y?z?="\n\n'
    return mail(about, body, kind='multipart/mixed; boundary="b"')


def broken_base64(about: About) -> bytes:
    raw = mail(about, "QWJj*RGVm=Zw" * 3)
    return raw.replace(b"Content-Transfer-Encoding: 8bit", b"Content-Transfer-Encoding: base64")


def nul(about: About) -> bytes:
    return mail(about, f"\0{REMOVED}\0", subject="Re:\0 Notice").replace(b"Trust", b"Tr\0ust")


def header_injection(about: About) -> bytes:
    subject = "=?utf-8?q?Re=0D=0ABcc=3A_all=40evil=2Eexample=0D=0A=0D=0Aremoved?="
    return mail(about, REMOVED, subject=subject)


def direction_changed(about: About) -> bytes:
    return mail(about, REMOVED, subject="\u202egnp.exe")


def many_parts(about: About) -> bytes:
    parts = "--b\nContent-Type: text/plain\n\nremoved\n" * 10_000
    return mail(about, f"{parts}--b--\n", kind='multipart/mixed; boundary="b"')


def deep_nesting(about: About) -> bytes:
    inner = "".join(
        f'--b{depth}\nContent-Type: multipart/mixed; boundary="b{depth + 1}"\n\n' for depth in range(450)
    )
    return mail(about, inner, kind='multipart/mixed; boundary="b0"')


def attached_mails(about: About) -> bytes:
    return mail(about, "Content-Type: message/rfc822\n\n" * 3_000, kind="message/rfc822")


def zip_bomb(about: About) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo("xl/worksheets/sheet1.xml"), b"0" * 50_000_000, zipfile.ZIP_DEFLATED)
    content = base64.encodebytes(out.getvalue()).decode()
    body = (
        f"--b\nContent-Type: text/plain\n\nSee the table.\n--b\nContent-Type: application/octet-stream\n"
        'Content-Disposition: attachment; filename="lines.xlsx"\nContent-Transfer-Encoding: base64\n'
        f"\n{content}\n--b--\n"
    )
    return mail(about, body, kind='multipart/mixed; boundary="b"')


def from_the_future(about: About) -> bytes:
    return mail(about, REMOVED).replace(b"\r\nDate: Mon, 2 Mar 2026", b"\r\nDate: Mon, 2 Mar 2093")


def from_1970(about: About) -> bytes:
    return mail(about, REMOVED).replace(b"\r\nDate: Mon, 2 Mar 2026", b"\r\nDate: Thu, 1 Jan 1970")


def no_date_at_all(about: About) -> bytes:
    return mail(about, REMOVED).replace(b"\r\nDate: Mon, 2 Mar 2026", b"\r\nDate: Xyz, 99 Foo 99999999")


def long_header(about: About) -> bytes:
    return mail(about, REMOVED, headers=["X-Long: " + "a" * 200_000, "To: " + "x@y.example, " * 10_000])


def million_headers(about: About) -> bytes:
    return mail(about, REMOVED, headers=["X: y"] * 300_000)


def million_lines(about: About) -> bytes:
    return mail(about, REMOVED + "\n" * 1_100_000)


def unclosed_tags(about: About) -> bytes:
    """Which keep the library's parser of HTML busy for hours."""
    return mail(
        about, "<p>Removed both.</p>" + "<a " * 100_000 + "<!--" * 50_000, kind="text/html; charset=utf-8"
    )


def dashes(about: About) -> bytes:
    return mail(about, REMOVED + "-" * 90_000 + "x\n" + "> " * 40_000)


def script(about: About) -> bytes:
    html = "<p>Removed both.</p><script>alert('removed')</script><img src=https://evil.example/p.gif onerror=alert(1)>"
    return mail(about, html, kind="text/html; charset=utf-8")


def deep_markup(about: About) -> bytes:
    return mail(about, f"<p>Removed both.</p>{'<div><blockquote>' * 30_000}", kind="text/html; charset=utf-8")


def random_bytes(about: About) -> bytes:
    return bytes(range(256)) * 40


def only_a_dot(about: About) -> bytes:
    return b"."


NOT_TRUSTED = {"verified": False, "says": BOTH}
NO_ONE = {"matched": "", "verified": False, "to": "none"}
CASES = [
    Case("spoofed sender", spoofed, remark="did not send it", **NOT_TRUSTED),
    Case("stranger with a domain that begins alike", stranger, remark="is no address of X", **NOT_TRUSTED),
    Case("name that looks like an address", name_like_an_address, remark="is no address of X", **NOT_TRUSTED),
    Case("two From lines", two_from_lines, remark="more than one From line", **NOT_TRUSTED),
    Case("two addresses under From", two_addresses, remark="more than one From line", **NOT_TRUSTED),
    Case("a group under From", group, remark="more than one From line", **NOT_TRUSTED),
    Case("a comment under From", comment, remark="From", **NOT_TRUSTED),
    Case("no From line", no_from, remark="no From line", **NOT_TRUSTED),
    Case("forged results below ours", results_below, remark="could not establish", **NOT_TRUSTED),
    Case("results of another server", results_of_another, remark="says nothing", **NOT_TRUSTED),
    Case("our results below another server", results_behind_a_server, remark="says nothing", **NOT_TRUSTED),
    Case("results within a comment", results_in_a_comment, remark="could not establish", **NOT_TRUSTED),
    Case("results within quotation marks", results_in_quotes, remark="could not establish", **NOT_TRUSTED),
    Case(
        "their domain before the @ of a sender",
        domain_in_a_quoted_sender,
        remark="could not establish",
        **NOT_TRUSTED,
    ),
    Case(
        "their domain before the @ of a signer",
        domain_in_a_quoted_signer,
        remark="could not establish",
        **NOT_TRUSTED,
    ),
    Case(
        "their domain in another property",
        domain_in_another_property,
        remark="could not establish",
        **NOT_TRUSTED,
    ),
    Case(
        "From with a blank before its colon",
        blank_before_the_colon,
        remark="more than one From line",
        **NOT_TRUSTED,
    ),
    Case("no results", results_missing, remark="says nothing", **NOT_TRUSTED),
    Case("headers of another platform's notice", another_token, remark="name another notice", says=BOTH),
    Case("the notice by its headers alone", headers_alone, **NO_ONE),
    Case("a token that is not true", untrue_token, **NO_ONE),
    Case("addressed to two notices", both_notices, remark="more than one notice", **{**NO_ONE, "to": "both"}),
    Case("an address in capitals", upper_case, says=BOTH, to="capitals"),
    Case("an encoding nobody knows", unknown_encoding, remark="encoding", says=BOTH),
    Case("an encoding that is not as it says", false_encoding, remark="encoding", says=BOTH),
    Case("an encoding that is costly", costly_encoding, remark="encoding", says=BOTH),
    Case("parts that do not end", broken_parts, remark="not put together", says=BOTH),
    Case("base64 that is none", broken_base64, remark="not put together"),
    Case("NUL", nul, remark="not written as addresses are", **NOT_TRUSTED),
    Case("line ends in an encoded subject", header_injection, says=BOTH),
    Case("direction changed", direction_changed, says=BOTH),
    Case("ten thousand parts", many_parts, remark="too many parts"),
    Case("nested 450 deep", deep_nesting, remark="not put together"),
    Case("3,000 mails in one another", attached_mails, remark="nested too deeply"),
    Case("a zip bomb", zip_bomb),
    Case("from the future", from_the_future, remark="a time that cannot be", says=BOTH),
    Case("from 1970", from_1970, remark="a time that cannot be", says=BOTH),
    Case("no date at all", no_date_at_all, remark="a time that cannot be", says=BOTH),
    Case("long headers", long_header, says=BOTH),
    Case("a million headers", million_headers, remark="too long to be taken apart"),
    Case("a million lines", million_lines, remark="too long to be taken apart"),
    Case("tags that do not end", unclosed_tags, says=BOTH),
    Case("long lines", dashes, remark="very long", says=BOTH),
    Case("script", script, says=BOTH),
    Case("deep markup", deep_markup, says=BOTH),
    Case("random bytes", random_bytes, **NO_ONE),
    Case("a dot", only_a_dot, **NO_ONE),
]
assert all(case.kind == K.REPLY for case in CASES)

"""Who sent a message, as far as it is known: one address under From, and what our own mail server found; pure.

Only the topmost Authentication-Results counts, only if it names our own server (RFC 8601, section 5), and only above
what other servers wrote: anything further down, the sender may have written.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from email.errors import MisplacedEnvelopeHeaderDefect
from typing import Any, cast

from notices.incoming.parsing import Letter

LONGEST = 2_000
ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9.-]{1,250}", re.ASCII)
METHOD = re.compile(r"\s*([a-z0-9-]+)(?:/\d+)?\s*=\s*([a-z]+)", re.IGNORECASE)
# A value goes on behind a quoted part: the domain of "somebody@here.example"@there.example is there.example.
NAMED = re.compile(r"(?<![\w.-])([a-z][a-z0-9.-]*)\s*=\s*((?:\"(?:[^\"\\]|\\.)*\"|[^\s\";])+)", re.IGNORECASE)
# Whoever has a mailbox there shares the domain with everybody else: only the whole address tells.
SHARED_HOSTS = frozenset({
    "gmail.com", "googlemail.com", "msn.com", "ymail.com", "rocketmail.com", "aol.com", "icloud.com",
    "me.com", "mac.com", "proton.me", "protonmail.com", "protonmail.ch", "pm.me", "web.de", "t-online.de",
    "freenet.de", "mail.com", "mail.ru", "bk.ru", "inbox.ru", "list.ru", "qq.com", "163.com", "126.com",
    "orange.fr", "wanadoo.fr", "free.fr", "sfr.fr", "laposte.net", "libero.it", "zoho.com", "tutanota.com",
    "tuta.com", "tuta.io", "fastmail.com", "hey.com", "btinternet.com", "sky.com", "talktalk.net",
    "virginmedia.com", "ntlworld.com", "comcast.net", "verizon.net", "att.net",
})  # fmt: skip
# These keep a domain for each country, as in hotmail.co.uk.
SHARED_IN_EVERY_COUNTRY = re.compile(
    r"(outlook|hotmail|live|yahoo|gmx|aol|yandex)(\.(com?|net|org))?(\.[a-z]{2,3})?", re.ASCII
)
NO_FROM = "It has no From line."
MANY_FROMS = "It has more than one From line, or more than one address in it: who wrote it is not known."
ODD_FROM = "The address under From is not written as addresses are: who wrote it is not known."
NOT_THEIRS = "{address} is no address of {platform} that we know."
NOT_ASKED = "Our mail server says nothing about who sent it."
NOT_PROVEN = "Our mail server could not establish that {domain} sent it."
FAILED = "Our mail server found that {domain} did not send it."


@dataclass(frozen=True)
class Result:
    """One finding of our mail server, such as `dkim=pass header.d=example.com`."""

    method: str
    result: str
    properties: dict[str, str]


def sender(letter: Letter) -> tuple[str, str]:
    """The one address under From in lower case, or nothing and why."""
    lines = letter.raw("From")
    if not lines:
        return "", NO_FROM
    if len(lines) > 1 or _hides_another(letter) or len(lines[0]) > LONGEST:
        return "", MANY_FROMS
    try:
        header = cast(Any, letter.message["From"])
        groups, addresses, defects = header.groups, header.addresses, header.defects
        found = str(addresses[0].addr_spec) if addresses else ""
    except Exception:  # the library stumbles over some of what strangers write
        return "", ODD_FROM
    if len(addresses) > 1 or any(group.display_name is not None for group in groups):
        return "", MANY_FROMS
    if defects or not ADDRESS.fullmatch(found):
        return "", ODD_FROM
    return found.lower(), ""


def _hides_another(letter: Letter) -> bool:
    """Whether a line like “From : …” stands among the headers, which some programs take for a From line."""
    return any(isinstance(each, MisplacedEnvelopeHeaderDefect) for each in letter.message.defects)


def fits(address: str, known: Iterable[str]) -> bool:
    """Whether it is one of the known addresses, or of the domain of one that is not shared with strangers."""
    domain = address.rpartition("@")[2]
    for each in known:
        host = each.lower().rpartition("@")[2]
        if address == each.lower() or (not _is_shared(host) and _within(domain, host)):
            return True
    return False


def _is_shared(host: str) -> bool:
    return host in SHARED_HOSTS or SHARED_IN_EVERY_COUNTRY.fullmatch(host) is not None


def unproven(letter: Letter, domain: str, authserv_id: str) -> str:
    """Why our own mail server does not vouch for the domain; empty when it does."""
    results = list(findings(letter, authserv_id))
    if not results:
        return NOT_ASKED
    if any(each.method == "dmarc" and each.result == "fail" for each in results):
        return FAILED.format(domain=domain)
    if any(_vouches(each, domain) for each in results if each.result == "pass"):
        return ""
    return NOT_PROVEN.format(domain=domain)


def findings(letter: Letter, authserv_id: str) -> Iterator[Result]:
    """Those of the topmost Authentication-Results, if it is our own server's and no foreign Received is above it."""
    if not authserv_id:
        return
    ours = re.compile(rf"\bby\s+{re.escape(authserv_id)}\b", re.IGNORECASE)
    for name, value in letter.message.raw_items():
        if name.lower() == "received" and not ours.search(str(value)):
            return
        if name.lower() == "authentication-results":
            identity, *found = _sections(str(value)[: LONGEST * 2])
            if identity.split()[:1] == [authserv_id.lower()]:
                yield from map(_result, filter(METHOD.match, found))
            return


def _vouches(each: Result, domain: str) -> bool:
    properties = each.properties
    if each.method == "dmarc":
        return properties.get("header.from") == domain
    if each.method == "dkim":
        signer = properties.get("header.d") or properties.get("header.i", "").rpartition("@")[2]
        return _within(domain, signer)
    if each.method == "spf":
        return _within(domain, properties.get("smtp.mailfrom", "").rpartition("@")[2])
    return False


def _within(domain: str, other: str) -> bool:
    """The same, or a name below it; a name of one label covers nothing."""
    return "." in other and (domain == other or domain.endswith(f".{other}"))


def _result(section: str) -> Result:
    method = cast(re.Match[str], METHOD.match(section))
    found = {name.lower(): value.strip('"').lower() for name, value in NAMED.findall(section)}
    return Result(method[1].lower(), method[2].lower(), found)


def _sections(value: str) -> list[str]:
    """Cut at semicolons outside quotation marks, with comments left out."""
    sections, depth, quoted = [""], 0, False
    for place, character in enumerate(value):
        escaped = place > 0 and value[place - 1] == "\\"
        if character == '"' and depth == 0 and not escaped:
            quoted = not quoted
        if not quoted and character == "(" and not escaped:
            depth += 1
        elif not quoted and character == ")" and depth and not escaped:
            depth -= 1
        elif character == ";" and not quoted and depth == 0:
            sections.append("")
        elif depth == 0:
            sections[-1] += character
    return [section.strip().lower() for section in sections]

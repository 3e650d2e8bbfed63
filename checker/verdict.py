"""What a look at an item comes to. Pure: a response, an expectation and rules in, a finding out.

The order of the steps is the argument. First what keeps us from seeing anything, then what the platform's own rules
know, then where we were sent, then what the page says, then whether it shows the item. Only what is left may be
gone, and what is in doubt is `inconclusive`: to call something gone that is there is the worst this program can do.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from checker import likeness, page
from checker.look import ABSENCE, TOMBSTONES, Look
from checker.observed import GONE, SEEN, Expected, Finding, Fingerprint, Response
from checker.rules import Rules

_ROBOT_HEADERS = ("cf-mitigated", "x-amzn-waf-action", "x-datadome", "x-distil-cs", "x-sucuri-block")
_PUZZLES = (
    "h-captcha", "hcaptcha.com", "g-recaptcha", "recaptcha/api", "cf-turnstile", "challenges.cloudflare.com",
    "_incapsula_resource", "captcha-delivery.com", "px-captcha", "arkoselabs", "funcaptcha", "geetest",
)  # fmt: skip
READ = frozenset({200, 203, 401, 403, 404, 410, 451})  # the answers whose page is read
_SERVERS = ("nginx", "apache", "openresty", "lighttpd", "caddy", "iis", "litespeed", "tengine", "gunicorn")
_OF_A_ROUTER = ("404 page not found", "not found")  # without any markup; also while what it leads to is away
_ACCOUNTS_OWN_DOING = ("owner", "user", "author", "creator", "uploader", "deactivated", "closed")
_LONG = 8000  # characters of a page that is more than the word that there is nothing
_PLAIN = 600  # characters at most, of a page that has nothing else to say
_SUBSTANCE = 200  # characters that a plain page has at least, to be called one

Step = Callable[[Look], Finding | None]


def judge(
    response: Response | Mapping[str, Any],
    *,
    expected: Expected | Mapping[str, Any],
    rules: Rules | Mapping[str, Any] | None = None,
    control: Response | Mapping[str, Any] | None = None,
) -> Finding:
    """Return what the response shows of the expected item.

    `rules` are those of the item's platform, as they come in the job (see `checker.rules`); None: general ones only.
    `control` is the answer to a made-up address beside the item's: it tells what this host says of things that never
    were. Mappings with the fields' names do for the records. Raises `BadRules` for rules that do not hold to the form.
    """
    look = Look(Response.of(response), Expected.of(expected))
    known = rules if isinstance(rules, Rules) else Rules.of(rules)
    steps: tuple[Step, ...] = (
        _failed,
        _held_up,
        known.judge,
        _unread,
        _sent_on,
        _walled,
        _shown,
        _stated,
        known.absent,
        _missing,
    )
    for step in steps:
        if finding := step(look):
            return finding
    return _unclear(look, Response.of(control) if control else None)


def fingerprint(response: Response | Mapping[str, Any]) -> Fingerprint:
    """Return what a captured page showed, for a later look to compare with."""
    return likeness.taken(page.read(Response.of(response).body))


def settle(findings: Iterable[Finding | Mapping[str, Any]]) -> Finding:
    """Return what a sequence of looks, oldest first, comes to: the two-look rule.

    Gone takes two looks that find it gone (`gone` or `account_gone`) with high confidence and nothing seen between
    them; the later one is returned, with the cause that either stated. A finding has no time: whoever gives the looks
    leaves out those that lie closer together than the platform's hours. Looks that are no observation change nothing.
    One unconfirmed look at something gone changes nothing either, but that one is no longer sure of what was seen.
    """
    held, first, latest = Finding(reason="nobody has looked"), None, Finding(reason="nobody has looked")
    for finding in map(Finding.of, findings):
        latest = finding
        if finding.verdict in SEEN:
            held, first = finding, None
        elif finding.verdict in GONE and finding.confidence == "high":
            held, first = (_agreed(first, finding), finding) if first else (held, finding)
    if held.verdict in GONE:
        return held
    if first or latest.verdict in GONE:
        return _unconfirmed(held)
    return held if held.verdict in SEEN else latest


def _agreed(first: Finding, second: Finding) -> Finding:
    causes = [cause for cause in (second.cause, first.cause) if cause and cause != "unknown"]
    return Finding(
        second.verdict, causes[0] if causes else "unknown", "high", second.marker, "two looks agree"
    )


def _unconfirmed(held: Finding) -> Finding:
    reason = "seen gone, but not yet twice with high confidence"
    if held.verdict not in SEEN:
        return Finding(reason=reason)
    return Finding(held.verdict, None, "low", held.marker, reason)


# -- what keeps us from seeing anything ------------------------------------------------------------------------------
def _failed(look: Look) -> Finding | None:
    if look.response.error:
        return _inconclusive(look.response.error, "the address could not be visited", "high")
    return None


def _unread(look: Look) -> Finding | None:
    if look.status not in READ:
        return _inconclusive(f"status {look.status}", "the server answered with no page of the item", "high")
    return None


def _held_up(look: Look) -> Finding | None:
    header = next((name for name in _ROBOT_HEADERS if name in look.headers), "")
    if header and (look.status != 200 or look.headers[header] in ("challenge", "captcha", "block")):
        return _inconclusive(header, "the site asks whether we are a robot", "high")
    if look.is_missing and "retry-after" in look.headers:
        return _inconclusive("retry-after", "the site wants us to come back later")
    if look.landed == "robot":
        return _inconclusive(look.response.final_url, "the site asks whether we are a robot", "high")
    if (marker := look.says("robot")) and not look.is_likely and not look.is_certain:
        return _inconclusive(marker, "the site asks whether we are a robot")
    return _puzzled(look)


def _puzzled(look: Look) -> Finding | None:
    """A page of nothing but a puzzle, which is drawn by a script and says nothing."""
    puzzle = next((sign for sign in _PUZZLES if sign in look.page.source), "")
    if not puzzle or len(look.page.main) > _SUBSTANCE or look.says(*ABSENCE):
        return None
    return _inconclusive(puzzle, "the site asks whether we are a robot")


# -- where we were sent ----------------------------------------------------------------------------------------------
def _sent_on(look: Look) -> Finding | None:
    where, address = look.landed, look.page.refresh or look.response.final_url
    if where == "item" or look.is_certain:
        return None
    if where == "login":
        return Finding("login_required", None, "high", address, "sent to a page to sign in")
    if where == "geo":
        return Finding("geo_blocked", None, "medium", address, "sent to a page for other countries")
    if where == "suspended" and look.status in (200, 404, 410):
        sure = "high" if look.says("account_suspended") else "medium"
        return Finding(
            "account_gone", "account_suspended", sure, address, "sent to the page of suspended accounts"
        )
    if where in ("consent", "age", "busy", "suspended"):
        return _inconclusive(address, "sent to a page that stands before the item")
    if where == "missing" and (look.is_missing or look.says(*TOMBSTONES)):
        return None  # what that page says is judged, though with less confidence
    return Finding(
        "redirected", None, "medium" if where == "missing" else "high", address, "sent to another page"
    )


# -- what the page says ----------------------------------------------------------------------------------------------
def _walled(look: Look) -> Finding | None:
    """The walls that let us see that something may be there, but not what."""
    if look.is_certain:
        return None
    if (marker := look.says("geo")) and (look.status != 200 or not look.is_personal):
        return Finding("geo_blocked", None, "high", marker, "the page says that it is not for our country")
    if look.status == 451:
        return Finding("geo_blocked", None, "medium", "status 451", "withheld here for legal reasons")
    if look.status == 401:
        return Finding("login_required", None, "high", "status 401", "the server wants us to sign in")
    if finding := _restricted(look) or _behind_a_door(look):
        return finding
    if look.status == 403:
        return _inconclusive("status 403", "the server refuses us", "high")
    return _delayed(look)


def _restricted(look: Look) -> Finding | None:
    if look.is_missing or look.status == 403:
        return None
    if marker := look.says("age"):
        return Finding("restricted", None, "high" if look.ties else "medium", marker, "shown to adults only")
    if (marker := look.says("limited")) and not look.heads_say(*TOMBSTONES):
        return Finding("restricted", None, "medium", marker, "shown behind a warning, or to fewer people")
    return None


def _behind_a_door(look: Look) -> Finding | None:
    is_told_gone = look.mentions(*TOMBSTONES)
    if (marker := look.says("private")) and not is_told_gone:
        return Finding("private", None, "high", marker, "the page says that it is private")
    if look.is_likely or (is_told_gone and not look.heads_say("login")):
        return None
    if look.is_missing and look.heads_say("not_found", "no_account"):
        return None
    if marker := look.says("login") or (
        "a field for a password" if look.page.asks_password and look.is_brief else ""
    ):
        return Finding("login_required", None, "high", marker, "the page wants us to sign in")
    return None


def _delayed(look: Look) -> Finding | None:
    if look.is_likely:
        return None
    excuse = look.heads_say("busy") or (
        "" if look.is_missing and look.heads_say("not_found") else look.says("busy")
    )
    if excuse:
        return _inconclusive(excuse, "the site says that something went wrong, or to come back later")
    if look.says(*TOMBSTONES) or (look.is_missing and look.says(*ABSENCE)):
        return None
    if marker := look.says("consent", "age_gate"):
        return _inconclusive(marker, "a question stands before the page")
    return None


# -- what the page shows ---------------------------------------------------------------------------------------------
def _shown(look: Look) -> Finding | None:
    if look.is_missing:
        if look.is_certain or (look.is_likely and not look.says("not_found", *TOMBSTONES)):
            return _inconclusive(f"status {look.status}", "said to be missing, yet the page shows it")
        return None
    if look.fingerprint and (finding := _compared(look)):
        return finding
    if look.fingerprint or look.mentions(*TOMBSTONES) or look.says("not_found", "no_account", "parked"):
        return None
    if look.is_likely:
        return Finding(
            "live", None, "high", look.content, "the page says that it is the item's, and describes it"
        )
    return None if look.heads_say(*TOMBSTONES) else _substantial(look)


def _substantial(look: Look) -> Finding | None:
    if look.content and look.hints:
        return Finding("live", None, "medium", look.content, "the page describes the item and names it")
    if len(look.page.main) < _SUBSTANCE or look.page.asks_password:
        return None
    if look.is_plain_web and look.page.title:
        return Finding("live", None, "medium", look.page.title, "a page of some substance is at the address")
    if look.hints:
        return Finding("live", None, "low", look.page.title, "a page of some substance names the item")
    return None


def _compared(look: Look) -> Finding | None:
    salient, rest = look.kept
    share = f"{salient:.0%} of what was captured"
    if look.is_certain:
        if (marker := look.mentions(*TOMBSTONES)) and salient < 0.8:
            return Finding(
                "changed", None, "medium", marker, f"{share} is still shown, beside a note of removal"
            )
        return Finding("live", None, "high", share, "what was captured is still shown")
    is_there = look.landed == "item" and (look.is_likely or look.hints or rest >= 0.5)
    if not is_there or look.says(*TOMBSTONES, "not_found", "no_account", "parked"):
        return None
    if salient > 0.34:
        return Finding("live", None, "medium", share, "part of what was captured is still shown")
    return Finding(
        "changed",
        None,
        "high" if rest >= 0.5 else "medium",
        share,
        "the page is there without what was captured",
    )


# -- what is gone ----------------------------------------------------------------------------------------------------
def _stated(look: Look) -> Finding | None:
    """A page that says itself that the item was removed, and often by whom."""
    marker = look.mentions(*TOMBSTONES)
    if not marker:
        return None
    if not look.states(*TOMBSTONES):
        return _inconclusive(marker, "these may be the words of whoever wrote the page")
    if look.is_likely and not look.is_missing:
        return _inconclusive(marker, "the page speaks of a removal, yet describes the item")
    plain = look.landed == "item" and (
        look.is_missing or look.heads_say(*TOMBSTONES) or len(look.page.main) <= _PLAIN
    )
    sure = "high" if plain else "medium"
    if marker := look.states("account_suspended"):
        return Finding(
            "account_gone", "account_suspended", sure, marker, "the page says that the account is suspended"
        )
    if marker := look.states("account_deleted"):
        cause = "author" if any(word in marker for word in _ACCOUNTS_OWN_DOING) else "unknown"
        return Finding("account_gone", cause, sure, marker, "the page says that the account is no more")
    return _removed(look, sure)


def _removed(look: Look, sure: str) -> Finding:
    causes = {"policy": "platform_policy", "author": "author", "legal": "legal"}
    for meaning, cause in causes.items():
        if marker := look.states(meaning):
            return Finding("gone", cause, sure, marker, "the page says why it was removed")
    return Finding("gone", "unknown", sure, look.states("removed"), "the page says that it was removed")


def _missing(look: Look) -> Finding | None:
    """404 and 410, after everything that might be behind them but a removal."""
    if not look.is_missing:
        return None
    if marker := look.says("parked"):
        return _inconclusive(marker, "the host has no such site, or the site moved")
    if marker := look.says("no_account"):
        return Finding(
            "account_gone",
            "unknown",
            _confidence(look),
            marker,
            "the page says that there is no such account",
        )
    if len(look.page.main) > _PLAIN and not look.opening_says(*ABSENCE):
        return _inconclusive(
            f"status {look.status}", "said to be missing, by a page that says something else"
        )
    marker = look.says("not_found") or f"status {look.status}"
    return Finding("gone", "unknown", _confidence(look), marker, f"the server says {look.status} for it")


def _confidence(look: Look) -> str:
    """How sure a 404 is: sure if a page of the site's own says so in words, less if anything might have said it."""
    is_default = any(server in look.page.main for server in _SERVERS) and len(look.page.main) < 200
    is_data = "json" in look.headers.get("content-type", "") or look.response.body.lstrip()[:1] in ("{", "[")
    if (
        look.landed != "item"
        or len(look.page.main) > _LONG
        or look.response.body.strip().lower() in _OF_A_ROUTER
    ):
        return "medium"
    if look.status == 410 or (look.is_plain_web and look.says("not_found")):
        return "high"
    return "medium" if is_default or is_data or not look.says("not_found", "no_account") else "high"


def _unclear(look: Look, control: Response | None) -> Finding:
    if marker := look.says("not_found", "no_account"):
        if control and _is_soft(look, control):
            return Finding(
                "gone", "unknown", "medium", marker, "the page is the one for things that never were"
            )
        return _inconclusive(marker, "said not to be there, by a page that answers as if it were")
    if look.is_empty:
        return _inconclusive("", "the page is empty")
    if marker := look.opening_says("parked", "script"):
        return _inconclusive(marker, "the page shows nothing to a visitor without scripts")
    return _inconclusive(look.page.title, "nothing on the page shows whether the item is there")


def _is_soft(look: Look, control: Response) -> bool:
    """Tell whether the host says the same of an address that never was, in a page that says so."""
    other = Look(control, look.expected)
    both = control.status == look.status and not control.error
    return (
        both
        and bool(other.says("not_found", "no_account"))
        and likeness.similar(look.page, other.page) >= 0.8
    )


def _inconclusive(marker: str, reason: str, confidence: str = "medium") -> Finding:
    return Finding("inconclusive", None, confidence, marker[:300], reason)

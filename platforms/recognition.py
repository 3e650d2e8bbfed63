"""Which item does an address name? Pure and offline; the rules are in `rules/*.toml`.

    recognise("https://m.youtube.com/watch?v=dQw4w9WgXcQ&t=10").key == ("youtube", "video", "dQw4w9WgXcQ")

Two addresses name the same item exactly if their keys are equal. docs/addresses.md tells how it works.
"""

import re
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import quote

from publicsuffixlist import PublicSuffixList

from platforms import notation, rulefile, weburl
from platforms.lookalikes import LookalikeTable, has_mixed_scripts
from platforms.notation import refang
from platforms.rulebook import HostEntry, HostTable, PlatformRules, Rule
from platforms.weburl import WebUrl

__all__ = [
    "RULES_VERSION",
    "NotAnAddress",
    "Recognition",
    "account_named",
    "has_mixed_scripts",
    "lookalike",
    "platforms",
    "recognise",
    "refang",
]

RULES_VERSION = rulefile.version()
MOST_CHARACTERS = 16_000
_MOST_WRAPPERS = 3
_LONGEST_HOST = 253  # of a name in the Domain Name System
_PLATFORMS = rulefile.load()
_HOSTS = HostTable(_PLATFORMS)
_entries_of = lru_cache(maxsize=4096)(_HOSTS.find)
_LOOKALIKES = LookalikeTable(_PLATFORMS)
_WEB = next(platform for platform in _PLATFORMS if platform.slug == "web")
_TLDS = PublicSuffixList(accept_unknown=False)

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):(?!\d{1,5}(?:[/?#]|$))")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_SURROGATE = re.compile("[\ud800-\udfff]")
# Schemes that carry a web address: a browser's own, or Android's way of naming an app for it.
_INTENT = re.compile(r"intent:(?://)?([^#]*)#Intent;(.*)", re.IGNORECASE | re.DOTALL)
_ANDROID_APP = re.compile(r"(?:android|ios)-app://[^/]+/([a-z][a-z0-9+.-]*)/(.+)", re.IGNORECASE | re.DOTALL)
_CARRIER = re.compile(r"[a-z][a-z0-9+.-]*:/{0,3}(https?:/.+)", re.IGNORECASE | re.DOTALL)
_APP_HOST = re.compile(r"([a-z][a-z0-9+.-]*)://([^/?#@]+\.[a-z]{2,})(?:[/?#].*)?", re.IGNORECASE | re.DOTALL)
_NEVER_CARRY = frozenset({"javascript", "vbscript", "data", "file", "mailto", "blob", "about", "ftp", "sftp"})
_APP = re.compile(r"[^:]+:/{0,3}([^?#]*)(?:\?([^#]*))?(?:#(.*))?", re.DOTALL)
_IPV4 = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}")
_SPECIAL = ("test", "example")  # domains that stand for others in texts like ours
_HEAD = re.compile(r"[^/?#\\]*")
_SPACE = re.compile(r"\s")
_SECOND = re.compile(r" https?://", re.IGNORECASE)
_IDENTIFIER = re.compile(r"[0-9]|.{10}")
_ITEM_PARAMETERS = frozenset(
    {
        "v", "id", "fbid", "oid", "pid", "post_id", "story_fbid", "story_id", "album_id", "video_id", "photo_id",
        "note_id", "item_id", "media_id", "topic_id", "topic", "reply", "album", "photo", "video", "item", "comment",
    }
)  # fmt: skip
_UNKNOWN_APP = "This {} address names no post or account that we know. Paste the web address."
_SAFE = "/@:+,=-._~"
_NAME = re.compile(r"[\w.@-]{2,100}")
_PLAIN = re.compile(r"[\w.~-]*", re.ASCII)


class NotAnAddress(ValueError):
    """The text is no web address; the message tells a person what to do."""


class Recognition(NamedTuple):
    """What an address names. `identifier`, `owner`: None where the address does not tell."""

    platform: str
    kind: str
    identifier: str | None
    canonical: str
    namespace: str
    owner: str | None
    needs_network: bool  # only a look-up could tell which item a short link names
    rule: str  # the rule that decided, `platform.rule`
    printed: str  # for letters: the same item, with the owner or group that `canonical` drops
    rules_version: str = RULES_VERSION
    account: tuple[str, str] | None = (
        None  # namespace and identifier of the owner, or of what is itself an account
    )

    @property
    def key(self) -> tuple[str, str, str]:
        """Equal keys mean the same item; what kind of form was pasted is not part of it."""
        return (self.platform, self.namespace, self.canonical if self.identifier is None else self.identifier)


class Match(NamedTuple):
    """The rule that an address matches, and what its shape captured."""

    rule: Rule
    values: dict[str, str]


def platforms() -> tuple[PlatformRules, ...]:
    """Return the platforms of the rule files, by slug."""
    return _PLATFORMS


def lookalike(host: str) -> str | None:
    """Return the slug of the platform whose name a foreign host imitates, or None: to warn, not to merge."""
    return None if len(host) > _LONGEST_HOST or _owned(host) else _LOOKALIKES.find(host)


def _owned(host: str) -> list[HostEntry]:
    return [entry for entry, _ in _entries_of(host) if entry.is_whole]


def recognise(address: str) -> Recognition:
    """Return platform, kind, identifier, canonical address and key of what `address` names.

    `address` may be defanged, without a scheme, an app's own address or wrapped in a redirect.
    Raises NotAnAddress.
    """
    text = _tidied(address) if len(address) <= 4 * MOST_CHARACTERS else address
    if len(text) > MOST_CHARACTERS:
        raise NotAnAddress(f"This is longer than {MOST_CHARACTERS:,} characters. Paste one web address.")
    if not text.isprintable() and _CONTROL.search(text):
        raise NotAnAddress("There is a line break or control character inside. Paste one address at a time.")
    url, platform, match = _read(text)
    if match is None or not match.rule.unwrap:
        return _name(url, platform, match)
    return _follow(match, 1) or _name_plain(url, platform)


def _tidied(address: str) -> str:
    tidy = notation.tidy(address)
    decoded = weburl.decoded_whole(tidy)
    return tidy if decoded is tidy else notation.tidy(decoded)


def _follow(wrapper: Match, depth: int) -> Recognition | None:
    """Return what the address inside a redirect names; None if there is none, or it is wrapped too deep."""
    if depth > _MOST_WRAPPERS:
        return None
    try:
        url, platform, match = _read(_tidied(wrapper.rule.unwrap.format_map(wrapper.values)))
    except NotAnAddress:
        return None
    if match is not None and match.rule.unwrap:
        return _follow(match, depth + 1)
    return _name(url, platform, match)


def _read(text: str) -> tuple[WebUrl, PlatformRules, Match | None]:
    """Return the parsed address, whose it is, and the rule it matches. Raises NotAnAddress."""
    url = _parse(text)
    if not url.is_plain:
        return url, _WEB, None
    for entry, captured in _entries_of(url.host):
        if url.is_app and not entry.is_whole:  # a form that any host may have; an app's scheme is no host
            continue
        match = _match(entry, url, captured)
        if match is not None or (entry.is_whole and not url.is_app):
            return url, entry.platform, None if match and match.rule.plain else match
    if url.is_app:
        carried = _carried(url.host[:-1], text)
        if carried:
            return _read(carried)
        raise NotAnAddress(_UNKNOWN_APP.format(url.host))
    return url, _WEB, None


def _parse(text: str) -> WebUrl:
    clean = weburl.clean(text)
    if clean is not None:
        return clean
    scheme = _SCHEME.match(text)
    if scheme is None:
        return _parse_bare(text)
    name = scheme[1].lower()
    if name not in ("http", "https"):
        carried = None if _owned(f"{name}:") else _carried(name, text)
        return _parse(carried) if carried else _parse_app(name, text)
    if " " in text and _SECOND.search(text):
        raise NotAnAddress("There are several addresses here. Paste one at a time.")
    url = weburl.parse(text)
    if url is None:
        raise NotAnAddress(
            "No browser could open this address. Check the part between // and the next slash."
        )
    return url


def _carried(scheme: str, text: str) -> str | None:
    """Return the shorter address that one of another scheme carries: `intent://x.com/a#Intent;scheme=https;end`."""
    if scheme in _NEVER_CARRY:
        return None
    intent = _INTENT.fullmatch(text)
    if intent:
        extras = dict(part.partition("=")[::2] for part in intent[2].split(";"))
        if not intent[1]:
            return weburl.decode_value(extras.get("S.browser_fallback_url", "")) or None
        return _with_scheme(extras.get("scheme", "https"), intent[1])
    packaged = _ANDROID_APP.fullmatch(text)
    if packaged:
        return _with_scheme(packaged[1], packaged[2])
    inside = _CARRIER.fullmatch(text)
    if inside:
        return inside[1]
    app = _APP_HOST.fullmatch(text)
    return f"https{text[len(scheme) :]}" if app and _owned(app[2].lower()) else None


def _with_scheme(scheme: str, rest: str) -> str | None:
    name = scheme.lower()
    is_final = name in ("http", "https") or bool(_owned(f"{name}:"))
    return f"{name}://{rest}" if is_final else None


def _parse_bare(text: str) -> WebUrl:
    """Read an address without its scheme: only something that looks like a host on the public web."""
    text = text.removeprefix("//")
    head = _HEAD.match(text)
    host = head[0] if head else ""
    if "@" in host:
        raise NotAnAddress(
            "This is a handle or an e-mail address. Paste the web address of the account or post."
        )
    url = weburl.parse(f"https://{text}") if "." in host and not _SPACE.search(text) else None
    if url is None or not _is_public(url.host, host):
        raise NotAnAddress("This is not a web address. Paste it whole, beginning with https://")
    return url


def _is_public(host: str, written: str) -> bool:
    if host[-1:].isdigit():
        return _IPV4.fullmatch(written.partition(":")[0]) is not None
    return bool(_owned(host)) or _TLDS.publicsuffix(host) is not None or host.rpartition(".")[2] in _SPECIAL


def _parse_app(scheme: str, text: str) -> WebUrl:
    host = f"{scheme}:"
    parts = _APP.fullmatch(text)
    if parts is None or not _owned(host) or _SURROGATE.search(text):
        raise NotAnAddress(f"A {host} address is not on the web. Paste an address that begins with https://")
    path, query, fragment = parts.groups("")
    return WebUrl(text, host, f"/{path}", query, fragment, is_plain=True)


def _match(entry: HostEntry, url: WebUrl, captured: dict[str, str]) -> Match | None:
    path = weburl.decoded_path(url.path)
    entries = entry.platform.entries(entry.role, path)
    query = weburl.parameters(url.query) if url.query else {}
    for shape, rule in entries.every if query or url.fragment else entries.plain:
        if shape.asks and shape.asks not in query:
            continue
        found = shape.path.fullmatch(path)
        if found is None:
            continue
        values = shape.values(captured, found, query, url.fragment)
        if values is None:
            continue
        if rule.unwrap:
            values["query"] = url.query
        elif rule.leads and url.query and not shape.query and _names_another(url.query):
            continue
        if _is_stable(entry.platform, rule, values):
            return Match(rule, values)
    return None


def _names_another(query: str) -> bool:
    """Whether a parameter that no rule knows may name an item on what looks like an account's page."""
    parts = (part.partition("=") for part in query.lower().split("&"))
    return any(name in _ITEM_PARAMETERS and _IDENTIFIER.search(value) for name, _, value in parts)


def _is_stable(platform: PlatformRules, rule: Rule, values: dict[str, str]) -> bool:
    """Tell whether the canonical address would be read as the same item again."""
    if rule.leads:
        first = platform.first_rule(weburl.path_of(rule.canonical.format_map(values)))
        return first is not None and (
            first is rule or (first.namespace, first.identifier) == (rule.namespace, rule.identifier)
        )
    if rule.roams:
        url = weburl.parse(canonical := rule.canonical.format_map(values))
        return url is not None and url.href == canonical and _entries_of(url.host)[0][0].platform is platform
    return True


def _name(url: WebUrl, platform: PlatformRules, match: Match | None) -> Recognition:
    if match is None:
        return _name_plain(url, platform)
    rule, values = match
    is_plain = _PLAIN.fullmatch("".join(values.values())) is not None
    quoted = values if is_plain else {name: quote(value, safe=_SAFE) for name, value in values.items()}
    canonical = rule.canonical.format_map(quoted)
    canonical = canonical if is_plain and canonical[-1] not in ".~-" else notation.seal(canonical)
    return Recognition(
        platform.slug,
        rule.kind,
        rule.identifier.format_map(values),
        canonical,
        rule.namespace if rule.is_fixed else rule.namespace.format_map(values),
        values.get(rule.owner),
        rule.needs_network,
        f"{platform.slug}.{rule.name}",
        printed=notation.seal(rule.printed.format_map(quoted)) if rule.printed else canonical,
        account=_account(rule, values) if rule.accounts else None,
    )


def _account(rule: Rule, values: dict[str, str]) -> tuple[str, str] | None:
    for namespace, identifier, captures in rule.accounts:
        if captures <= values.keys():
            return namespace.format_map(values), identifier.format_map(values)
    return None


def account_named(platform: str, name: str) -> tuple[str, str] | None:
    """Return namespace and identifier of the account that a person calls `name` or `@name`, folded as recognition does.

    None where the platform has no accounts by name, or could have none of this name.
    """
    rule = next((rules.account for rules in _PLATFORMS if rules.slug == platform), None)
    bare = name.strip().removeprefix("@")
    if rule is None or not _NAME.fullmatch(bare):
        return None
    (capture,) = rule.accounts[0].captures
    try:
        read = recognise(rule.canonical.format_map({capture: bare}))
    except NotAnAddress:
        return None
    form = rule.accounts[0]
    same = read.platform == platform and read.account and read.account[0] == form.namespace
    return read.account if same else None


def _name_plain(url: WebUrl, platform: PlatformRules) -> Recognition:
    """Name a page that no rule knows by its address, without fragment and tracking parameters.

    Raises NotAnAddress for an app's own address: it is no page.
    """
    if url.is_app:
        raise NotAnAddress(_UNKNOWN_APP.format(url.host))
    tracking = _WEB.tracking | platform.tracking if platform.tracking else _WEB.tracking
    canonical, has_path = weburl.without_tracking(url, tracking, fragments=platform.fragments)
    if platform.scheme:
        canonical = platform.scheme + canonical[canonical.index(":") :]
    canonical = notation.seal(canonical)
    return Recognition(
        platform=platform.slug,
        kind="web_page" if has_path else "web_site",
        identifier=None,
        canonical=canonical,
        namespace="web",
        owner=None,
        needs_network=False,
        rule=f"{platform.slug}.address",
        printed=canonical,
    )

"""One look at one item: what the page says, in the terms that judging needs."""

import re
from collections.abc import Iterator
from functools import cached_property

from checker import likeness, page, places
from checker.observed import Expected, Fingerprint, Response
from checker.phrases import Phrases, general
from checker.statement import is_excuse, is_statement

_BRIEF = 1500  # characters: more than a message to the visitor has, with what stands around it
_OPENING = 800  # of a longer page, where a message would stand
_EMPTY = 20
_TITLES = ("og:title", "twitter:title")
_STORIES = (
    "og:description",
    "twitter:description",
    "og:image",
    "og:video",
    "article:published_time",
    "og:audio",
)
TOMBSTONES = ("account_suspended", "account_deleted", "policy", "author", "legal", "removed")
ABSENCE = (*TOMBSTONES, "not_found", "no_account")
_NO_CONTENT = (*ABSENCE, "login", "robot", "busy", "consent", "age_gate", "parked")
_WORDS = re.compile(r"\w+")
_HOST = re.compile(r"://([^/?#]+)")
_EMPTY_WORDS = frozenset(
    {"contact", "view", "on", "the", "log", "in", "login", "sign", "up", "home", "join", "app"}
)
_WEB = frozenset({"", "web", "onion"})
_ACCOUNTS = frozenset({"account", "channel", "group", "page", "invite"})  # above a message stands their name
_NO_SUBJECT = frozenset(
    {
        "account", "also", "an", "and", "content", "conversation", "error", "follow", "for", "from", "happening",
        "help", "like", "may", "menu", "might", "more", "navigation", "new", "now", "of", "oops", "page", "people",
        "post", "posts", "profile", "recommended", "related", "relevant", "results", "s", "search", "settings",
        "sorry", "status", "to", "trending", "user", "video", "videos", "welcome", "what", "who", "you",
    }
)  # fmt: skip
_APART = re.compile(r"\s[|·•/–—-]+\s")  # what a title puts between its parts
_UNSPACED = re.compile(r"[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_SUBJECT = 2  # words, from which a title or heading is about something
_BESIDE = frozenset({"attachment", "comment", "comments", "reply"})  # what is removed from a page that stays
_WORK = ('"uploaddate"', '"datepublished"', '"contenturl"', '"articlebody"')
_MADE = ("og:video", "og:video:url", "og:audio", "article:published_time")


class Look:
    """A response beside what was expected; everything is worked out when asked for."""

    def __init__(self, response: Response, expected: Expected) -> None:
        self.response, self.expected = response, expected
        self.headers = {name.lower(): str(value).lower() for name, value in response.headers.items()}
        self.status = int(response.status)
        self.is_missing = self.status in (404, 410)
        self._known: dict[tuple[str, str], str] = {}  # phrases by meaning and text: most are asked for twice

    @cached_property
    def page(self) -> page.Page:
        return page.read(self.response.body)

    @cached_property
    def landed(self) -> str:
        """Where we are (see `places.landed`); who was not sent on is where the item is."""
        where = places.landed(self.response, self.page, self.expected)
        moved = bool(self.response.redirects or self.page.refresh)
        return "item" if where == "elsewhere" and not moved else where

    @cached_property
    def heads(self) -> str:
        return " · ".join([self.page.title, *self.page.headings[:4]])

    @cached_property
    def is_brief(self) -> bool:
        return len(self.page.main) <= _BRIEF

    @property
    def is_empty(self) -> bool:
        return len(self.page.text) < _EMPTY

    @cached_property
    def message(self) -> str:
        """What a page of little else tells its visitor; of a long page only its head and opening."""
        main = self.page.main if self.is_brief else self.page.main[:_OPENING]
        return f"{self.heads} · {main}"

    def says(self, *meanings: str) -> str:
        """Return the words of any of these meanings in the page's message, if it is a message: a brief page's text,
        or any page's title and headings."""
        return self._first(meanings, self.message if self.is_brief else self.heads)

    def states(self, *meanings: str) -> str:
        """As `mentions`, but only what the site says of the item: of a page that is there, where it says no more."""
        found = self.mentions(*meanings)
        return found if self.is_missing or (found and self.is_message and self._declares(TOMBSTONES)) else ""

    def _declares(self, meanings: tuple[str, ...]) -> bool:
        return any(self.declares(general()[meaning]) for meaning in meanings)

    def declares(self, phrases: Phrases, *, amid: bool = False) -> bool:
        """Whether the title, or a stretch of text with little of its own before it, is a statement of these words.

        `amid`: whatever stands before it.
        """
        title = _APART.split(self.page.title)
        if sum(_weight(part, self._site) for part in title if not phrases.found(part)) < _SUBJECT:
            title_says = any(self._is_declared(phrases, part) for part in title)
        else:
            title_says = False
        return title_says or any(self._is_declared(phrases, part) for part in self._opening(amid))

    def _opening(self, amid: bool) -> Iterator[str]:
        """Yield the stretches of text until the page has a subject of its own."""
        told = 0.0
        for part in map(page.fold, self.page.stretches):
            yield part
            told += 0 if is_excuse(part) or self._first(_NO_CONTENT, part) else _weight(part, self._site)
            if told >= self._least_subject and not amid:
                return

    def _is_declared(self, phrases: Phrases, part: str) -> bool:
        found = (match for phrase in phrases.phrases if (match := phrase.pattern.search(part)))
        beside = _BESIDE - {self.expected.kind}
        return not beside.intersection(_WORDS.findall(part)) and any(
            is_statement(part, match.start(), match.end()) for match in found
        )

    @property
    def _least_subject(self) -> int:
        return _SUBJECT + 2 if self.expected.kind in _ACCOUNTS else _SUBJECT

    def mentions(self, *meanings: str) -> str:
        """As `says`, but only what a brief page says for certain, whoever's words they are.

        The headings of a long page may be about the removal of something; and "may have been removed" is a guess.
        """
        if not self.is_brief:
            return ""
        if found := self.heads_say(*meanings):
            return "" if self.heads_say("hedge") else found
        return "" if self.says("hedge") else self.says(*meanings)

    def heads_say(self, *meanings: str) -> str:
        return self._first(meanings, self.heads)

    def opening_says(self, *meanings: str) -> str:
        """As `says`, but also what only stands at the top of a long page."""
        return self._first(meanings, self.message)

    @cached_property
    def is_message(self) -> bool:
        """Whether the page is a message to its visitor: what a person wrote may hold the same words."""
        return self.is_message_of(Phrases([]))

    def is_message_of(self, told: Phrases) -> bool:
        """The same, where these words are the platform's own as well."""
        is_shown = self.is_data or (self.ties and self._shows_a_work)
        return not (is_shown or self._has_subject(told) or self.is_personal)

    @cached_property
    def is_personal(self) -> bool:
        """Whether somebody speaks who is there: of their new account, say, or of how to reach them."""
        parts = [self.message, *(page.fold(self.page.meta.get(name, "")) for name in _STORIES[:2])]
        return bool(self._first(("voice",), " · ".join(parts).replace(self.expected.platform or "·", "")))

    @cached_property
    def is_data(self) -> bool:
        """Whether it is no page at all, but JSON, a picture, a document."""
        kind = self.headers.get("content-type", "html")
        is_page = any(each in kind for each in ("html", "text/plain", "xml"))
        return not is_page or self.response.body.lstrip()[:1] in ("{", "[", "%")

    def _has_subject(self, told: Phrases) -> bool:
        """Whether the title is about something: neither the site's name nor a message."""
        title, *more = _APART.split(self.page.title)
        parts = [title, *more] if set(_WORDS.findall(title)) - self._site else []
        return any(
            _weight(part, self._site) > self._least_subject
            and not self._first(_NO_CONTENT, part)
            and not told.found(part)
            for part in parts
        )

    @property
    def _shows_a_work(self) -> bool:
        told = " ".join(self.page.structured).lower()
        return any(self.page.meta.get(name) for name in _MADE) or any(sign in told for sign in _WORK)

    @cached_property
    def _site(self) -> frozenset[str]:
        hosts = f"{self.expected.canonical} {self.response.final_url}"
        return self._names | _NO_SUBJECT | frozenset(_WORDS.findall(" ".join(_HOST.findall(hosts)).lower()))

    def _first(self, meanings: tuple[str, ...], text: str) -> str:
        return next((found for meaning in meanings if (found := self._found(meaning, text))), "")

    def _found(self, meaning: str, text: str) -> str:
        if (meaning, text) not in self._known:
            self._known[meaning, text] = general()[meaning].found(text)
        return self._known[meaning, text]

    @cached_property
    def ties(self) -> bool:
        """Whether the page itself says that it is the item's."""
        given = (self.page.canonical, self.page.meta.get("og:url", ""), self.page.meta.get("twitter:url", ""))
        return any(places.names_item(address, self.expected) for address in given)

    @cached_property
    def hints(self) -> bool:
        """Whether the item is at least named in what the page tells."""
        identifier = page.fold(self.expected.identifier)
        told = [
            self.page.text,
            self.heads,
            *map(page.fold, (*self.page.structured, *self.page.meta.values())),
        ]
        return len(identifier) >= 4 and any(identifier in each for each in told)

    @cached_property
    def content(self) -> str:
        """Return how the page calls its subject, if it does: not by the platform's name, nor with a message."""
        given = [page.fold(self.page.meta.get(name, "")) for name in _TITLES]
        if not any(self.page.meta.get(story) for story in _STORIES):
            given = []
        for title in [*given, *map(page.fold, likeness.articles(self.page))]:
            if set(_WORDS.findall(title)) - self._names and not self._first(_NO_CONTENT, title):
                return title[:300]
        return ""

    @cached_property
    def _names(self) -> frozenset[str]:
        own = (self.page.meta.get("og:site_name", ""), self.expected.platform, self.expected.identifier)
        return _EMPTY_WORDS.union(*(_WORDS.findall(page.fold(name)) for name in own))

    @property
    def is_likely(self) -> bool:
        """Whether the page both says that it is the item's and describes it."""
        return self.ties and bool(self.content)

    @property
    def is_plain_web(self) -> bool:
        return self.expected.platform in _WEB or not self.expected.identifier

    @cached_property
    def fingerprint(self) -> Fingerprint | None:
        """What the captured page showed, if that is enough to compare with."""
        given = self.expected.fingerprint
        taken = Fingerprint.of(given) if given else None
        return taken if taken and likeness.is_telling(taken) else None

    @cached_property
    def kept(self) -> tuple[float, float]:
        """The shares of the captured page's substance and of its rest that are still shown."""
        return likeness.kept(self.fingerprint, self.page) if self.fingerprint else (0.0, 0.0)

    @property
    def is_certain(self) -> bool:
        """Whether what was captured is still to be read."""
        return self.kept[0] >= 0.5


def _weight(text: str, known: frozenset[str]) -> float:
    """How many words of `text` are not known; where words are not written apart, two signs count as one."""
    words = set(_WORDS.findall(text)) - known
    return sum(len(word) / 2 if _UNSPACED.search(word) else not word.isdigit() for word in words)

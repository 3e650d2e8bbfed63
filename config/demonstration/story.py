"""Half a year at the desk, week by week: each step is done on its day, by whoever would do it, with the real verbs."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from random import Random

from django.utils import timezone

from accounts.models import User
from casework import assessment, cases, checks, duplicates, evidence, holds, intake
from casework.intake import NewItem
from casework.lifecycle import move
from casework.models import Case, Category, Ground, Item, ItemStatus, Presence
from config.demonstration import clock, content
from config.demonstration.content import Fate, pick
from notices import answers, dispatch, drafting
from notices.models import Line, Notice, NoticeStatus
from platforms.models import Channel, ChannelKind

SEED = 20261
WEEKS = 26
CASES = (
    (
        "CHANNEL-ADVERTS",
        "Small-boat adverts",
        "Offers of crossings by small boat, found by the language teams.",
    ),
    ("PAPERS", "False documents", "Sellers of passports, identity cards and permits."),
    ("LORRY", "Lorry crossings", "Offers of crossings hidden in lorries."),
)
CASE_OF = {"false_documents": "PAPERS", "sham_marriage": "PAPERS", "lorry_crossing": "LORRY"}


class Story:
    """The desk and its diary; `live` goes through the weeks up to `until` (aware)."""

    def __init__(self, people: dict[str, User], *, until: datetime, items: int) -> None:
        self.random = Random(SEED)  # noqa: S311 - the same story every time
        self.people, self.until, self.items = people, until, items
        self.begins = (until - timedelta(weeks=WEEKS)).replace(hour=9, minute=0, second=0, microsecond=0)
        self.categories = {row.slug: row for row in Category.objects.all()}
        self.grounds = {row.slug: row for row in Ground.objects.all()}
        self.fates: dict[int, Fate] = {}
        self.diary: list[tuple[datetime, int, Callable[[], None]]] = []
        self.number = 0
        self.cases: dict[str, Case] = {}

    def live(self) -> None:
        for week in range(WEEKS):
            self.plan(self.begins + timedelta(weeks=week), lambda week=week: self.week(week))  # type: ignore[misc]
        self.plan(self.begins - timedelta(hours=1), self.open_cases)
        while self.diary:
            self.diary.sort(key=lambda entry: entry[:2])
            moment, _, work = self.diary.pop(0)
            with clock.on(moment):
                work()

    def plan(self, moment: datetime, work: Callable[[], None]) -> None:
        """Enter work into the diary; what would lie behind today stays undone, so that queues have something."""
        if moment < self.until:
            self.number += 1
            self.diary.append((moment, self.number, work))

    # -- The week -----------------------------------------------------------------------------------------------

    def open_cases(self) -> None:
        for reference, title, description in CASES:
            self.cases[reference] = cases.open_case(
                reference, title=title, description=description, by=self.people["officer"]
            )

    def week(self, week: int) -> None:
        """Monday: identify; then assess, approve, draft and send over the following days."""
        share = self.items // WEEKS + (week < self.items % WEEKS)
        monday = self.begins + timedelta(weeks=week)
        found: list[Item] = []
        for _ in range(share):
            category, language = pick(self.random, content.CATEGORIES), pick(self.random, content.LANGUAGES)
            self.number += 1
            row = NewItem(
                address=content.address(self.random, self.number),
                category=category,
                language=language,
                title=content.TITLES[language],
                source=self.random.choice(
                    ["Language team", "Police referral", "Public report", "Detection feed"]
                ),
                found_at=monday - timedelta(minutes=self.random.randrange(10, 240)),
            )
            case = self.cases[CASE_OF.get(category, "CHANNEL-ADVERTS")]
            found += intake.identify([row], case=case, by=self._officer()).items
        last_week = week == WEEKS - 1
        self.plan(monday + timedelta(days=1), lambda: self.assess(found, leave=5 if last_week else 0))
        self.plan(monday + timedelta(days=2), lambda: self.approve(found, leave=3 if last_week else 0))
        if week % 2 or last_week:
            self.plan(monday + timedelta(days=3), lambda: self.notify(leave=2 if last_week else 0))

    def _officer(self) -> User:
        return self.people[self.random.choice(["officer", "officer2"])]

    def assess(self, found: Sequence[Item], *, leave: int) -> None:
        for item in found[leave:]:
            item.refresh_from_db()
            self._assess(item)

    def _assess(self, item: Item) -> None:
        by, chance = self._officer(), self.random.random()
        evidence.attach(
            item, content=self._picture(item),
            filename=f"{item.reference}.png", media_type="image/png", description="As found", by=by,
        )  # fmt: skip
        if chance < 0.03:
            move(item, "claim", by=by)
            move(item, "ask", by=by, reason="Which account posted it? The capture does not show it.")
        elif chance < 0.07:
            move(item, "claim", by=by)
            coded = self.random.choice(["lawful", "journalism_or_research", "victim_content", "insufficient"])
            assessment.reject(item, as_=coded, reason="Seen by two officers; nothing is offered here.", by=by)
        else:
            self._record_assessment(item, by)
            if chance < 0.09:
                holds.place(
                    item, authority="Another inquiry", reason="The account is being observed.",
                    review_at=timezone.now() + timedelta(days=28), by=by,
                )  # fmt: skip

    def _picture(self, item: Item) -> bytes:
        return content.screenshot([item.reference, item.platform.name], shade=self.random.randrange(90, 220))

    def _record_assessment(self, item: Item, by: User) -> None:
        category = item.category or self.categories["small_boat_advert"]
        threat = category.slug == "small_boat_advert" and self.random.random() < 0.06
        assessment.assess(
            item, category=category, ground=self.grounds[content.GROUND.get(category.slug, "bsaia_2025_17")],
            policy_clause=item.platform.policy_clauses.first(), rationale=content.RATIONALES[category.slug],
            severity="critical" if threat else self.random.choice(["medium", "high", "high"]), threat_to_life=threat,
            protected_speech="none", by=by,
        )  # fmt: skip

    def approve(self, found: Sequence[Item], *, leave: int) -> None:
        ready = [
            item
            for item in Item.objects.filter(pk__in=[item.pk for item in found]).order_by("pk")
            if item.status == ItemStatus.IN_ASSESSMENT and item.assessed_at
        ]
        for item in ready[leave:]:
            if self.random.random() < 0.02:
                other = next(
                    (each for each in found if each.pk != item.pk and not each.duplicate_of_id), None
                )
                if other and not item.duplicates.exists():
                    duplicates.mark_duplicate(item, of=other, by=self.people["officer"])
                    continue
            if self.random.random() < 0.02:  # gone between assessment and approval
                self._look(item, "gone", "author", exhibit=True)
                move(item, "close_gone", by=self.people["officer"])
                continue
            assessment.approve(item, by=self.people["reviewer"])

    # -- The letters --------------------------------------------------------------------------------------------

    def notify(self, *, leave: int) -> None:
        ready = list(Item.objects.to_notify().exclude(platform__slug="web").order_by("pk"))
        ready = [item for item in ready if item.last_live_at][: len(ready) - leave or None]
        for item in ready:
            self._look(item, "live")
        for platform in dict.fromkeys(item.platform for item in ready):
            mine = [item for item in ready if item.platform_id == platform.pk]
            channel = None
            if self.random.random() < 0.25:
                channel = Channel.objects.current().filter(platform=platform, kind=ChannelKind.MAIL).first()
            self._send(drafting.draft(mine, channel=channel, by=self.people["officer"])[0])
        dispatch.send_due()

    def _send(self, notice: Notice) -> None:
        drafting.set_sender(
            notice, organisation="Online Content Referral Centre", name="Referral desk", email="referrals@desk.example",
            good_faith=True, by=self.people["officer"],
        )  # fmt: skip
        drafting.submit(notice, by=self.people["officer"])
        drafting.approve(notice, by=self.people["reviewer"])
        dispatch.queue(notice, by=self.people["officer"])
        received = notice.queued_at or self.until
        for line in notice.lines.all():
            fate = pick(self.random, content.FATES)
            self.fates[line.item_id] = fate
            self._plan_looks(line, fate, received)
        if self.random.random() < 0.8:
            hours = self.random.choice([2, 5, 20, 30])
            self.plan(received + timedelta(hours=hours), lambda: self.acknowledge(notice))

    def acknowledge(self, notice: Notice) -> None:
        notice.refresh_from_db()
        if notice.status == NoticeStatus.SENT:
            expected = notice.due_at if notice.due_at and notice.due_at > timezone.now() else None
            answers.acknowledge(notice, expected_at=None if self.random.random() < 0.5 else expected,
                                by=self._liaison(notice))  # fmt: skip

    def _liaison(self, notice: Notice) -> User:
        return self.people.get(f"liaison-{notice.platform.slug}", self.people["officer"])

    # -- The answers and the looks --------------------------------------------------------------------------------

    def _plan_looks(self, line: Line, fate: Fate, received: datetime) -> None:
        delay = timedelta(hours=self.random.choice([3, 8, 16, 22, 30, 46, 70, 120, 240]))
        answered = received + delay
        if fate.answer:
            self.plan(answered, lambda: self.answer(line, fate))
        if fate.gone:
            seen = answered + timedelta(hours=2)
            self.plan(seen, lambda: self.look(line.item_id, "gone", fate.cause or "unknown", exhibit=True))
            if fate.back:
                self.plan(seen + timedelta(days=20), lambda: self.look(line.item_id, "live"))
        for after in (1, 24, 48, 24 * 7, 24 * 28):
            moment = received + timedelta(hours=after, minutes=20)
            if not fate.gone or moment < answered:
                self.plan(moment, lambda: self.look(line.item_id, "live"))

    def answer(self, line: Line, fate: Fate) -> None:
        line.refresh_from_db()
        if line.notice.sent_at is None:
            return
        answers.answer_line(
            line, answer=fate.answer, refusal_code=fate.refusal_code,
            territories=["GB"] if fate.answer == "restricted_geo" else [], source="portal",
            by=self._liaison(line.notice),
        )  # fmt: skip

    def look(self, pk: int, verdict: str, cause: str = "", *, exhibit: bool = False) -> None:
        item = Item.objects.select_related("platform").get(pk=pk)
        if item.status in {ItemStatus.NOTIFIED, ItemStatus.WATCHING}:
            self._look(item, verdict, cause, exhibit=exhibit)

    def _look(self, item: Item, verdict: str, cause: str = "", *, exhibit: bool = False) -> None:
        by, proof = self.people["officer2"], None
        if exhibit and item.presence != Presence.GONE:
            picture = content.screenshot([f"{item.reference}: this content is not available"], shade=235)
            proof = evidence.attach(
                item, content=picture, filename=f"{item.reference}-gone.png", media_type="image/png",
                description="As seen", by=by,
            )  # fmt: skip
        checks.record(item, verdict=verdict, cause=cause, exhibit=proof, by=by)

"""Half a year at the desk, week by week: each step is done on its day, by whoever would do it, with the real verbs."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from random import Random

from django.utils import timezone

from accounts.models import User
from casework import assessment, cases, duplicates, evidence, holds, imports, intake
from casework.intake import NewItem
from casework.lifecycle import move
from casework.models import Case, Category, Ground, Item, ItemStatus
from config.demonstration import content, contradictions, silence, writing_back
from config.demonstration.cast import BY_MAIL
from config.demonstration.content import ALREADY_GONE, Fate, pick
from config.demonstration.diary import Diary
from config.demonstration.looking import Truth, Watch
from config.demonstration.troubles import BY_WEEK, FATES, PATIENCE, Troubles, bring_history_in
from notices import answers, chasing, dispatch, drafting, telling
from notices.models import Line, Notice, NoticeStatus
from notices.sendable import UNDER_WAY
from platforms.models import Channel, ChannelKind, Platform

SEED = 20261
WEEKS = 26
WEEK_OF_THE_FILE = 12
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
    """The desk; `live` goes through its weeks up to `until` (aware)."""

    def __init__(self, people: dict[str, User], *, until: datetime, items: int) -> None:
        self.random = Random(SEED)  # noqa: S311 - the same story every time
        self.people, self.until, self.items = people, until, items
        self.begins = (until - timedelta(weeks=WEEKS)).replace(hour=9, minute=0, second=0, microsecond=0)
        self.categories = {row.slug: row for row in Category.objects.all()}
        self.grounds = {row.slug: row for row in Ground.objects.all()}
        self.diary = Diary(until)
        self.plan = self.diary.plan
        self.watch = Watch(people["officer2"], self.diary, self.random)
        self.troubles = Troubles(people, self.diary)
        self.number = 0
        self.cases: dict[str, Case] = {}

    def live(self) -> None:
        self.plan(self.begins - timedelta(hours=1), self.open_cases)
        for week in range(WEEKS):
            self.plan(self.begins + timedelta(weeks=week), lambda week=week: self.week(week))  # type: ignore[misc]
        self.plan(self.begins + timedelta(days=20), lambda: bring_history_in(self.begins))
        self.plan(self.begins - timedelta(minutes=30), lambda: silence.agree(self.people))
        self.plan(self.until - timedelta(hours=30), lambda: silence.propose(self.people))
        self.plan(self.until - timedelta(hours=26), self.some_come_back)
        self.plan(self.until - timedelta(hours=3), writing_back.arrive)
        self.plan(self.until - timedelta(hours=2), lambda: silence.remind(self.people))
        self.plan(self.until - timedelta(minutes=5), silence.note_turns)
        self.plan(self.until - timedelta(hours=20), self.letters_under_way)
        self.plan(self.until - timedelta(hours=19), lambda: contradictions.look_again(self.watch))
        self.plan(self.until - timedelta(hours=3), lambda: contradictions.write(self.people))
        self.diary.live()

    # -- The week -----------------------------------------------------------------------------------------------

    def open_cases(self) -> None:
        for reference, title, description in CASES:
            self.cases[reference] = cases.open_case(
                reference, title=title, description=description, by=self.people["officer"]
            )

    def week(self, week: int) -> None:
        """Monday: identify; then assess, approve, draft and send over the following days."""
        chasing.note_silence()
        share = self.items // WEEKS + (week < self.items % WEEKS)
        monday = self.begins + timedelta(weeks=week)
        found: list[Item] = []
        if week == WEEK_OF_THE_FILE:
            found += self._import_a_file(share // 2)
            share -= share // 2
        for _ in range(share):
            row = self._find(monday)
            case = self.cases[CASE_OF.get(row.category, "CHANNEL-ADVERTS")]
            found += intake.identify([row], case=case, by=self._officer()).items
        last_week = week == WEEKS - 1
        self.plan(monday + timedelta(days=1), lambda: self.assess(found, leave=5 if last_week else 0))
        self.plan(monday + timedelta(days=2), lambda: self.approve(found, leave=3 if last_week else 0))
        if week % 2:
            self.plan(monday + timedelta(days=3), lambda: self.notify(week, leave=2 if last_week else 0))

    def _find(self, monday: datetime) -> NewItem:
        category, language = pick(self.random, content.CATEGORIES), pick(self.random, content.LANGUAGES)
        self.number += 1
        return NewItem(
            address=content.address(self.random, self.number),
            category=category,
            language=language,
            title=content.TITLES[language],
            source=self.random.choice(
                ["Language team", "Police referral", "Public report", "Detection feed"]
            ),
            found_at=monday - timedelta(minutes=self.random.randrange(10, 240)),
        )

    def _import_a_file(self, rows: int) -> list[Item]:
        """One Monday a partner sends a table, with one address twice and one that is none."""
        good = [self._find(timezone.now()) for _ in range(rows)]
        last = Item.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
        table = content.table([*good, good[0], NewItem("see the attached screenshot")])
        job = imports.start_import(
            table,
            "partner-list.csv",
            case=self.cases["CHANNEL-ADVERTS"],
            dry_run=False,
            by=self._officer(),
            queue=False,
        )
        imports.run_import(job.pk)
        return list(Item.objects.filter(pk__gt=last).order_by("pk"))

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
                self.watch.record(item, "gone", "author", picture=True)
                move(item, "close_gone", by=self.people["officer"])
                continue
            assessment.approve(item, by=self.people["reviewer"])

    # -- The letters --------------------------------------------------------------------------------------------

    def notify(self, week: int, *, leave: int) -> None:
        troubles = set(BY_WEEK.get(week, ()))
        ready = [item for item in self._to_notify() if item.last_live_at]
        ready = ready[: len(ready) - leave or None]
        for number, item in enumerate(ready):
            if number == 0 and "gone_already" in troubles:
                self.watch.record(
                    item, "gone", "author"
                )  # one look, no picture: not confirmed, so it goes out
            else:
                self.watch.record(item, "live")
        by_platform: dict[Platform, list[Item]] = {}
        for item in ready:
            by_platform.setdefault(item.platform, []).append(item)
        bounced = self._addressee_that_moved(by_platform) if "bounced" in troubles else None
        sent = [
            notice
            for platform, items in by_platform.items()
            for notice in self._send(items, moved=platform == bounced)
        ]
        dispatch.send_due()
        letters = [notice for notice in sent if notice.platform != bounced]
        if "taken_back" in troubles:
            smallest = min(letters, key=lambda notice: notice.lines.count())
            letters.remove(smallest)
            self.plan(timezone.now() + timedelta(hours=1), lambda: self.troubles.take_back(smallest))
        self._await(
            letters, sorted(troubles & set(FATES)), gone=ready[0].pk if "gone_already" in troubles else None
        )

    def _to_notify(self) -> Iterable[Item]:
        waiting = Item.objects.to_notify().exclude(platform__slug="web").select_related("platform")
        under_way = Line.objects.filter(notice__status__in=UNDER_WAY).values("item")
        return waiting.exclude(pk__in=under_way).order_by("pk")

    def _addressee_that_moved(self, by_platform: dict[Platform, list[Item]]) -> Platform | None:
        """Of those written to by mail the one with the fewest items."""
        by_mail = [platform for platform in by_platform if platform.slug in BY_MAIL]
        return min(by_mail, key=lambda platform: len(by_platform[platform]), default=None)

    def _send(self, items: list[Item], *, moved: bool) -> list[Notice]:
        """The letters to one platform; one that has moved does not get them."""
        channel = None
        if moved or self.random.random() < 0.25:
            mail = Channel.objects.current().filter(platform=items[0].platform, kind=ChannelKind.MAIL)
            channel = mail.first()
        notices = self._submit(items, channel)
        for notice in notices:
            drafting.approve(notice, by=self.people["reviewer"])
            dispatch.queue(notice, by=self.people["officer"])
            if notice.threat_to_life:
                said = "The duty desk has the letter and looks at it at once."
                telling.tell(
                    notice, how="telephone", at=timezone.now(), reason=said, by=self.people["officer"]
                )
            if moved:
                self.plan(timezone.now() + timedelta(hours=3), lambda each=notice: self.troubles.bounce(each))  # type: ignore[misc]
        return notices

    def _submit(self, items: list[Item], channel: Channel | None = None) -> list[Notice]:
        officer = self.people["officer"]
        notices = drafting.draft(items, channel=channel, by=officer)
        for notice in notices:
            drafting.set_sender(
                notice, organisation="Online Content Referral Centre", name="Referral desk",
                email="referrals@desk.example", good_faith=True, by=officer,
            )  # fmt: skip
            drafting.submit(notice, by=officer)
        return notices

    def _await(self, letters: list[Notice], troubles: list[str], *, gone: int | None) -> None:
        """Plan what the platforms will do with each line, and when somebody looks."""
        received = timezone.now()
        for notice in letters:
            self.plan(received + PATIENCE, lambda notice=notice: self.troubles.finish(notice))  # type: ignore[misc]
            for line in notice.lines.order_by("position"):
                if line.item_id == gone:
                    self.watch.truths[line.item_id] = Truth(gone_at=received, cause="author")
                    fate = ALREADY_GONE
                elif troubles:
                    fate = self.troubles.befall(troubles.pop(), line, received)
                else:
                    fate = pick(self.random, content.FATES)
                self._meet(line, fate, received)
            if self.random.random() < 0.8:
                hours = self.random.choice([2, 5, 20, 30])
                self.plan(received + timedelta(hours=hours), lambda notice=notice: self.acknowledge(notice))  # type: ignore[misc]

    def _meet(self, line: Line, fate: Fate, received: datetime) -> None:
        answered = received + timedelta(hours=self.random.choice([3, 8, 16, 22, 30, 46, 70, 120, 240]))
        if fate.gone:
            back = answered + timedelta(days=20) if fate.back else None
            self.watch.truths[line.item_id] = Truth(answered - timedelta(minutes=20), fate.cause, back)
        elif fate.answer == "restricted_geo" and self.random.random() < 0.5:  # otherwise it is only said
            self.watch.truths[line.item_id] = Truth(blocked_at=answered)
        elif fate != ALREADY_GONE:
            self.watch.truths[line.item_id] = Truth()
        self.watch.look_at(line.item_id, received + timedelta(hours=1, minutes=20))
        if fate.answer:
            self.plan(answered, lambda: self.answer(line, fate))

    # -- The answers --------------------------------------------------------------------------------------------

    def acknowledge(self, notice: Notice) -> None:
        notice.refresh_from_db()
        if notice.status == NoticeStatus.SENT:
            expected = notice.due_at if notice.due_at and notice.due_at > timezone.now() else None
            answers.acknowledge(notice, expected_at=None if self.random.random() < 0.5 else expected,
                                by=self._liaison(notice))  # fmt: skip

    def _liaison(self, notice: Notice) -> User:
        return self.people.get(f"liaison-{notice.platform.slug}", self.people["officer"])

    def answer(self, line: Line, fate: Fate) -> None:
        line = Line.objects.select_related("notice__platform").get(pk=line.pk)
        if line.notice.status not in answers.ANSWERABLE:
            return
        answers.answer_line(
            line, answer=fate.answer, refusal_code=fate.refusal_code,
            territories=["GB"] if fate.answer == "restricted_geo" else [], source="portal",
            by=self._liaison(line.notice),
        )  # fmt: skip
        if fate.gone:
            self.watch.look_at(line.item_id, timezone.now() + timedelta(hours=2))

    def some_come_back(self) -> None:
        """Yesterday a few removed posts were up again; they wait for a fresh notice."""
        watched = Item.objects.filter(status=ItemStatus.WATCHING, pk__in=self.watch.truths)
        for item in watched.select_related("platform").order_by("-gone_at")[:3]:
            self.watch.truths[item.pk].back_at = timezone.now()
            self.watch.see(item)

    def letters_under_way(self) -> None:
        """What yesterday left for today: a draft, a letter to approve, one to send, and a platform's question."""
        by_platform: dict[Platform, list[Item]] = {}
        for item in self._to_notify():
            by_platform.setdefault(item.platform, []).append(item)
        waiting = sorted(by_platform.values(), key=len)[:3]
        for number, items in enumerate(waiting):
            if number == 0:
                drafting.draft(items, by=self.people["officer"])
            else:
                for notice in self._submit(items):
                    if number == 2:
                        drafting.approve(notice, by=self.people["reviewer"])
        asked = Notice.objects.filter(status__in=[NoticeStatus.SENT, NoticeStatus.ACKNOWLEDGED]).order_by(
            "-pk"
        )
        for notice in asked.select_related("platform"):
            if f"liaison-{notice.platform.slug}" in self.people:
                question = "Is the whole account meant, or only the posts that are listed?"
                answers.clarify(notice, reason=question, by=self._liaison(notice))
                break

"""What goes wrong with letters: withdrawn, invalid, bounced, held. Everything that figures leave out happens here."""

import json
import tempfile
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.utils import timezone

from accounts.models import User
from casework import episodes, holds
from casework.lifecycle import LIFECYCLE, move
from casework.models import Item, ItemStatus, SetAsideKind
from config.demonstration import writing_back
from config.demonstration.content import Fate
from config.demonstration.diary import Diary
from notices import answers, dispatch
from notices.history import import_history
from notices.models import Line, Notice, NoticeStatus

# In which weeks' letters what goes wrong, once each.
BY_WEEK: dict[int, tuple[str, ...]] = {
    3: ("invalid", "withdrawn"), 5: ("gone_already",), 7: ("bounced",), 9: ("held", "invalid"), 11: ("withdrawn",),
    13: ("gone_already", "held"), 15: ("bounced",), 17: ("invalid",), 19: ("taken_back",), 21: ("held",),
    23: ("gone_already",), 25: ("bounced",),
}  # fmt: skip
SILENT = Fate()
FATES = {"invalid": Fate("refused", "error_in_notice"), "withdrawn": SILENT, "held": SILENT}
PATIENCE = timedelta(days=50)  # after which a conversation that led nowhere is ended


class Troubles:
    """Who does what about them."""

    def __init__(self, people: dict[str, User], diary: Diary) -> None:
        self.people, self.diary = people, diary
        self.kept: dict[str, Callable[[Item], object]] = {
            "invalid": self._invalid, "withdrawn": self._withdraw, "held": self._hold
        }  # fmt: skip
        self.after = {
            "invalid": timedelta(days=3),
            "withdrawn": timedelta(hours=2),
            "held": timedelta(hours=4),
        }

    def befall(self, trouble: str, line: Line, received: datetime) -> Fate:
        """Enter it into the diary; returns what the platform will say to the line."""
        work = self.kept[trouble]
        self.diary.plan(received + self.after[trouble], lambda: work(Item.objects.get(pk=line.item_id)))
        return FATES[trouble]

    def _withdraw(self, item: Item) -> None:
        if item.status == ItemStatus.NOTIFIED:
            reason = "A second look: a charity posted it to warn passengers."
            move(item, "withdraw", by=self.people["reviewer"], reason=reason)

    def _invalid(self, item: Item) -> None:
        reason = "The letter named another post of the same account."
        episodes.set_aside(item, kind=SetAsideKind.INVALID, reason=reason, by=self.people["reviewer"])

    def _hold(self, item: Item) -> None:
        if item.status == ItemStatus.NOTIFIED:
            holds.place(
                item, authority="Another inquiry", reason="The account is being observed; leave it up.",
                review_at=timezone.now() + timedelta(days=28), by=self.people["officer"],
            )  # fmt: skip

    def bounce(self, notice: Notice) -> None:
        """The letter comes back: no such mailbox."""
        notice.refresh_from_db()
        if notice.status == NoticeStatus.SENT and not writing_back.come_back(notice):
            said = "550 5.1.1 The mailbox does not exist."
            dispatch.delivery_failed(notice, reason=said, by=self.people["officer2"])

    def take_back(self, notice: Notice) -> None:
        reason = "It names the wrong law. A corrected letter follows."
        answers.withdraw(notice, reason=reason, by=self.people["reviewer2"])

    def finish(self, notice: Notice) -> None:
        """End a conversation that is over; what is still up is given up."""
        notice.refresh_from_db()
        if notice.status not in {NoticeStatus.ANSWERED, NoticeStatus.NO_RESPONSE}:
            return
        manager = self.people["manager"]
        answers.close(notice, reason="Nothing more is expected from the platform.", by=manager)
        for item in Item.objects.filter(notice_lines__notice=notice, status=ItemStatus.NOTIFIED):
            if "give_up" in {row.verb for row in LIFECYCLE.available(item, manager)}:
                move(item, "give_up", by=manager, reason="The platform leaves it up, and no way is left.")


# -- Records of an earlier desk: our own verbs notify no item whose episode is open; those of others did ------------


def bring_history_in(begins: datetime) -> None:
    """Six items of an earlier desk, two of them notified a second time while they were still up."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "earlier-desk.jsonl"
        path.write_text("".join(json.dumps(record) + "\n" for record in _records(begins)), encoding="utf-8")
        import_history(path)


def _records(begins: datetime) -> list[dict[str, Any]]:
    def at(days: float) -> str:
        return (begins + timedelta(days=days)).isoformat()

    refs = [f"earlier/{number}" for number in range(1, 7)]
    items: list[dict[str, Any]] = [
        {"type": "item", "ref": ref, "identified_at": at(0.5), "category": "small_boat_advert",
         "address": f"https://x.com/demo_earlier/status/{8 * 10**18 + number}"}
        for number, ref in enumerate(refs)
    ]  # fmt: skip
    letters = [
        {"type": "notice", "ref": "E-1", "lines": refs, "channel": "mail", "sent_at": at(1), "received_at": at(1.01)},
        {"type": "notice", "ref": "E-2", "lines": refs[:2], "channel": "mail", "sent_at": at(9),
         "received_at": at(9.01)},
    ]  # fmt: skip
    looks = [
        *({"type": "check", "item": ref, "at": at(8.9), "verdict": "live"} for ref in refs[:2]),
        *({"type": "check", "item": ref, "at": at(2.2), "verdict": "gone"} for ref in refs[2:]),
        {"type": "check", "item": refs[0], "at": at(11.5), "verdict": "gone"},
        {"type": "check", "item": refs[1], "at": at(16), "verdict": "live"},
    ]
    said = [
        *({"type": "answer", "notice": "E-1", "item": ref, "at": at(2), "answer": "removed"} for ref in refs[2:]),
        {"type": "answer", "notice": "E-2", "item": refs[0], "at": at(11), "answer": "removed"},
        {"type": "answer", "notice": "E-2", "item": refs[1], "at": at(11), "answer": "refused",
         "refusal_code": "no_policy_breach"},
    ]  # fmt: skip
    return [*items, *letters, *looks, *said]

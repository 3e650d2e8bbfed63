"""A fresh notice about what was removed and has come back."""

import json
from datetime import UTC

from django.test import Client
from django.urls import reverse

from casework import checks, evidence, store
from casework.models import Episode, Item
from notices import drafting
from tests.factories import PIXEL
from tests.notices.letters_at import Desk, ago
from tests.notices.test_side_letters import leave


def came_back(desk: Desk) -> tuple[Item, str]:
    """An item notified five days ago, gone three days ago, live again yesterday; and the notice."""
    notice = desk.sent(lines=1, at=ago(days=5))
    item = notice.lines.get().item
    shown = evidence.attach(item, content=PIXEL, filename="gone.png", by=desk.first)
    checks.record(item, verdict="gone", exhibit=shown, by=desk.first, at=ago(days=3))
    checks.record(item, verdict="live", by=desk.first, at=ago(days=1))
    item.refresh_from_db()
    return item, notice.reference


def test_what_is_back_is_urgent_and_its_page_leads_to_the_follow_up(client: Client, desk: Desk) -> None:
    item, _ = came_back(desk)
    client.force_login(desk.first)

    page = client.get(reverse("casework:item_detail", args=[item.reference])).content.decode()
    queue = client.get(reverse("casework:item_list"), {"queue": "reappeared"})
    client.post(reverse("notices:notice_draft"), {"selected": [item.reference], "language": ""})

    assert (item.status, item.priority) == ("approved", 1)
    assert "Draft the follow-up" in page
    assert f"{reverse('notices:notice_draft')}?selected={item.reference}" in page
    assert list(queue.context["page_obj"]) == [item]
    assert item.notice_lines.count() == 2


def test_the_follow_up_says_so_and_opens_the_next_episode(desk: Desk) -> None:
    item, before = came_back(desk)
    [made] = drafting.draft([item], by=desk.first)

    leave(desk, made)

    seen = item.reappeared_at.astimezone(UTC)
    assert f"Notified before: {before} of " in made.body
    assert f"It was gone, and was seen again on {seen.day} {seen:%B %Y, %H:%M} UTC.\n" in made.body
    [line] = json.loads(store.get(made.items_json_sha256))["lines"]
    assert (line["back"]["notice"], line["dispute"]) == (before, None)
    first, second = Episode.objects.filter(item=item).order_by("number")
    assert (first.number, second.number, second.t0) == (1, 2, made.received_at)
    assert first.t0 < item.reappeared_at


def test_a_first_notice_says_nothing_of_the_kind(desk: Desk) -> None:
    assert "Notified before" not in desk.submitted(lines=1).body

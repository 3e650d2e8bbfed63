"""How approved items fall into letters, and what leaves first."""

from datetime import timedelta

from django.utils import timezone

from notices import dispatch, drafting
from notices.models import Attempt, Dispatch, Notice
from platforms.models import Channel, ChannelKind
from tests.notices.letters_at import Desk, ago, channel


def test_a_notice_for_each_platform_and_severity_and_each_threat_by_itself(desk: Desk) -> None:
    items = [
        desk.item("x", severity="medium"),
        desk.item("x", severity="critical"),
        desk.item("facebook", severity="medium"),
        desk.item("x", severity="medium"),
        desk.item("x", severity="critical", threat_to_life=True),
        desk.item("x", severity="critical", threat_to_life=True),
    ]

    preview = drafting.draft_preview(items, by=desk.first)
    made = drafting.draft(items, by=desk.first)

    expected = [
        ("facebook", "medium", False, [items[2]]),
        ("x", "critical", True, [items[4]]),
        ("x", "critical", True, [items[5]]),
        ("x", "critical", False, [items[1]]),
        ("x", "medium", False, [items[0], items[3]]),
    ]
    assert [(g.platform.slug, g.severity, g.threat_to_life, g.items) for g in preview] == expected
    assert [
        (
            n.platform.slug,
            n.severity,
            n.threat_to_life,
            [line.item for line in n.lines.select_related("item")],
        )
        for n in made
    ] == expected


def test_a_letter_is_written_in_its_channels_language_unless_one_is_named(desk: Desk) -> None:
    Channel.objects.filter(platform__slug="x").update(language="fr")
    items = [desk.item("x"), desk.item("facebook")]

    own = [group.language for group in drafting.draft_preview(items, by=desk.first)]
    named = [group.language for group in drafting.draft_preview(items, by=desk.first, language="de")]
    made = drafting.draft(items, by=desk.first)

    assert own == ["en", "fr"]
    assert named == ["de", "de"]
    assert [notice.language for notice in made] == ["en", "fr"]


def test_one_hundred_and_twenty_items_are_previewed_with_few_queries(
    desk: Desk, django_assert_max_num_queries: object
) -> None:
    items = [desk.item("x") for _ in range(12)]

    with django_assert_max_num_queries(8):
        [group] = drafting.draft_preview(items, by=desk.first)

    assert len(group.items) == 12


# -- The pace of a recipient -------------------------------------------------------------------------------


def paced(per_hour: int) -> None:
    Channel.objects.filter(pk=channel("x", ChannelKind.MAIL).pk).update(per_hour=per_hour)


def test_a_channel_takes_no_more_letters_than_its_hour_allows(desk: Desk) -> None:
    paced(2)
    notices = [desk.queued(lines=1) for _ in range(5)]
    now = timezone.now()

    sent = [dispatch.send_due(now + timedelta(minutes=minutes)) for minutes in (0, 1, 59, 61, 91, 121, 151)]

    assert sent == [2, 0, 0, 1, 1, 1, 0]
    order = list(Attempt.objects.order_by("pk").values_list("dispatch__notice", flat=True))
    assert order == [notice.pk for notice in notices]
    times = list(Attempt.objects.order_by("at").values_list("at", flat=True))
    assert all(
        later - earlier >= timedelta(hours=1) for earlier, later in zip(times, times[2:], strict=False)
    )


def test_attempts_that_failed_count_for_the_pace_too(desk: Desk, settings: object) -> None:
    paced(1)
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    desk.queued(lines=1)
    now = timezone.now()

    for minutes in (0, 2, 5, 30, 59, 61):
        dispatch.send_due(now + timedelta(minutes=minutes))

    assert Attempt.objects.count() == 2


def test_other_channels_do_not_wait(desk: Desk) -> None:
    paced(1)
    for platform in ("x", "x", "facebook"):
        desk.queued(lines=1, platform=platform)

    assert dispatch.send_due() == 2
    assert Dispatch.objects.get(state="queued").channel.platform.slug == "x"


# -- A threat to life --------------------------------------------------------------------------------------


def threat(desk: Desk) -> Notice:
    item = desk.item("x", severity="critical", threat_to_life=True)
    [notice] = drafting.draft([item], channel=channel("x", ChannelKind.MAIL), by=desk.first)
    sender = {"organisation": "Centre", "name": "Desk", "email": "desk@centre.example", "good_faith": True}
    drafting.set_sender(notice, **sender, by=desk.first)
    drafting.submit(notice, by=desk.first)
    drafting.approve(notice, by=desk.second)
    dispatch.queue(notice, by=desk.first)
    return notice


def test_a_threat_to_life_leaves_first_and_waits_for_no_pace(desk: Desk) -> None:
    paced(1)
    first, second = desk.queued(lines=1), desk.queued(lines=1, at=ago(minutes=5))
    urgent = threat(desk)

    assert dispatch.send_due() == 1

    assert Attempt.objects.get().dispatch.notice == urgent
    assert set(Dispatch.objects.filter(state="queued").values_list("notice", flat=True)) == {
        first.pk,
        second.pk,
    }

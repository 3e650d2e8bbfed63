"""The two-look rule on sequences of looks worked out by hand."""

from datetime import UTC, datetime, timedelta

import pytest

from casework.models import Check
from casework.presence import settle

START = datetime(2026, 3, 1, 12, tzinfo=UTC)


def look(
    hours: float,
    verdict: str,
    *,
    sure: str = "high",
    confirms: bool = False,
    cause: str = "",
    by: str = "person",
) -> Check:
    at = START + timedelta(hours=hours)
    return Check(at=at, verdict=verdict, confidence=sure, confirms=confirms, cause=cause, method=by)


def unsure(hours: float, verdict: str) -> Check:
    return look(hours, verdict, sure="low", by="automatic")


def hours(at: datetime | None) -> float | None:
    return None if at is None else (at - START) / timedelta(hours=1)


@pytest.mark.parametrize(
    ("looks", "presence", "gone", "live", "reappeared"),
    [
        ([], "live", None, -1, None),
        ([look(0, "live")], "live", None, 0, None),
        ([look(0, "gone")], "perhaps_gone", None, -1, None),
        ([look(0, "gone"), look(0.5, "gone")], "perhaps_gone", None, -1, None),
        ([look(0, "gone"), look(1, "gone")], "gone", 0, -1, None),
        ([look(1, "gone"), look(0, "gone")], "gone", 0, -1, None),
        ([look(0, "gone"), look(0.5, "gone"), look(1, "account_gone")], "gone", 0, -1, None),
        ([look(0, "gone", sure="medium"), look(2, "gone")], "perhaps_gone", None, -1, None),
        ([look(0, "gone"), look(2, "gone", sure="low")], "perhaps_gone", None, -1, None),
        ([look(0, "gone", confirms=True)], "gone", 0, -1, None),
        ([look(0, "gone"), look(0.1, "gone", confirms=True)], "gone", 0.1, -1, None),
        ([look(0, "gone"), look(0.1, "gone", confirms=True), look(2, "gone")], "gone", 0, -1, None),
        ([look(0, "gone", sure="low"), look(1, "gone"), look(2, "gone")], "gone", 1, -1, None),
        ([look(0, "gone"), look(1, "live"), look(2, "gone")], "perhaps_gone", None, 1, None),
        ([look(0, "gone"), look(1, "gone"), look(5, "live")], "live", None, 5, 5),
        (
            [look(0, "gone"), look(1, "gone"), look(5, "live"), look(6, "gone"), look(7, "gone")],
            "gone", 6, 5, None,
        ),
        ([look(0, "gone"), look(1, "gone"), unsure(5, "changed")], "gone", 0, -1, None),
        ([look(0, "gone"), look(1, "gone"), unsure(5, "live"), unsure(5.5, "live")], "gone", 0, -1, None),
        ([look(0, "gone"), look(1, "gone"), unsure(5, "changed"), unsure(6, "live")], "live", None, 6, 6),
        ([look(0, "gone"), look(1, "gone"), unsure(5, "live"), look(5.1, "live")], "live", None, 5.1, 5.1),
        ([look(0, "gone"), look(1, "gone"), look(5, "live", sure="low")], "live", None, 5, 5),
        (
            [look(0, "gone"), look(1, "gone"), unsure(5, "live"), look(6, "gone"), unsure(7, "live")],
            "gone", 0, -1, None,
        ),
        ([unsure(0, "live")], "live", None, 0, None),
        ([look(0, "changed")], "restricted", None, 0, None),
        ([look(0, "geo_blocked")], "restricted", None, 0, None),
        *(
            ([look(0, "gone"), look(0.5, verdict), look(1, "gone")], "gone", 0, -1, None)
            for verdict in ("private", "login_required", "redirected", "inconclusive")
        ),
        ([look(0, "login_required"), look(2, "private")], "live", None, -1, None),
    ],
)  # fmt: skip
def test_presence_follows_from_the_looks(
    looks: list[Check], presence: str, gone: float | None, live: float | None, reappeared: float | None
) -> None:
    finding = settle(looks, confirm_hours=1, found_live_at=START - timedelta(hours=1))

    times = (finding.gone_at, finding.last_live_at, finding.reappeared_at)
    assert (finding.presence, *map(hours, times)) == (presence, gone, live, reappeared)


def test_platform_may_ask_for_more_time_between_the_looks() -> None:
    looks = [look(0, "gone"), look(5, "gone")]

    assert settle(looks, confirm_hours=6).presence == "perhaps_gone"
    assert settle([*looks, look(6, "gone")], confirm_hours=6).presence == "gone"


def test_nothing_is_known_of_what_nobody_has_seen() -> None:
    assert settle([look(0, "inconclusive")], confirm_hours=1).presence == "unknown"


def test_stated_cause_is_kept_when_a_later_page_states_none() -> None:
    looks = [look(0, "gone", cause="author"), look(1, "gone")]

    assert settle(looks, confirm_hours=1).gone_cause == "author"

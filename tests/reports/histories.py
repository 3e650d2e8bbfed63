"""One history that has every kind of end in it, for measures and pages."""

from tests.reports.conftest import Records, answer, check, item, notice


def day(number: int) -> str:
    return f"2026-01-{number:02d}T12:00:00Z"


def ten_items() -> Records:
    """T0 of all is 5 January, in two notices: six items by mail, and four through the portal."""
    refs = [f"i{number}" for number in range(1, 11)]
    return [
        *(item(ref, category="fraud" if ref in {"i1", "i2"} else None) for ref in refs),
        notice(day(5), *refs[:6]),
        notice(day(5), *refs[6:], ref="n2", channel="portal"),
        notice(day(8), "i6", ref="n3", kind="chaser"),
        # i1 and i2: removed within a day, by the platform; i3 gone late, no cause known; i4 by the uploader
        *(answer(day(5), "removed", ref=ref, effective_at=day(5)) for ref in ("i1", "i2")),
        *(check("2026-01-06T11:00:00Z", "gone", ref=ref) for ref in ("i1", "i2")),
        check(day(7), "live", ref="i3"),
        check(day(9), "gone", ref="i3"),
        check("2026-01-06T11:00:00Z", "gone", ref="i4", cause="author"),
        # i5 refused, i6 silent, i7 said removed and not looked at, i8 said removed and live
        answer(day(6), "refused", ref="i5", refusal_code="no_policy_breach"),
        *(check(day(7), "live", ref=ref) for ref in ("i5", "i6", "i8")),
        *(answer(day(6), "removed", ref=ref, to="n2") for ref in ("i7", "i8")),
        # i9 is held, i10 back after it was gone
        {"type": "hold", "item": "i9", "from": day(6), "until": None, "authority": "Operation desk"},
        check(day(6), "gone", ref="i10"),
        check(day(20), "live", ref="i10"),
    ]


def twelve_items() -> Records:
    """The ten, and what S11 to S17 need: worked out in docs/statistics.md, line by line.

    A third and a fourth notice bring i11, limited in France, and i12, which never arrived. i3 was refused before it
    went; the copy i13 of i1 went with its account, and nobody was notified of it.
    """
    return [
        *ten_items(),
        item("i11"),
        item("i12"),
        item("i13", at=day(12)),
        notice(day(5), "i11", ref="n4"),
        notice(day(5), "i12", ref="n5"),
        {"type": "delivery_failed", "notice": "n5", "at": "2026-01-05T12:05:00Z", "reason": "bounced"},
        {"type": "acknowledged", "notice": "n1", "at": "2026-01-05T15:00:00Z", "automatic": False},
        {"type": "acknowledged", "notice": "n2", "at": "2026-01-05T12:01:00Z", "automatic": True},
        answer(day(6), "refused", ref="i3", refusal_code="insufficient_information"),
        answer(day(7), "access_disabled", ref="i11", to="n4", territories=["FR"]),
        check(day(8), "live", ref="i11"),
        {"type": "copy", "item": "i13", "of": "i1", "at": day(12)},
        check(day(15), "account_gone", ref="i13"),
    ]

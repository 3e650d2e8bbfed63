"""The briefing on one platform, for whoever meets its people: one document, which page, PDF and API give alike."""

from typing import Any

from accounts.models import User
from accounts.showing import defang
from casework.models import Category, Item
from platforms.models import Platform
from reports import breaks, tallies
from reports.choices import Choice, page
from reports.columns import Columns
from reports.comparison import cohorts, difference, trend
from reports.copies import INTERNAL
from reports.durations import LIVE
from reports.facts import WINDOWS, Episode, Scope
from reports.figures import groups, heading
from reports.fingerprints import fingerprint
from reports.measures import s05
from reports.notice_quality import kept_and_gone
from reports.periods import stamp
from reports.sections import WINDOW
from reports.wording import briefing_sentences

OLDEST = 10
BESIDE = ("24h", "7d")
NEEDED = ("exclusion", "outcome", "kind", "decided", "t0", "notice_id", "platform")


def briefing(scope: Scope, platform: Platform, *, reader: User) -> dict[str, Any]:
    """What was asked of the platform and what became of it, as `takedown_statistics` counts it, and what to raise.

    `groups` holds the one group of all its rows. Times are ISO 8601 in UTC; `address` is defanged, and None where
    the reader may not see the item. The number of queries depends on nothing.
    """
    scope = scope.about(platform=platform.slug)
    columns, broken = Columns.read(scope), breaks.spanned(scope)
    document = {
        **heading(scope),
        "mark": INTERNAL,
        "platform": {"slug": platform.slug, "name": platform.name},
        "rows": len(columns),
        "rows_sha256": fingerprint(columns),
        "groups": groups(columns, scope),
        "by_category": _by_category(columns),
        "disputes": {
            "said_down_seen_live": columns.counts(columns.is_("outcome", "CONTRADICTED"))[0],
            "said_kept_seen_gone": columns.counts(kept_and_gone(columns))[0],
        },
        "trend": trend(cohorts(columns, scope, "month"), WINDOW, breaks.by_month(broken)),
        "beside_others": _beside_others(columns, scope),
        "open": _open(scope, reader),
        **_directory(platform),
    }
    named = {**document["filters"], "platform": platform.name}
    sentences = briefing_sentences({**document, "filters": named}, platform.name)
    return {**document, "sentences": [*sentences, *breaks.warnings(broken)]}


def _by_category(columns: Columns) -> list[dict[str, Any]]:
    """Notified items by category, most first."""
    names = dict(Category.objects.values_list("slug", "name"))
    found = [
        {"category": slug, "name": names[slug] if slug else None, "items": number}
        for slug, number in columns.count("category")[0].items()
    ]
    return sorted(found, key=lambda entry: (-entry["items"], entry["category"] or ""))


def _beside_others(own: Columns, scope: Scope) -> dict[str, Any]:
    """S05 of the platform, of the other platforms together and of all, and the difference of the first two.

    The others leave this platform out: Newcombe's interval is that of two groups that share no item.
    """
    everybody = Columns.read(scope.about(platform=""), (*NEEDED, *(f"within_{name}" for name in WINDOWS)))
    others = everybody.where(~everybody.is_("platform", scope.platform))
    found = {
        name: s05(*tallies.of_columns(columns, scope))
        for name, columns in (("platform", own), ("others", others), ("all", everybody))
    }
    return {
        window: {
            **{name: rates[window] for name, rates in found.items()},
            **difference(found["platform"][window], found["others"][window]),
        }
        for window in BESIDE
    }


def _open(scope: Scope, reader: User) -> dict[str, Any]:
    """How many items are live at the as-at (S18), and the ten whose notice is the oldest."""
    rows, number = page(scope, Choice(outcomes=LIVE), offset=0, limit=OLDEST)
    items = Item.objects.visible_to(reader).in_bulk([row.item for row in rows], field_name="reference")
    return {"items": number, "oldest": [_open_item(row, items.get(row.item), scope) for row in rows]}


def _open_item(row: Episode, item: Item | None, scope: Scope) -> dict[str, Any]:
    return {
        "item": row.item,
        "kind": row.kind,
        "category": row.category,
        "outcome": row.outcome,
        "notified_at": stamp(row.t0),
        "days_open": (scope.as_at - row.t0).days,
        "last_live_at": stamp(row.last_live_at) if row.last_live_at else None,
        "address": defang(item.canonical) if item else None,
    }


def _directory(platform: Platform) -> dict[str, Any]:
    """What the platform is on record to have promised, and its desks."""
    return {
        "commitments": [
            {"severity": one.severity or None, "within": str(one), "source": one.source}
            for one in platform.commitments.current()
            if not (one.item_kind or one.category)
        ],
        "contacts": [
            {
                **{name: getattr(one, name) for name in ("desk", "email", "telephone", "hours", "languages")},
                "confirmed_at": stamp(one.confirmed_at) if one.confirmed_at else None,
            }
            for one in platform.contacts.all()
            if one.is_current
        ],
    }

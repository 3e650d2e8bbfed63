"""Triggers: whatever is recorded that figures depend on marks its item, in the same transaction."""

from typing import ClassVar

from django.db import migrations

# One statement may bring a hundred thousand rows: marked together.
TOGETHER = {
    "casework_check": "SELECT DISTINCT item_id FROM added",
    "casework_setaside": "SELECT DISTINCT item_id FROM added",
    "casework_hold": "SELECT DISTINCT item_id FROM added",
    "notices_line": "SELECT DISTINCT item_id FROM added",
    "notices_answer": "SELECT DISTINCT l.item_id FROM added a JOIN notices_line l ON l.id = a.line_id",
    "notices_deliveryrecord":
        "SELECT DISTINCT l.item_id FROM added d JOIN notices_line l ON l.notice_id = d.notice_id",
}  # fmt: skip
# Rare, and decided by what is in the row.
EACH = {
    "casework_hold": ("UPDATE", "true", "VALUES (NEW.item_id)"),
    "notices_line": ("DELETE", "true", "VALUES (OLD.item_id)"),
    "casework_event": ("INSERT", "NEW.kind = 'item.given_up' AND NEW.item_id IS NOT NULL", "VALUES (NEW.item_id)"),
    "casework_item": (
        "UPDATE",
        "(OLD.platform_id, OLD.category_id, OLD.kind, OLD.severity, OLD.language, OLD.found_at, OLD.identified_at)"
        " IS DISTINCT FROM"
        " (NEW.platform_id, NEW.category_id, NEW.kind, NEW.severity, NEW.language, NEW.found_at, NEW.identified_at)",
        "VALUES (NEW.id)",
    ),
    "notices_notice": (
        "UPDATE",
        "(OLD.kind, OLD.channel_kind, OLD.sent_at, OLD.sent_recorded_at) IS DISTINCT FROM"
        " (NEW.kind, NEW.channel_kind, NEW.sent_at, NEW.sent_recorded_at)",
        "SELECT item_id FROM notices_line WHERE notice_id = NEW.id",
    ),
    "platforms_platform": (
        "UPDATE",
        "OLD.confirm_hours IS DISTINCT FROM NEW.confirm_hours",
        "SELECT id FROM casework_item WHERE platform_id = NEW.id",
    ),
}  # fmt: skip


def _function(name: str, items: str) -> str:
    return (
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        f" INSERT INTO reports_staleitem (item_id) {items}; RETURN NULL; END $$"
    )


def _statements() -> list[tuple[str, str]]:
    """Each with its reverse."""
    made = []
    for table, items in TOGETHER.items():
        name = f"reports_mark_{table}_added"
        trigger = (
            f"CREATE TRIGGER {name} AFTER INSERT ON {table} REFERENCING NEW TABLE AS added"
            f" FOR EACH STATEMENT EXECUTE FUNCTION {name}()"
        )
        made.append((f"{_function(name, items)}; {trigger}", f"DROP FUNCTION {name} CASCADE"))
    for table, (event, condition, items) in EACH.items():
        name = f"reports_mark_{table}_{event.lower()}"
        trigger = (
            f"CREATE TRIGGER {name} AFTER {event} ON {table} FOR EACH ROW WHEN ({condition})"
            f" EXECUTE FUNCTION {name}()"
        )
        made.append((f"{_function(name, items)}; {trigger}", f"DROP FUNCTION {name} CASCADE"))
    return made


class Migration(migrations.Migration):
    dependencies: ClassVar = [
        ("reports", "0001_episode_facts"),
        ("casework", "0001_initial"),
        ("notices", "0002_notice_language"),
        ("platforms", "0001_initial"),
    ]
    operations: ClassVar = [
        *(migrations.RunSQL(sql, reverse) for sql, reverse in _statements()),
        migrations.RunSQL(
            "INSERT INTO reports_staleitem (item_id) SELECT DISTINCT item_id FROM notices_line",
            migrations.RunSQL.noop,
        ),
    ]

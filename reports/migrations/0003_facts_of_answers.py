"""Columns for S11 to S17, and triggers for the records that they are read from; all facts are made anew."""

from typing import ClassVar

from django.db import migrations, models

MOMENTS = (
    "taken_down_at", "reinstated_at", "copied_at", "refused_at", "overturned_at", "found_at", "approved_at",
    "acknowledged_at", "feedback_at", "notice_decided_at",
)  # fmt: skip
WORDS = ("last_answer", "refusal_code", "measure")
TRUTHS = ("delivered", "invalid", "said_error")
TOGETHER = {
    "casework_copy": "SELECT DISTINCT of_id FROM added",
    "notices_acknowledgement":
        "SELECT DISTINCT l.item_id FROM added a JOIN notices_line l ON l.notice_id = a.notice_id",
}  # fmt: skip
APPROVED = "reports_mark_casework_event_insert"
ASKED = "reports_mark_casework_event_asked"
ITEMS_ASKED = "SELECT l.item_id FROM notices_line l JOIN notices_notice n ON n.id = l.notice_id WHERE n.reference = NEW.notice"
EMPTY = "DELETE FROM reports_episodefact"
MARK_ALL = "INSERT INTO reports_staleitem (item_id) SELECT DISTINCT item_id FROM notices_line"


def _triggers() -> list[tuple[str, str]]:
    """Each with its reverse."""
    made = []
    for table, items in TOGETHER.items():
        name = f"reports_mark_{table}_added"
        made.append(
            (
                _function(name, items)
                + f"CREATE TRIGGER {name} AFTER INSERT ON {table} REFERENCING NEW TABLE AS added"
                f" FOR EACH STATEMENT EXECUTE FUNCTION {name}()",
                f"DROP FUNCTION {name} CASCADE",
            )
        )
    made.append((_event("'item.given_up', 'item.approved'"), _event("'item.given_up'")))
    made.append(
        (
            _function(ASKED, ITEMS_ASKED)
            + f"CREATE TRIGGER {ASKED} AFTER INSERT ON casework_event FOR EACH ROW"
            f" WHEN (NEW.kind = 'notice.clarification_asked') EXECUTE FUNCTION {ASKED}()",
            f"DROP FUNCTION {ASKED} CASCADE",
        )
    )
    return made


def _function(name: str, items: str) -> str:
    return (
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        f" INSERT INTO reports_staleitem (item_id) {items}; RETURN NULL; END $$; "
    )


def _event(kinds: str) -> str:
    return (
        f"DROP TRIGGER {APPROVED} ON casework_event; CREATE TRIGGER {APPROVED} AFTER INSERT ON casework_event"
        f" FOR EACH ROW WHEN (NEW.kind IN ({kinds}) AND NEW.item_id IS NOT NULL)"
        f" EXECUTE FUNCTION {APPROVED}()"
    )


def _field(name: str, field: models.Field) -> migrations.AddField:
    return migrations.AddField("episodefact", name, field)


class Migration(migrations.Migration):
    dependencies: ClassVar = [("reports", "0002_mark_stale_items")]
    operations: ClassVar = [
        migrations.RunSQL(EMPTY, MARK_ALL),
        migrations.RemoveField("episodefact", "refused"),
        *(_field(name, models.DateTimeField(null=True)) for name in MOMENTS),
        *(_field(name, models.CharField(max_length=30, null=True)) for name in WORDS),
        *(_field(name, models.BooleanField()) for name in TRUTHS),
        _field("territories", models.TextField(null=True)),
        _field("sent_at", models.DateTimeField()),
        *(migrations.RunSQL(sql, reverse) for sql, reverse in _triggers()),
        migrations.RunSQL(MARK_ALL, EMPTY),
    ]

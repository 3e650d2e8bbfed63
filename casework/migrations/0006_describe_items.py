"""Triggers: the database itself writes an item's description whenever something of it is set or changed."""

from typing import ClassVar

from django.db import migrations

ADDED = """
CREATE FUNCTION casework_describe_added() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO casework_description (item_id, platform_id, category_id, kind, language, severity, found_at,
                                      confirm_hours, recorded_at)
    SELECT i.id, i.platform_id, i.category_id, i.kind, i.language, i.severity, i.found_at,
           p.confirm_hours, i.identified_at
    FROM added i JOIN platforms_platform p ON p.id = i.platform_id;
    RETURN NULL; END $$;
CREATE TRIGGER casework_describe_added AFTER INSERT ON casework_item REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION casework_describe_added();
"""
# A verb says when it recorded its change; whatever else changes an item is recorded now.
CHANGED = """
CREATE FUNCTION casework_describe_changed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO casework_description (item_id, platform_id, category_id, kind, language, severity, found_at,
                                      confirm_hours, recorded_at)
    SELECT NEW.id, NEW.platform_id, NEW.category_id, NEW.kind, NEW.language, NEW.severity, NEW.found_at,
           p.confirm_hours, coalesce(nullif(NEW.described_at, OLD.described_at), clock_timestamp())
    FROM platforms_platform p WHERE p.id = NEW.platform_id;
    RETURN NULL; END $$;
CREATE TRIGGER casework_describe_changed AFTER UPDATE ON casework_item FOR EACH ROW
    WHEN ((OLD.platform_id, OLD.category_id, OLD.kind, OLD.language, OLD.severity, OLD.found_at) IS DISTINCT FROM
          (NEW.platform_id, NEW.category_id, NEW.kind, NEW.language, NEW.severity, NEW.found_at))
    EXECUTE FUNCTION casework_describe_changed();
"""
# Rare: whoever is changing items ends first, and who comes later sees the new hours.
OTHER_HOURS = """
CREATE FUNCTION casework_describe_other_hours() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    LOCK TABLE casework_item IN SHARE ROW EXCLUSIVE MODE;
    INSERT INTO casework_description (item_id, platform_id, category_id, kind, language, severity, found_at,
                                      confirm_hours, recorded_at)
    SELECT i.id, i.platform_id, i.category_id, i.kind, i.language, i.severity, i.found_at,
           NEW.confirm_hours, clock_timestamp()
    FROM casework_item i WHERE i.platform_id = NEW.id;
    RETURN NULL; END $$;
CREATE TRIGGER casework_describe_other_hours AFTER UPDATE ON platforms_platform FOR EACH ROW
    WHEN (OLD.confirm_hours IS DISTINCT FROM NEW.confirm_hours)
    EXECUTE FUNCTION casework_describe_other_hours();
"""
PRESENT = """
INSERT INTO casework_description (item_id, platform_id, category_id, kind, language, severity, found_at,
                                  confirm_hours, recorded_at)
SELECT i.id, i.platform_id, i.category_id, i.kind, i.language, i.severity, i.found_at,
       p.confirm_hours, i.identified_at
FROM casework_item i JOIN platforms_platform p ON p.id = i.platform_id
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [("casework", "0005_description"), ("platforms", "0001_initial")]
    operations: ClassVar = [
        migrations.RunSQL(ADDED, "DROP FUNCTION casework_describe_added CASCADE"),
        migrations.RunSQL(CHANGED, "DROP FUNCTION casework_describe_changed CASCADE"),
        migrations.RunSQL(OTHER_HOURS, "DROP FUNCTION casework_describe_other_hours CASCADE"),
        migrations.RunSQL(PRESENT, migrations.RunSQL.noop),
    ]

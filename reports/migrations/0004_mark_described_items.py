"""What an item is taken to be is read from its descriptions: a new one marks it, where a figure can know it."""

from typing import ClassVar

from django.db import migrations

MARK_DESCRIBED = """
CREATE FUNCTION reports_mark_casework_description_added() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO reports_staleitem (item_id) SELECT DISTINCT a.item_id FROM added a
    WHERE EXISTS (SELECT FROM notices_line l WHERE l.item_id = a.item_id);
    RETURN NULL; END $$;
CREATE TRIGGER reports_mark_casework_description_added AFTER INSERT ON casework_description
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION reports_mark_casework_description_added();
DROP FUNCTION reports_mark_platforms_platform_update CASCADE;
DROP TRIGGER reports_mark_casework_item_update ON casework_item;
CREATE TRIGGER reports_mark_casework_item_update AFTER UPDATE ON casework_item FOR EACH ROW
    WHEN ((OLD.reference, OLD.import_reference, OLD.identified_at)
          IS DISTINCT FROM (NEW.reference, NEW.import_reference, NEW.identified_at))
    EXECUTE FUNCTION reports_mark_casework_item_update();
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [
        ("reports", "0003_facts_of_answers"),
        ("casework", "0006_describe_items"),
        ("notices", "0001_initial"),
    ]
    operations: ClassVar = [migrations.RunSQL(MARK_DESCRIBED)]

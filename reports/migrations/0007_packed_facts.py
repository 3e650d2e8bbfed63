"""Each kept row packed as bytes, and when its item first left; all facts are made anew."""

from typing import ClassVar

from django.db import migrations, models

EMPTY = "DELETE FROM reports_episodefact"
MARK_ALL = "INSERT INTO reports_staleitem (item_id) SELECT DISTINCT item_id FROM notices_line"


class Migration(migrations.Migration):
    dependencies: ClassVar = [("reports", "0006_language_and_severity_filters")]
    operations: ClassVar = [
        migrations.RunSQL(EMPTY, MARK_ALL),
        migrations.CreateModel(
            name="Word",
            fields=[
                ("id", models.AutoField(primary_key=True, serialize=False)),
                ("text", models.TextField(unique=True)),
            ],
        ),
        migrations.AddField("episodefact", "left_at", models.DateTimeField()),
        migrations.AddField("episodefact", "packed", models.BinaryField()),
        migrations.RunSQL(MARK_ALL, EMPTY),
    ]

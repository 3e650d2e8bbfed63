from django.db import migrations, models

TABLE = "ALTER TABLE notices_incomingmail"
RECKONED = "varchar(64) GENERATED ALWAYS AS (encode(sha256(raw), 'hex')) STORED NOT NULL UNIQUE"
FIELD = models.GeneratedField(
    db_persist=True,
    expression=models.Func(models.Func("raw", function="sha256"), models.Value("hex"), function="encode"),
    output_field=models.CharField(max_length=64),
    unique=True,
)


class Migration(migrations.Migration):
    """The database reckons the hash of a message itself; PostgreSQL keeps the values when that is undone."""

    dependencies = [("notices", "0009_links_and_hooks")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    [f"{TABLE} DROP COLUMN sha256", f"{TABLE} ADD COLUMN sha256 {RECKONED}"],
                    [f"{TABLE} ALTER COLUMN sha256 DROP EXPRESSION"],
                )
            ],
            state_operations=[
                migrations.RemoveField("incomingmail", "sha256"),
                migrations.AddField("incomingmail", "sha256", FIELD),
            ],
        )
    ]

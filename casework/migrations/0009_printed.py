from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("casework", "0008_network"),
    ]

    operations = [
        migrations.AddField(
            model_name="item",
            name="printed",
            field=models.TextField(
                default="", help_text="The address that letters print: the same item, with owner or group."
            ),
            preserve_default=False,
        ),
        migrations.RunSQL("UPDATE casework_item SET printed = canonical", migrations.RunSQL.noop),
    ]

from django.db import migrations, models


def told_when_found(apps, schema_editor):
    apps.get_model("accounts", "Parking").objects.update(told_at=models.F("found_at"))


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0006_counted_tries"),
    ]

    operations = [
        migrations.AddField(
            model_name="parking",
            name="told_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.RunPython(told_when_found, migrations.RunPython.noop),
    ]

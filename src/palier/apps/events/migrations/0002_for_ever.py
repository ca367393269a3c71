from django.db import migrations

from palier.kit.triggers import fire_always


class Migration(migrations.Migration):
    dependencies = [("events", "0001_initial")]

    operations = [
        fire_always("events_event", "pgtrigger_append_only_affb7"),
    ]

from django.db import migrations

from palier.kit.triggers import fire_always


class Migration(migrations.Migration):
    dependencies = [("subscriptions", "0001_initial")]

    operations = [
        fire_always("subscriptions_seatentry", "pgtrigger_append_only_0741c"),
    ]

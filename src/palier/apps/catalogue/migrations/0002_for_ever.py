from django.db import migrations

from palier.kit.triggers import fire_always


class Migration(migrations.Migration):
    dependencies = [("catalogue", "0001_initial")]

    operations = [
        fire_always("catalogue_catalogueversion", "pgtrigger_immutable_50e03"),
    ]

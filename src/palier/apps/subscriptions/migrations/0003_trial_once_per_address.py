from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("subscriptions", "0002_for_ever")]

    operations = [
        migrations.AddField(
            model_name="trial",
            name="email_sha256",
            field=models.CharField(default="", max_length=64, unique=True),
            preserve_default=False,
        ),
    ]

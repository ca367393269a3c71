from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("chat", "0002_search"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="message",
            name="message_sent_once",
        ),
        migrations.AddIndex(
            model_name="message",
            index=models.Index(fields=["member", "-written_at"], name="message_of_member"),
        ),
        migrations.AddConstraint(
            model_name="message",
            constraint=models.UniqueConstraint(
                condition=models.Q(("member__isnull", False)), fields=("member", "key"), name="message_sent_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="message",
            constraint=models.UniqueConstraint(
                condition=models.Q(("operator__isnull", False)), fields=("operator", "key"), name="answer_sent_once"
            ),
        ),
    ]

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("events", "0004_taken_late"),
    ]

    operations = [
        migrations.AddField(
            model_name="event",
            name="author",
            field=models.CharField(default="operator:unknown", max_length=140),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="event",
            name="role",
            field=models.CharField(default="operator", max_length=20),
            preserve_default=False,
        ),
        migrations.AddConstraint(
            model_name="event",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("author__regex", "^mem_[0-9a-hjkmnp-tv-z]{13}$"),
                        models.Q(("role__in", ["", "clock", "gateway", "host", "operator"]), _negated=True),
                    ),
                    models.Q(("author", models.F("role")), ("role__in", ["clock", "gateway", "host"])),
                    models.Q(("author__startswith", "operator:"), ("role", "operator")),
                    _connector="OR",
                ),
                name="event_author_has_their_role",
            ),
        ),
    ]

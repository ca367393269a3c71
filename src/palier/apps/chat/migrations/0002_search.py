import django.contrib.postgres.indexes
import django.contrib.postgres.search
from django.contrib.postgres.operations import UnaccentExtension
from django.db import migrations, models
from django.db.migrations import RunSQL

import palier.apps.chat.models


class Migration(migrations.Migration):
    dependencies = [
        ("chat", "0001_initial"),
    ]

    operations = [
        UnaccentExtension(),
        RunSQL(
            """
            CREATE TEXT SEARCH CONFIGURATION palier_words (COPY = simple);
            ALTER TEXT SEARCH CONFIGURATION palier_words
                ALTER MAPPING FOR hword, hword_part, word WITH unaccent, simple;
            CREATE FUNCTION palier_plain(text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
                AS $$ SELECT lower(public.unaccent('public.unaccent', $1)) $$;
            """,
            "DROP FUNCTION palier_plain(text); DROP TEXT SEARCH CONFIGURATION palier_words;",
        ),
        migrations.RemoveIndex(model_name="message", name="message_words"),
        migrations.RemoveIndex(model_name="message", name="message_letters"),
        migrations.AddIndex(
            model_name="message",
            index=django.contrib.postgres.indexes.GinIndex(
                django.contrib.postgres.search.SearchVector("text", config="palier_words"), name="message_words"
            ),
        ),
        migrations.AddIndex(
            model_name="message",
            index=django.contrib.postgres.indexes.GinIndex(
                django.contrib.postgres.indexes.OpClass(
                    palier.apps.chat.models.Plain(models.F("text")), name="gin_trgm_ops"
                ),
                name="message_letters",
            ),
        ),
    ]

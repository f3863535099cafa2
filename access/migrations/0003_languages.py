"""Add the language that a person chose, and the one that their browser asked for last."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("access", "0002_guards")]
    operations = [
        migrations.AddField(
            "user",
            "language",
            models.CharField(
                blank=True, db_default="", default="", help_text="Chosen by them; empty for their browser's.", max_length=16
            ),
        ),
        migrations.AddField(
            "user",
            "browser_language",
            models.CharField(
                blank=True,
                db_default="",
                default="",
                help_text="Last asked for by their browser; for emails.",
                max_length=16,
            ),
        ),
    ]

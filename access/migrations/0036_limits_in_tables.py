"""Limits and used values in tables of their own; the cache table that evicted them goes."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("access", "0035_judge_everything_again")]
    operations = [
        migrations.CreateModel(
            name="Attempts",
            fields=[
                ("key", models.CharField(max_length=64, primary_key=True, serialize=False)),
                (
                    "times",
                    models.JSONField(
                        default=list, help_text="Seconds since 1970, never more of them than the limit allows."
                    ),
                ),
                ("expires_at", models.DateTimeField(db_index=True)),
            ],
            options={"verbose_name_plural": "attempts"},
        ),
        migrations.CreateModel(
            name="ExpiringValue",
            fields=[
                ("key", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("value", models.TextField(blank=True, help_text="Sealed; empty where only the key counts.")),
                ("expires_at", models.DateTimeField(db_index=True)),
            ],
        ),
        migrations.RunSQL("DROP TABLE IF EXISTS cache", migrations.RunSQL.noop),
    ]

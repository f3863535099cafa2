"""The index by which a search finds ticket numbers, and whether a person uses keyboard shortcuts."""

from django.db import migrations, models
from django.db.models.functions import Upper


class Migration(migrations.Migration):
    dependencies = [("access", "0003_languages")]
    operations = [
        migrations.AddField(
            "user",
            "uses_shortcuts",
            models.BooleanField(
                db_default=True,
                default=True,
                help_text="Single keys do something on pages; off for those whom this disturbs.",
            ),
        ),
        migrations.AddIndex(
            "request",
            models.Index(Upper("ticket"), condition=~models.Q(ticket=""), name="request_by_ticket"),
        ),
    ]

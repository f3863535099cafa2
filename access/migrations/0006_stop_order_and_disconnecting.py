"""Add since when an account is disconnected, and the generation of a role of which AWS has every Deny."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("access", "0005_form_drafts")]
    operations = [
        migrations.AddField(
            "account",
            "disconnected_at",
            models.DateTimeField(blank=True, help_text="Since then, Daypass does not call it.", null=True),
        ),
        migrations.AddField(
            "rolestate",
            "denied_generation",
            models.PositiveBigIntegerField(
                blank=True, help_text="The generation of which AWS has every Deny, while its trust policy waits.", null=True
            ),
        ),
    ]

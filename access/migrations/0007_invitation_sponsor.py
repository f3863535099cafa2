"""An administrator can choose the sponsor of a contractor whom they invite."""

from importlib import import_module

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

guards = import_module("access.migrations.0002_guards")


class Migration(migrations.Migration):
    dependencies = [("access", "0006_stop_order_and_disconnecting")]
    operations = [
        migrations.RunPython(guards.drop_triggers, guards.create_triggers),
        migrations.AddField(
            "invitation",
            "chosen_sponsor",
            models.ForeignKey(
                blank=True,
                help_text="Whom an administrator chose as the sponsor; empty when the person who invites is the sponsor.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddConstraint(
            "invitation",
            models.CheckConstraint(
                condition=models.Q(chosen_sponsor=None) | models.Q(company__isnull=False),
                name="invitation_only_contractors_have_a_chosen_sponsor",
            ),
        ),
        migrations.RunPython(guards.create_triggers, guards.drop_triggers),
    ]

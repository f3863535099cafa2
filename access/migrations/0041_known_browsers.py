"""Browsers that somebody signed in with, each with a count of failures of its own."""

import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import F, Q


class Migration(migrations.Migration):
    dependencies = [("access", "0040_sessions_by_hash")]
    operations = [
        migrations.CreateModel(
            name="KnownBrowser",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("token_hash", models.CharField(help_text="SHA-256 of the cookie.", max_length=64, unique=True)),
                (
                    "stamp",
                    models.CharField(
                        help_text="Hash of the password and factors with which it was made.", max_length=64
                    ),
                ),
                ("failures", models.PositiveSmallIntegerField(default=0)),
                ("address", models.CharField(blank=True, max_length=64)),
                ("user_agent", models.CharField(blank=True, max_length=200)),
                (
                    "signed_in_at",
                    models.DateTimeField(help_text="The last time with password and second factor."),
                ),
                ("expires_at", models.DateTimeField(db_index=True)),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="known_browsers",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(condition=Q(failures__lte=5), name="known_browser_fails_so_often"),
                    models.CheckConstraint(
                        condition=Q(expires_at__gt=F("signed_in_at")), name="known_browser_expires"
                    ),
                ],
            },
        ),
    ]

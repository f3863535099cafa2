"""Companies become rows; people and companies get ids for their pages. What there is is filled in by the next one."""

import uuid

import django.db.models.deletion
import django.db.models.functions
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("access", "0003_audit_head_and_cache_table")]

    operations = [
        migrations.CreateModel(
            name="Company",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("name", models.CharField(max_length=150)),
                ("is_active", models.BooleanField(default=True)),
            ],
            options={
                "verbose_name_plural": "companies",
                "constraints": [
                    models.UniqueConstraint(
                        django.db.models.functions.Lower("name"), name="company_name_unique_ignoring_case"
                    )
                ],
            },
        ),
        migrations.AddField(
            model_name="contractor",
            name="employer",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="contractors",
                to="access.company",
            ),
        ),
        migrations.AddField(
            model_name="contractor", name="public_id", field=models.UUIDField(editable=False, null=True)
        ),
        migrations.AddField(model_name="user", name="public_id", field=models.UUIDField(editable=False, null=True)),
        migrations.AddField(
            model_name="user",
            name="is_sponsor",
            field=models.BooleanField(default=False, help_text="May invite contractors and looks after them."),
        ),
    ]

"""No contractor without a company, nobody without an id."""

import uuid

import django.db.models.deletion
from django.db import migrations, models

PUBLIC_ID = models.UUIDField(default=uuid.uuid4, editable=False, unique=True)


class Migration(migrations.Migration):
    dependencies = [("access", "0005_fill_companies")]

    operations = [
        migrations.RemoveField(model_name="contractor", name="company"),
        migrations.RenameField(model_name="contractor", old_name="employer", new_name="company"),
        migrations.AlterField(
            model_name="contractor",
            name="company",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="contractors", to="access.company"
            ),
        ),
        migrations.AlterField(model_name="contractor", name="public_id", field=PUBLIC_ID),
        migrations.AlterField(model_name="user", name="public_id", field=PUBLIC_ID),
    ]

"""Grants from before it was noted may all have been sent: none of them loses its Deny."""

from django.db import migrations
from django.db.models import F


def fill(apps, schema_editor):
    apps.get_model("access", "Grant").objects.filter(sent_at=None).update(sent_at=F("starts_at"))


class Migration(migrations.Migration):
    dependencies = [("access", "0031_grant_sent_at")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]

"""Every company that a contractor names becomes one row, however it is spelt; everybody gets an id for his page."""

import uuid

from django.db import migrations


def fill(apps, schema_editor):
    company = apps.get_model("access", "Company")
    by_name = {}
    for contractor in apps.get_model("access", "Contractor").objects.order_by("pk"):
        name = contractor.company.strip()
        if name.lower() not in by_name:
            by_name[name.lower()] = company.objects.create(name=name)
        contractor.employer, contractor.public_id = by_name[name.lower()], uuid.uuid4()
        contractor.save(update_fields=["employer", "public_id"])
    for user in apps.get_model("access", "User").objects.order_by("pk"):
        user.public_id = uuid.uuid4()
        # Whoever sponsors contractors already goes on doing so.
        user.is_sponsor = user.sponsored_contractors.exists()
        user.save(update_fields=["public_id", "is_sponsor"])


class Migration(migrations.Migration):
    dependencies = [("access", "0004_companies")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]

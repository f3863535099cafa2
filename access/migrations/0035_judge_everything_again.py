"""Mark every role as due and ask for a test of every tested account: what both should say has changed with the code.

Nothing in AWS has changed, so no other check would notice.
"""

from django.db import migrations
from django.db.models import F
from django.db.models.functions import Now


def judge_again(apps, schema_editor):
    apps.get_model("access", "Role").objects.filter(seen_at__isnull=False).update(generation=F("generation") + 1)
    apps.get_model("access", "Account").objects.filter(tested_at__isnull=False).update(test_asked_at=Now())


class Migration(migrations.Migration):
    dependencies = [("access", "0034_chain_walk")]
    operations = [migrations.RunPython(judge_again, migrations.RunPython.noop)]

"""What an upgrade makes due: documents that a newer compiler or template would write differently."""

import importlib
from datetime import datetime, timedelta

import pytest
from django.apps import apps
from django.utils import timezone

from access import reconcile
from access.models import Account, Role
from tests import factories

pytestmark = pytest.mark.django_db
AGAIN = importlib.import_module("access.migrations.0035_judge_everything_again")


def settled(name: str, *, at: datetime, is_managed: bool) -> Role:
    role = factories.role(name, is_managed=is_managed)
    Role.objects.filter(pk=role.pk).update(reconciled_at=at, seen_at=at, reconciled_generation=role.generation)
    return role


def test_every_role_and_every_tested_account_is_judged_again() -> None:
    now = timezone.now()
    roles = [settled("managed", at=now, is_managed=True), settled("imported", at=now, is_managed=False)]
    Account.objects.update(test_asked_at=now - timedelta(days=1), tested_at=now - timedelta(days=1))
    assert reconcile.due(now=now) == []
    assert reconcile.tests_due() == []
    AGAIN.judge_again(apps, None)
    assert set(reconcile.due(now=now)) == {role.pk for role in roles}
    assert reconcile.tests_due() == [roles[0].account.pk]


def test_an_account_that_nobody_tested_is_left_alone() -> None:
    factories.role("managed")
    AGAIN.judge_again(apps, None)
    assert reconcile.tests_due() == []

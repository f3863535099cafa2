"""Simultaneous administrators, and administrators with approvers: one winner, one version, one chain."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from access import trust
from access.actions import deciding
from access.catalogue import changes, importing, making
from access.catalogue.making import Permissions
from access.ledger.walks import broken_links
from access.models import AuditEvent, HardeningChange, PermissionsVersion, Role, RoleChange, RoleState, User
from access.trust import Hardening
from tests import factories
from tests.factories import HOST_ACCOUNT, NOON, PERMISSIONS, Cast
from tests.integration.concurrently import kinds, run_together

pytestmark = pytest.mark.usefixtures("commits", "enqueued")
WIDER = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}


@pytest.fixture
def cast(commits: None) -> Cast:
    return factories.cast()


def administrators(count: int) -> list[User]:
    return [factories.user(f"adam{number}", is_staff=True) for number in range(count)]


def giving(role: Role, by: User, policy: dict[str, Any]) -> Callable[[], Any]:
    permissions = Permissions((), policy)
    return partial(making.set_permissions, by=by, role=role, permissions=permissions, shown=0, now=NOON)


def test_only_one_of_many_confirmations_counts(cast: Cast) -> None:
    factories.create_grant(cast)
    change = changes.change(by=cast.ada, role=cast.role, fields={"permissions": WIDER}, now=NOON)
    assert change is not None
    confirming = partial(changes.confirm, change=change, content_hash=change.content_hash, now=NOON)
    answers = run_together(*(partial(confirming, by=adam) for adam in administrators(6)))
    assert kinds(answers) == {"NoneType": 1, "Conflict": 5}
    assert AuditEvent.objects.filter(verb="role.changed").count() == 1
    assert PermissionsVersion.objects.count() == 2
    assert list(broken_links()) == []


def test_a_confirmation_and_a_withdrawal_have_one_winner(cast: Cast) -> None:
    (adam,) = administrators(1)
    factories.create_grant(cast)
    change = changes.change(by=cast.ada, role=cast.role, fields={"quorum": 2}, now=NOON)
    assert change is not None
    answers = run_together(
        partial(changes.confirm, by=adam, change=change, content_hash=change.content_hash, now=NOON),
        partial(changes.withdraw, by=cast.ada, change=change, now=NOON),
    )
    assert kinds(answers) == {"NoneType": 1, "Conflict": 1}
    is_confirmed = RoleChange.objects.get().outcome == "confirmed"
    assert Role.objects.get().quorum == (2 if is_confirmed else 1)


def test_one_of_many_edits_of_the_same_version_becomes_the_next(cast: Cast) -> None:
    answers = run_together(*(giving(cast.role, adam, {**WIDER, "Id": adam.email}) for adam in administrators(5)))
    assert kinds(answers) == {"NoneType": 1, "Conflict": 4}
    assert sorted(PermissionsVersion.objects.values_list("number", flat=True)) == [1, 2]


def test_an_approval_and_new_permissions_have_one_winner(cast: Cast) -> None:
    request = factories.ask(cast)
    answers = run_together(
        partial(deciding.approve, by=cast.alice, request=request, content_hash=request.content_hash, now=NOON),
        giving(cast.role, cast.ada, WIDER),
    )
    gets_grant = request.role.grants.exists()
    assert kinds(answers) == ({"Decision": 1, "RoleChange": 1} if gets_grant else {"Conflict": 1, "NoneType": 1})
    assert Role.objects.get().permissions == (PERMISSIONS if gets_grant else WIDER)


def test_one_hardening_change_at_a_time_is_accepted(cast: Cast) -> None:
    root = {"Effect": "Allow", "Principal": {"AWS": HOST_ACCOUNT}, "Action": "sts:AssumeRole"}
    document = {"Version": "2012-10-17", "Statement": [root]}
    RoleState.objects.update(observed_trust=document, observed_at=NOON)
    draft: dict[str, Any] = {"role": cast.role, "index": 0, "document_hash": trust.fingerprint(document), "now": NOON}
    ordering = partial(importing.request_hardening, **draft, how=Hardening.REMOVE)
    answers = run_together(*(partial(ordering, by=adam) for adam in administrators(5)))
    assert kinds(answers) == {"HardeningChange": 1, "Conflict": 4}
    assert HardeningChange.objects.count() == 1

"""Two processes ask at the same moment whether they can try a role of an account that answers nothing.

Whose turn it is, is read and not locked. So both can be told that it is theirs: that costs each of them the time of one
attempt, and no Deny is lost.
"""

from typing import Any

import pytest

from access import aws
from access.actions import requests
from access.models import Grant, Role
from access.reconcile import convergence, outage
from tests import factories
from tests.factories import NOON, SECOND, Cast
from tests.fakes.iam import FakeIam
from tests.faults.oracle import denies
from tests.integration.environment import DEFAULT_DENY
from tests.patching import replace


def silent(**_: Any) -> Any:
    raise aws.Silent(aws.SILENT, error="ReadTimeoutError")


@pytest.fixture
def iam(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> FakeIam:
    """Return an IAM that takes writes and answers no read."""
    iam = FakeIam()
    for name in ("prepare_write", "write_trust", "write_expiry_policy"):
        monkeypatch.setattr(aws, name, getattr(iam, name))
    monkeypatch.setattr(aws, "read_role", silent)
    monkeypatch.setattr(aws, "read_expiry_policy", silent)
    return iam


def revoked_on(iam: FakeIam, cast: Cast, name: str) -> Grant:
    """Return a revoked grant that AWS has, on a new role whose last attempt got no answer."""
    role = factories.role(name, account=cast.role.account)
    role.approvers.set(cast.role.approvers.all())
    role.contractors.set(cast.role.contractors.all())
    iam.make_role(role.arn, DEFAULT_DENY)
    grant = factories.create_grant(cast, role=role)
    Grant.objects.filter(pk=grant.pk).update(applied_at=NOON)
    facts = {"unique_id": iam.roles[role.arn].unique_id, "problem": "aws_unavailable", "problem_code": aws.SILENT}
    factories.update_roles(Role.objects.filter(pk=role.pk), **facts, failures=1)
    requests.revoke(by=cast.alice, grant=grant, reason="Stop.", now=NOON)
    return Grant.objects.select_related("role__account").get(pk=grant.pk)


def is_denied(iam: FakeIam, grant: Grant) -> bool:
    role = iam.roles[grant.role.arn]
    return denies(role.expiry_policy, f"{role.unique_id}:{grant.session_name}", NOON)


def test_both_send_their_deny_and_take_turns_again(iam: FakeIam, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = (revoked_on(iam, cast, name) for name in ("first", "second"))
    plain, during = outage.must_wait, list[bool]()
    asked = {grant.role_id: plain(grant.role_id, now=NOON) for grant in (first, second)}
    assert set(asked.values()) == {False}

    def must_wait(role_id: int, **how: Any) -> bool:
        return asked.pop(role_id) if role_id in asked else plain(role_id, **how)

    def read_role(*, arn: str, **how: Any) -> Any:
        if arn == first.role.arn and second.role_id in asked:
            convergence.role(second.role_id, now=lambda: NOON)
            during.append(is_denied(iam, second))
        silent(arn=arn, **how)

    replace(monkeypatch, plain, must_wait)
    monkeypatch.setattr(aws, "read_role", read_role)
    convergence.role(first.role_id, now=lambda: NOON)
    assert during == [True], "the other process was at work while this one had its role"
    assert is_denied(iam, first)
    states = [Role.objects.get(pk=grant.role_id).state for grant in (first, second)]
    assert [(state.lease_holder, state.problem_code, state.failures) for state in states] == [("", aws.SILENT, 2)] * 2
    factories.update_roles(Role.objects.filter(pk=second.role_id), lease_holder="x", leased_until=NOON + SECOND)
    assert plain(first.role_id, now=NOON)


def test_two_processes_at_the_same_role_make_one_attempt(
    iam: FakeIam, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    grant, reads = revoked_on(iam, cast, "first"), list[str]()

    def read_role(*, arn: str, **how: Any) -> Any:
        reads.append(arn)
        if len(reads) == 1:
            convergence.role(grant.role_id, now=lambda: NOON)
        silent(arn=arn, **how)

    monkeypatch.setattr(aws, "read_role", read_role)
    convergence.role(grant.role_id, now=lambda: NOON)
    assert is_denied(iam, grant)
    assert len(reads) == 1
    assert [kind for _, kind in iam.writes] == ["expiry_policy"]

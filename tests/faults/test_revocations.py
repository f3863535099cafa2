"""A1: a revocation gets into AWS whatever the worker fails with, and whatever stands in the role's trust policy."""

from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from access.models import Role
from tests.faults.approvals import Approval
from tests.faults.company import Company
from tests.faults.counts import FULL
from tests.faults.house import WORKERS, is_ready, wait_until
from tests.faults.judge import denies
from tests.faults.odd import CONDITIONS, odd_statement

BROKEN = ("reading", "judging", "planning", "recording") if FULL else ("reading", "judging")
SOME = CONDITIONS if FULL else {name: CONDITIONS[name] for name in ("a date of 13 digits", "a network that is none")}


@pytest.mark.busy
@pytest.mark.parametrize("part", BROKEN)
def test_a_worker_that_fails_at_every_role_still_denies_what_was_revoked(
    company: Company, tmp_path: Path, part: str
) -> None:
    role, house = company.role(), company.house
    revoked, other = company.give(role), company.give(role, who=1)
    for approval in (revoked, other):
        company.await_state(approval, "active")
        assert company.is_let_in(approval)
        assert company.can_upload(approval)
    house.kill(*WORKERS)
    with house.neighbour(tmp_path / "var", app=f"tests.faults.broken:{part}") as broken:
        broken.start_daypass(WORKERS)
        wait_until(lambda: is_ready(broken), "the broken worker is up")
        company.revoke(revoked)
        wait_until(lambda: is_denied(company, revoked), "the Deny is in AWS")
        assert not company.can_upload(revoked)
        assert company.can_upload(other)
        wait_until(lambda: Role.objects.get(pk=role.pk).failures > 0, "the failure counts")
        assert Role.objects.get(pk=role.pk).problem == "internal_error"
    house.heal()
    for one in company.roles:
        company.hint(one)  # after so many failures the pauses are long
    company.await_state(revoked, "ended")
    assert not company.is_let_in(revoked)
    assert company.can_upload(other)


@pytest.mark.busy
@pytest.mark.parametrize("condition", SOME.values(), ids=SOME.keys())
def test_what_cannot_be_judged_beside_it_keeps_no_grant_from_ending(
    company: Company, condition: dict[str, Any]
) -> None:
    role = company.role(is_managed=False)
    revoked, other = company.give(role), company.give(role, who=1)
    for approval in (revoked, other):
        company.await_state(approval, "active")
    company.put(role.name, odd_statement(condition))
    company.await_state(other, "blocked")
    company.revoke(revoked)
    company.await_state(revoked, "ended")
    assert is_denied(company, revoked)
    assert not company.is_let_in(revoked)
    company.put(role.name)
    company.await_state(other, "active")


def is_denied(company: Company, approval: Approval) -> bool:
    """Whether the expiry policy that AWS shows denies the session now."""
    user_id = f"{company.unique_id(approval.role)}:{approval.session_name}"
    return denies(company.closing(approval.role), user_id, timezone.now())

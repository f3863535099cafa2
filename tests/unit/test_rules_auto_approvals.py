"""What a policy approves by itself, and who can make one."""

from collections.abc import Callable
from dataclasses import replace
from datetime import time
from typing import Any

import pytest

from access.rules.auto_approvals import (
    AutoApprovalPolicyFacts,
    Spent,
    can_confirm_auto_approval_policy,
    check_can_confirm_auto_approval_policy,
    check_can_create_auto_approval_policy,
    policy_covers,
)
from access.rules.facts import IdentityFacts, Refused
from access.rules.hours import OfficeHours
from access.rules.windows import Window
from tests.unit.facts import ADA, ALICE, DAY, HOUR, NOON, REQUEST, RULES, SECOND

OLGA = replace(ADA, user_id=9)
NOTHING = Spent(0, 0 * HOUR)
POLICY = AutoApprovalPolicyFacts(
    role_id=RULES.role_id,
    company_id=31,
    longest_window=HOUR,
    hours=None,
    per_week=3,
    hours_per_week=2 * HOUR,
    expires_at=NOON + 30 * DAY,
    made_by=ADA.user_id,
    confirmed_by=OLGA.user_id,
    is_ended=False,
)
VOUCHED = IdentityFacts(11, "user", "aws", is_proven=False, voucher_id=OLGA.user_id)
MORNING = OfficeHours(frozenset({2}), time(8), time(12, 30), "UTC")


def test_a_policy_approves_the_requests_that_it_was_made_for() -> None:
    assert policy_covers(POLICY, REQUEST, company_id=31, spent=NOTHING, now=NOON)


@pytest.mark.parametrize(
    ("policy", "request_", "company", "spent"),
    [
        (replace(POLICY, confirmed_by=None), {}, 31, NOTHING),
        (replace(POLICY, is_ended=True), {}, 31, NOTHING),
        (replace(POLICY, expires_at=NOON), {}, 31, NOTHING),
        (replace(POLICY, role_id=99), {}, 31, NOTHING),
        (POLICY, {}, 32, NOTHING),
        (POLICY, {"window": Window(NOON, NOON + HOUR + SECOND)}, 31, NOTHING),
        (replace(POLICY, hours=MORNING), {}, 31, NOTHING),
        (POLICY, {}, 31, Spent(3, 0 * HOUR)),
        (POLICY, {}, 31, Spent(1, HOUR + SECOND)),
        (POLICY, {"identity": VOUCHED, "role": replace(RULES, allows_vouched=True)}, 31, NOTHING),
        (POLICY, {"contractor_is_active": False}, 31, NOTHING),
        (POLICY, {"role": replace(RULES, is_active=False)}, 31, NOTHING),
        (POLICY, {"contract_ends_at": NOON + HOUR / 2}, 31, NOTHING),
    ],
    ids=[
        "nobody confirmed it", "ended", "expired", "another role", "another company", "too long", "outside its hours",
        "requests used up", "hours used up", "its maker vouched", "contractor off", "role off", "contract over",
    ],
)  # fmt: skip
def test_people_decide_everything_else(
    policy: AutoApprovalPolicyFacts, request_: dict[str, Any], company: int, spent: Spent
) -> None:
    assert not policy_covers(policy, replace(REQUEST, **request_), company_id=company, spent=spent, now=NOON)


def test_the_rest_of_the_budget_can_be_used() -> None:
    assert policy_covers(POLICY, REQUEST, company_id=31, spent=Spent(2, HOUR), now=NOON)
    assert policy_covers(replace(POLICY, per_week=None), REQUEST, company_id=31, spent=Spent(99, HOUR), now=NOON)
    assert policy_covers(
        replace(POLICY, hours_per_week=None), REQUEST, company_id=31, spent=Spent(2, 99 * HOUR), now=NOON
    )


def refusal(check: Callable[[], None]) -> str:
    with pytest.raises(Refused) as refused:
        check()
    return refused.value.code


class TestMakingOne:
    WAITING = replace(POLICY, confirmed_by=None)

    def test_administrators_can_make_a_policy(self) -> None:
        check_can_create_auto_approval_policy(ADA, self.WAITING, longest_window=8 * HOUR, now=NOON)
        check_can_confirm_auto_approval_policy(OLGA, self.WAITING, proposer=ADA, now=NOON)

    def test_approvers_cannot_make_a_policy(self) -> None:
        make, confirm = check_can_create_auto_approval_policy, check_can_confirm_auto_approval_policy
        assert refusal(lambda: make(ALICE, self.WAITING, longest_window=HOUR, now=NOON)) == "administrator_only"
        assert refusal(lambda: confirm(ALICE, self.WAITING, proposer=ADA, now=NOON)) == "administrator_only"

    def test_nobody_confirms_their_own_policy(self) -> None:
        confirm = check_can_confirm_auto_approval_policy
        assert refusal(lambda: confirm(ADA, self.WAITING, proposer=ADA, now=NOON)) == "auto_approval_own"
        assert not can_confirm_auto_approval_policy(ADA, self.WAITING, proposer=ADA, now=NOON)

    @pytest.mark.parametrize("facts", [{"confirmed_by": 9}, {"is_ended": True}, {"expires_at": NOON}])
    def test_a_policy_that_no_longer_waits_cannot_be_confirmed(self, facts: dict[str, Any]) -> None:
        policy = replace(self.WAITING, **facts)
        confirm = check_can_confirm_auto_approval_policy
        assert refusal(lambda: confirm(OLGA, policy, proposer=ADA, now=NOON)) == "auto_approval_not_pending"

    @pytest.mark.parametrize(
        ("facts", "sentence"),
        [
            ({"longest_window": 9 * HOUR}, "auto_approval_longer_than_role"),
            ({"per_week": None, "hours_per_week": None}, "auto_approval_without_budget"),
            ({"expires_at": NOON}, "auto_approval_end_invalid"),
            ({"expires_at": NOON + 367 * DAY}, "auto_approval_end_invalid"),
        ],
    )
    def test_a_policy_without_limits_is_refused(self, facts: dict[str, Any], sentence: str) -> None:
        policy = replace(self.WAITING, **facts)
        said = refusal(lambda: check_can_create_auto_approval_policy(ADA, policy, longest_window=8 * HOUR, now=NOON))
        assert sentence in said

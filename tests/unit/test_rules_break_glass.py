"""Break-glass: the people who can make, confirm, use, stop and review it. Deny beats allow, for superusers too."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from access.lifecycle import GrantFacts
from access.rules.break_glass import (
    BreakGlassPolicyFacts,
    check_break_glass_policy,
    check_break_glass_request,
    check_can_confirm_break_glass_policy,
    check_can_review_break_glass,
    check_can_use_break_glass,
)
from access.rules.checks import can_extend, can_revoke, can_see, can_take_evidence, check_can_extend
from access.rules.facts import PersonFacts, Refused, RoleSettings
from access.rules.reviews import can_certify_grant
from access.rules.using import check_can_use
from tests.personas import (
    BREAK_GLASS_POLICY,
    BREAK_GLASS_REQUEST,
    DAY,
    HOUR,
    NOON,
    PEOPLE,
    THROUGH_THE_PORTAL,
)

BOB = PersonFacts(7, True)
ADA = PEOPLE["an administrator"]
ADAM = PersonFacts(8, True, is_administrator=True)
ALICE = PEOPLE["an approver"]
RICHARD = PEOPLE["the contractor"]
BOTH = replace(RICHARD, user_id=7, is_administrator=True)  # a contractor whose account is marked as an administrator's
OVER = replace(THROUGH_THE_PORTAL, ends_at=NOON)
WAITING = replace(BREAK_GLASS_POLICY, is_confirmed=False)


def no(check: Callable[..., None], *words: Any, **facts: Any) -> str:
    """Return what the rules say, empty when they let it be."""
    try:
        check(*words, **facts)
    except Refused as refusal:
        return refusal.code
    return ""


@pytest.mark.parametrize(
    ("person", "facts", "says"),
    [
        (BOB, {}, ""),
        (BOTH, {}, "break_glass_contractor"),
        (RICHARD, {}, "break_glass_contractor"),
        (ALICE, {}, "break_glass_not_permitted"),
        (ADAM, {}, "break_glass_not_permitted"),
        (replace(BOB, is_active=False), {}, "break_glass_not_permitted"),
        (BOB, {"is_confirmed": False}, "break_glass_policy_not_active"),
        (BOB, {"is_withdrawn": True}, "break_glass_policy_not_active"),
        (BOB, {"expires_at": NOON}, "break_glass_policy_not_active"),
        (BOB, {"role": replace(BREAK_GLASS_POLICY.role, is_active=False)}, "role_disabled"),
        (BOB, {"role": replace(BREAK_GLASS_POLICY.role, source_rule="always")}, "break_glass_sources_required"),
        (BOB, {"role": replace(BREAK_GLASS_POLICY.role, allows_portal_issued=False)}, "role_not_portal_issued"),
    ],
)
def test_the_named_people_can_use_break_glass(person: PersonFacts, facts: dict[str, Any], says: str) -> None:
    said = no(check_can_use_break_glass, person, replace(BREAK_GLASS_POLICY, **facts), unreviewed=False, now=NOON)
    assert said == says
    assert bool(said) is bool(says)


def test_an_unreviewed_use_prevents_the_next_one() -> None:
    assert (
        no(check_can_use_break_glass, BOB, BREAK_GLASS_POLICY, unreviewed=True, now=NOON)
        == "break_glass_review_pending"
    )


@pytest.mark.parametrize(
    ("minutes", "longest", "ok"),
    [(60, 60, True), (61, 60, False), (30, 30, True), (31, 30, False), (5, 60, True), (4, 60, False), (0, 60, False),
     (-60, 60, False), (60, 600, True), (61, 600, False)],
)  # fmt: skip
def test_a_use_is_as_long_as_the_policy_allows_and_never_more_than_an_hour(
    minutes: int, longest: int, ok: bool
) -> None:
    rule = replace(BREAK_GLASS_POLICY, longest=timedelta(minutes=longest))
    said = no(check_break_glass_request, rule, length=timedelta(minutes=minutes), reason="It burns.")
    assert (not said) is ok


@pytest.mark.parametrize("reason", ["", "  ", "x" * 2001, "a\x00b"])
def test_a_use_needs_a_reason(reason: str) -> None:
    assert no(check_break_glass_request, BREAK_GLASS_POLICY, length=HOUR, reason=reason)


@pytest.mark.parametrize(
    ("person", "rule", "says"),
    [
        (ADAM, WAITING, ""),
        (ADA, WAITING, "break_glass_own_policy"),
        (replace(ADAM, user_id=7), WAITING, "break_glass_policy_names_you"),
        (ALICE, WAITING, "administrator_only"),
        (replace(ADAM, is_active=False), WAITING, "administrator_only"),
        (replace(ADAM, contractor_id=9), WAITING, "administrator_only"),
        (ADAM, BREAK_GLASS_POLICY, "break_glass_policy_not_pending"),
        (ADAM, replace(WAITING, is_withdrawn=True), "break_glass_policy_not_pending"),
        (ADAM, replace(WAITING, expires_at=NOON), "break_glass_policy_not_pending"),
    ],
)
def test_another_administrator_can_confirm_a_policy(
    person: PersonFacts, rule: BreakGlassPolicyFacts, says: str
) -> None:
    said = no(check_can_confirm_break_glass_policy, person, rule, proposer=ADA, now=NOON)
    assert said == says
    assert bool(said) is bool(says)


def terms(**facts: Any) -> str:
    said: dict[str, Any] = {"longest": HOUR, "expires_at": NOON + 30 * DAY, "now": NOON}
    return no(check_break_glass_policy, BREAK_GLASS_POLICY.role, facts.pop("people", [BOB]), **said | facts)


@pytest.mark.parametrize(
    ("facts", "says"),
    [
        ({}, ""),
        ({"people": [BOB, RICHARD]}, "break_glass_internal_only"),
        ({"people": [BOTH]}, "break_glass_internal_only"),
        ({"people": []}, "break_glass_users_invalid"),
        ({"people": [replace(BOB, is_active=False)]}, "break_glass_users_invalid"),
        ({"longest": HOUR + timedelta(seconds=1)}, "break_glass_policy_length_invalid"),
        ({"longest": timedelta(0)}, "break_glass_policy_length_invalid"),
        ({"expires_at": NOON}, "break_glass_policy_end_invalid"),
        ({"expires_at": NOON + 367 * DAY}, "break_glass_policy_end_invalid"),
    ],
)
def test_a_policy_obeys_its_limits(facts: dict[str, Any], says: str) -> None:
    said = terms(**facts)
    assert said == says
    assert bool(said) is bool(says)


def test_a_policy_needs_a_portal_issued_role() -> None:
    role: RoleSettings = replace(BREAK_GLASS_POLICY.role, allows_portal_issued=False, allows_console=False)
    assert "role_not_portal_issued" in no(
        check_break_glass_policy, role, [BOB], longest=HOUR, expires_at=NOON + DAY, now=NOON
    )


@pytest.mark.parametrize(
    ("person", "grant", "says"),
    [
        (ALICE, OVER, ""),
        (ADA, OVER, ""),
        (replace(BOB, is_administrator=True), OVER, "break_glass_own_review"),
        (BOTH, OVER, "break_glass_own_review"),
        (RICHARD, OVER, "break_glass_own_review"),
        (PersonFacts(99, True), OVER, "request_unknown"),
        (ALICE, THROUGH_THE_PORTAL, "break_glass_still_open"),
        (ALICE, replace(THROUGH_THE_PORTAL, revoked_at=NOON), ""),
    ],
)
def test_somebody_else_can_review_a_use(person: PersonFacts, grant: GrantFacts, says: str) -> None:
    said = no(check_can_review_break_glass, person, BREAK_GLASS_REQUEST, grant, now=NOON)
    assert said == says
    assert bool(said) is bool(says)


def test_people_can_use_and_end_their_own_break_glass_grant_but_not_extend_it_or_export_its_evidence() -> None:
    use = {"is_own": True, "is_offered": True, "now": NOON}
    assert not no(check_can_use, BOB, THROUGH_THE_PORTAL, is_break_glass=True, **use)
    assert no(check_can_use, BOB, THROUGH_THE_PORTAL, **use)
    assert no(check_can_use, RICHARD, THROUGH_THE_PORTAL, is_break_glass=True, **use)
    assert no(check_can_use, replace(BOB, is_active=False), THROUGH_THE_PORTAL, is_break_glass=True, **use)
    assert can_see(BOB, BREAK_GLASS_REQUEST, now=NOON)
    assert can_revoke(BOB, BREAK_GLASS_REQUEST, THROUGH_THE_PORTAL, now=NOON)
    assert not can_extend(BOB, BREAK_GLASS_REQUEST, THROUGH_THE_PORTAL, now=NOON)
    assert not can_take_evidence(BOB, BREAK_GLASS_REQUEST, now=NOON)
    assert not can_certify_grant(BOB, BREAK_GLASS_REQUEST, THROUGH_THE_PORTAL, now=NOON)
    later = {"ends_at": NOON + 2 * HOUR, "reason": "More.", "pending": 0, "now": NOON}
    assert no(check_can_extend, BOB, BREAK_GLASS_REQUEST, THROUGH_THE_PORTAL, **later) == "break_glass_not_extendable"


def test_no_contractor_sees_the_break_glass_grant_of_an_internal_user() -> None:
    assert not can_see(RICHARD, BREAK_GLASS_REQUEST, now=NOON)
    assert not can_see(replace(RICHARD, user_id=7), BREAK_GLASS_REQUEST, now=NOON)

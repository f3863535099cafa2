"""Who makes, confirms, uses, stops and reviews break-glass: deny beats allow, superusers included."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from access import rules
from access.lifecycle import GrantFacts
from access.rules import PersonFacts, RoleSettings
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
BOTH = replace(RICHARD, user_id=7, is_administrator=True)  # a contractor whose account says that he administers
OVER = replace(THROUGH_THE_PORTAL, ends_at=NOON)
WAITING = replace(BREAK_GLASS_POLICY, is_confirmed=False)


def no(check: Callable[..., None], *words: Any, **facts: Any) -> str:
    """What the rules say, empty when they let it be."""
    try:
        check(*words, **facts)
    except rules.Refused as refusal:
        return str(refusal)
    return ""


@pytest.mark.parametrize(
    ("person", "facts", "says"),
    [
        (BOB, {}, ""),
        (BOTH, {}, "Contractors never"),
        (RICHARD, {}, "Contractors never"),
        (ALICE, {}, "No rule"),
        (ADAM, {}, "No rule"),
        (replace(BOB, is_active=False), {}, "No rule"),
        (BOB, {"is_confirmed": False}, "not in force"),
        (BOB, {"is_withdrawn": True}, "not in force"),
        (BOB, {"expires_at": NOON}, "not in force"),
        (BOB, {"role": replace(BREAK_GLASS_POLICY.role, is_active=False)}, "disabled"),
        (BOB, {"role": replace(BREAK_GLASS_POLICY.role, source_rule="always")}, "source addresses"),
        (BOB, {"role": replace(BREAK_GLASS_POLICY.role, allows_portal_issued=False)}, "hands out no sessions"),
    ],
)
def test_who_uses_break_glass(person: PersonFacts, facts: dict[str, Any], says: str) -> None:
    said = no(rules.check_can_use_break_glass, person, replace(BREAK_GLASS_POLICY, **facts), unreviewed=False, now=NOON)
    assert said.startswith(says) or says in said
    assert bool(said) is bool(says)


def test_what_was_not_reviewed_stands_in_the_way() -> None:
    assert "not reviewed" in no(rules.check_can_use_break_glass, BOB, BREAK_GLASS_POLICY, unreviewed=True, now=NOON)


@pytest.mark.parametrize(
    ("minutes", "longest", "ok"),
    [(60, 60, True), (61, 60, False), (30, 30, True), (31, 30, False), (5, 60, True), (4, 60, False), (0, 60, False),
     (-60, 60, False), (60, 600, True), (61, 600, False)],
)  # fmt: skip
def test_a_use_is_as_long_as_the_rule_lets_it_be_and_never_more_than_an_hour(
    minutes: int, longest: int, ok: bool
) -> None:
    rule = replace(BREAK_GLASS_POLICY, longest=timedelta(minutes=longest))
    said = no(rules.check_break_glass_request, rule, length=timedelta(minutes=minutes), reason="It burns.")
    assert (not said) is ok


@pytest.mark.parametrize("reason", ["", "  ", "x" * 2001, "a\x00b"])
def test_a_use_has_a_reason(reason: str) -> None:
    assert no(rules.check_break_glass_request, BREAK_GLASS_POLICY, length=HOUR, reason=reason)


@pytest.mark.parametrize(
    ("person", "rule", "says"),
    [
        (ADAM, WAITING, ""),
        (ADA, WAITING, "Nobody confirms his own"),
        (replace(ADAM, user_id=7), WAITING, "This rule names you"),
        (ALICE, WAITING, "Only administrators"),
        (replace(ADAM, is_active=False), WAITING, "Only administrators"),
        (replace(ADAM, contractor_id=9), WAITING, "Only administrators"),
        (ADAM, BREAK_GLASS_POLICY, "waits for nobody"),
        (ADAM, replace(WAITING, is_withdrawn=True), "waits for nobody"),
        (ADAM, replace(WAITING, expires_at=NOON), "waits for nobody"),
    ],
)
def test_who_confirms_a_rule(person: PersonFacts, rule: rules.BreakGlassPolicyFacts, says: str) -> None:
    said = no(rules.check_can_confirm_break_glass_policy, person, rule, proposer=ADA, now=NOON)
    assert says in said
    assert bool(said) is bool(says)


def terms(**facts: Any) -> str:
    said: dict[str, Any] = {"longest": HOUR, "expires_at": NOON + 30 * DAY, "now": NOON}
    return no(rules.check_break_glass_policy, BREAK_GLASS_POLICY.role, facts.pop("people", [BOB]), **said | facts)


@pytest.mark.parametrize(
    ("facts", "says"),
    [
        ({}, ""),
        ({"people": [BOB, RICHARD]}, "Contractors never"),
        ({"people": [BOTH]}, "Contractors never"),
        ({"people": []}, "at least one"),
        ({"people": [replace(BOB, is_active=False)]}, "at least one"),
        ({"longest": HOUR + timedelta(seconds=1)}, "A use lasts"),
        ({"longest": timedelta(0)}, "A use lasts"),
        ({"expires_at": NOON}, "A rule ends"),
        ({"expires_at": NOON + 367 * DAY}, "A rule ends"),
    ],
)
def test_what_a_rule_may_say(facts: dict[str, Any], says: str) -> None:
    said = terms(**facts)
    assert says in said
    assert bool(said) is bool(says)


def test_a_rule_needs_a_role_that_the_portal_hands_out() -> None:
    role: RoleSettings = replace(BREAK_GLASS_POLICY.role, allows_portal_issued=False, allows_console=False)
    assert "hands out no sessions" in no(
        rules.check_break_glass_policy, role, [BOB], longest=HOUR, expires_at=NOON + DAY, now=NOON
    )


@pytest.mark.parametrize(
    ("person", "grant", "says"),
    [
        (ALICE, OVER, ""),
        (ADA, OVER, ""),
        (replace(BOB, is_administrator=True), OVER, "Somebody else"),
        (BOTH, OVER, "Somebody else"),
        (RICHARD, OVER, "Somebody else"),
        (PersonFacts(99, True), OVER, "no such request"),
        (ALICE, THROUGH_THE_PORTAL, "still open"),
        (ALICE, replace(THROUGH_THE_PORTAL, revoked_at=NOON), ""),
    ],
)
def test_who_reviews_a_use(person: PersonFacts, grant: GrantFacts, says: str) -> None:
    said = no(rules.check_can_review_break_glass, person, BREAK_GLASS_REQUEST, grant, now=NOON)
    assert says in said
    assert bool(said) is bool(says)


def test_what_one_gave_oneself_one_uses_and_ends_and_never_extends_nor_takes_the_evidence_of() -> None:
    use = {"is_own": True, "is_offered": True, "now": NOON}
    assert not no(rules.check_can_use, BOB, THROUGH_THE_PORTAL, is_break_glass=True, **use)
    assert no(rules.check_can_use, BOB, THROUGH_THE_PORTAL, **use)
    assert no(rules.check_can_use, RICHARD, THROUGH_THE_PORTAL, is_break_glass=True, **use)
    assert no(rules.check_can_use, replace(BOB, is_active=False), THROUGH_THE_PORTAL, is_break_glass=True, **use)
    assert rules.can_see(BOB, BREAK_GLASS_REQUEST, now=NOON)
    assert rules.can_revoke(BOB, BREAK_GLASS_REQUEST, THROUGH_THE_PORTAL, now=NOON)
    assert not rules.can_extend(BOB, BREAK_GLASS_REQUEST, THROUGH_THE_PORTAL, now=NOON)
    assert not rules.can_take_evidence(BOB, BREAK_GLASS_REQUEST, now=NOON)
    assert not rules.can_certify_grant(BOB, BREAK_GLASS_REQUEST, THROUGH_THE_PORTAL, now=NOON)
    later = {"ends_at": NOON + 2 * HOUR, "reason": "More.", "pending": 0, "now": NOON}
    assert "never extended" in no(rules.check_can_extend, BOB, BREAK_GLASS_REQUEST, THROUGH_THE_PORTAL, **later)


def test_no_contractor_sees_what_an_internal_user_gave_himself() -> None:
    assert not rules.can_see(RICHARD, BREAK_GLASS_REQUEST, now=NOON)
    assert not rules.can_see(replace(RICHARD, user_id=7), BREAK_GLASS_REQUEST, now=NOON)

"""What a role gets while clocks differ: no Deny less, none later, and nothing new."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from access import aws, trust, verify
from access.lifecycle import GrantFacts
from access.reconcile import degraded
from access.reconcile.denies import keep_denies
from access.texts.text import Text
from tests.unit.facts import NOON, ROLE, grant

HOUR = timedelta(hours=1)
OFFSETS = st.integers(-48, 48).map(lambda hours: hours * HOUR)
NAMES = ["dp" + letter * 14 for letter in "abcde"]


def expiry_policy_of(grants: list[GrantFacts], at: datetime) -> trust.Document | None:
    return trust.compile_expiry_policy(ROLE, grants, now=at)


def observed_with(grants: list[GrantFacts], at: datetime) -> aws.RoleSnapshot:
    document = trust.compile_trust_policy(ROLE, grants, present=None, now=at).document
    return aws.RoleSnapshot(ROLE.arn, ROLE.unique_id, document, expiry_policy_of(grants, at))


@st.composite
def lives(draw: st.DrawFn) -> list[GrantFacts]:
    return [
        grant(name, starts_at=NOON - HOUR, ends_at=NOON + draw(st.integers(1, 24)) * HOUR)
        for name in NAMES[: draw(st.integers(1, 5))]
    ]


APART = Text("clocks_unknown")
SOME = st.sets(st.sampled_from(NAMES))


@given(before=lives(), wrong=OFFSETS, revoked=SOME, longer=SOME, gone=SOME)
def test_no_deny_is_dropped_or_postponed_and_nobody_is_admitted_longer(
    before: list[GrantFacts], wrong: timedelta, revoked: set[str], longer: set[str], gone: set[str]
) -> None:
    """Those that are `gone` are not read any more, as by a clock that is ahead their sessions are over."""
    observed, at = observed_with(before, NOON), NOON + wrong
    now = tuple(
        replace(
            one,
            revoked_at=NOON if one.session_name in revoked else None,
            ends_at=one.ends_at + HOUR * (one.session_name in longer),
        )
        for one in before
        if one.session_name not in gone
    )
    made = degraded.make_plan(ROLE, now, observed, {}, differ=APART, at=at, accepted=frozenset())
    moments = [NOON + hours * HOUR for hours in range(-2, 40)]
    for one in before:
        user_id = f"{ROLE.unique_id}:{one.session_name}"
        for moment in moments:
            if verify.denies(observed.expiry_policy, user_id=user_id, at=moment):
                assert verify.denies(made.expiry_policy, user_id=user_id, at=moment)
            if one.session_name in revoked - gone:
                assert verify.denies(made.expiry_policy, user_id=user_id, at=moment)
    sids = {statement["Sid"] for statement in verify.statement_list(made.trust)}
    assert not sids & revoked & {one.session_name for one in before}
    for statement in verify.statement_list(made.trust):
        if statement["Sid"] != "dpclosed":
            assert statement in verify.statement_list(observed.trust)


@given(wrong=OFFSETS)
def test_a_statement_that_is_not_in_aws_is_not_written(wrong: timedelta) -> None:
    new = grant(NAMES[0], starts_at=NOON, ends_at=NOON + 100 * HOUR)
    observed = observed_with([], NOON)
    made = degraded.make_plan(ROLE, (new,), observed, {}, differ=APART, at=NOON + wrong, accepted=frozenset())
    assert [statement["Sid"] for statement in verify.statement_list(made.trust)] == ["dpclosed"]
    assert list(made.left_out) == [NAMES[0]]


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("2026-11-24T15:00:00+02:00", NOON + HOUR),
        ("2026-11-24T11:00:00-02:00", NOON + HOUR),
        ("0001-01-01T00:00:00+14:00", NOON + 9 * HOUR),  # no time in UTC: the Deny says when it ends
    ],
)
def test_an_end_written_in_another_time_zone_is_kept_in_utc(written: str, kept: datetime) -> None:
    one = grant(NAMES[0], starts_at=NOON - HOUR, ends_at=NOON + 9 * HOUR)
    observed = observed_with([one], NOON)
    (statement,) = verify.statement_list(observed.trust)
    statement["Condition"]["DateLessThan"][DATE] = written
    made = degraded.make_plan(ROLE, (one,), observed, {}, differ=APART, at=NOON, accepted=frozenset())
    (statement,) = verify.statement_list(made.trust)
    assert statement["Condition"]["DateLessThan"] == {DATE: f"{kept:%Y-%m-%dT%H:%M:%SZ}"}


DATE = "aws:CurrentTime"
DENY = {"Effect": "Deny", "Action": "*", "Resource": "*"}
ODD = [
    {**DENY, "Condition": {"StringEquals": {"aws:userid": "AROAX:dpx"}, "DateGreaterThan": {"aws:CurrentTime": "x"}}},
    {**DENY, "Condition": {"StringEquals": {"aws:userid": ["AROAX:dpx", "AROAX:dpy"]}}},
    {**DENY, "Condition": {"DateGreaterThanEquals": {"aws:CurrentTime": "1763978400000"}}},
    {
        **DENY,
        "Condition": {"StringEquals": {"aws:userid": "AROAX:dpx"}, "DateGreaterThanEquals": {"aws:CurrentTime": 5}},
    },
    {**DENY, "Condition": "none"},
    DENY,
]


@pytest.mark.parametrize("statement", ODD)
def test_a_deny_of_any_form_is_kept(statement: dict[str, object]) -> None:
    present = {"Version": "2012-10-17", "Statement": statement}
    kept = keep_denies(None, present)
    assert kept is not None
    assert kept["Statement"] == [statement]
    assert keep_denies(kept, present) == kept


def test_an_allow_is_not_kept() -> None:
    assert keep_denies(None, {"Statement": [{**DENY, "Effect": "Allow"}]}) is None


def test_a_deny_that_has_an_earlier_version_is_not_kept_twice() -> None:
    later = grant(NAMES[0], ends_at=NOON + 2 * HOUR)
    earlier = expiry_policy_of([replace(later, ends_at=NOON + HOUR)], NOON)
    assert keep_denies(earlier, expiry_policy_of([later], NOON)) == earlier
    over = expiry_policy_of([replace(later, revoked_at=datetime(2026, 1, 1, tzinfo=UTC))], NOON)
    assert keep_denies(over, earlier) == over


def test_a_deny_without_a_list_of_names_is_kept_unchanged() -> None:
    nobody = {**DENY, "Condition": {"StringEquals": {"aws:userid": []}}}
    kept = keep_denies(None, {"Statement": [nobody]})
    assert kept is not None
    assert kept["Statement"] == [nobody]


MAY_END = [DENY, {**DENY, "Condition": {"DateLessThan": {"aws:CurrentTime": "2099-01-01T00:00:00Z"}}}]


@pytest.mark.parametrize("by_hand", MAY_END)
def test_a_deny_that_somebody_added_replaces_none_of_ours(by_hand: dict[str, object]) -> None:
    present = expiry_policy_of([grant(NAMES[0])], NOON)
    assert present is not None
    kept = keep_denies({"Version": "2012-10-17", "Statement": [by_hand]}, present)
    assert kept is not None
    assert kept["Statement"] == [by_hand, *present["Statement"]]


@pytest.mark.parametrize("date", [None, "2026-11-24T13:00:00Z", ["2026-11-24T13:00:00Z"]])
@pytest.mark.parametrize("is_over", [False, True])
def test_a_deny_for_known_and_unknown_sessions_does_not_grow_with_each_sweep(date: object, is_over: bool) -> None:
    one = grant(NAMES[0], starts_at=NOON - HOUR, ends_at=NOON + 2 * HOUR, revoked_at=NOON if is_over else None)
    first = observed_with([one], NOON)
    ids = [f"{ROLE.unique_id}:{name}" for name in (NAMES[0], "dpunknownunknown")]
    dated = {} if date is None else {"DateGreaterThanEquals": {"aws:CurrentTime": date}}
    mixed = {**DENY, "Condition": {"StringEquals": {"aws:userid": ids}, **dated}}
    observed = replace(first, expiry_policy={"Version": "2012-10-17", "Statement": [mixed]})
    seen = []
    for _ in range(4):
        plan = degraded.make_plan(ROLE, (one,), observed, {}, differ=APART, at=NOON, accepted=frozenset())
        observed = replace(observed, trust=plan.trust, expiry_policy=plan.expiry_policy)
        seen.append(trust.size(plan.expiry_policy))
    assert len(set(seen[1:])) == 1
    assert all(verify.denies(observed.expiry_policy, user_id=user_id, at=NOON + HOUR) for user_id in ids)


@pytest.mark.parametrize("more", [{"Action": "s3:*"}, {"Effect": "Allow"}, {"Sid": "Hand"}])
def test_a_statement_that_is_not_our_deny_shortens_no_grant(more: dict[str, object]) -> None:
    one = grant(NAMES[0], starts_at=NOON - HOUR, ends_at=NOON + 2 * HOUR)
    observed = observed_with([one], NOON)
    (deny,) = (observed.expiry_policy or {})["Statement"]
    early = {"DateGreaterThanEquals": {"aws:CurrentTime": "2026-11-24T11:30:00Z"}}
    by_hand = {**deny, **more, "Condition": {**deny["Condition"], **early}}
    held = degraded.hold_back(ROLE, [one], replace(observed, expiry_policy={"Statement": [deny, by_hand]}), at=NOON)
    assert held.grants == (one,)
    assert not held.new | held.shorter

"""The fallback expiry policy: complete from stored facts only, and never weaker than what AWS holds."""

import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from access.lifecycle import GrantFacts, RoleFacts
from access.trust import (
    KEEP_AFTER_END,
    compile_expiry_policy,
    compile_fallback_policy,
    compile_no_room_policy,
    is_denied,
    same,
)
from tests.faults.oracle import denies
from tests.unit.facts import HOUR, IMPORTED, NOON, ROLE, SECOND, grant, numbered

ID = ROLE.unique_id
LATER = (NOON - SECOND, NOON, *(NOON + hours * HOUR for hours in (1, 2, 3, 5, 12, 40)))
BY_HAND: dict[str, Any] = {"Sid": "Hand", "Effect": "Deny", "Action": "s3:*", "Resource": "*"}
ODD_DENIES: dict[str, dict[str, Any]] = {
    "of other actions": BY_HAND,
    "with a condition of its owner": {**BY_HAND, "Condition": {"Bool": {"aws:SecureTransport": "false"}}},
    "of other actions of one session": {
        **BY_HAND,
        "Condition": {"StringEquals": {"aws:userid": f"{ID}:dprichardrichard"}},
    },
    "with no readable date": {
        "Effect": "Deny",
        "Action": "*",
        "Resource": "*",
        "Condition": {
            "StringEquals": {"aws:userid": f"{ID}:dprichardrichard"},
            "DateGreaterThanEquals": {"aws:CurrentTime": "1763978400000"},
        },
    },
    "of no day": {
        "Effect": "Deny",
        "Action": "*",
        "Resource": "*",
        "Condition": {
            "StringEquals": {"aws:userid": f"{ID}:dprichardrichard"},
            "DateGreaterThanEquals": {"aws:CurrentTime": "2026-02-31T00:00:00Z"},
        },
    },
    "with no condition": {"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": None},
    "with a list": {"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": []},
    "with an empty operator": {"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {"StringEquals": None}},
    "of numbers": {"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {"StringEquals": {"aws:userid": 5}}},
    "with two dates": {
        "Effect": "Deny",
        "Action": "*",
        "Resource": "*",
        "Condition": {
            "StringEquals": {"aws:userid": f"{ID}:dprichardrichard"},
            "DateGreaterThanEquals": {"aws:CurrentTime": ["2026-11-24T12:00:00Z", "2026-11-24T13:00:00Z"]},
        },
    },
    "of somebody else's session": {
        "Effect": "Deny",
        "Action": "*",
        "Resource": "*",
        "Condition": {"StringEquals": {"aws:userid": [f"{ID}:dprichardrichard", f"{ID}:ops"]}},
    },
}

moments = st.integers(min_value=-30, max_value=30).map(lambda hours: NOON + hours * HOUR)


@st.composite
def some_grants(draw: st.DrawFn, most: int = 8) -> list[GrantFacts]:
    grants = []
    for number in range(draw(st.integers(min_value=0, max_value=most))):
        starts_at = draw(moments)
        ends_at = starts_at + draw(st.integers(min_value=1, max_value=20)) * HOUR
        revoked_at = draw(st.none() | st.just(NOON - HOUR))
        is_over = revoked_at is not None or ends_at <= NOON
        removed_at = draw(st.none() | st.just(NOON - SECOND)) if is_over else None
        facts = {"starts_at": starts_at, "ends_at": ends_at, "revoked_at": revoked_at, "removed_at": removed_at}
        grants.append(numbered(number, **facts))
    return grants


def policy(*statements: dict[str, Any], **head: Any) -> dict[str, Any]:
    return {"Version": "2012-10-17", **head, "Statement": list(statements)}


def deny(*names: str, since: str = "") -> dict[str, Any]:
    """Return a Deny of the form that Daypass writes."""
    condition: dict[str, Any] = {"StringEquals": {"aws:userid": [f"{ID}:{name}" for name in names]}}
    if since:
        condition["DateGreaterThanEquals"] = {"aws:CurrentTime": since}
    return {"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": condition}


def fallback(grants: list[GrantFacts], held: Any = None, **rest: Any) -> dict[str, Any]:
    found = compile_fallback_policy(ROLE, grants, held=held, now=NOON, **rest)
    assert found is not None
    return found


def size(document: Any) -> int:
    return len(json.dumps(document, separators=(",", ":")))


def is_kept(one: GrantFacts, now: datetime) -> bool:
    """Return whether a session of the grant can be alive, computed independently of the product."""
    is_over = one.revoked_at is not None or one.ends_at <= now
    return not is_over or one.removed_at is None or now < max(one.ends_at, one.removed_at) + KEEP_AFTER_END


@given(some_grants(), st.sampled_from([10_240, 2_000, 700, 300]))
def test_each_grant_is_denied_immediately_or_from_its_end_on(grants: list[GrantFacts], max_size: int) -> None:
    written = compile_fallback_policy(ROLE, grants, held=None, now=NOON, max_size=max_size)
    for one in grants:
        if is_kept(one, NOON):
            is_over = one.revoked_at is not None or one.ends_at <= NOON
            since = NOON - 365 * 24 * HOUR if is_over else one.ends_at
            assert all(denies(written, f"{ID}:{one.session_name}", at) for at in (since, *LATER) if at >= since)


@given(some_grants(), some_grants(), st.sampled_from([10_240, 2_000, 700, 300]))
def test_no_deny_in_aws_is_lost_or_postponed(before: list[GrantFacts], grants: list[GrantFacts], max_size: int) -> None:
    held = compile_expiry_policy(ROLE, before, now=NOON - 2 * HOUR)
    written = compile_fallback_policy(ROLE, grants, held=held, now=NOON, max_size=max_size)
    for one in before:
        user_id = f"{ID}:{one.session_name}"
        assert all(denies(written, user_id, at) for at in LATER if denies(held, user_id, at))


@given(some_grants(), some_grants(most=3))
def test_the_policy_is_complete_after_one_write_and_not_written_again(
    grants: list[GrantFacts], before: list[GrantFacts]
) -> None:
    held = compile_expiry_policy(ROLE, before, now=NOON)
    written = compile_fallback_policy(ROLE, grants, held=held, now=NOON)
    assert is_denied(ROLE, grants, held=written, now=NOON)
    assert compile_fallback_policy(ROLE, grants, held=written, now=NOON) == written


@given(some_grants(), st.sampled_from([ROLE, IMPORTED]))
def test_without_anything_to_keep_it_equals_the_expiry_policy(grants: list[GrantFacts], role: RoleFacts) -> None:
    plain = compile_expiry_policy(role, grants, now=NOON)
    for held in (None, plain):
        assert same(compile_fallback_policy(role, grants, held=held, now=NOON), plain)


def test_an_extended_grant_keeps_the_earlier_end_that_aws_holds() -> None:
    held = policy(deny("dprichardrichard", since="2026-11-24T12:30:00Z"))
    assert fallback([grant(ends_at=NOON + 5 * HOUR)], held) == fallback([grant(ends_at=NOON + HOUR / 2)])


def test_a_deny_later_than_the_facts_is_made_earlier() -> None:
    held = policy(deny("dprichardrichard", since="2026-11-24T23:00:00Z"))
    assert not is_denied(ROLE, [grant()], held=held, now=NOON)
    assert fallback([grant()], held) == fallback([grant()])


@pytest.mark.parametrize("odd", ODD_DENIES.values(), ids=ODD_DENIES.keys())
def test_a_deny_that_cannot_be_read_is_kept_word_for_word(odd: dict[str, Any]) -> None:
    for held in (policy(odd), {"Version": "2012-10-17", "Statement": odd}, policy(odd, odd)):
        statements = fallback([grant(revoked_at=NOON)], held)["Statement"]
        assert statements[0] == odd
        assert statements[1:] == fallback([grant(revoked_at=NOON)])["Statement"]


def test_a_deny_kept_word_for_word_is_read_in_its_policy_version() -> None:
    plain = {**BY_HAND, "Resource": "arn:aws:s3:::${x}"}
    assert fallback([grant()], {"Statement": [plain]})["Version"] == "2008-10-17"
    assert fallback([grant()], policy(plain, Id="Ours")) | {"Statement": []} == policy(Id="Ours")


def test_an_allow_is_not_kept() -> None:
    assert fallback([grant()], policy({**BY_HAND, "Effect": "Allow"})) == fallback([grant()])


@pytest.mark.parametrize(
    "held", [{}, {"Statement": None}, {"Statement": "x"}, {"Statement": [None, 5, []]}, [], "x", 5]
)
def test_an_invalid_policy_holds_nothing(held: Any) -> None:
    assert fallback([grant()], held) == fallback([grant()])


def test_the_deny_of_an_unknown_grant_is_kept() -> None:
    held = policy(deny("dpunknownunknown"))
    assert fallback([grant(revoked_at=NOON)], held)["Statement"] == [deny("dprichardrichard", "dpunknownunknown")]


def test_without_anything_to_deny_there_is_no_policy() -> None:
    over = grant(ends_at=NOON - 20 * HOUR, starts_at=NOON - 21 * HOUR, removed_at=NOON - 20 * HOUR)
    assert compile_fallback_policy(ROLE, [over], held=None, now=NOON) is None
    assert compile_fallback_policy(ROLE, [], held={}, now=NOON) is None
    assert is_denied(ROLE, [over], held=None, now=NOON)


class TestCapacity:
    """What does not fit is merged; nobody is dropped."""

    def test_the_nearest_ends_are_merged_first_under_the_earlier_one(self) -> None:
        near = [numbered(n, ends_at=NOON + HOUR + n * SECOND) for n in range(2)]
        far = numbered(9, ends_at=NOON + 9 * HOUR)
        whole = fallback([*near, far])
        merged = fallback([*near, far], max_size=size(whole) - 1)
        assert merged["Statement"] == [
            deny(*(one.session_name for one in near), since="2026-11-24T13:00:00Z"),
            *fallback([far])["Statement"],
        ]

    @pytest.mark.parametrize("count", [53, 120, 200])
    def test_many_grants_fit_and_each_is_named_in_the_policy(self, count: int) -> None:
        grants = [numbered(n, ends_at=NOON + (n + 1) * HOUR) for n in range(count)]
        grants[::3] = [numbered(n, revoked_at=NOON) for n in range(0, count, 3)]
        written = fallback(grants)
        assert size(written) <= 10_240
        assert all(f"{ID}:{one.session_name}" in json.dumps(written) for one in grants)
        assert is_denied(ROLE, grants, held=written, now=NOON)
        undated = [s for s in written["Statement"] if "DateGreaterThanEquals" not in s["Condition"]]
        assert sum(len(s["Condition"]["StringEquals"]["aws:userid"]) for s in undated) == len(grants[::3])

    def test_a_pattern_denies_the_sessions_that_fit_into_no_list(self) -> None:
        grants = [numbered(n, revoked_at=NOON) for n in range(300)]
        written = fallback(grants, policy(BY_HAND))
        assert size(written) <= 10_240
        assert written["Statement"][0] == BY_HAND
        assert all(denies(policy(written["Statement"][1]), f"{ID}:{one.session_name}", NOON) for one in grants)

    def test_capacity_used_by_others_counts(self) -> None:
        grants = [numbered(n, ends_at=NOON + n * HOUR + timedelta(seconds=1)) for n in range(20)]
        for max_size in (4_000, 1_500, 1_000):
            assert size(fallback(grants, max_size=max_size)) <= max_size


class TestNoRoom:
    """Where Denies added by hand fill the policy, ours come first and deny nobody else's session."""

    REVOKED, LIVE = numbered(1, revoked_at=NOON), numbered(2)
    SMALL, LONG = {**BY_HAND, "Sid": "Small"}, {**BY_HAND, "Sid": "Long", "Resource": "arn:aws:s3:::" + "x" * 9_950}

    @pytest.mark.parametrize("role", [ROLE, IMPORTED], ids=["managed", "imported"])
    @pytest.mark.parametrize("max_size", [10_240, 5_000, 900, 300])
    def test_our_sessions_are_denied_and_others_as_before(self, role: RoleFacts, max_size: int) -> None:
        held = policy(self.LONG, self.SMALL)
        grants = [self.REVOKED, self.LIVE]
        made = compile_no_room_policy(role, grants, held=held, now=NOON, max_size=max_size)
        assert made is not None
        for one in grants:
            assert denies(made.document, f"{ID}:{one.session_name}", NOON)
        for name in ("ops", "i-0abc", "d", "Dprichardrichard"):
            assert not denies(made.document, f"{ID}:{name}", NOON + 40 * HOUR)
        kept = [one for one in made.document["Statement"] if one in (self.LONG, self.SMALL)]
        assert kept == ([self.SMALL] if max_size > 900 else kept)
        assert [one for one in (self.LONG, self.SMALL) if one not in kept] == list(made.lost)
        assert made.keeps_some == bool(kept)

    def test_as_many_denies_as_fit_are_kept_in_their_version(self) -> None:
        several = [{**BY_HAND, "Sid": f"Hand{n}", "Resource": "arn:aws:s3:::" + "x" * (900 + n)} for n in range(12)]
        made = compile_no_room_policy(ROLE, [self.REVOKED], held={"Id": "Ours", "Statement": several}, now=NOON)
        assert made is not None
        assert size(made.document) <= 10_240
        assert len(made.lost) == 2
        assert {key: made.document[key] for key in ("Version", "Id")} == {"Version": "2008-10-17", "Id": "Ours"}

    def test_it_is_empty_when_nobody_added_a_deny_or_no_grant_is_over(self) -> None:
        held = compile_expiry_policy(ROLE, [self.REVOKED, self.LIVE], now=NOON)
        assert compile_no_room_policy(ROLE, [self.REVOKED], held=held, now=NOON) is None
        assert compile_no_room_policy(ROLE, [self.LIVE], held=policy(self.LONG), now=NOON) is None

    def test_after_one_write_it_has_its_own_deny_once(self) -> None:
        made = compile_no_room_policy(ROLE, [self.REVOKED], held=policy(self.LONG, self.SMALL), now=NOON)
        assert made is not None
        again = compile_no_room_policy(ROLE, [self.REVOKED], held=made.document, now=NOON)
        assert again is not None
        assert (same(again.document, made.document), again.lost) == (True, ())

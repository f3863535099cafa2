"""Denies that somebody added to the expiry policy by hand: compiled again word for word, and judged so."""

from typing import Any

import pytest

from access.lifecycle import RoleFacts
from access.trust import capacity, compile_expiry_policy, size, unmanaged_in_expiry
from access.verify import check_expiry_policy
from tests.unit.facts import HOUR, IMPORTED, NOON, ROLE, grant

ID = ROLE.unique_id
LIVE = grant(ends_at=NOON + 5 * HOUR)
KNOWN = {"dprichardrichard"}


def deny(*ids: Any, since: Any = None, **more: Any) -> dict[str, Any]:
    """Return a Deny as Daypass writes it, with whatever is different."""
    condition: dict[str, Any] = {"StringEquals": {"aws:userid": list(ids) if len(ids) > 1 else ids[0]}}
    if since is not None:
        condition["DateGreaterThanEquals"] = {"aws:CurrentTime": since}
    return {"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": condition} | more


MINE = f"{ID}:dprichardrichard"
ALL = {"Effect": "Deny", "Action": "*", "Resource": "*"}
BY_HAND: dict[str, dict[str, Any]] = {
    "of everything": ALL,
    "of some actions": {"Effect": "Deny", "Action": "s3:*", "Resource": "*"},
    "of a known session, with a Sid": deny(MINE, Sid="Hand"),
    "of some actions of a known session": deny(MINE, Action="s3:*"),
    "of some resources of a known session": deny(MINE, Resource="arn:aws:s3:::x"),
    "of actions in a list": deny(MINE, Action=["*"]),
    "with a NotAction": {"Effect": "Deny", "NotAction": "sts:*", "Resource": "*"},
    "of a session of which no grant is known": deny(f"{ID}:dpunknownunknown"),
    "of somebody else's session": deny(f"{ID}:ops"),
    "of another role's session": deny("AROAOTHEROTHEROTHER01:dprichardrichard"),
    "of a known session and another one's": deny(MINE, f"{ID}:ops"),
    "under a second condition": deny(MINE, Condition={"StringEquals": {"aws:userid": MINE, "aws:SourceIp": "x"}}),
    "under another operator": deny(MINE, Condition={"StringLike": {"aws:userid": f"{ID}:dp*"}}),
    "with a date of another form": deny(MINE, since="2026-11-24T12:00:00+00:00"),
    "with a date of 13 digits": deny(MINE, since="1763978400000"),
    "with two dates": deny(MINE, since=["2026-11-24T12:00:00Z", "2026-11-24T13:00:00Z"]),
    "with a date before which": deny(
        MINE,
        Condition={"StringEquals": {"aws:userid": MINE}, "DateLessThan": {"aws:CurrentTime": "2030-01-01T00:00:00Z"}},
    ),
    "of nobody": deny([]),
    "with an odd condition": {**ALL, "Condition": None},
    "of numbers": deny(5),
    "of token actions of another pattern": {
        **ALL,
        "Action": ["signin:AuthorizeOAuth2Access", "signin:CreateOAuth2Token"],
        "Condition": {"StringLike": {"aws:userid": "*:dp*"}},
    },
}


def policy(*statements: Any, **head: Any) -> dict[str, Any]:
    return {"Version": "2012-10-17", **head, "Statement": list(statements)}


def compiled(present: Any, role: RoleFacts = ROLE, *, former: set[str] | None = None) -> dict[str, Any]:
    found = compile_expiry_policy(role, [LIVE], now=NOON, present=present, former=former or ())
    assert found is not None
    return found


@pytest.mark.parametrize("role", [ROLE, IMPORTED], ids=["managed", "imported"])
@pytest.mark.parametrize("statement", BY_HAND.values(), ids=BY_HAND.keys())
def test_a_deny_that_is_not_exactly_ours_is_kept_word_for_word(role: RoleFacts, statement: dict[str, Any]) -> None:
    ours = compiled(None, role)["Statement"]
    for present in (policy(statement), policy(*ours, statement), {"Version": "2012-10-17", "Statement": statement}):
        written = compiled(present, role)
        assert written["Statement"] == [*ours, statement]
        assert check_expiry_policy(role, written, [LIVE], now=NOON, before=present) == []
        without = compiled(None, role)
        assert check_expiry_policy(role, without, [LIVE], now=NOON, before=present) != []
        (found,) = unmanaged_in_expiry(role, present, known=KNOWN)
        assert (found.statement, found.fate.value, found.in_expiry) == (statement, "deny", True)


@pytest.mark.parametrize("statement", BY_HAND.values(), ids=BY_HAND.keys())
def test_no_new_deny_is_added(statement: dict[str, Any]) -> None:
    assert check_expiry_policy(ROLE, compiled(policy(statement)), [LIVE], now=NOON) != []
    twice = policy(*compiled(policy(statement))["Statement"], statement)
    assert check_expiry_policy(ROLE, twice, [LIVE], now=NOON, before=policy(statement)) != []


@pytest.mark.parametrize(
    "statement",
    [
        deny(MINE),
        deny([MINE]),
        deny(MINE, since="2026-11-24T12:30:00Z"),
        deny(MINE, f"{ID}:dpformerformerfo"),
        deny(f"{ID}:dpformerformerfo"),
    ],
)
def test_a_deny_of_ours_follows_the_grants(statement: dict[str, Any]) -> None:
    former = {"dpformerformerfo"}
    written = compiled(policy(statement), former=former)
    assert written == compiled(None)
    assert check_expiry_policy(ROLE, written, [LIVE], now=NOON, before=policy(statement), known=former) == []
    assert unmanaged_in_expiry(ROLE, policy(statement), known=KNOWN | former) == ()


def test_of_one_deny_for_known_and_unknown_sessions_the_unknown_ones_are_kept() -> None:
    since = "2026-11-24T12:30:00Z"
    present = policy(deny(MINE, f"{ID}:dpunknownunknown", since=since))
    written = compiled(present)
    assert written["Statement"][1:] == [deny([f"{ID}:dpunknownunknown"], since=since)]
    assert check_expiry_policy(ROLE, written, [LIVE], now=NOON, before=present) == []
    assert check_expiry_policy(ROLE, compiled(None), [LIVE], now=NOON, before=present) != []
    assert compiled(written) == written


@pytest.mark.parametrize("role", [ROLE, IMPORTED], ids=["managed", "imported"])
def test_an_allow_is_not_kept_and_is_reported(role: RoleFacts) -> None:
    for odd in ({**ALL, "Effect": "Allow"}, {**ALL, "Effect": "deny"}, "x"):
        present = policy(odd)
        assert compiled(present, role) == compiled(None, role)
        assert [one.fate.value for one in unmanaged_in_expiry(role, present, known=())] == ["removed"]
        kept = policy(*compiled(None, role)["Statement"], odd)
        if isinstance(odd, dict):
            assert check_expiry_policy(role, kept, [LIVE], now=NOON, before=present) != []


def test_the_deny_of_token_actions_is_ours_only_on_imported_roles() -> None:
    (tokens, _) = compiled(None, IMPORTED)["Statement"]
    assert unmanaged_in_expiry(IMPORTED, policy(tokens), known=()) == ()
    assert [one.fate.value for one in unmanaged_in_expiry(ROLE, policy(tokens), known=())] == ["deny"]


def test_the_deny_of_token_actions_of_version_0_2_0_is_replaced() -> None:
    (tokens, mine) = compiled(None, IMPORTED)["Statement"]
    former = {**tokens, "Condition": {"StringLike": {"aws:userid": f"{ID}:dp??????????????"}}}
    present = policy(former, mine)
    assert unmanaged_in_expiry(IMPORTED, present, known=KNOWN) == ()
    assert compiled(present, IMPORTED) == policy(tokens, mine)
    assert check_expiry_policy(IMPORTED, policy(tokens, mine), [LIVE], now=NOON, before=present) == []


@pytest.mark.parametrize("role", [ROLE, IMPORTED], ids=["managed", "imported"])
def test_an_unmanaged_deny_stays_when_nothing_else_is_left_to_deny(role: RoleFacts) -> None:
    present = policy(deny(MINE), ALL)
    assert compile_expiry_policy(role, [], now=NOON, present=present, former=KNOWN) == policy(ALL)
    assert compile_expiry_policy(role, [], now=NOON, present=policy(deny(MINE)), former=KNOWN) is None


def test_an_unmanaged_deny_is_read_in_its_policy_version() -> None:
    old = {"Statement": [{**ALL, "Resource": "arn:aws:s3:::${x}"}]}
    assert compiled(old)["Version"] == "2008-10-17"
    assert check_expiry_policy(ROLE, compiled(old), [LIVE], now=NOON, before=old) == []
    newer = {**compiled(old), "Version": "2012-10-17"}
    assert check_expiry_policy(ROLE, newer, [LIVE], now=NOON, before=old) != []
    assert compiled(policy(ALL, Id="Ours"))["Id"] == "Ours"
    assert compiled(policy(deny(MINE), Id="Ours")) == compiled(None)


def test_a_handmade_deny_does_not_replace_the_deny_of_a_grant() -> None:
    over = grant(revoked_at=NOON)
    assert check_expiry_policy(ROLE, policy(ALL), [over], now=NOON, before=policy(ALL)) != []
    assert check_expiry_policy(ROLE, policy(ALL), [LIVE], now=NOON, before=policy(ALL)) != []


def test_an_unmanaged_deny_uses_capacity() -> None:
    long = {**ALL, "Resource": "arn:aws:s3:::" + "x" * 5000}
    facts: dict[str, Any] = {"present": None, "now": NOON, "quota": 2048}
    free = capacity(ROLE, [], LIVE, **facts).inline_free
    assert capacity(ROLE, [], LIVE, expiry_policy=policy(long), **facts).inline_free == free - size(long) - 1
    former = policy(deny(f"{ID}:dpformerformerfo"))
    assert capacity(ROLE, [], LIVE, expiry_policy=former, former={"dpformerformerfo"}, **facts).inline_free == free

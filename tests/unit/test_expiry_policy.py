"""The expiry policy: what ends live sessions only by the clock, and how long it stays."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from access.lifecycle import GrantFacts
from access.trust import KEEP_AFTER_END, Document, compile_expiry_policy
from tests.unit.facts import HOUR, IMPORTED, NOON, ROLE, SECOND, grant, numbered

END = NOON + HOUR
OVER: dict[str, Any] = {"applied_at": NOON, "removed_at": END + SECOND}


def expiry_policy(*grants: GrantFacts, now: datetime = NOON) -> Document | None:
    return compile_expiry_policy(ROLE, grants, now=now)


def sessions(document: Document | None) -> list[Any]:
    return [s["Condition"]["StringEquals"]["aws:userid"] for s in (document or {}).get("Statement", [])]


def test_a_live_grant_has_a_deny_from_its_end_on() -> None:
    assert expiry_policy(grant()) == {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Deny",
                "Action": "*",
                "Resource": "*",
                "Condition": {
                    "StringEquals": {"aws:userid": "AROAROLEROLEROLEROLE1:dprichardrichard"},
                    "DateGreaterThanEquals": {"aws:CurrentTime": "2026-11-24T13:00:00Z"},
                },
            }
        ],
    }


def test_a_revoked_grant_is_denied_immediately() -> None:
    document = expiry_policy(grant(revoked_at=NOON))
    assert document is not None
    assert document["Statement"][0]["Condition"] == {
        "StringEquals": {"aws:userid": "AROAROLEROLEROLEROLE1:dprichardrichard"}
    }


def test_a_role_without_any_grant_needs_no_expiry_policy() -> None:
    assert expiry_policy() is None


def test_past_grants_share_one_deny_after_those_of_the_live_ones() -> None:
    past = [numbered(number, **OVER) for number in (2, 1, 3)]
    live = numbered(9, ends_at=END + 5 * HOUR)
    document = expiry_policy(*past, live, now=END + HOUR)
    names = [f"AROAROLEROLEROLEROLE1:{numbered(number).session_name}" for number in (1, 2, 3)]
    assert sessions(document) == [f"AROAROLEROLEROLEROLE1:{live.session_name}", sorted(names)]


@pytest.mark.parametrize(
    ("facts", "last"),
    [
        (grant(**OVER), END + SECOND + KEEP_AFTER_END),
        (grant(revoked_at=NOON, removed_at=NOON + SECOND), END + KEEP_AFTER_END),
        (grant(applied_at=NOON, removed_at=END + 48 * HOUR), END + 48 * HOUR + KEEP_AFTER_END),
    ],
    ids=["removed at its end", "revoked early", "removed two days late"],
)
def test_a_deny_stays_until_no_session_can_be_alive(facts: GrantFacts, last: datetime) -> None:
    assert sessions(expiry_policy(facts, now=last - SECOND)) == ["AROAROLEROLEROLEROLE1:dprichardrichard"]
    assert expiry_policy(facts, now=last) is None


def test_a_deny_stays_until_the_statement_is_read_back_as_removed() -> None:
    assert sessions(expiry_policy(grant(), now=END + timedelta(days=400))) == ["AROAROLEROLEROLEROLE1:dprichardrichard"]


def test_a_deny_outlasts_twelve_hours_of_refreshes_and_the_hour_of_the_last_token() -> None:
    assert timedelta(hours=13, minutes=10) == KEEP_AFTER_END


OAUTH = {
    "Effect": "Deny",
    "Action": ["signin:AuthorizeOAuth2Access", "signin:CreateOAuth2Token"],
    "Resource": "*",
    "Condition": {"StringLike": {"aws:userid": "AROAROLEROLEROLEROLE1:dp*"}},
}


@pytest.mark.parametrize("facts", [grant(), grant(revoked_at=NOON), grant(**OVER)], ids=["live", "revoked", "over"])
def test_an_imported_role_denies_only_our_sessions_the_tokens_that_outlive_them(facts: GrantFacts) -> None:
    document = compile_expiry_policy(IMPORTED, [facts], now=NOON)
    assert document is not None
    assert document["Statement"][0] == OAUTH
    assert document["Statement"][1:] == (expiry_policy(facts) or {})["Statement"]


def test_a_managed_role_leaves_those_tokens_to_its_boundary() -> None:
    assert "signin" not in str(expiry_policy(grant(), grant("dpevilevilevilevi", **OVER)))


def test_an_imported_role_without_sessions_of_ours_needs_no_expiry_policy() -> None:
    assert compile_expiry_policy(IMPORTED, [grant(**OVER)], now=END + timedelta(days=2)) is None


def test_the_order_of_the_grants_does_not_matter() -> None:
    grants = [numbered(number) for number in range(5)] + [numbered(number, **OVER) for number in range(5, 9)]
    assert expiry_policy(*grants, now=NOON) == expiry_policy(*reversed(grants), now=NOON)

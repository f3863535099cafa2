"""The judge finds every way in which a compiled expiry policy could be wrong."""

from dataclasses import replace
from datetime import timedelta

import pytest

from access.lifecycle import GrantFacts
from access.texts.text import Text
from access.trust import Document, compile_expiry_policy, compile_trust_policy
from access.verify import check, check_expiry_policy
from tests.unit.facts import EVE_ARN, IMPORTED, NOON, ROLE, grant
from tests.unit.test_verify_checks import (
    BLOCKED,
    END,
    EXPIRED,
    GRANTS,
    NOW,
    PLAIN,
    REVOKED,
    RICHARD,
    START,
    Mutation,
    compiled,
    judged,
)


def deny(document: Document, facts: GrantFacts) -> Document:
    """Return the Deny of a grant, to be corrupted."""
    user_id = f"{ROLE.unique_id}:{facts.session_name}"
    found: Document = next(
        s for s in document["Statement"] if user_id in str(s["Condition"]["StringEquals"]["aws:userid"])
    )
    return found


def swapped(one: GrantFacts, other: GrantFacts) -> Mutation:
    def mutate(expiry_policy: Document) -> None:
        first, second = deny(expiry_policy, one)["Condition"], deny(expiry_policy, other)["Condition"]
        first["StringEquals"], second["StringEquals"] = second["StringEquals"], first["StringEquals"]

    return mutate


EXPIRY_POLICY_MUTATIONS: dict[str, Mutation] = {
    "the Deny of a live grant is missing": lambda expiry_policy: expiry_policy["Statement"].remove(
        deny(expiry_policy, PLAIN)
    ),
    "the Deny of a grant left out is missing": lambda expiry_policy: expiry_policy["Statement"].remove(
        deny(expiry_policy, BLOCKED)
    ),
    "the Deny of the past grants is missing": lambda expiry_policy: expiry_policy["Statement"].remove(
        deny(expiry_policy, EXPIRED)
    ),
    "one past grant is missing": lambda expiry_policy: deny(expiry_policy, REVOKED)["Condition"]["StringEquals"][
        "aws:userid"
    ].pop(),
    "a Deny begins a second late": lambda expiry_policy: deny(expiry_policy, PLAIN)["Condition"][START].update(
        {NOW: "2026-11-24T14:00:01Z"}
    ),
    "a Deny begins a second early": lambda expiry_policy: deny(expiry_policy, PLAIN)["Condition"][START].update(
        {NOW: "2026-11-24T13:59:59Z"}
    ),
    "a Deny holds until the end instead": lambda expiry_policy: deny(expiry_policy, PLAIN).update(
        Condition={**deny(expiry_policy, PLAIN)["Condition"], START: {}, END: {NOW: "2026-11-24T14:00:00Z"}}
    ),
    "a Deny holds for an hour only": lambda expiry_policy: deny(expiry_policy, PLAIN)["Condition"].update(
        {END: {NOW: "2026-11-24T15:00:00Z"}}
    ),
    "the Deny of the past holds for an hour only": lambda expiry_policy: deny(expiry_policy, EXPIRED)[
        "Condition"
    ].update({END: {NOW: "2026-11-24T14:00:00Z"}}),
    "the Deny of the past is dated": lambda expiry_policy: deny(expiry_policy, EXPIRED)["Condition"].update(
        {START: {NOW: "2026-11-24T13:00:00Z"}}
    ),
    "a Deny has no date": lambda expiry_policy: deny(expiry_policy, PLAIN)["Condition"].pop(START),
    "a Deny names nobody": lambda expiry_policy: deny(expiry_policy, PLAIN)["Condition"].pop("StringEquals"),
    "a Deny allows": lambda expiry_policy: deny(expiry_policy, PLAIN).update(Effect="Allow"),
    "a Deny spares S3": lambda expiry_policy: deny(expiry_policy, PLAIN).update(Action="iam:*"),
    "a Deny spares all buckets but one": lambda expiry_policy: deny(expiry_policy, PLAIN).update(
        Resource="arn:aws:s3:::b"
    ),
    "a Deny is another role's": lambda expiry_policy: deny(expiry_policy, PLAIN)["Condition"]["StringEquals"].update(
        {"aws:userid": f"AROAOTHEROTHEROTHER01:{PLAIN.session_name}"}
    ),
    "two Denies have changed places": swapped(PLAIN, RICHARD),
    "something is allowed beside": lambda expiry_policy: expiry_policy["Statement"].append(
        {"Effect": "Allow", "Action": "*", "Resource": "*"}
    ),
    "everything is denied to all": lambda expiry_policy: expiry_policy["Statement"].append(
        {"Effect": "Deny", "Action": "*", "Resource": "*"}
    ),
    "there is no statement": lambda expiry_policy: expiry_policy.update(Statement=[]),
}


@pytest.mark.parametrize("mutate", EXPIRY_POLICY_MUTATIONS.values(), ids=EXPIRY_POLICY_MUTATIONS.keys())
def test_a_corrupted_expiry_policy_is_found(mutate: Mutation) -> None:
    trust, expiry_policy = compiled(ROLE)
    mutate(expiry_policy)
    assert judged(trust, expiry_policy)


def oauth(expiry_policy: Document) -> Document:
    """Return the Deny of the tokens that outlive a session, to be corrupted."""
    found: Document = next(s for s in expiry_policy["Statement"] if s["Action"] != "*")
    return found


OAUTH_MUTATIONS: dict[str, Mutation] = {
    "it is missing": lambda expiry_policy: expiry_policy["Statement"].remove(oauth(expiry_policy)),
    "it is there twice": lambda expiry_policy: expiry_policy["Statement"].append(oauth(expiry_policy)),
    "one action is missing": lambda expiry_policy: oauth(expiry_policy)["Action"].pop(),
    "one action more": lambda expiry_policy: oauth(expiry_policy)["Action"].append("s3:GetObject"),
    "it binds the sessions of others": lambda expiry_policy: oauth(expiry_policy)["Condition"]["StringLike"].update(
        {"aws:userid": f"{ROLE.unique_id}:*"}
    ),
    "it binds another role": lambda expiry_policy: oauth(expiry_policy)["Condition"]["StringLike"].update(
        {"aws:userid": "AROAOTHEROTHEROTHER01:dp*"}
    ),
    "it compares email by email": lambda expiry_policy: oauth(expiry_policy).update(
        Condition={"StringEquals": oauth(expiry_policy)["Condition"]["StringLike"]}
    ),
    "it binds everybody": lambda expiry_policy: oauth(expiry_policy).pop("Condition"),
    "it is dated": lambda expiry_policy: oauth(expiry_policy)["Condition"].update(
        {START: {NOW: "2026-11-24T13:00:00Z"}}
    ),
    "it allows": lambda expiry_policy: oauth(expiry_policy).update(Effect="Allow"),
    "it spares a resource": lambda expiry_policy: oauth(expiry_policy).update(Resource="arn:aws:s3:::b"),
}


@pytest.mark.parametrize("mutate", OAUTH_MUTATIONS.values(), ids=OAUTH_MUTATIONS.keys())
def test_a_corrupted_deny_of_tokens_is_found_on_an_imported_role(mutate: Mutation) -> None:
    trust, expiry_policy = compiled(IMPORTED)
    mutate(expiry_policy)
    assert judged(trust, expiry_policy, role=IMPORTED)


def test_a_deny_of_tokens_is_not_written_to_a_managed_role() -> None:
    trust, expiry_policy = compiled(ROLE)
    expiry_policy["Statement"].append(oauth(compiled(IMPORTED)[1]))
    assert judged(trust, expiry_policy)


TAIL = timedelta(hours=13, minutes=10)  # twelve hours of refreshes, one more hour, ten minutes to spare


@pytest.mark.parametrize(("after", "is_found"), [(TAIL - timedelta(seconds=1), True), (TAIL, False)])
def test_a_deny_removed_a_second_early_is_found(after: timedelta, *, is_found: bool) -> None:
    over = replace(EXPIRED, removed_at=EXPIRED.ends_at)
    assert bool(check_expiry_policy(ROLE, None, [over], now=EXPIRED.ends_at + after)) is is_found


def test_a_missing_expiry_policy_is_found() -> None:
    trust, _ = compiled(ROLE)
    assert len(judged(trust, None)) == len(GRANTS)


WAITING = grant("dpwaitingwaiting", principal_arn=EVE_ARN)
STATEMENT: Document = {"Sid": WAITING.session_name, "Effect": "Allow", "Principal": {"AWS": EVE_ARN}}


@pytest.mark.parametrize(
    ("facts", "before", "denied", "is_found"),
    [
        (WAITING, None, None, False),
        (replace(WAITING, revoked_at=NOON), None, None, False),
        (replace(WAITING, applied_at=NOON), None, None, True),
        (replace(WAITING, written_at=NOON), None, None, True),
        (WAITING, {"Statement": [{**STATEMENT, "Action": "sts:AssumeRole"}]}, None, True),
        (WAITING, None, WAITING, True),
        (replace(WAITING, revoked_at=NOON), None, WAITING, True),
    ],
    ids=[
        "never in AWS",
        "revoked before",
        "was in AWS",
        "was sent",
        "is in AWS",
        "has a Deny",
        "revoked, and has a Deny",
    ],
)
def test_only_a_grant_that_was_left_out_and_never_admitted_needs_no_deny(
    facts: GrantFacts, before: Document | None, denied: GrantFacts | None, is_found: bool
) -> None:
    was = compile_expiry_policy(ROLE, [denied] if denied else [], now=NOON)
    compiled = compile_trust_policy(ROLE, [], present=None, now=NOON).document
    left_out = frozenset({facts.session_name})
    found = check(
        ROLE,
        [facts],
        trust=compiled,
        expiry_policy=None,
        left_out=left_out,
        before=before,
        expiry_policy_before=was,
        now=NOON,
    )
    assert bool(found) is is_found


def test_a_new_grant_that_was_not_left_out_needs_a_deny() -> None:
    compiled = compile_trust_policy(ROLE, [WAITING], present=None, now=NOON).document
    found = check(
        ROLE,
        [WAITING],
        trust=compiled,
        expiry_policy=None,
        left_out=frozenset(),
        before=None,
        expiry_policy_before=None,
        now=NOON,
    )
    assert found == [Text("finding_not_denied_at_end", {"grant": WAITING.session_name})]

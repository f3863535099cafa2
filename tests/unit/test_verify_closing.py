"""The judge finds every way in which a compiled closing policy could be wrong."""

from dataclasses import replace
from datetime import timedelta

import pytest

from access.lifecycle import GrantFacts
from access.trust import Document, compile_closing_policy, compile_trust_policy
from access.verify import check, check_closing
from tests.unit.facts import ADOPTED, EVE_ARN, NOON, ROLE, grant
from tests.unit.test_verify_judge import (
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
    """The Deny of a grant, to be spoilt."""
    user_id = f"{ROLE.unique_id}:{facts.session_name}"
    found: Document = next(
        s for s in document["Statement"] if user_id in str(s["Condition"]["StringEquals"]["aws:userid"])
    )
    return found


def swapped(one: GrantFacts, other: GrantFacts) -> Mutation:
    def mutate(closing: Document) -> None:
        first, second = deny(closing, one)["Condition"], deny(closing, other)["Condition"]
        first["StringEquals"], second["StringEquals"] = second["StringEquals"], first["StringEquals"]

    return mutate


CLOSING_MUTATIONS: dict[str, Mutation] = {
    "the Deny of a live grant is missing": lambda closing: closing["Statement"].remove(deny(closing, PLAIN)),
    "the Deny of a grant left out is missing": lambda closing: closing["Statement"].remove(deny(closing, BLOCKED)),
    "the Deny of the past grants is missing": lambda closing: closing["Statement"].remove(deny(closing, EXPIRED)),
    "one past grant is missing": lambda closing: deny(closing, REVOKED)["Condition"]["StringEquals"][
        "aws:userid"
    ].pop(),
    "a Deny begins a second late": lambda closing: deny(closing, PLAIN)["Condition"][START].update(
        {NOW: "2026-11-24T14:00:01Z"}
    ),
    "a Deny begins a second early": lambda closing: deny(closing, PLAIN)["Condition"][START].update(
        {NOW: "2026-11-24T13:59:59Z"}
    ),
    "a Deny holds until the end instead": lambda closing: deny(closing, PLAIN).update(
        Condition={**deny(closing, PLAIN)["Condition"], START: {}, END: {NOW: "2026-11-24T14:00:00Z"}}
    ),
    "a Deny holds for an hour only": lambda closing: deny(closing, PLAIN)["Condition"].update(
        {END: {NOW: "2026-11-24T15:00:00Z"}}
    ),
    "the Deny of the past holds for an hour only": lambda closing: deny(closing, EXPIRED)["Condition"].update(
        {END: {NOW: "2026-11-24T14:00:00Z"}}
    ),
    "the Deny of the past is dated": lambda closing: deny(closing, EXPIRED)["Condition"].update(
        {START: {NOW: "2026-11-24T13:00:00Z"}}
    ),
    "a Deny has no date": lambda closing: deny(closing, PLAIN)["Condition"].pop(START),
    "a Deny names nobody": lambda closing: deny(closing, PLAIN)["Condition"].pop("StringEquals"),
    "a Deny allows": lambda closing: deny(closing, PLAIN).update(Effect="Allow"),
    "a Deny spares S3": lambda closing: deny(closing, PLAIN).update(Action="iam:*"),
    "a Deny spares all buckets but one": lambda closing: deny(closing, PLAIN).update(Resource="arn:aws:s3:::b"),
    "a Deny is another role's": lambda closing: deny(closing, PLAIN)["Condition"]["StringEquals"].update(
        {"aws:userid": f"AROAOTHEROTHEROTHER01:{PLAIN.session_name}"}
    ),
    "two Denies have changed places": swapped(PLAIN, RICHARD),
    "something is allowed beside": lambda closing: closing["Statement"].append(
        {"Effect": "Allow", "Action": "*", "Resource": "*"}
    ),
    "everything is denied to all": lambda closing: closing["Statement"].append(
        {"Effect": "Deny", "Action": "*", "Resource": "*"}
    ),
    "there is no statement": lambda closing: closing.update(Statement=[]),
}


@pytest.mark.parametrize("mutate", CLOSING_MUTATIONS.values(), ids=CLOSING_MUTATIONS.keys())
def test_a_spoilt_closing_policy_is_found(mutate: Mutation) -> None:
    trust, closing = compiled(ROLE)
    mutate(closing)
    assert judged(trust, closing)


def oauth(closing: Document) -> Document:
    """The Deny of the tokens that outlive a session, to be spoilt."""
    found: Document = next(s for s in closing["Statement"] if s["Action"] != "*")
    return found


OAUTH_MUTATIONS: dict[str, Mutation] = {
    "it is missing": lambda closing: closing["Statement"].remove(oauth(closing)),
    "it is there twice": lambda closing: closing["Statement"].append(oauth(closing)),
    "one action is missing": lambda closing: oauth(closing)["Action"].pop(),
    "one action more": lambda closing: oauth(closing)["Action"].append("s3:GetObject"),
    "it binds the sessions of others": lambda closing: oauth(closing)["Condition"]["StringLike"].update(
        {"aws:userid": f"{ROLE.unique_id}:*"}
    ),
    "it binds another role": lambda closing: oauth(closing)["Condition"]["StringLike"].update(
        {"aws:userid": "AROAOTHEROTHEROTHER01:dp*"}
    ),
    "it compares letter by letter": lambda closing: oauth(closing).update(
        Condition={"StringEquals": oauth(closing)["Condition"]["StringLike"]}
    ),
    "it binds everybody": lambda closing: oauth(closing).pop("Condition"),
    "it is dated": lambda closing: oauth(closing)["Condition"].update({START: {NOW: "2026-11-24T13:00:00Z"}}),
    "it allows": lambda closing: oauth(closing).update(Effect="Allow"),
    "it spares a resource": lambda closing: oauth(closing).update(Resource="arn:aws:s3:::b"),
}


@pytest.mark.parametrize("mutate", OAUTH_MUTATIONS.values(), ids=OAUTH_MUTATIONS.keys())
def test_a_spoilt_deny_of_tokens_is_found_on_an_imported_role(mutate: Mutation) -> None:
    trust, closing = compiled(ADOPTED)
    mutate(closing)
    assert judged(trust, closing, role=ADOPTED)


def test_a_deny_of_tokens_is_not_written_to_a_managed_role() -> None:
    trust, closing = compiled(ROLE)
    closing["Statement"].append(oauth(compiled(ADOPTED)[1]))
    assert judged(trust, closing)


TAIL = timedelta(hours=13, minutes=10)  # twelve hours of refreshes, one more hour, ten minutes to spare


@pytest.mark.parametrize(("after", "is_found"), [(TAIL - timedelta(seconds=1), True), (TAIL, False)])
def test_a_deny_that_goes_a_second_early_is_found(after: timedelta, *, is_found: bool) -> None:
    over = replace(EXPIRED, removed_at=EXPIRED.ends_at)
    assert bool(check_closing(ROLE, None, [over], now=EXPIRED.ends_at + after)) is is_found


def test_a_missing_closing_policy_is_found() -> None:
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
        (replace(WAITING, sent_at=NOON), None, None, True),
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
def test_only_who_was_left_out_and_never_let_in_needs_no_deny(
    facts: GrantFacts, before: Document | None, denied: GrantFacts | None, is_found: bool
) -> None:
    was = compile_closing_policy(ROLE, [denied] if denied else [], now=NOON)
    compiled = compile_trust_policy(ROLE, [], present=None, now=NOON).document
    left_out = frozenset({facts.session_name})
    found = check(
        ROLE, [facts], trust=compiled, closing=None, left_out=left_out, before=before, closing_before=was, now=NOON
    )
    assert bool(found) is is_found


def test_who_was_not_left_out_needs_a_deny_also_when_he_is_new() -> None:
    compiled = compile_trust_policy(ROLE, [WAITING], present=None, now=NOON).document
    found = check(
        ROLE,
        [WAITING],
        trust=compiled,
        closing=None,
        left_out=frozenset(),
        before=None,
        closing_before=None,
        now=NOON,
    )
    assert found == [f"{WAITING.session_name}: its sessions are not denied at its end."]

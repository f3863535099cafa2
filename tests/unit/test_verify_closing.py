"""The judge finds every way in which a compiled closing policy could be wrong."""

import pytest

from access.lifecycle import GrantFacts
from access.trust import Document
from tests.unit.facts import ROLE
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


def test_a_missing_closing_policy_is_found() -> None:
    trust, _ = compiled(ROLE)
    assert len(judged(trust, None)) == len(GRANTS)

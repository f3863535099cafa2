"""Checks for what carries data out: reading it everywhere, opening it to others, uploads to a stranger's bucket."""

import re
from collections.abc import Iterator

from access.bypass import bypass_of
from access.explain.coverage import Coverage, coverage_of, narrowing
from access.explain.finding import Finding, Weight
from access.explain.sensitive import CARRIES, CREDENTIALS, DATA, TOKENS
from access.explain.service_catalog import Level, matching
from access.explain.statements import Policy, Statement
from access.explain.wording import joined, some
from access.uploads import ACL_KEY, OWNER_HAS_ALL

_UPLOADS = ("s3:PutObject", "s3:ReplicateObject", "s3:RestoreObject", "s3:PutObjectAcl")
_OWNER_KEYS = ("aws:ResourceAccount", "s3:ResourceAccount", "aws:ResourceOrgID", "aws:ResourceOrgPaths")
_BUCKET = re.compile(r"arn:[^:]*:s3:::([^/*?]+)")


def find_all_data(statement: Statement, policy: Policy) -> Iterator[Finding]:
    """Find actions that read data, allowed on everything; where a condition holds them, it is named and weighs less."""
    found = [name for name in policy.allowed(statement, DATA) if coverage_of(name, statement) is Coverage.EVERYTHING]
    keys = _narrowing_keys(statement)
    if not found:
        return
    if keys:
        said = f"{some(found)} on everything is held only by {keys}."
        yield Finding(
            Weight.LOW, "all-data", said, "Put the ARNs that are meant into Resource as well.", statement.where
        )
        return
    yield Finding(
        Weight.HIGH,
        "all-data",
        f"With {some(found)} on everything, a session can carry out all the data that the account holds there.",
        "Put the ARNs that are meant into Resource.",
        statement.where,
    )


def find_carrying_out(statement: Statement, policy: Policy) -> Iterator[Finding]:
    """Find actions that copy data to others or let others in."""
    found = [
        name for name in policy.allowed(statement, CARRIES) if coverage_of(name, statement) is not Coverage.NOTHING
    ]
    keys = _narrowing_keys(statement)
    if found:
        yield Finding(
            Weight.LOW if keys else Weight.HIGH,
            "carries-out",
            f"With {some(found)} data can be copied or opened to other accounts{_where(keys)}.",
            "Take the actions out.",
            statement.where,
        )


def find_credentials(statement: Statement, policy: Policy) -> Iterator[Finding]:
    """Find actions whose answer is a credential; a token that has no more rights than the session weighs less."""
    if "*" in statement.actions:
        return
    for weight, wanted in ((Weight.MEDIUM, CREDENTIALS), (Weight.LOW, TOKENS)):
        found = [
            name for name in policy.allowed(statement, wanted) if coverage_of(name, statement) is not Coverage.NOTHING
        ]
        if found:
            yield Finding(
                weight,
                "credentials",
                f"{some(found)} {'returns' if len(found) == 1 else 'return'} a password, key or token"
                + (" that can be used outside the session." if weight is Weight.MEDIUM else " for a registry."),
                "Take the actions out, if the work does not need them.",
                statement.where,
            )


def find_resource_sharing(statement: Statement, policy: Policy) -> Iterator[Finding]:
    """Find other actions that AWS calls permissions management: they say who else has access to a resource."""
    known = [action for name in statement.actions for action in matching(name) if action.level is Level.PERMIT]
    others = [action.name for action in known if action.service != "iam" and bypass_of(action.name) is None]
    found = [name for name in others if name not in CARRIES and coverage_of(name, statement) is not Coverage.NOTHING]
    if _hands_to_owner(statement):
        found = [name for name in found if name != "s3:PutObjectAcl"]
    found = policy.allowed(statement, found)
    if found:
        yield Finding(
            Weight.LOW if _narrowing_keys(statement) else Weight.MEDIUM,
            "opens",
            f"With {some(found)} a session can say who else has access to a resource.",
            "Take the actions out, if the work does not need them.",
            statement.where,
        )


def find_missing_owner(statement: Statement, _policy: Policy) -> Iterator[Finding]:
    """Find uploads to a bucket without its owner: another account can take the name when the bucket is gone."""
    buckets = [match[1] for resource in statement.resources if (match := _BUCKET.match(resource))]
    uploads = [name for name in _UPLOADS if statement.allows and statement.names(name)]
    if not buckets or not uploads or statement.values_of(*_OWNER_KEYS):
        return
    handed = _hands_to_owner(statement)
    yield Finding(
        Weight.NOTE if handed else Weight.LOW,
        "bucket-owner",
        f"Uploads to {some(buckets)} continue if another account comes to own a bucket of that name.",
        "Add the condition StringEquals aws:ResourceAccount with the number of the account that owns the bucket"
        + ("." if handed else f"; where the bucket takes ACLs, also {ACL_KEY} with {OWNER_HAS_ALL}."),
        statement.where,
    )


def _narrowing_keys(statement: Statement) -> str:
    return joined(list(dict.fromkeys(one.key for one in narrowing(statement))))


def _where(keys: str) -> str:
    return f", where {keys} lets it" if keys else ""


def _hands_to_owner(statement: Statement) -> bool:
    """Return whether every upload has to hand the object over: asked with StringEquals, not merely named."""
    return any(
        one.operator == "StringEquals" and one.key.lower() == ACL_KEY and one.values == (OWNER_HAS_ALL,)
        for one in statement.conditions
    )

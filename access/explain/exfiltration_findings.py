"""Checks for data that can leave the account: broad reads, access for others, uploads to unknown buckets."""

import re
from collections.abc import Iterator

from access.bypass import bypass_of
from access.explain.coverage import Coverage, coverage_of, is_free, narrowing
from access.explain.finding import Finding, Weight, text
from access.explain.sensitive import CARRIES, CREDENTIALS, DATA, DATA_NEEDS, TOKENS
from access.explain.service_catalog import Level, matching
from access.explain.statements import Policy, Statement
from access.explain.wording import some
from access.texts.text import Listed
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
        said = text("all_data_held", names=some(found), keys=Listed(keys))
        yield Finding(Weight.LOW, "all-data", said, text("fix_name_resources_too"), statement.where)
        return
    weight = Weight.HIGH if any(_is_enough(name, policy) for name in found) else Weight.MEDIUM
    said = text("all_data", names=some(found))
    yield Finding(weight, "all-data", said, text("fix_name_resources"), statement.where)


def _is_enough(name: str, policy: Policy) -> bool:
    """Return whether the action reads data with what else the policy allows."""
    return name not in DATA_NEEDS or any(map(policy.allows, DATA_NEEDS[name]))


def find_carrying_out(statement: Statement, policy: Policy) -> Iterator[Finding]:
    """Find actions that copy data to others or let others in."""
    much = {name: coverage_of(name, statement) for name in policy.allowed(statement, CARRIES)}
    found = [name for name, its in much.items() if its is not Coverage.NOTHING]
    keys = _narrowing_keys(statement)
    if keys and found:
        said = text("carries_out_held", names=some(found), keys=Listed(keys))
        yield Finding(Weight.LOW, "carries-out", said, text("fix_take_out_actions"), statement.where)
        return
    enough = [name for name in found if much[name] is not Coverage.DOUBTFUL and is_free(name, policy)]
    if found:
        said = text("carries_out", names=some(enough or found))
        weight = Weight.HIGH if enough else Weight.LOW
        yield Finding(weight, "carries-out", said, text("fix_take_out_actions"), statement.where)


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
                text("credentials" if weight is Weight.MEDIUM else "tokens", names=some(found), count=len(found)),
                text("fix_take_out_unneeded"),
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
            text("opens", names=some(found)),
            text("fix_take_out_unneeded"),
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
        text("bucket_owner", names=some(buckets)),
        text("fix_owner") if handed else text("fix_owner_and_acl", key=ACL_KEY, value=OWNER_HAS_ALL),
        statement.where,
    )


def _narrowing_keys(statement: Statement) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one.key for one in narrowing(statement)))


def _hands_to_owner(statement: Statement) -> bool:
    """Return whether every upload has to hand the object over: asked with StringEquals, not merely named."""
    return any(
        one.operator == "StringEquals" and one.key.lower() == ACL_KEY and one.values == (OWNER_HAS_ALL,)
        for one in statement.conditions
    )

"""The resources on which a statement allows an action (all, named ones or none), and what limits the statement."""

import functools
import re
from collections.abc import Iterator, Sequence
from enum import Enum, auto

from access.explain.conditions import EACH, operator_parts
from access.explain.resources import completed, is_everything
from access.explain.service_catalog import Action, matching, resource_formats
from access.explain.statements import Condition, Policy, Statement
from access.explain.wildcards import has_wildcard, matches, overlap

_ONE_PART = re.compile(r"\$\{(?:Partition|Region|Account|BucketName)\}")
_ANY = re.compile(r"\$\{[^}]*\}")
# Service-linked roles: IAM refuses to change or pass them. [IAM User Guide, "Using service-linked roles"]
_SERVICE_LINKED = ":role/aws-service-role/"
# A session of a role has no user name, so that a resource with this variable matches nothing. [IAM User Guide,
# "IAM policy elements: Variables", "Where you can use policy variables"]
_USER_NAME = "${aws:username}"

# Keys that say who calls, from where or when. They limit who can use an action, but not on which resources.
_ABOUT_THE_CALL = (
    "aws:currenttime", "aws:epochtime", "aws:multifactorauthage", "aws:multifactorauthpresent", "aws:principal",
    "aws:referer", "aws:requestedregion", "aws:securetransport", "aws:signinsessionarn", "aws:sourceidentity",
    "aws:sourceip", "aws:sourcevpc", "aws:tokenissuetime", "aws:useragent", "aws:userid", "aws:username", "aws:vpc",
    "aws:resourceaccount", "aws:resourceorg", "s3:resourceaccount", "s3:tlsversion", "s3:x-amz-acl",
    "aws:requesttag/", "aws:tagkeys", "aws:federatedprovider", "ec2:region", "kms:calleraccount", "s3:authtype",
    "s3:signature", "sts:",
)  # fmt: skip
_RESOURCE_ACCOUNT = ("aws:resourceaccount", "s3:resourceaccount")
# What a request that the key is about always brings along, so that IfExists lets nothing else through. [AWS RAM User
# Guide, "Condition keys for AWS RAM"]
_ALWAYS_SENT = ("ram:requestedresourcetype",)
_RENAMED = {"codeconnections", "codestar-connections"}  # AWS documents that ARNs of either name are of one service
_POSITIVE = ("StringEquals", "StringEqualsIgnoreCase", "StringLike", "ArnEquals", "ArnLike", "NumericEquals")
_YES_OR_NO = {"Null": "false", "Bool": "true"}


class Coverage(Enum):
    """On how much; DOUBTFUL is what only fits when a star takes in more than one part of an ARN."""

    NOTHING = auto()
    DOUBTFUL = auto()
    NAMED = auto()
    EVERYTHING = auto()


def coverage_of(name: str, statement: Statement) -> Coverage:
    """Return on how much the statement is about the action, as far as its resources say."""
    known = matching(name)
    action = known[0] if len(known) == 1 else None
    if statement.not_resources:
        return Coverage.NOTHING if action and _leaves_nothing(action, statement) else Coverage.EVERYTHING
    resources = [resource for resource in statement.resources if not _is_not_covered(name, resource)]
    fitting = [resource for resource in resources if action is None or fits(action, resource)]
    if not fitting:
        return Coverage.NOTHING
    kinds = kinds_of(action) if action else []
    plain = [one for one in fitting if not kinds or one == "*" or any(_can_be(one, kind) for kind in kinds)]
    if not plain:
        return Coverage.DOUBTFUL
    is_all = any(is_everything(one) or any(_is_all_of(one, kind) for kind in kinds) for one in plain)
    return Coverage.EVERYTHING if is_all else Coverage.NAMED


def is_free(name: str, policy: Policy) -> bool:
    """Return whether an action is allowed without a condition on a resource that AWS checks for it.

    The resources of one call can be in different statements, of which the one that matters has the condition. EC2 and
    ECS check each type that their list calls required; in other services the types are often alternatives.
    """
    known = matching(name)
    if len(known) != 1:
        return True
    having = [one for one in policy.statements if one.allows and one.names(name) and not any(narrowing(one))]
    formats = resource_formats(known[0].service)
    kinds = [formats[kind] for kind in known[0].required if kind in formats]
    reached = [any(_reaches(one, kind) for one in having) for kind in kinds]
    return all(reached) if known[0].service in ("ec2", "ecs") else any(reached) or not kinds


def _reaches(statement: Statement, kind: str) -> bool:
    if statement.not_resources:
        return not any(_takes_in(one, kind) for one in statement.not_resources)
    return any(one == "*" or _can_be(one, kind) for one in statement.resources)


def _leaves_nothing(action: Action, statement: Statement) -> bool:
    """Return whether NotResource takes in every resource that the action can be held to."""
    kinds = kinds_of(action)
    return bool(kinds) and all(any(_takes_in(one, kind) for one in statement.not_resources) for kind in kinds)


def _is_all_of(resource: str, kind: str) -> bool:
    """Return whether a resource is all of its kind in some region and account: `table/*/stream/*`."""
    written, wanted = completed(resource).split(":", 5), _ANY.sub("\x00", kind).split(":", 5)
    return len(written) == len(wanted) == 6 and matches(written[5], wanted[5])


def _takes_in(pattern: str, kind: str) -> bool:
    """Return whether a pattern matches whatever ARN of this kind there can be."""
    partition = completed(pattern).split(":", 2)[1:2]
    exact = _ANY.sub("\x00", kind.replace("${Partition}", partition[0] if partition else ""))
    return matches(completed(pattern), exact)


def fits(action: Action, resource: str) -> bool:
    """Return whether the resource can be of a kind that the action takes.

    For actions without kinds the package is too incomplete to reject a pattern; it can only reject one exact ARN.
    """
    if not action.resources:
        return has_wildcard(completed(resource))
    kinds = kinds_of(action)
    return resource == "*" or not kinds or any(_can_match(resource, kind) for kind in kinds)


def fitting(statement: Statement, name: str) -> list[Action]:
    """Return the actions of a name or pattern that the statement's resources leave something to.

    Of a pattern, only those whose kinds are plainly meant: `s3:*` on objects is not counted as creating buckets.
    """
    found = matching(name)
    if "*" in statement.resources or not statement.resources:
        return list(found)
    if not has_wildcard(name):
        return [action for action in found if any(fits(action, resource) for resource in statement.resources)]
    return [
        action
        for action in found
        if any(_can_be(resource, kind) for kind in kinds_of(action) for resource in statement.resources)
    ]


def fitting_resources(statement: Statement, names: Sequence[str]) -> tuple[str, ...]:
    """Return the statement's resources without those of services whose resources none of the names or patterns takes.

    A statement often lists the resources of several services. Where that leaves none, all of them are returned.
    """
    found = {action.name: action for name in names for action in matching(name)}
    if not found or any(not matching(name) for name in names):
        return statement.resources
    kinds = dict.fromkeys(kind for action in found.values() for kind in kinds_of(action))
    if not kinds or any(action.resources and not kinds_of(action) for action in found.values()):
        return statement.resources
    services = {*(action.service for action in found.values()), *(kind.split(":")[2] for kind in kinds)}
    if any("${" in service for service in services):
        return statement.resources  # a recovery point of AWS Backup is a resource of whatever service it is of
    services |= _RENAMED if services & _RENAMED else set()
    kept = tuple(one for one in statement.resources if one == "*" or _is_of(one, services))
    return kept or statement.resources


def _is_of(resource: str, services: set[str]) -> bool:
    """Return whether a resource can be of one of the services; AWS's list of types within a service is incomplete."""
    service = completed(resource).split(":")[2:3]
    return not service or has_wildcard(service[0]) or service[0] in services


def idle_because(name: str, statement: Statement) -> str:
    """Return the code of why a name or pattern allows or forbids nothing, or "" where it has an effect."""
    found = matching(name)
    if name == "*":
        return ""
    if not found:
        return "unknown_name"
    if any(fits(action, resource) for action in found for resource in statement.resources or ("*",)):
        return ""
    return "no_such_resource" if any(map(kinds_of, found)) else "no_resource"


def covers(action: Action, statement: Statement) -> bool:
    """Return whether the statement's resources take in everything that the action could be held to."""
    if "*" in statement.resources:
        return True
    wide = [completed(resource) for resource in statement.resources if is_everything(resource)]
    kinds = kinds_of(action)
    return bool(kinds) and all(any(_can_be(one, kind) for one in wide) for kind in kinds)


def unallowed_kinds(action: Action, policy: Policy) -> tuple[str, ...]:
    """Return the resource types on which AWS checks the action and no statement of the policy can allow it."""
    allowing = [one for one in policy.statements if policy.allowed(one, [action.name])]
    if any(one.not_resources for one in allowing):
        return ()
    resources = [resource for one in allowing for resource in one.resources or ("*",)]
    formats = resource_formats(action.service)
    known = [kind for kind in action.required if kind in formats]
    if "*" in resources:
        return ()
    return tuple(kind for kind in known if not any(_can_be(resource, formats[kind]) for resource in resources))


def kinds_of(action: Action) -> list[str]:
    """Return what the action's resources look like; where the package does not say, return none."""
    formats = resource_formats(action.service)
    return [formats[kind] for kind in action.resources if kind in formats]


def narrowing(statement: Statement) -> Iterator[Condition]:
    """Yield the conditions that hold an Allow to some resources, services or uses.

    A negated operator, IfExists, ForAllValues (met by an absent key) and a lone star hold it to nothing. But a star
    for a tag asks that there is one, and an account that is left out, usually the role's own, leaves what others share.
    """
    for one in statement.conditions:
        over, name, optional = operator_parts(one.operator)
        key = one.key.lower()
        if key in _RESOURCE_ACCOUNT and name in ("StringNotEquals", "StringNotLike") and not optional:
            yield one
            continue
        if (optional and key not in _ALWAYS_SENT) or over == EACH:
            continue
        if key.startswith(_ABOUT_THE_CALL):
            continue
        if _asks_for_something(one, name):
            yield one


def _asks_for_something(one: Condition, operator: str) -> bool:
    if operator in _YES_OR_NO:
        return {value.lower() for value in one.values} == {_YES_OR_NO[operator]}
    return operator in _POSITIVE and ("tag/" in one.key.lower() or not any(map(_is_any, one.values)))


def _is_any(value: str) -> bool:
    return value.strip("*?") == ""


def _is_not_covered(name: str, resource: str) -> bool:
    return name.startswith("iam:") and (_SERVICE_LINKED in resource or _USER_NAME in resource)


@functools.lru_cache(maxsize=16384)
def _can_be(resource: str, kind: str) -> bool:
    """Return whether some ARN is both, by parts: the account's star stands for an account."""
    written, wanted = _star(resource).split(":", 5), _star(kind).split(":", 5)
    if len(written) < 6 or len(wanted) < 6:
        return True  # no ARN: nothing is known of it
    return all(overlap(one, other) for one, other in zip(written, wanted, strict=True))


@functools.lru_cache(maxsize=16384)
def _can_match(resource: str, kind: str) -> bool:
    """Return whether some ARN is both, as IAM compares.

    AWS documents that a star stays within one part of an ARN, and relies on the contrary in its own policies
    (`arn:aws:logs:*:*:/aws-glue/*`): what is not certain is taken to match.
    """
    return overlap(_star(resource), _star(kind))


def _star(arn: str) -> str:
    return _ANY.sub("*", _ONE_PART.sub("\x00", completed(arn)))

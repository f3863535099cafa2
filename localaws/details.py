"""The entries of GetAccountAuthorizationDetails."""

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote
from xml.sax.saxutils import escape

from localaws.iam import boundary_xml, tags_xml, trust_shown
from localaws.inside import GROUP_POLICIES, GROUPS, POLICIES, ROLES, USER_POLICIES, USERS, find_policy

SECTIONS = ("UserDetailList", "GroupDetailList", "RoleDetailList", "Policies")
STORES = dict(zip(SECTIONS, (USERS, GROUPS, ROLES, POLICIES), strict=True))
FILTERS = {
    "User": "UserDetailList",
    "Group": "GroupDetailList",
    "Role": "RoleDetailList",
    "LocalManagedPolicy": "Policies",
}


def entries(wanted: set[str]) -> list[tuple[str, str]]:
    """Return (section, name) of everything in the caller's account that the filter asks for; no filter is all."""
    sections = [FILTERS[name] for name in FILTERS if name in wanted] if wanted else SECTIONS
    return [(section, name) for section in SECTIONS if section in sections for name in sorted(STORES[section].keys())]


def member(section: str, name: str) -> str:
    """Return one entry as XML."""
    makers: dict[str, Callable[[str], str]] = dict(zip(SECTIONS, (_user, _group, _role, _policy), strict=True))
    return f"<member>{makers[section](name)}</member>"


def _user(name: str) -> str:
    user = USERS[name]
    groups = "".join(f"<member>{g['GroupName']}</member>" for g in GROUPS.values() if name in g.get("Users", []))
    return (
        _plain(user, "UserName", "UserId", "Arn", "Path", "CreateDate")
        + _inline("UserPolicyList", USER_POLICIES.get(name) or {})
        + f"<GroupList>{groups}</GroupList>"
        + _attached(user)
        + boundary_xml(user)
        + tags_xml(user)
    )


def _group(name: str) -> str:
    group = GROUPS[name]
    return (
        _plain(group, "GroupName", "GroupId", "Arn", "Path", "CreateDate")
        + _inline("GroupPolicyList", GROUP_POLICIES.get(name) or {})
        + _attached(group)
    )


def _role(name: str) -> str:
    role = ROLES[name]
    return (
        _plain(role, "RoleName", "RoleId", "Arn", "Path", "CreateDate")
        + f"<AssumeRolePolicyDocument>{quote(trust_shown(role), safe='')}</AssumeRolePolicyDocument>"
        + _inline("RolePolicyList", role.get("InlinePolicies") or {})
        + _attached(role)
        + "<InstanceProfileList></InstanceProfileList>"
        + boundary_xml(role)
        + tags_xml(role)
    )


def _policy(arn: str) -> str:
    policy = POLICIES[arn]
    versions = "".join(
        f"<member><Document>{quote(version['Document'], safe='')}</Document>"
        f"<VersionId>{version['VersionId']}</VersionId>"
        f"<IsDefaultVersion>{str(bool(version.get('IsDefaultVersion'))).lower()}</IsDefaultVersion></member>"
        for version in policy["Versions"].values()
    )
    plain = _plain(policy, "PolicyName", "PolicyId", "Arn", "Path", "DefaultVersionId")
    return f"{plain}<PolicyVersionList>{versions}</PolicyVersionList>"


def _plain(record: Mapping[str, Any], *names: str) -> str:
    return "".join(f"<{name}>{escape(str(record[name]))}</{name}>" for name in names)


def _inline(tag: str, policies: Mapping[str, str]) -> str:
    members = "".join(
        f"<member><PolicyName>{escape(name)}</PolicyName>"
        f"<PolicyDocument>{quote(document, safe='')}</PolicyDocument></member>"
        for name, document in policies.items()
    )
    return f"<{tag}>{members}</{tag}>"


def _attached(owner: Mapping[str, Any]) -> str:
    def name(arn: str) -> str:
        policy = find_policy(arn)
        return str(policy["PolicyName"]) if policy else arn.rpartition("/")[2]

    members = "".join(
        f"<member><PolicyName>{name(arn)}</PolicyName><PolicyArn>{arn}</PolicyArn></member>"
        for arn in owner.get("AttachedPolicies", [])
    )
    return f"<AttachedManagedPolicies>{members}</AttachedManagedPolicies>"

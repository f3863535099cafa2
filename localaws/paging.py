"""Return lists in pages, as IAM does: 100 entries unless MaxItems says otherwise, at most 1,000, then a Marker."""

import re
from base64 import b64decode, b64encode
from bisect import bisect_right
from typing import Any

from localaws import details
from localaws.answers import Refused, Response, result
from localaws.iam import Handler, Params, role_xml, text
from localaws.inside import IAM_HANDLERS, ROLES

DEFAULT_ITEMS = 100
MOST_ITEMS = 1_000
KEY_LENGTH = 300  # of a member's text, which begins with its name
MEMBER = re.compile(rb"<member>|</member>")
WHOLE = b"<IsTruncated>false</IsTruncated>"
# ministack gives these whole, the layer cuts them into pages.
CUT = (
    "ListUsers", "ListGroups", "ListPolicies", "ListRolePolicies", "ListUserPolicies", "ListGroupPolicies",
    "ListAttachedRolePolicies", "ListAttachedUserPolicies", "ListAttachedGroupPolicies", "ListAccessKeys",
    "ListMFADevices", "ListVirtualMFADevices", "ListGroupsForUser", "ListPolicyVersions", "ListInstanceProfiles",
    "ListInstanceProfilesForRole", "ListRoleTags", "ListUserTags", "ListPolicyTags",
)  # fmt: skip


def install() -> None:
    """Replace the handlers of lists."""
    for action in CUT:
        IAM_HANDLERS[action] = cut(IAM_HANDLERS[action])
    IAM_HANDLERS["ListRoles"] = list_roles
    IAM_HANDLERS["GetAccountAuthorizationDetails"] = authorization_details


def page(items: list[tuple[str, Any]], params: Params) -> tuple[list[Any], str]:
    """Return the page that the call asks for and the XML that says whether there is more.

    Items are (key, item), sorted by key. A Marker names the last key given, so that entries can come and go
    between two pages.
    """
    wanted, marker = text(params, "MaxItems") or str(DEFAULT_ITEMS), text(params, "Marker")
    if not wanted.isdecimal() or not 1 <= int(wanted) <= MOST_ITEMS:
        bound = "less than or equal to 1000" if wanted.isdecimal() and int(wanted) else "greater than or equal to 1"
        raise Refused(
            "ValidationError",
            f"1 validation error detected: Value '{wanted}' at 'maxItems' failed to satisfy constraint: "
            f"Member must have value {bound}",
        )
    start = bisect_right(items, _key_of(marker), key=lambda item: item[0]) if marker else 0
    chosen = items[start : start + int(wanted)]
    if start + len(chosen) == len(items):
        return [item for _, item in chosen], WHOLE.decode()
    last = b64encode(chosen[-1][0].encode()).decode()
    return [item for _, item in chosen], f"<IsTruncated>true</IsTruncated><Marker>{last}</Marker>"


def _key_of(marker: str) -> str:
    try:
        return b64decode(marker, validate=True).decode()
    except ValueError:
        raise Refused("ValidationError", f"Invalid Marker: {marker}") from None


def list_roles(params: Params) -> Response:
    """Return the roles under a path, trust policies included, tags and boundaries not (ListRoles, API reference)."""
    prefix = text(params, "PathPrefix") or "/"
    names = sorted(name for name, role in ROLES.items() if role.get("Path", "/").startswith(prefix))
    chosen, more = page([(name, name) for name in names], params)
    members = "".join(f"<member>{role_xml(name, boundary=False)}</member>" for name in chosen)
    return result("iam", "ListRoles", f"<Roles>{members}</Roles>{more}")


def authorization_details(params: Params) -> Response:
    """Return users, groups, roles and policies with all their documents, page by page over all of them."""
    wanted = {text(params, name) for name in params if name.startswith("Filter.member.")}
    entries = [(f"{details.SECTIONS.index(kind)}{name}", (kind, name)) for kind, name in details.entries(wanted)]
    chosen, more = page(entries, params)
    sections = "".join(
        f"<{section}>{''.join(details.member(kind, name) for kind, name in chosen if kind == section)}</{section}>"
        for section in details.SECTIONS
    )
    return result("iam", "GetAccountAuthorizationDetails", sections + more)


def cut(handler: Handler) -> Handler:
    """Return a handler that gives one page of what ministack gives whole."""

    def paged(params: Params) -> Response:
        status, headers, body = handler(params)
        if status != 200 or WHOLE not in body:
            return status, headers, body
        spans = top_members(body)
        if not spans:
            return status, headers, body
        members = sorted((body[start:end].decode()[:KEY_LENGTH], body[start:end]) for start, end in spans)
        chosen, more = page(members, params)
        kept = b"".join(chosen)
        body = body[: spans[0][0]] + kept + body[spans[-1][1] :]
        return status, headers, body.replace(WHOLE, more.encode())

    return paged


def top_members(body: bytes) -> list[tuple[int, int]]:
    """Return where each outermost <member> begins and ends."""
    spans, depth, start = [], 0, 0
    for found in MEMBER.finditer(body):
        if found.group() == b"<member>":
            start = found.start() if depth == 0 else start
            depth += 1
        else:
            depth -= 1
            if depth == 0:
                spans.append((start, found.end()))
    return spans

"""The format that every statement by Daypass must have.

The questions that `checks` asks name some strangers; a document can name others, in ways that no question meets. So
besides being asked, it must consist of nothing but the elements that are ours.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from access.lifecycle import GrantFacts
from access.texts.text import Text
from access.verify.evaluator import statement_list
from access.verify.matching import like

_NAME = "sts:RoleSessionName"
_ALWAYS = {("StringEquals", _NAME), ("DateGreaterThanEquals", "aws:CurrentTime"), ("DateLessThan", "aws:CurrentTime")}
_DEFAULT_DENY = "dpclosed"


def check_trust_form(
    trust: Mapping[str, Any], written: Sequence[GrantFacts], *, known: Collection[str]
) -> Iterator[Text]:
    """Each grant that is written has one statement, which names its principal and asks for one value of each key."""
    expected = {grant.session_name: grant for grant in written}
    seen: list[str] = []
    for statement in statement_list(trust):
        sid = str(statement.get("Sid", ""))
        if sid == _DEFAULT_DENY:
            if not closes(statement) or written or seen.count(sid):
                yield Text("finding_default_deny_misplaced")
            seen.append(sid)
        elif sid in expected and sid not in seen:
            seen.append(sid)
            if not _has_form(statement, expected[sid]):
                yield Text("finding_statement_form", {"grant": sid})
        elif sid in known and statement.get("Effect") != "Deny":
            yield Text("finding_statement_too_many", {"grant": sid})


def closes(statement: Mapping[str, Any]) -> bool:
    """Return whether this is the default-deny statement or a broader one: it denies AssumeRole to everybody."""
    if set(statement) != {"Sid", "Effect", "Principal", "Action"} or statement["Effect"] != "Deny":
        return False
    principal = statement["Principal"]
    everybody = principal.get("AWS") if isinstance(principal, Mapping) else principal
    return everybody in ("*", ["*"]) and any(like("sts:assumerole", one) is True for one in actions_of(statement))


def actions_of(statement: Mapping[str, Any]) -> list[str]:
    """Return the actions that a statement names, in lower case; a NotAction counts as all of them."""
    named = statement.get("Action", "sts:*")
    return [str(one).lower() for one in (named if isinstance(named, list) else [named])]


def _has_form(statement: Mapping[str, Any], grant: GrantFacts) -> bool:
    rest = {key: value for key, value in statement.items() if key not in {"Sid", "Condition"}}
    tests = [
        (operator, key, value)
        for operator, keys in statement.get("Condition", {}).items()
        for key, value in keys.items()
    ]
    return (
        rest == {"Effect": "Allow", "Principal": {"AWS": grant.principal_arn}, "Action": "sts:AssumeRole"}
        and _may_be_named(grant)
        and {(operator, key) for operator, key, _ in tests} == _asked(grant)
        and all(_is_asked(key, value, grant) for _, key, value in tests)
    )


def _may_be_named(grant: GrantFacts) -> bool:
    """Return whether it is no session at all, or one person's own in Identity Center, with the id of just that
    session.
    """
    resource = grant.principal_arn.split(":", 5)[-1].split("/")
    if resource[0] != "assumed-role":
        return ":" not in grant.unique_id
    is_one_person = len(resource) == 3 and resource[1].startswith("AWSReservedSSO_")
    return is_one_person and grant.unique_id.startswith("AROA") and grant.unique_id.endswith(f":{resource[2]}")


def _asked(grant: GrantFacts) -> set[tuple[str, str]]:
    """Return the tests that this grant's statement makes, and no other."""
    optional = {
        ("StringEquals", "aws:userid"): grant.unique_id.startswith("AIDA") or ":" in grant.unique_id,
        ("StringLike", "aws:userid"): grant.unique_id.startswith("AROA") and ":" not in grant.unique_id,
        ("StringEquals", "sts:ExternalId"): bool(grant.external_id),
        ("Bool", "aws:MultiFactorAuthPresent"): grant.requires_mfa and not grant.portal_issued,
        ("IpAddress", "aws:SourceIp"): bool(grant.source_cidrs) and not grant.portal_issued,
    }
    return _ALWAYS | {test for test, is_asked in optional.items() if is_asked}


def _is_asked(key: str, value: Any, grant: GrantFacts) -> bool:
    """Return whether it is the list of the grant's own networks, or one value, which the questions then judge."""
    return set(value) == set(grant.source_cidrs) if key == "aws:SourceIp" else isinstance(value, str)

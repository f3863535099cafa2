"""The grammar of policy documents, as IAM checks it when one is saved.

Sentences are IAM's where they are known; code and status (`MalformedPolicyDocument`, 400) always are.
"""

import re
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from localaws import written
from localaws.answers import Refused

VERSIONS = ("2012-10-17", "2008-10-17")
TOP_FIELDS = {"Version", "Id", "Statement"}
COMMON_FIELDS = {"Sid", "Effect", "Action", "NotAction", "Condition"}
TRUST_FIELDS = COMMON_FIELDS | {"Principal", "NotPrincipal"}
PERMISSION_FIELDS = COMMON_FIELDS | {"Resource", "NotResource"}
SID = re.compile(r"[A-Za-z0-9]*\Z")
ACTION = re.compile(r"(?:\*|[A-Za-z0-9-]+:[A-Za-z0-9*?]+)\Z")
TRUST_ACTION = re.compile(r"sts:(?:[A-Za-z*?]+)\Z", re.IGNORECASE)
CHARACTERS = re.compile(r"[\t\n\r\x20-\xff]{1,131072}\Z")
EPOCH = re.compile(r"-?[0-9]{1,13}(?:\.[0-9]+)?\Z")
# IAM's own spelling: it refuses any other letter case. [UG:reference_policies_elements_condition_operators]
OPERATOR = re.compile(
    r"(?:(?:ForAllValues:|ForAnyValue:)?"
    r"(?:String(?:Not)?(?:Equals(?:IgnoreCase)?|Like)|Arn(?:Not)?(?:Equals|Like)|(?:Not)?IpAddress|Bool|BinaryEquals"
    r"|(?:Numeric|Date)(?:(?:Not)?Equals|(?:Less|Greater)Than(?:Equals)?))(?:IfExists)?|Null)\Z"
)
_QUANTIFIERS = ("forallvalues:", "foranyvalue:")


class Malformed(Refused):
    def __init__(self, message: str) -> None:
        super().__init__("MalformedPolicyDocument", message, 400)


def size(text: str) -> int:
    """Return what counts against a quota: the characters that are not white space."""
    return len("".join(text.split()))


def trust_document(text: str) -> dict[str, Any]:
    """Return a role trust policy, parsed; `Malformed` or `ValidationError` when IAM would not take it."""
    document = _document(text)
    for statement in statements(document):
        _check_fields(statement, TRUST_FIELDS)
        _check_common(statement)
        _check_principal(statement)
        for action in _strings(statement.get("Action", statement.get("NotAction"))):
            if TRUST_ACTION.match(action) is None:
                raise Malformed("AssumeRole policy may only specify STS AssumeRole actions.")
    return document


def permission_document(text: str) -> dict[str, Any]:
    """Return an identity or session policy, parsed; `Malformed` or `ValidationError` when IAM would not take it."""
    document = _document(text)
    for statement in statements(document):
        if "Principal" in statement or "NotPrincipal" in statement:
            raise Malformed("Policy document should not specify a principal.")
        _check_fields(statement, PERMISSION_FIELDS)
        _check_common(statement)
        for action in _strings(statement.get("Action", statement.get("NotAction"))):
            if ACTION.match(action) is None:
                raise Malformed("Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.")
        if ("Resource" in statement) == ("NotResource" in statement):
            raise Malformed("Policy statement must contain resources.")
        for resource in _strings(statement.get("Resource", statement.get("NotResource"))):
            if resource != "*" and not resource.startswith("arn:"):
                raise Malformed(f'Resource {resource} must be in ARN format or "*".')
    return document


def statements(document: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the statements of a parsed document; IAM takes one object for a list of one."""
    found = document["Statement"]
    return found if isinstance(found, list) else [found]


def _document(text: str) -> dict[str, Any]:
    if CHARACTERS.match(text) is None:
        raise Refused(
            "ValidationError",
            "1 validation error detected: Value at 'policyDocument' failed to satisfy constraint: Member must satisfy "
            "regular expression pattern: [\\u0009\\u000A\\u000D\\u0020-\\u00FF]+",
        )
    try:
        document = written.load(text, pairs=_unique)
    except ValueError:
        raise Malformed("This policy contains invalid Json") from None
    if not isinstance(document, dict) or "Statement" not in document or not set(document) <= TOP_FIELDS:
        raise Malformed("Syntax errors in policy.")
    if document.get("Version", VERSIONS[1]) not in VERSIONS:
        raise Malformed("The policy must contain a valid version string")
    found = statements(document)
    if not found:
        raise Malformed("Could not parse the policy: Statement is empty!")
    if not all(isinstance(statement, dict) for statement in found):
        raise Malformed("Syntax errors in policy.")
    sids = [statement["Sid"] for statement in found if statement.get("Sid")]
    if len({str(sid) for sid in sids}) != len(sids):
        raise Malformed("Statement IDs (SID) in a single policy must be unique.")
    return document


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len({name for name, _ in pairs}) != len(pairs):
        raise ValueError("a key occurs twice")
    return dict(pairs)


def _check_fields(statement: dict[str, Any], known: set[str]) -> None:
    for name in ("Resource", "NotResource"):
        if name in statement and name not in known:
            raise Malformed(f"Has prohibited field {name}")
    if unknown := set(statement) - known:
        raise Malformed(f"Unknown field {min(unknown)}")


def _check_common(statement: dict[str, Any]) -> None:
    sid = statement.get("Sid", "")
    if not isinstance(sid, str) or SID.match(sid) is None:
        raise Malformed(
            "Statement IDs (SID) must be alpha-numeric. "
            "Check that your input satisfies the regular expression [0-9A-Za-z]*"
        )
    if statement.get("Effect") not in {"Allow", "Deny"}:
        raise Malformed("Missing required field Effect" if "Effect" not in statement else "Invalid effect")
    if ("Action" in statement) == ("NotAction" in statement):
        raise Malformed("Missing required field Action")
    if not list(_strings(statement.get("Action", statement.get("NotAction")))):
        raise Malformed("Policy statement must contain actions.")
    _check_conditions(statement.get("Condition", {}))


def _check_principal(statement: dict[str, Any]) -> None:
    if "NotPrincipal" in statement:
        allow = statement.get("Effect") == "Allow"
        raise Malformed(
            "Allow with NotPrincipal is not allowed."
            if allow
            else "AssumeRole policy must not contain NotPrincipal field."
        )
    if "Principal" not in statement:
        raise Malformed("Missing required field Principal")
    principal = statement["Principal"]
    if principal == "*":
        raise Malformed('AssumeRolepolicy contained an invalid principal: "STAR":"*".')
    if not isinstance(principal, dict) or not principal:
        raise Malformed("Invalid principal in policy")
    if not set(principal) <= {"AWS", "Service", "Federated"}:
        raise Malformed("Invalid principal in policy")


def _check_conditions(block: Any) -> None:
    if not isinstance(block, dict):
        raise Malformed("Syntax errors in policy.")
    for operator, keys in block.items():
        if OPERATOR.match(operator) is None:
            raise Malformed(f"Invalid Condition type : {operator}.")
        name = base_operator(operator)
        if not isinstance(keys, dict) or not keys:
            raise Malformed("Syntax errors in policy.")
        for key, values in keys.items():
            if ":" not in key:
                raise Malformed("Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.")
            if name.startswith("date") and not all(is_date(value) for value in _scalars(values)):
                raise Malformed("Syntax errors in policy.")


def base_operator(operator: str) -> str:
    """Return a condition operator in lower case without its quantifier and without IfExists."""
    name = operator.lower()
    for quantifier in _QUANTIFIERS:
        name = name.removeprefix(quantifier)
    return name.removesuffix("ifexists")


def is_date(value: str) -> bool:
    """Return whether IAM reads this as a moment: ISO 8601 or seconds since 1970."""
    if EPOCH.match(value):
        return True
    try:
        datetime.fromisoformat(value)
    except ValueError:
        return False
    return value.isascii()


def _scalars(values: Any) -> Iterable[str]:
    listed = values if isinstance(values, list) else [values]
    if not all(isinstance(value, str | int | float | bool) for value in listed):
        raise Malformed("Syntax errors in policy.")
    return [str(value) for value in listed]


def _strings(values: Any) -> Iterable[str]:
    listed = values if isinstance(values, list) else [values]
    if not all(isinstance(value, str) for value in listed):
        raise Malformed("Syntax errors in policy.")
    return listed

"""The principals of a trust policy: whether they exist, whom they mean, and their unique IDs.

IAM stores the unique id of a user or role, not its name: a user deleted and made again is somebody else
(IAM User Guide, reference_policies_elements_principal). The binding lives beside the document, and a reader
sees the bare id once its owner is gone.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from localaws.documents import Malformed, statements
from localaws.inside import ROLES, USERS
from localaws.options import ACCOUNT

ENTITY = re.compile(r"arn:aws:iam::([0-9]{12}):(user|role)/((?:[!-~]+/)?)([A-Za-z0-9_+=,.@-]{1,128})\Z")
ROOT = re.compile(r"arn:aws:iam::([0-9]{12}):root\Z")
SESSION = re.compile(r"arn:aws:sts::([0-9]{12}):assumed-role/([A-Za-z0-9_+=,.@-]{1,64})/[A-Za-z0-9_+=,.@-]{2,64}\Z")
FEDERATED_USER = re.compile(r"arn:aws:sts::([0-9]{12}):federated-user/[A-Za-z0-9_+=,.@-]{2,32}\Z")
UNIQUE_ID = re.compile(r"(AIDA|AROA)[A-Z0-9]{12,124}\Z")
SERVICE = re.compile(r"[a-z0-9][a-z0-9.-]*\.(?:amazonaws\.com|amazon\.com)(?:\.cn)?\Z")
PROVIDER = re.compile(r"arn:aws:iam::[0-9]{12}:(?:saml|oidc)-provider/[!-~]+\Z")
WEB_PROVIDERS = {"cognito-identity.amazonaws.com", "accounts.google.com", "graph.facebook.com", "www.amazon.com"}

Match = Literal["user", "role", "session", "anyone", "account"]
Bindings = dict[str, str]


@dataclass(frozen=True)
class Identity:
    """The caller: the ARN as STS shows it, the account, and the unique id of the user or role behind it."""

    arn: str
    account: str
    unique_id: str


def bind(document: dict[str, Any], accounts: set[str]) -> Bindings:
    """Write principals as IAM stores them and return the unique id of each user and role among them.

    Changes the document in place: account digits become root ARNs, bare ids of living principals become ARNs,
    a list of one becomes its element. `Malformed` names the first principal that does not exist.
    """
    bindings: Bindings = {}
    for statement in statements(document):
        principal = statement["Principal"]
        statement["Principal"] = {kind: _stored(kind, principal[kind], accounts, bindings) for kind in principal}
    return bindings


def _stored(kind: str, written: Any, accounts: set[str], bindings: Bindings) -> Any:
    listed = written if isinstance(written, list) else [written]
    if not listed:
        raise Malformed("Invalid principal in policy")
    stored = []
    for value in listed:
        resolved = _resolve(kind, value, accounts) if isinstance(value, str) else None
        if resolved is None:
            label = "SERVICE" if kind == "Service" else kind
            raise Malformed(f'Invalid principal in policy: "{label}":"{value}"')
        shown, unique_id = resolved
        if unique_id:
            bindings[shown] = unique_id
        if shown not in stored:
            stored.append(shown)
    return stored[0] if len(stored) == 1 else stored


def _resolve(kind: str, value: str, accounts: set[str]) -> tuple[str, str] | None:
    """Return how IAM shows the principal and its unique id (empty when it has none), or None when it is nobody."""
    if kind == "Service":
        return (value, "") if SERVICE.match(value) else None
    if kind == "Federated":
        return (value, "") if value in WEB_PROVIDERS or PROVIDER.match(value) else None
    if value == "*":
        return value, ""
    if ACCOUNT.match(value) or ROOT.match(value):
        account = value if ACCOUNT.match(value) else value.split(":")[4]
        return (f"arn:aws:iam::{account}:root", "") if account in accounts else None
    if UNIQUE_ID.match(value):
        owner = owner_of(value)
        return (owner, value) if owner else None
    if ENTITY.match(value):
        unique_id = unique_id_of(value)
        return (value, unique_id) if unique_id else None
    session = SESSION.match(value)
    if session:
        return (value, "") if ROLES.get_scoped(session[1], None, session[2]) else None
    named = FEDERATED_USER.match(value)
    return (value, "") if named and named[1] in accounts else None


def unique_id_of(arn: str) -> str:
    """Return the unique id of the living user or role with exactly this ARN, or nothing."""
    found = ENTITY.match(arn)
    if found is None:
        return ""
    store, field = (USERS, "UserId") if found[2] == "user" else (ROLES, "RoleId")
    record = store.get_scoped(found[1], None, found[4])
    return str(record[field]) if record and record["Arn"] == arn else ""


def owner_of(unique_id: str) -> str:
    """Return the ARN of the living user or role with this unique id, or nothing."""
    store, field = (USERS, "UserId") if unique_id.startswith("AIDA") else (ROLES, "RoleId")
    return next((str(r["Arn"]) for r in store.to_dict().values() if r[field] == unique_id), "")


def shown(document: dict[str, Any], bindings: Bindings) -> dict[str, Any]:
    """Return the document as a reader sees it now: principals that are gone appear as their bare unique id."""
    gone = {arn: unique_id for arn, unique_id in bindings.items() if unique_id_of(arn) != unique_id}
    for statement in statements(document):
        principal = statement["Principal"]
        if gone and "AWS" in principal:
            names = principal["AWS"]
            principal["AWS"] = (
                [gone.get(name, name) for name in names] if isinstance(names, list) else gone.get(names, names)
            )
    return document


def all_alive(bindings: Bindings) -> bool:
    return all(unique_id_of(arn) == unique_id for arn, unique_id in bindings.items())


def match(principal: Any, bindings: Bindings, who: Identity) -> Match | None:
    """Return how a Principal element names the caller, or None when it does not."""
    if principal == "*":
        return "anyone"
    for value in _aws_names(principal):
        if value == "*":
            return "anyone"
        if value == who.arn and ":sts:" in value:
            return "session"
        if value in bindings and bindings[value] == who.unique_id:
            return "user" if who.unique_id.startswith("AIDA") else "role"
    accounts = (ROOT.match(value) for value in _aws_names(principal))
    return "account" if any(found and found[1] == who.account for found in accounts) else None


def _aws_names(principal: Any) -> Iterator[str]:
    names = principal.get("AWS", []) if isinstance(principal, dict) else []
    yield from [names] if isinstance(names, str) else names

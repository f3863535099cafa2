"""The caller that STS names, and the principal that the response proves."""

import re
from dataclasses import dataclass, replace

from access import arns
from access.proof.calls import PASTED, ROLE, ProofError

_IDENTITY_CENTER_PATH = re.compile(
    r"/aws-reserved/sso\.amazonaws\.com/(?P<region>[a-z]{2}-[a-z-]{4,20}-[0-9])/\Z", re.ASCII
)


@dataclass(frozen=True, slots=True)
class Caller:
    """STS's answer to GetCallerIdentity."""

    arn: str
    account: str
    user_id: str


@dataclass(frozen=True, slots=True)
class CallerIdentity:
    """A principal that was proven, with its unique id: AIDA…, AROA…, or AROA…:<session> for exactly that session."""

    arn: str
    unique_id: str


def identify(caller: Caller, *, partition: str, role_arn: str, only_session: bool) -> CallerIdentity:
    """Return the principal that this caller proves.

    `role_arn` is the role that the contractor names: a session does not show the role's path, so nothing is guessed,
    and the account and name must be the proven ones. `only_session` proves the one session instead of its role.
    """
    if caller.arn.endswith(":root"):
        raise ProofError("proof_by_root", field=PASTED)
    if ":federated-user/" in caller.arn:
        raise ProofError("proof_by_federated_user", field=PASTED)
    if ":assumed-role/" in caller.arn:
        return _of_session(caller, partition=partition, role_arn=role_arn, only_session=only_session)
    try:
        found = arns.parse(caller.arn)
    except arns.ArnError as error:
        raise ProofError("proof_caller_unreadable", field=PASTED) from error
    is_user = found.kind == "user" and caller.user_id.startswith("AIDA")
    _check_answer(caller, found, partition=partition, is_whole=is_user)
    if role_arn or only_session:
        raise ProofError("proof_by_user", field=ROLE)
    return CallerIdentity(str(found), caller.user_id)


def _of_session(caller: Caller, *, partition: str, role_arn: str, only_session: bool) -> CallerIdentity:
    try:
        session = arns.parse_session(caller.arn)
    except arns.ArnError as error:
        raise ProofError("proof_caller_unreadable", field=PASTED) from error
    unique_id, _, name = caller.user_id.partition(":")
    is_whole = unique_id.startswith("AROA") and name == session.session_name and arns.is_session_id(caller.user_id)
    _check_answer(caller, session, partition=partition, is_whole=is_whole)
    if only_session:
        if not session.is_one_person:
            raise ProofError("proof_session_not_personal", field=ROLE)
        return CallerIdentity(str(session), caller.user_id)
    if not role_arn:
        raise ProofError("proof_role_missing", field=ROLE, role=session.role_name)
    role = _role(role_arn)
    proven = (session.partition, session.account_id, "role", session.role_name)
    if (role.partition, role.account_id, role.kind, role.name) != proven:
        raise ProofError("proof_role_differs", field=ROLE, role=session.role_name, account=session.account_id)
    return CallerIdentity(str(_with_its_path(role)), unique_id)


def _with_its_path(role: arns.IamArn) -> arns.IamArn:
    """Return a role of IAM Identity Center with the path that IAM has for it; raises ProofError when none is certain.

    The path ends with the region of Identity Center, but for us-east-1, which is left out. [IAM Identity Center User
    Guide, "Referencing permission sets"] So a path without region is right or cut short; who writes us-east-1 into it
    says which.
    """
    if not role.name.startswith(arns.IDENTITY_CENTER):
        return role
    match = _IDENTITY_CENTER_PATH.match(role.path)
    if match is None:
        raise ProofError("proof_role_without_region", field=ROLE, role=role.name)
    return replace(role, path=role.path.replace("us-east-1/", "")) if match["region"] == "us-east-1" else role


def _role(text: str) -> arns.IamArn:
    try:
        return arns.parse(text)
    except arns.ArnError as error:
        raise ProofError(error.code, field=ROLE, **error.text.facts) from error


def _check_answer(caller: Caller, found: arns.IamArn | arns.SessionArn, *, partition: str, is_whole: bool) -> None:
    """Refuse an answer whose parts do not agree: it is not STS's, or not of a kind that we know."""
    plain = arns.is_unique_id(caller.user_id) or arns.is_session_id(caller.user_id)
    if not (is_whole and plain and found.account_id == caller.account and found.partition == partition):
        raise ProofError("proof_answer_contradictory", field=PASTED)

"""Parse ARNs into fields and build them again, so that typed text is never passed on unchanged."""

import re
from dataclasses import dataclass
from typing import Literal

from access.texts.text import CodedError

ARN_MAX_LENGTH = 512  # IAM allows a path of 512 characters; longer ARNs would fill a trust policy
PARTITIONS = frozenset({"aws", "aws-us-gov", "aws-cn"})

# CreateUser and CreateRole accept names of 1 to 64 of these; older users may have up to 128. [botocore iam User]
_IDENTITY = re.compile(
    r"arn:(?P<partition>aws|aws-us-gov|aws-cn):iam::(?P<account>[0-9]{12}):"
    r"(?P<kind>user|role)/(?P<path>(?:[\x21-\x2e\x30-\x7e]+/)*)(?P<name>[A-Za-z0-9_+=,.@-]{1,128})\Z"
)
_FORBIDDEN_IN_PATH = re.compile(r"[*?$:\\\"'<>{}]")
_ACCOUNT_ID = re.compile(r"[0-9]{12}\Z")
_UNIQUE_ID = re.compile(r"(?:AIDA|AROA)[A-Z0-9]{12,124}\Z")
# A session as STS names it: without the path of its role. [STS AssumeRole RoleSessionName: 2 to 64]
_SESSION = re.compile(
    r"arn:(?P<partition>aws|aws-us-gov|aws-cn):sts::(?P<account>[0-9]{12}):"
    r"assumed-role/(?P<role>[A-Za-z0-9_+=,.@-]{1,64})/(?P<session>[A-Za-z0-9_+=,.@-]{2,64})\Z"
)
_SESSION_ID = re.compile(r"AROA[A-Z0-9]{12,59}:(?P<session>[A-Za-z0-9_+=,.@-]{2,64})\Z")
IDENTITY_CENTER = "AWSReservedSSO_"  # how IAM Identity Center names its roles; its sessions have the person's name


class ArnError(CodedError):
    """The text is not the one ARN we accept; the sentence is for the person who typed it."""


@dataclass(frozen=True, slots=True)
class IamArn:
    """One IAM user or role; `path` begins and ends with a slash, as IAM shows it."""

    partition: str
    account_id: str
    kind: Literal["user", "role"]
    path: str
    name: str

    def __str__(self) -> str:
        return f"arn:{self.partition}:iam::{self.account_id}:{self.kind}{self.path}{self.name}"


@dataclass(frozen=True, slots=True)
class SessionArn:
    """One session of a role, as STS names it. It is trusted only when a signed request proved it."""

    partition: str
    account_id: str
    role_name: str
    session_name: str

    def __str__(self) -> str:
        return f"arn:{self.partition}:sts::{self.account_id}:assumed-role/{self.role_name}/{self.session_name}"

    @property
    def is_one_person(self) -> bool:
        """Return whether the session name identifies one person. Only IAM Identity Center guarantees that."""
        return self.role_name.startswith(IDENTITY_CENTER)


def parse(text: str) -> IamArn:
    """Return the one IAM user or role that `text` names, or raise ArnError."""
    if len(text) > ARN_MAX_LENGTH:
        raise ArnError("arn_too_long", most=ARN_MAX_LENGTH)
    match = _IDENTITY.match(text)
    if match is None:
        raise _what_is_wrong(text)
    path = "/" + match["path"]
    if _FORBIDDEN_IN_PATH.search(path) or any(part in {".", ".."} for part in path.split("/")):
        raise ArnError("arn_path_invalid")
    kind: Literal["user", "role"] = "user" if match["kind"] == "user" else "role"
    return IamArn(match["partition"], match["account"], kind, path, match["name"])


def parse_session(text: str) -> SessionArn:
    """Return the session that STS named; raises ArnError. What a person typed is read by `parse`, which knows none."""
    match = _SESSION.match(text)
    if match is None:
        raise ArnError("arn_not_session")
    return SessionArn(match["partition"], match["account"], match["role"], match["session"])


def parse_principal(text: str, *, unique_id: str) -> IamArn | SessionArn:
    """Return the principal of a grant: a user or role, or with the id of just that session one of Identity Center."""
    id_of_session = _SESSION_ID.match(unique_id)
    if id_of_session is None:
        return parse(text)
    session = parse_session(text)
    if not session.is_one_person or session.session_name != id_of_session["session"]:
        raise ArnError("arn_session_not_personal")
    return session


def _what_is_wrong(text: str) -> ArnError:
    if text != text.strip():
        return ArnError("arn_with_spaces")
    if not text.isascii():
        return ArnError("arn_not_ascii")
    if ":assumed-role/" in text:
        return ArnError("arn_of_session")
    if text.endswith(":root") or _ACCOUNT_ID.match(text):
        return ArnError("arn_of_account")
    if "*" in text or "?" in text:
        return ArnError("arn_with_wildcard")
    return ArnError("arn_is_unique_id") if _UNIQUE_ID.match(text) else ArnError("arn_not_iam")


def is_account_id(text: str) -> bool:
    """Return whether `text` is a 12-digit AWS account id, in ASCII digits."""
    return _ACCOUNT_ID.match(text) is not None


def is_unique_id(text: str) -> bool:
    """Return whether `text` is the unique id of a user (AIDA…) or role (AROA…), as IAM shows a deleted principal."""
    return _UNIQUE_ID.match(text) is not None


def is_session_id(text: str) -> bool:
    """Return whether `text` is the `aws:userid` of one session: AROA…:<session name>."""
    return _SESSION_ID.match(text) is not None

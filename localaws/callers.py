"""The identity that makes a call, from its access key."""

import re
from dataclasses import dataclass

from localaws.inside import ACCESS_KEYS, SESSIONS, USERS
from localaws.options import ACCOUNT

CREDENTIAL = re.compile(r"Credential=([^/,\s]+)/[0-9]{8}/[^/]*/([a-z0-9-]+)/")


@dataclass(frozen=True)
class Caller:
    """The owner of an access key: ARN, account, and the service that the request was signed for."""

    arn: str
    account: str
    access_key: str = ""
    service: str = ""


ANONYMOUS = Caller(arn="anonymous", account="")


def identify(access_key: str, service: str = "") -> Caller:
    """Return who owns the key; an unknown one is named as such, the request will be refused anyway."""
    if ACCOUNT.match(access_key):
        return Caller(f"arn:aws:iam::{access_key}:root", access_key, access_key, service)
    session = SESSIONS.get(access_key)
    if session is not None:
        return Caller(str(session["Arn"]), str(session["AccountId"]), access_key, service)
    for (account, key), record in ACCESS_KEYS.to_dict().items():
        if key == access_key:
            user = USERS.get_scoped(account, None, record["UserName"]) or {}
            return Caller(str(user.get("Arn", "unknown")), account, access_key, service)
    return Caller("unknown", "", access_key, service)


def from_query(credential: str) -> Caller:
    """Return the caller that the X-Amz-Credential of a presigned request names."""
    parts = credential.split("/")
    return identify(parts[0], parts[3]) if len(parts) == 5 else ANONYMOUS


def from_authorization(header: str) -> Caller:
    """Return the caller that an `Authorization: AWS4-HMAC-SHA256 …` header names."""
    found = CREDENTIAL.search(header)
    return identify(found.group(1), found.group(2)) if found else ANONYMOUS

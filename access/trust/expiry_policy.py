"""The expiry policy: an inline policy of the role that ends live sessions by AWS's clock.

Every grant has a Deny on its own session, `aws:userid` = `<RoleId>:<session name>`, dated at the grant's end.
Permissions are evaluated on every request [aws.md §4], so the Deny takes effect with no process of ours alive.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from access.lifecycle import GrantFacts, RoleFacts, is_over
from access.policy_text import VERSION
from access.trust.documents import OLDEST_VERSION, Document, iam_time
from access.trust.expiry import oauth_denies, unmanaged_in_expiry
from access.trust.unmanaged import Fate

EXPIRY_POLICY_NAME = "daypass-closing"

# `aws login` and OAuth for the AWS MCP Server refresh a session's tokens for up to 12 h, and the last token is valid
# for one more hour. [AWS Sign-In User Guide, "Sign in with the AWS CLI"]
KEEP_AFTER_END = timedelta(hours=13, minutes=10)


def compile_expiry_policy(
    role: RoleFacts,
    grants: Sequence[GrantFacts],
    *,
    now: datetime,
    never_written: Collection[str] = (),
    present: Mapping[str, Any] | None = None,
    former: Collection[str] = (),
) -> Document | None:
    """Return the expiry policy that `role` should have at `now`, or None when there is nothing to deny.

    `never_written` names the grants that never were in AWS and are not to be: nothing of theirs has to be ended. Denies
    in `present` that no grant explains are kept; `former` names sessions of grants that the role had before `grants`.
    """
    entered = [grant for grant in grants if grant.session_name not in never_written]
    kept = [grant for grant in sorted(entered, key=lambda grant: grant.session_name) if is_kept(grant, now=now)]
    over = [_session(role, grant) for grant in kept if is_over(grant, now=now)]
    body = [_deny(_session(role, grant), since=grant.ends_at) for grant in kept if not is_over(grant, now=now)]
    if over:
        body.append(_deny(over if len(over) > 1 else over[0], since=None))
    if body:
        body = [*oauth_denies(role), *body]
    known = {*former, *(grant.session_name for grant in grants)}
    by_hand = [one.statement for one in unmanaged_in_expiry(role, present, known=known) if one.fate is Fate.DENY]
    return {**_head(present if by_hand else None), "Statement": [*body, *by_hand]} if body or by_hand else None


def _head(present: Mapping[str, Any] | None) -> Document:
    """Return the members beside the statements. Denies that are kept are read in the version that they had."""
    if present is None:
        return {"Version": VERSION}
    head = {key: value for key, value in present.items() if key != "Statement"}
    return {"Version": OLDEST_VERSION, **head}


def is_kept(grant: GrantFacts, *, now: datetime) -> bool:
    """Return whether sessions of this grant can still be alive, so that its Deny has to stay."""
    if not is_over(grant, now=now) or grant.removed_at is None:
        return True
    return now < max(grant.ends_at, grant.removed_at) + KEEP_AFTER_END


def _session(role: RoleFacts, grant: GrantFacts) -> str:
    return f"{role.unique_id}:{grant.session_name}"


def _deny(sessions: str | list[str], *, since: datetime | None) -> Document:
    condition: Document = {"StringEquals": {"aws:userid": sessions}}
    if since is not None:
        condition["DateGreaterThanEquals"] = {"aws:CurrentTime": iam_time(since)}
    return {"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": condition}

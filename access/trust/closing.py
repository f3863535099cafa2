"""The closing policy: an inline policy of the role that ends live sessions by the clock alone.

Every grant has a Deny on its own session, `aws:userid` = `<RoleId>:<session name>`, dated at the grant's end.
Permissions are evaluated on every request [aws.md §4], so the Deny takes effect with no process of ours alive.
"""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from access.lifecycle import GrantFacts, RoleFacts, is_over
from access.trust.documents import VERSION, Document, iam_time

CLOSING_POLICY_NAME = "daypass-closing"

# A console session may last 12 h from the last credentials, whatever the role's session length [aws.md §3].
KEEP_AFTER_END = timedelta(hours=12, minutes=10)


def compile_closing_policy(
    role: RoleFacts, grants: Sequence[GrantFacts], *, now: datetime, never_open: Collection[str] = ()
) -> Document | None:
    """Give the closing policy that `role` should have at `now`, or None when no session can be alive.

    `never_open` names the grants that never were in AWS and are not to be: nothing of theirs has to be ended.
    """
    entered = [grant for grant in grants if grant.session_name not in never_open]
    kept = [grant for grant in sorted(entered, key=lambda grant: grant.session_name) if is_kept(grant, now=now)]
    over = [_session(role, grant) for grant in kept if is_over(grant, now=now)]
    body = [_deny(_session(role, grant), since=grant.ends_at) for grant in kept if not is_over(grant, now=now)]
    if over:
        body.append(_deny(over if len(over) > 1 else over[0], since=None))
    return {"Version": VERSION, "Statement": body} if body else None


def is_kept(grant: GrantFacts, *, now: datetime) -> bool:
    """Say whether sessions of this grant may still be alive, so that its Deny has to stay."""
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

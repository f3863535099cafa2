"""The closing policy: an inline policy of the role that ends live sessions by the clock alone.

Every grant has a Deny on its own session, `aws:userid` = `<RoleId>:<session name>`, dated at the grant's end.
Permissions are evaluated on every request [aws.md §4], so the Deny takes effect with no process of ours alive.
"""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from access.lifecycle import GrantFacts, RoleFacts, is_over
from access.trust.documents import VERSION, Document, iam_time

CLOSING_POLICY_NAME = "daypass-closing"

# `aws login` and OAuth for the AWS MCP Server refresh a session's tokens for up to 12 h, and the last token lives one
# more hour. [AWS Sign-In User Guide, "Sign in with the AWS CLI"; aws.md §10]
KEEP_AFTER_END = timedelta(hours=13, minutes=10)
OAUTH_ACTIONS = ("signin:AuthorizeOAuth2Access", "signin:CreateOAuth2Token")


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
    return {"Version": VERSION, "Statement": [*oauth_denies(role), *body]} if body else None


def oauth_denies(role: RoleFacts) -> list[Document]:
    """Return the Deny that keeps our sessions of an imported role from becoming longer ones; none on a managed role.

    The permissions boundary of managed roles denies the same two actions. Sessions of others are not touched.
    """
    if role.managed:
        return []
    ours = {"StringLike": {"aws:userid": f"{role.unique_id}:dp*"}}
    return [{"Effect": "Deny", "Action": list(OAUTH_ACTIONS), "Resource": "*", "Condition": ours}]


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

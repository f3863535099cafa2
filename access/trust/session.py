"""The session policy of every session that the portal starts."""

from collections.abc import Sequence
from datetime import datetime

from access.policy_text import VERSION
from access.trust.documents import Document, iam_time


def compile_session_policy(*, ends_at: datetime, source_cidrs: Sequence[str] = ()) -> Document:
    """Return the session policy of a portal-issued session: everything that the role may, nothing from the end on, and
    nothing from other addresses when some are named.

    Session policies intersect with the role's [IAM User Guide, "Session policies"], so a lone Deny would leave nothing;
    and STS gives no less than 900 s, so the end has to be in the session itself. What a service of AWS does on the
    session's behalf comes from AWS's own addresses and is left alone. [IAM User Guide, "Denies access based on the
    source IP"]
    """
    allow = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    condition = {"DateGreaterThanEquals": {"aws:CurrentTime": iam_time(ends_at)}}
    body: list[Document] = [allow, {**allow, "Effect": "Deny", "Condition": condition}]
    if source_cidrs:
        elsewhere = {
            "NotIpAddress": {"aws:SourceIp": sorted(source_cidrs)},
            "BoolIfExists": {"aws:ViaAWSService": "false"},
        }
        body.append({**allow, "Effect": "Deny", "Condition": elsewhere})
    return {"Version": VERSION, "Statement": body}

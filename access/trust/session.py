"""The session policy that goes with every AssumeRole of the portal."""

from datetime import datetime

from access.trust.documents import VERSION, Document, iam_time


def compile_session_policy(*, ends_at: datetime) -> Document:
    """Give the session policy of a portal-issued session: everything that the role may, and nothing from the end on.

    Session policies intersect with the role's [IAM User Guide, "Session policies"], so a lone Deny would leave nothing;
    and STS gives no less than 900 s, so the end has to stand in the session itself.
    """
    allow = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    condition = {"DateGreaterThanEquals": {"aws:CurrentTime": iam_time(ends_at)}}
    return {"Version": VERSION, "Statement": [allow, {**allow, "Effect": "Deny", "Condition": condition}]}

"""IAM's size quotas, in characters that are not white space (IAM User Guide, reference_iam-quotas)."""

from collections.abc import Mapping

from localaws.answers import Refused
from localaws.documents import size

INLINE = {"role": 10_240, "user": 2_048, "group": 5_120}
MANAGED_POLICY = 6_144
SESSION_POLICY = 2_048
MAX_SESSION_SECONDS = range(3_600, 43_201)


def check_trust_size(text: str, quota: int) -> None:
    if size(text) > quota:
        raise Refused("LimitExceeded", f"Cannot exceed quota for ACLSizePerRole: {quota}", 409)


def check_managed_size(text: str) -> None:
    if size(text) > MANAGED_POLICY:
        raise Refused("LimitExceeded", f"Cannot exceed quota for PolicySize: {MANAGED_POLICY}", 409)


def check_inline_size(kind: str, name: str, policies: Mapping[str, str], policy_name: str, text: str) -> None:
    """Refuse when all inline policies of the role, user or group together would be too large."""
    others = sum(size(document) for other, document in policies.items() if other != policy_name)
    if others + size(text) > INLINE[kind]:
        message = f"Maximum policy size of {INLINE[kind]} bytes exceeded for {kind} {name}"
        raise Refused("LimitExceeded", message, 409)


def check_session_duration(value: str) -> None:
    """Refuse a MaxSessionDuration outside one to twelve hours."""
    if not value.isdecimal() or int(value) not in MAX_SESSION_SECONDS:
        bound = (
            "greater than or equal to 3600"
            if not value.isdecimal() or int(value) < 3_600
            else ("less than or equal to 43200")
        )
        raise Refused(
            "ValidationError",
            f"1 validation error detected: Value '{value}' at 'maxSessionDuration' failed to satisfy constraint: "
            f"Member must have value {bound}",
        )

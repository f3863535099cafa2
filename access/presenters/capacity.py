"""The capacity of a role, as pages show it."""

from access import trust
from access.models import Role


def capacity_of(role: Role) -> dict[str, int]:
    """Return the characters of the trust policy used and free, as last read, and what one more grant takes."""
    used = trust.size(role.state.observed_trust)
    free = max(0, role.account.trust_quota - used)
    return {
        "used": used,
        "free": free,
        "one_more": trust.USUAL_STATEMENT,
        "more": free // trust.USUAL_STATEMENT,
    }

"""The subjects of events: the names by which Daypass finds the events of an object."""

from access.models import Account, BreakGlassPolicy, Company, Contractor, Request, Role, Stop, User

What = User | Company | Contractor


def account_subject(account: Account) -> str:
    """Return the name under which the events of an account are found."""
    return f"account:{account.account_id}"


def break_glass_policy_subject(policy: BreakGlassPolicy) -> str:
    """Return the name under which the events of a break-glass policy are found."""
    return f"break-glass-policy:{policy.public_id}"


def subject_of(request: Request) -> str:
    """Return the name under which the events of a request and of its grant are found."""
    return f"request:{request.public_id}"


def role_subject(role: Role) -> str:
    """Return the name under which the events of a role are found."""
    return f"role:{role.account.account_id}/{role.name}"


def person_subject(user: User) -> str:
    """Return the name under which the events of a person are found."""
    return f"person:{user.public_id}"


def what_subject(what: What) -> str:
    """Return the name under which the events of a person or a company are found."""
    if isinstance(what, Company):
        return f"company:{what.public_id}"
    return person_subject(what.user if isinstance(what, Contractor) else what)


def stop_subject(stop: Stop) -> str:
    """Return the name under which the events of a stop are found."""
    return f"stop:{stop.public_id}"

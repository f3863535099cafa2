"""Who is asking."""

from django.conf import settings
from django.http import Http404, HttpRequest

from access import clock
from access.models import Contractor, Role, User
from access.rules.people import can_administer


def signed_in(request: HttpRequest) -> User:
    """Return the person who is signed in; every page but the health checks asks for that before a view runs."""
    user = request.user
    if not isinstance(user, User):
        raise TypeError("this view is open to people who are not signed in")
    return user


def a_contractor(request: HttpRequest) -> User:
    """Return the signed-in contractor; raises Http404 for internal users."""
    user = signed_in(request)
    if not Contractor.objects.filter(user=user).exists():
        raise Http404("Only contractors ask for access.")
    return user


def an_administrator(request: HttpRequest) -> User:
    """Return the signed-in administrator; raises Http404 for anybody else."""
    user = signed_in(request)
    if not can_administer(user.facts()):
        raise Http404("There is no such page.")
    return user


def idle_age(person: User) -> int:
    """Return the seconds without a click after which the person's session ends: fewer for people who decide about the
    access of others.
    """
    decides = person.is_staff or Role.objects.approved_by(person, now=clock.now()).exists()
    seconds: int = settings.APPROVER_IDLE_AGE if decides else settings.SESSION_IDLE_AGE
    return seconds

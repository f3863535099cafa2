"""The person who makes a request."""

from django.conf import settings
from django.http import Http404, HttpRequest

from access import clock
from access.models import Contractor, Role, User
from access.reviews.scope import Scope
from access.rules.people import can_administer
from access.rules.reviews import can_review, can_search


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


def a_reviewer(request: HttpRequest) -> Scope:
    """Return what the signed-in person is responsible for; raises Http404 for people who are responsible for
    nothing.
    """
    user, now = signed_in(request), clock.now()
    scope = Scope.of(user, now=now)
    decides, is_sponsoring = Role.objects.approved_by(user, now=now).exists(), user.sponsored_contractors.exists()
    if not can_review(scope.facts, decides=decides, is_sponsoring=is_sponsoring):
        raise Http404("There is no such page.")
    return scope


def a_searcher(request: HttpRequest) -> Scope:
    """Return what the signed-in approver or administrator is responsible for; raises Http404 for anybody else."""
    user, now = signed_in(request), clock.now()
    scope = Scope.of(user, now=now)
    if not can_search(scope.facts, decides=Role.objects.approved_by(user, now=now).exists()):
        raise Http404("There is no such page.")
    return scope


def idle_age(person: User, *, decides: bool | None = None) -> int:
    """Return the seconds without a click after which the person's session ends: fewer for people who decide about the
    access of others. `decides` says whether they approve for a role, where that is known.
    """
    if decides is None and not person.is_staff:
        decides = Role.objects.approved_by(person, now=clock.now()).exists()
    seconds: int = settings.APPROVER_IDLE_AGE if person.is_staff or decides else settings.SESSION_IDLE_AGE
    return seconds

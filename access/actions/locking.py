"""Lock rows before deciding, always in the same order: contractor, roles, requests, people, grants. All of them come
before the audit chain, because a transaction that holds one of them can already be waiting for the chain.
"""

from django.db.models import Q, QuerySet

from access.models import Contractor, Grant, Request, Role, User


def lock_contractor(person: User) -> None:
    """Let one person's requests come one after the other: they are counted over all roles. Taken before any role."""
    list(Contractor.objects.select_for_update(no_key=True).filter(user=person))


def locked_request(request: Request) -> Request:
    """Return the request again, its role's row and its own locked, roles always first: none of them deadlock.

    The role's overflow roles are locked with it: one of them may hold the grant. The contractor comes before them, so
    that who is being disabled is either waited for or seen.
    """
    list(Contractor.objects.select_for_update(no_key=True).filter(pk=request.contractor_id or 0))
    family = Q(pk=request.role_id) | Q(overflow_of=request.role_id)
    list(Role.objects.lock().filter(family).order_by("pk"))
    Request.objects.select_for_update().get(pk=request.pk)
    related = (
        "role__account",
        "role__state",
        "contractor__company",
        "contractor__sponsor",
        "principal",
        "requester",
        "extends",
    )
    return Request.objects.select_related(*related).get(pk=request.pk)


def lock_people(*people: User) -> None:
    """Lock these people, so that nobody is disabled while they decide: the later transaction sees the earlier one."""
    keys = [person.pk for person in people]
    list(User.objects.select_for_update(no_key=True).filter(pk__in=keys).order_by("pk"))


def locked_grants(grants: QuerySet[Grant]) -> list[Grant]:
    """Return these grants as they are once nobody else changes them or records that a session of theirs is opened."""
    return list(grants.select_for_update(of=("self",), no_key=True).order_by("pk"))


def current_grant(grant: Grant) -> Grant:
    """Return the grant as it is now."""
    return Grant.objects.select_related("role__account", "role__state", "request").get(pk=grant.pk)

"""Request several roles at the same time: each becomes its own request, and either all are stored or none."""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction

from access.actions import auto_approvals
from access.actions.contents import RequestDraft
from access.actions.locking import lock_contractor
from access.actions.requests import submit
from access.models import Request, Role, User
from access.rules.facts import Refused


class RoleRefused(Refused):
    """The rules refuse a request for one of the roles; `role` names it."""

    def __init__(self, role: Role, refused: Refused) -> None:
        super().__init__(refused.code, field=refused.field, **refused.text.facts)
        self.role = role


@transaction.atomic
def ask(*, by: User, roles: Collection[Role], draft: RequestDraft, now: datetime) -> list[Request]:
    """Store a request for each of the roles and return them. Raises RoleRefused, with nothing stored, when one of the
    requests is refused.
    """
    # Lock everything that `submit` needs, in the usual order: the audit chain comes after the last role.
    lock_contractor(by)
    wanted = list(Role.objects.lock().filter(pk__in=[role.pk for role in roles]).order_by("pk"))
    auto_approvals.lock_policies(wanted, by=by, now=now)
    made = []
    for role in wanted:
        try:
            made.append(submit(by=by, role=role, draft=draft, now=now))
        except Refused as error:
            raise RoleRefused(role, error) from error
    return made

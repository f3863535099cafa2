"""Who decides about roles and who can request them: the same few queries for any number of roles."""

import functools
import operator
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import Q, QuerySet

from access.models.people import Delegation, User
from access.rules.facts import DelegationFacts, StageFacts


def naming_any_of(people: QuerySet[Any, Any], *, roles: Any) -> Q:
    """Return the filter for those rows of the model `roles` of which one of these people is an approver in any
    stage.
    """
    groups = User.groups.through.objects.filter(user__in=people).values("group")
    ways = (
        roles.approvers.through.objects.filter(user__in=people).values("role"),
        roles.approver_groups.through.objects.filter(group__in=groups).values("role"),
        roles.objects.filter(further_stages__approvers__in=people).values("pk"),
        roles.objects.filter(further_stages__approver_groups__in=groups).values("pk"),
    )
    return functools.reduce(operator.or_, (Q(pk__in=way) for way in ways))


def approvers_of(roles: QuerySet[Any]) -> Mapping[int, frozenset[int]]:
    """Return the active people of each role's first stage by its id: named, or members of a group."""
    return _pairs(
        roles.filter(approvers__is_active=True).values_list("pk", "approvers"),
        roles.filter(approver_groups__user__is_active=True).values_list("pk", "approver_groups__user"),
    )


def further_stages_of(roles: QuerySet[Any]) -> Mapping[int, list[StageFacts]]:
    """Return the stages after the first of each role by its id, in their order."""
    further = roles.exclude(further_stages=None).order_by("pk", "further_stages__position")
    rows = list(further.values_list("pk", "further_stages", "further_stages__quorum"))
    people = _of_stages(roles) if rows else {}
    found: defaultdict[int, list[StageFacts]] = defaultdict(list)
    for key, stage, quorum in rows:
        found[key].append(StageFacts(quorum, people[stage]))
    return found


def contractors_of(roles: QuerySet[Any]) -> Mapping[int, frozenset[int]]:
    """Return the ids of the contractors who can request each role."""
    return _pairs(roles.exclude(contractors=None).values_list("pk", "contractors"))


def delegations_of(people: Iterable[int]) -> list[DelegationFacts]:
    """Return the delegations of these people, present and future; contractors are never delegates."""
    rows = Delegation.objects.filter(
        approver__in=people, ended_at=None, delegate__is_active=True, delegate__contractor=None
    )
    return [row.facts() for row in rows]


def _of_stages(roles: QuerySet[Any]) -> Mapping[int, frozenset[int]]:
    stage = "further_stages"
    return _pairs(
        roles.filter(**{f"{stage}__approvers__is_active": True}).values_list(stage, f"{stage}__approvers"),
        roles.filter(**{f"{stage}__approver_groups__user__is_active": True}).values_list(
            stage, f"{stage}__approver_groups__user"
        ),
    )


def _pairs(*rows: QuerySet[Any, tuple[int, int]]) -> Mapping[int, frozenset[int]]:
    """Return what belongs to each key, in one query; to a key that is in none of the rows nothing does."""
    first, *others = (one.order_by() for one in rows)
    found: defaultdict[int, frozenset[int]] = defaultdict(frozenset)
    for key, value in first.union(*others) if others else first:
        found[key] |= {value}
    return found

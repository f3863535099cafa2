"""Who decides about a request: stage by stage, what was said, and what is still needed."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from access import rules
from access.models import Request, Role, User
from access.rules import RequestFacts, RoleRules


@dataclass(frozen=True, slots=True)
class Step:
    """One stage as people read it."""

    title: str
    needed: int
    people: tuple[str, ...]
    said_yes: tuple[str, ...]
    is_present: bool

    @property
    def missing(self) -> int:
        return max(0, self.needed - len(self.said_yes))


def of_request(asked: Request, *, now: datetime) -> list[Step]:
    """Give the stages of a request that waits; none when there is nothing to decide any more."""
    if asked.is_overdue(now=now) or asked.state != "pending":
        return []
    facts = asked.facts()
    titles, names = _titles(asked.role), _names(facts.role)
    return [_step(facts, number, title, names, now=now) for number, title in enumerate(titles, 1)]


def of_role(role: Role, *, now: datetime) -> list[Step]:
    """Give the stages of a role, about no request."""
    known = role.rules()
    names = _names(known)
    stages = zip(_titles(role), rules.stages_of(known), strict=True)
    return [
        Step(title, stage.needed, _people(stage.approver_ids, known, names, now=now), (), is_present=False)
        for title, stage in stages
    ]


def _step(facts: RequestFacts, number: int, title: str, names: dict[int, str], *, now: datetime) -> Step:
    stage = rules.stages_of(facts.role)[number - 1]
    yes = tuple(names.get(vote.approver_id, "somebody") for vote in rules.votes_in(facts, number))
    people = _people(stage.approver_ids, facts.role, names, now=now)
    return Step(title, stage.needed, people, yes, is_present=number == rules.present_stage(facts))


def _titles(role: Role) -> list[str]:
    further = list(role.further_stages.all())
    if not further:
        return [""]
    return ["First", *(stage.name or f"Stage {stage.position}" for stage in further)]


def _names(role: RoleRules) -> dict[int, str]:
    """Give the names of everybody who decides about a role, deputies too, in one query."""
    keys = role.approver_ids | {one.deputy_id for one in role.deputies}
    return {user.pk: str(user) for user in User.objects.filter(pk__in=keys).order_by("name", "email")}


def _people(ids: Iterable[int], role: RoleRules, names: dict[int, str], *, now: datetime) -> tuple[str, ...]:
    """Give the names of these approvers, each with who stands in for him now."""
    wanted = set(ids)
    standing = {one.approver_id: one.deputy_id for one in role.deputies if one.from_at <= now < one.until_at}
    return tuple(
        f"{name} (away, {names[standing[key]]} decides instead)" if key in standing else name
        for key, name in names.items()
        if key in wanted
    )

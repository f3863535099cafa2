"""Who decides on a request: stage by stage, the votes, and what is still needed."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext

from access import wording
from access.models import Request, Role, User, settings_of
from access.rules.deciding import present_stage, shortfall, stages_of, votes_in
from access.rules.facts import RequestFacts, RoleSettings


@dataclass(frozen=True, slots=True)
class Step:
    """One stage as pages show it; the current one says whether too few approvers are left for it and later stages."""

    title: str
    needed: int
    people: tuple[str, ...]
    approved_by: tuple[str, ...]
    is_present: bool
    has_shortfall: bool = False

    @property
    def missing(self) -> int:
        return max(0, self.needed - len(self.approved_by))

    @property
    def in_words(self) -> str:
        """The approvers in words: "Alice, Bob or Carol", or "2 of Alice, Bob, Carol"."""
        if self.needed > 1:
            return gettext("{needed} of {people}").format(needed=self.needed, people=wording.listed(self.people))
        return wording.listed(self.people, "or")


def steps_of_request(asked: Request, *, now: datetime) -> list[Step]:
    """Return the stages of a pending request; none when it is decided."""
    if asked.is_overdue(now=now) or asked.state != "pending":
        return []
    facts = asked.facts()
    titles, names = _titles(asked.role), _names(facts.role)
    return [_step(facts, number, title, names, now=now) for number, title in enumerate(titles, 1)]


def steps_of_role(role: Role, *, now: datetime) -> list[Step]:
    """Return the stages of a role, without a request."""
    return steps_of_roles([role], now=now)[role.pk]


def steps_of_roles(roles: Collection[Role], *, now: datetime) -> dict[int, list[Step]]:
    """Return the stages of each of these roles by its id, about no request. Whose further stages were read already, of
    them nothing is asked one by one.
    """
    known = settings_of(roles)
    names = _names(*known.values())
    return {role.pk: _steps(known[role.pk], _titles(role), names, now=now) for role in roles}


def in_a_sentence(steps: Sequence[Step]) -> str:
    """Return who decides, as requesters read it."""
    if not all(step.people for step in steps):
        return gettext("No approvers yet")
    first, *later = [step.in_words for step in steps]
    decided = gettext("Decided by {people}").format(people=first)
    for people in later:
        decided = gettext("{before}, then by {people}").format(before=decided, people=people)
    return decided


def _steps(role: RoleSettings, titles: Iterable[str], names: dict[int, str], *, now: datetime) -> list[Step]:
    return [
        Step(title, stage.needed, _people(stage.approver_ids, role, names, now=now), (), is_present=False)
        for title, stage in zip(titles, stages_of(role), strict=True)
    ]


def _step(facts: RequestFacts, number: int, title: str, names: dict[int, str], *, now: datetime) -> Step:
    stage = stages_of(facts.role)[number - 1]
    approved_by = tuple(names.get(vote.approver_id, gettext("someone")) for vote in votes_in(facts, number))
    people = _people(stage.approver_ids, facts.role, names, now=now)
    is_present = number == present_stage(facts)
    has_shortfall = is_present and shortfall(facts) > 0
    return Step(title, stage.needed, people, approved_by, is_present=is_present, has_shortfall=has_shortfall)


def _titles(role: Role) -> list[str]:
    further = list(role.further_stages.all())
    if not further:
        return [""]
    numbered = gettext("Stage {number}")
    return [gettext("First"), *(stage.name or numbered.format(number=stage.position) for stage in further)]


def _names(*roles: RoleSettings) -> dict[int, str]:
    """Return the names of everybody who decides about these roles, delegates too, in one query."""
    keys = {key for role in roles for key in (*role.approver_ids, *(one.delegate_id for one in role.delegations))}
    return {user.pk: str(user) for user in User.objects.filter(pk__in=keys).order_by("name", "email")}


def _people(ids: Iterable[int], role: RoleSettings, names: dict[int, str], *, now: datetime) -> tuple[str, ...]:
    """Return the names of these approvers, each with their delegate at the moment."""
    wanted = set(ids)
    delegates = {one.approver_id: one.delegate_id for one in role.delegations if one.from_at <= now < one.until_at}
    return tuple(
        gettext("{name} (away, {delegate} decides instead)").format(name=name, delegate=names[delegates[key]])
        if key in delegates
        else name
        for key, name in names.items()
        if key in wanted
    )

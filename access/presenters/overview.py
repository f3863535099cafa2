"""The overview: what needs somebody, what waits, what is wrong and what is open, as numbers that lead to lists."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from access import wording
from access.lifecycle import GrantState
from access.models.grants import in_state
from access.presenters import inbox, worker
from access.presenters.request_views import RequestView
from access.reviews import certifying
from access.reviews.current_access import ENDING_SOON, SOON, WAITING
from access.reviews.oversight import Oversight
from access.reviews.paging import COUNTED, count_some
from access.reviews.scope import Scope
from access.reviews.work_lists import WorkList, lists_for
from access.wording import Words

_STATES = (GrantState.ACTIVE, GrantState.SCHEDULED, GrantState.BLOCKED, GrantState.ACTIVATING, GrantState.ENDING)


@dataclass(frozen=True, slots=True)
class Number:
    """How many there are of something, and where they are listed."""

    title: Words
    count: int
    url: str
    tone: str = ""

    @property
    def shown(self) -> str:
        return wording.number(self.count) if self.count <= COUNTED else f"{wording.number(COUNTED)}+"


@dataclass(frozen=True, slots=True)
class Extreme:
    """The first request of some order, such as the one that has waited longest, and the moment by which it is first."""

    title: Words
    view: RequestView
    at: datetime


@dataclass(frozen=True, slots=True)
class Panel:
    """One card: numbers, and the requests that are first among them; `empty` is what it says without any."""

    name: str
    title: Words
    numbers: Sequence[Number]
    empty: Words
    extremes: Sequence[Extreme] = ()


def find_extremes(oversight: Oversight) -> dict[str, int]:
    """Return the keys of three requests: the oldest, the one that expires next, and the one that ends next."""
    waiting, now = oversight.waiting(), oversight.now
    live = oversight.open_grants().filter(revoked_at=None, ends_at__gt=now)
    keys = {
        "oldest": waiting.order_by("submitted_at", "pk").values_list("pk", flat=True).first(),
        "expires": waiting.order_by("expires_at", "pk").values_list("pk", flat=True).first(),
        "ends": live.order_by("ends_at", "pk").values_list("request", flat=True).first(),
    }
    return {name: key for name, key in keys.items() if key is not None}


def build_panels(oversight: Oversight, found: Mapping[str, RequestView]) -> list[Panel]:
    """Return the cards of the overview; `found` are three requests, by the names of `find_extremes`."""
    lists = lists_for(oversight)
    states = _count_states(oversight)
    return [
        Panel("needs-you", _("For you to do"), _shown(_duties(oversight, lists)), _("Nothing to do.")),
        _waiting(oversight, found),
        Panel("trouble", _("Problems"), _shown(_troubles(oversight, lists, states)), _("No problems found.")),
        _open(states, found),
    ]


def _duties(oversight: Oversight, lists: Sequence[WorkList]) -> list[Number]:
    user, now = oversight.user, oversight.now
    approved = None if oversight.everything else oversight.roles
    decidable = len(inbox.waiting_for(user, {}, now=now, approved=approved).entries)
    scope = Scope.of(user, now=now, approved=approved)
    reviews = (
        Number(
            _REVIEWS[kind.name],
            certifying.due_count(kind, scope, now=now),
            reverse("certifications", args=[kind.name]),
            "warning",
        )
        for kind in certifying.KINDS.values()
    )
    return [
        Number(_("Requests to decide"), decidable, reverse("inbox"), "pending"),
        *(_number(one, oversight, "pending") for one in lists if one.is_duty),
        *reviews,
    ]


_REVIEWS: dict[str, Words] = {
    "access": _("Live access to review"),
    "roles": _("Imported roles to review"),
    "contractors": _("Contracts to review"),
}


def _waiting(oversight: Oversight, found: Mapping[str, RequestView]) -> Panel:
    number = Number(_("Requests waiting"), count_some(oversight.waiting()), _list(WAITING), "pending")
    extremes = []
    if oldest := found.get("oldest"):
        extremes.append(Extreme(_("Oldest request from"), oldest, oldest.request.submitted_at))
    if next_one := found.get("expires"):
        extremes.append(Extreme(_("Expires next"), next_one, next_one.request.expires_at))
    return Panel("waiting", _("Waiting"), [number], "", extremes)


def _troubles(oversight: Oversight, lists: Sequence[WorkList], states: dict[str, int]) -> list[Number]:
    return [
        Number(_("Blocked grants"), states[GrantState.BLOCKED], _list(GrantState.BLOCKED), "bad"),
        Number(_("Grants not in AWS yet"), states[GrantState.ACTIVATING], _list(GrantState.ACTIVATING), "warning"),
        Number(_("Ended, not confirmed in AWS"), states[GrantState.ENDING], _list(GrantState.ENDING), "warning"),
        *(_number(one, oversight, "bad") for one in lists if not one.is_duty),
    ]


def _open(states: Mapping[str, int], found: Mapping[str, RequestView]) -> Panel:
    numbers = [
        Number(_("Ending within an hour"), states[ENDING_SOON], _list(ENDING_SOON), "pending"),
        Number(_("Active now"), states[GrantState.ACTIVE], _list(GrantState.ACTIVE), "active"),
        Number(_("Scheduled"), states[GrantState.SCHEDULED], _list(GrantState.SCHEDULED), "scheduled"),
        Number(_("All live grants"), states[""], _list("")),
    ]
    extremes = [
        Extreme(_("Ends next"), view, view.ends_at) for name, view in found.items() if name == "ends" and view.ends_at
    ]
    return Panel("open", _("Live now"), numbers, "", extremes)


def _count_states(oversight: Oversight) -> dict[str, int]:
    """Return how many open grants are in each state, in one query; under "" all of them."""
    now = oversight.now
    soon = Q(revoked_at=None, ends_at__gt=now, ends_at__lte=now + SOON)
    counts = {state.value: Count("pk", filter=in_state(state, now=now)) for state in _STATES}
    found = oversight.open_grants().aggregate(everything=Count("pk"), soon=Count("pk", filter=soon), **counts)
    return {"": found.pop("everything"), ENDING_SOON: found.pop("soon")} | found


def _number(work_list: WorkList, oversight: Oversight, tone: str) -> Number:
    url = reverse("overview_list", args=[work_list.name])
    return Number(work_list.title, count_some(work_list.rows(oversight)), url, tone)


def _shown(numbers: Sequence[Number]) -> list[Number]:
    return [number for number in numbers if number.count]


def _list(state: str) -> str:
    query = f"?{urlencode({'state': state})}" if state else ""
    return f"{reverse('home')}{query}#access"


@dataclass(frozen=True, slots=True)
class AwsReading:
    """When AWS was read, and whether that was so lately that the page can say that nothing is open."""

    at: datetime | None
    is_recent: bool


def aws_reading(oversight: Oversight) -> AwsReading:
    """Return when the roles that this person oversees were read in AWS."""
    at = worker.roles_read_at(oversight.all_roles())
    return AwsReading(at, worker.is_aws_known(at, now=oversight.now))

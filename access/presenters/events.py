"""Audit events as a list: what happened, who acted, and which objects each event concerns."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext

from access import wording
from access.models import Account, AuditEvent, AuditSubject, Company, Request, Role, User
from access.texts.event_kinds import GROUPS, SENTENCES, code_of
from access.texts.text import Text


@dataclass(frozen=True, slots=True)
class Link:
    """An object that an event concerns, and the address of the events that concern it."""

    kind: str
    text: str
    url: str


_IMPLIED = {"role": "account", "person": "company"}


@dataclass(frozen=True, slots=True)
class EventView:
    """One event on a page. `sentence` is for people, `code` is the event's verb."""

    event: AuditEvent
    sentence: str
    links: list[Link]

    @property
    def main_links(self) -> list[Link]:
        """Return the links without those that go without saying: a role's account, and a person's company."""
        implied = {_IMPLIED.get(link.kind) for link in self.links}
        return [link for link in self.links if link.kind not in implied]

    @property
    def at(self) -> datetime:
        return self.event.at

    @property
    def code(self) -> str:
        return self.event.verb

    @property
    def url(self) -> str:
        return reverse("audit_event", args=[self.event.sequence])


def build_views(events: Sequence[AuditEvent]) -> list[EventView]:
    """Return these events for a page, with one query for each kind of object."""
    names = dict(User.objects.filter(email__in={event.actor for event in events}).values_list("email", "name"))
    links = _links({event.sequence for event in events})
    return [EventView(event, sentence_of(event, names), links[event.sequence]) for event in events]


def sentence_of(event: AuditEvent, names: Mapping[str, str]) -> str:
    """Return what happened, in the reader's language; `names` are those of people by email address."""
    actor = _PROCESSES.get(event.actor) or names.get(event.actor) or event.actor
    return str(_text_of(event, str(actor)))


def english_of(event: AuditEvent) -> str:
    """Return what happened in English, for files."""
    return _text_of(event, event.actor).english


def kinds() -> list[tuple[str, list[tuple[str, str]]]]:
    """Return the kinds of events for a list to choose from: groups by title, each with its verbs."""
    verbs: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for verb in sorted(SENTENCES):
        verbs[verb.partition(".")[0]].append((verb, verb))
    titled = {group: wording.plain(Text(f"event_group_{group}")) for group in GROUPS}
    return [
        (title, [(group, gettext("All: {group}").format(group=title)), *verbs[group]])
        for group, title in sorted(titled.items(), key=lambda one: one[1])
    ]


def url_of(kind: str, value: str) -> str:
    """Return the address of the events that concern an object."""
    return f"{reverse('audit')}?{urlencode({kind: value})}"


_PROCESSES: dict[str, str | Text] = {
    "daypass": "Daypass",
    "worker": Text("process_worker"),
    "auto-approval": Text("process_auto_approval"),
}


def _text_of(event: AuditEvent, actor: str) -> Text:
    if event.verb not in SENTENCES:  # written by another version of Daypass
        return Text("event_unknown", {"verb": event.verb, "actor": actor})
    return Text(code_of(event.verb), {"actor": actor})


def _links(sequences: set[int]) -> dict[int, list[Link]]:
    """Return the objects of each event, those first that say most about it."""
    rows = AuditSubject.objects.filter(sequence__in=sequences, kind__in=_LINKED).values_list("sequence", "kind", "key")
    keys: dict[str, set[int]] = defaultdict(set)
    for _, kind, key in rows:
        keys[kind].add(key)
    made = {(kind, pk): link for kind, read in _LINKED.items() if keys[kind] for pk, link in read(keys[kind])}
    found: dict[int, list[Link]] = defaultdict(list)
    order = list(_LINKED)
    for sequence, kind, key in sorted(rows, key=lambda row: (row[0], order.index(row[1]), row[2])):
        if (kind, key) in made:
            found[sequence].append(made[kind, key])
    return found


def _link(kind: str, text: Any, value: Any) -> Link:
    return Link(kind, str(text), url_of(kind, str(value)))


def _requests(keys: Iterable[int]) -> Iterable[tuple[int, Link]]:
    for row in Request.objects.filter(pk__in=keys).values_list("pk", "public_id", "session_name"):
        yield row[0], _link("request", gettext("request {name}").format(name=row[2]), row[1])


def _roles(keys: Iterable[int]) -> Iterable[tuple[int, Link]]:
    for row in Role.objects.filter(pk__in=keys).values_list("pk", "name", "account__account_id"):
        yield row[0], _link("role", row[1], f"{row[2]}/{row[1]}")


def _people(keys: Iterable[int]) -> Iterable[tuple[int, Link]]:
    for row in User.objects.filter(pk__in=keys):
        yield row.pk, _link("person", row, row.public_id)


def _companies(keys: Iterable[int]) -> Iterable[tuple[int, Link]]:
    for row in Company.objects.filter(pk__in=keys):
        yield row.pk, _link("company", row, row.public_id)


def _accounts(keys: Iterable[int]) -> Iterable[tuple[int, Link]]:
    for row in Account.objects.filter(pk__in=keys):
        yield row.pk, _link("account", row.name, row.account_id)


_LINKED: Mapping[str, Callable[[Iterable[int]], Iterable[tuple[int, Link]]]] = {
    "person": _people,
    "role": _roles,
    "request": _requests,
    "company": _companies,
    "account": _accounts,
}

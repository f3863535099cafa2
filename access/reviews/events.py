"""Audit events that one person can read, filtered and in pages. Every query contains the person's permissions."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from access.ledger.event_subjects import Pair
from access.models import AuditEvent, AuditHead, AuditSubject, Contractor, Request, Role, SubjectKind
from access.reviews.scope import Scope

PAGE = 50
FEW = 5000
AT_ONCE = 500  # events of an export per query
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# The index of the first subject finds events in the order of time; check the other subjects for each of them.
_SMALLEST_FIRST = ("request", "contractor", "person", "role", "company", "account", "audit")
_LARGE = ("account", "company")  # which have so many events that a person's few are hard to find among them


@dataclass(frozen=True, slots=True)
class Reader:
    """Whose events one person can read: those of roles that they approve now, and of contractors whom they sponsor.

    `everything` is for administrators.
    """

    everything: bool
    roles: frozenset[int] = frozenset()
    contractors: frozenset[int] = frozenset()

    @classmethod
    def of(cls, scope: Scope) -> "Reader":
        """Return what this person can read now."""
        if scope.is_everything:
            return cls(everything=True)
        roles = Role.objects.approved_by(scope.user, now=scope.now).values_list("pk", flat=True)
        contractors = Contractor.objects.filter(sponsor=scope.user).values_list("pk", flat=True)
        return cls(everything=False, roles=frozenset(roles), contractors=frozenset(contractors))

    def sees_all_of(self, pair: Pair) -> bool:
        """Return whether every event that concerns this object is one for this person."""
        kind, key = pair
        mine = {SubjectKind.ROLE.value: self.roles, SubjectKind.CONTRACTOR.value: self.contractors}
        return self.everything or key in mine.get(kind, ())

    def rows(self) -> Q:
        """Return the filter for the rows of AuditSubject that make an event visible."""
        roles = Q(kind=SubjectKind.ROLE, key__in=self.roles)
        return roles | Q(kind=SubjectKind.CONTRACTOR, key__in=self.contractors)


@dataclass(frozen=True, slots=True)
class EventFilter:
    """Which events are asked for: those that concern all of `about`, of one group or verb, in [since, until)."""

    about: tuple[Pair, ...] = ()
    group: str = ""
    verb: str = ""
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Cursor:
    """A place in the list: between events, by time and then by sequence."""

    at: datetime
    sequence: int

    def __str__(self) -> str:
        return f"{(self.at - _EPOCH) // timedelta(microseconds=1)}-{self.sequence}"

    @classmethod
    def read(cls, text: str) -> "Cursor":
        """Return the cursor that `str` wrote; raises ValueError for any other text."""
        micros, _, sequence = text.partition("-")
        if not all(part.isascii() and part.isdigit() and len(part) < 18 for part in (micros, sequence)):
            raise ValueError(text)
        try:
            return cls(_EPOCH + timedelta(microseconds=int(micros)), int(sequence))
        except OverflowError:
            raise ValueError(text) from None


@dataclass(frozen=True, slots=True)
class EventPage:
    """One page of events, the latest first, and the cursors of the pages beside it; None where there is none."""

    events: list[AuditEvent]
    newer: Cursor | None = None
    older: Cursor | None = None


def read_page(
    reader: Reader, event_filter: EventFilter, *, before: Cursor | None = None, after: Cursor | None = None
) -> EventPage:
    """Return the page that follows `before`, or precedes `after`, or the first one. Nothing is counted."""
    rows = _found(reader, event_filter)
    if after is not None:
        places = _places(rows.filter(_later(after)).order_by("at", "sequence"))
        newer, older = len(places) > PAGE, True
        places = places[:PAGE][::-1]
    else:
        rows = rows.filter(_earlier(before)) if before else rows
        places = _places(rows.order_by("-at", "-sequence"))
        newer, older = before is not None, len(places) > PAGE
        places = places[:PAGE]
    events = _events([sequence for _, sequence in places])
    if not places:
        return EventPage([], None, None)
    return EventPage(events, Cursor(*places[0]) if newer else None, Cursor(*places[-1]) if older else None)


def read_all(reader: Reader, event_filter: EventFilter, *, through: int) -> Iterator[list[AuditEvent]]:
    """Yield batches of the events with sequences up to `through`, the oldest first.

    Each batch is a query of its own: no transaction stays open between them.
    """
    last: Cursor | None = None
    while True:
        rows = _found(reader, event_filter).filter(sequence__lte=through)
        rows = rows.filter(_later(last)) if last else rows
        places = list(rows.order_by("at", "sequence").values_list("at", "sequence")[:AT_ONCE])
        if not places:
            return
        yield _events([sequence for _, sequence in places])
        last = Cursor(*places[-1])


def last_sequence() -> int:
    """Return the sequence of the last event."""
    return AuditHead.objects.get(pk=1).sequence


def find_event(reader: Reader, sequence: int) -> AuditEvent | None:
    """Return the event with this sequence; None when there is none, or when it is not for this person."""
    return _seen(AuditEvent.objects.filter(sequence=sequence), reader).first()


def is_named_in_any(reader: Reader, pair: Pair) -> bool:
    """Return whether this person can read an event that concerns the object."""
    # Without an order, PostgreSQL reads the whole table for an object with many events.
    return bool(_found(reader, EventFilter(about=(pair,))).order_by("-at", "-sequence").values_list("sequence")[:1])


def _found(reader: Reader, event_filter: EventFilter) -> QuerySet[Any]:
    """Return the rows of the events, without an order: of AuditSubject where an object is asked for."""
    about = sorted(event_filter.about, key=lambda pair: _SMALLEST_FIRST.index(pair[0]))
    sees_all = any(reader.sees_all_of(pair) for pair in about)
    limited = reader if sees_all else _limited(reader, about)
    rows: QuerySet[Any] = AuditEvent.objects.order_by()
    if about and not sees_all and about[0][0] in _LARGE and _are_few(limited):
        rows = AuditSubject.objects.filter(limited.rows()).distinct()
    elif about:
        kind, key = about.pop(0)
        rows = AuditSubject.objects.filter(kind=kind, key=key)
    for kind, key in about:
        rows = rows.filter(Exists(_subjects().filter(kind=kind, key=key)))
    if not sees_all:
        rows = _seen(rows, limited)
    if event_filter.since:
        rows = rows.filter(at__gte=event_filter.since)
    if event_filter.until:
        rows = rows.filter(at__lt=event_filter.until)
    named = {name: value for name in ("group", "verb") if (value := getattr(event_filter, name))}
    if event_filter.about and named:
        return rows.filter(Exists(AuditEvent.objects.filter(sequence=OuterRef("sequence"), **named)))
    return rows.filter(**named)


def _limited(reader: Reader, about: Sequence[Pair]) -> Reader:
    """Return the reader with only those roles and contractors that events about these objects can concern.

    Without others, no event has to be checked for them, which takes long if an account or a company has many events. A
    role has one account, and a contractor one company. An event about both a contractor and an account is about one of
    the contractor's requests.
    """
    roles, contractors = reader.roles, reader.contractors
    for kind, key in about:
        if kind == SubjectKind.ACCOUNT:
            in_account = Role.objects.filter(account=key)
            asked = Request.objects.filter(contractor=OuterRef("pk"), role__in=in_account)
            roles = frozenset(in_account.filter(pk__in=roles).values_list("pk", flat=True))
            found = Contractor.objects.filter(Exists(asked), pk__in=contractors)
            contractors = frozenset(found.values_list("pk", flat=True))
        elif kind == SubjectKind.COMPANY:
            found = Contractor.objects.filter(pk__in=contractors, company=key)
            contractors = frozenset(found.values_list("pk", flat=True))
    return replace(reader, roles=roles, contractors=contractors)


def _are_few(reader: Reader) -> bool:
    """Return whether so few events are for this person that it is faster to check them for the objects."""
    return len(AuditSubject.objects.filter(reader.rows()).values_list("pk")[: FEW + 1]) <= FEW


def _seen(rows: QuerySet[Any], reader: Reader) -> QuerySet[Any]:
    """Return those of the rows whose events this person can read."""
    if not (reader.everything or reader.roles or reader.contractors):
        return rows.none()
    return rows if reader.everything else rows.filter(Exists(_subjects().filter(reader.rows())))


def _subjects() -> QuerySet[AuditSubject]:
    return AuditSubject.objects.filter(sequence=OuterRef("sequence"))


def _places(rows: QuerySet[Any]) -> list[tuple[datetime, int]]:
    return list(rows.values_list("at", "sequence")[: PAGE + 1])


# The second condition implies the first, but only the first can use an index.
def _earlier(cursor: Cursor) -> Q:
    return Q(at__lte=cursor.at) & (Q(at__lt=cursor.at) | Q(sequence__lt=cursor.sequence))


def _later(cursor: Cursor) -> Q:
    return Q(at__gte=cursor.at) & (Q(at__gt=cursor.at) | Q(sequence__gt=cursor.sequence))


def _events(sequences: Sequence[int]) -> list[AuditEvent]:
    """Return these events, in this order."""
    found = {event.sequence: event for event in AuditEvent.objects.filter(sequence__in=sequences)}
    return [found[sequence] for sequence in sequences if sequence in found]

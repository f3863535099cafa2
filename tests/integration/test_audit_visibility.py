"""People read only their part of the audit log: every reader tries every page and export with the objects of others."""

import html
import json
import re
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.http import urlencode
from time_machine import TimeMachineFixture

from access.actions import delegations
from access.ledger.chain import append
from access.ledger.sessions import open_session
from access.ledger.subjects import person_subject
from access.models import Account, AuditEvent, AuditSubject, Company, Contractor, Delegation, Request, Role, User
from access.reviews import events
from tests import break_glass, factories
from tests.factories import DAY, HOUR, NOON, Cast
from tests.integration.pages import text, unwatched, visitor  # noqa: F401  # a fixture
from tests.patching import replace
from tests.slices import slice_of

pytestmark = pytest.mark.usefixtures("unwatched")
INDEX, EXPORT = reverse("audit"), reverse("audit_export")
# Nobody but administrators reads these, whatever they ask for.
PRIVATE = ("session.", "sign_in.", "authz.", "factor.", "password.", "browser.", "audit.", "review.")
UNKNOWN = {
    "person": "00000000-0000-4000-8000-000000000000",
    "role": "999999999999/unheard-of",
    "account": "999999999999",
    "company": "00000000-0000-4000-8000-000000000000",
    "request": "00000000-0000-4000-8000-000000000000",
}
EVENT, OLDER = re.compile(r'"/audit/events/([0-9]+)/"'), re.compile(r'href="([^"]+)" rel="next"')
OPTIONS = {
    name: re.compile(rf'<select name="{name}".*?</select>', re.DOTALL) for name in ("role", "account", "company")
}
LAST = [0]  # of the world's own events; exports add some of their own
KINDS: tuple[dict[str, str], ...] = ({}, {"kind": "session"}, {"kind": "sign_in.failed"}, {"day": "2026-11-24"})


@dataclass
class World:
    """Everybody, every object by kind as an address names it, and the events that each reader can see."""

    people: dict[str, User]
    objects: dict[str, dict[int, str]] = field(default_factory=dict)
    visible: dict[str, set[int]] = field(default_factory=dict)

    def about(self, kind: str, key: int) -> set[int]:
        return set(AuditSubject.objects.filter(kind=kind, key=key).values_list("sequence", flat=True))


@pytest.fixture(autouse=True)
def at_noon(time_machine: TimeMachineFixture) -> None:
    time_machine.move_to(NOON, tick=False)


@pytest.fixture
def world(cast: Cast) -> World:
    """Two roles with requests of two companies, approved and sponsored by different people; private events of all."""
    vic, ron = factories.user("vic", is_sponsor=True), factories.user("ron")
    other = factories.role(
        "anothers-role", unique_id="AROAANOTHERANOTHER001", account=factories.account("333333333333")
    )
    carol = factories.user("carol")
    other.approvers.add(carol)
    other.contractors.add(factories.contractor(ron, sponsor=vic, company=factories.company("Contractor B")))
    people = {name: getattr(cast, name) for name in ("richard", "rita", "alice", "bob", "ada", "mallory")}
    people |= {"vic": vic, "ron": ron, "carol": carol}
    factories.create_grant(cast)
    factories.ask(cast, by=cast.rita, principal_arn="")
    factories.ask(cast, by=ron, role=other, principal_arn="")
    break_glass.new_grant(break_glass.policy(cast, cast.bob, now=NOON - 2 * HOUR), cast.bob, now=NOON - 2 * HOUR)
    for person in people.values():
        note_private(person)
    made = World(people)
    made.objects = {
        "person": {row.pk: str(row.public_id) for row in User.objects.all()},
        "role": {row.pk: f"{row.account.account_id}/{row.name}" for row in Role.objects.select_related("account")},
        "account": {row.pk: row.account_id for row in Account.objects.all()},
        "company": {row.pk: str(row.public_id) for row in Company.objects.all()},
        "request": {row.pk: str(row.public_id) for row in Request.objects.all()},
    }
    LAST[0] = AuditEvent.objects.count()
    made.visible = {name: expected(made, person) for name, person in people.items()}
    return made


def note_private(person: User) -> None:
    open_session(person, ways=["password"], address="192.0.2.7", now=NOON)
    facts: dict[str, Any] = {
        "subject": person_subject(person),
        "by": "daypass",
        "now": NOON,
        "addresses": ["192.0.2.8"],
    }
    for verb in ("sign_in.failed", "authz.denied"):
        append(verb=verb, email=person.email, **facts)
    for verb in ("factor.added", "person.joined"):
        append(verb=verb, **facts | {"by": person})


def expected(world: World, person: User) -> set[int]:
    """Return the sequences that this person can read, computed from the rules and not by the code under test."""
    everything = set(AuditEvent.objects.values_list("sequence", flat=True))
    if person.is_staff:
        return everything
    roles = [role for role in Role.objects.all() if person in role.approvers.all()]
    found = set().union(*(world.about("role", role.pk) for role in roles))
    for contractor in Contractor.objects.filter(sponsor=person):
        mine = AuditEvent.objects.filter(sequence__in=world.about("person", contractor.user_id))
        found |= {event.sequence for event in mine if not event.verb.startswith(PRIVATE)}
    return found


def read(client: Client, **asked: str) -> set[int]:
    """Return the sequences on all pages of this filter."""
    found: set[int] = set()
    url = f"{INDEX}?{urlencode(asked)}"
    while url:
        page = client.get(url)
        assert page.status_code == 200, url
        found |= listed(page)
        older = OLDER.search(page.content.decode())
        url = html.unescape(older[1]) if older else ""
    return {sequence for sequence in found if sequence <= LAST[0]}


def listed(page: Any) -> set[int]:
    """Return the sequences that a page links."""
    return set(map(int, EVENT.findall(page.content.decode())))


def exported(client: Client, **asked: str) -> set[int] | int:
    answer = client.post(EXPORT, asked | {"format": "jsonl"})
    if answer.status_code != 200:
        return int(answer.status_code)
    found = {int(json.loads(line)["sequence"]) for line in b"".join(answer).splitlines()}
    return {sequence for sequence in found if sequence <= LAST[0]}


def readers(world: World) -> list[str]:
    return [name for name in world.people if name not in {"richard", "rita", "ron", "mallory"}]


def test_the_world_has_something_to_hide(world: World) -> None:
    sizes = {name: len(found) for name, found in world.visible.items()}
    assert sizes["ada"] > sizes["alice"] > sizes["bob"] > 5
    assert sizes["carol"] < sizes["vic"]
    assert not world.visible["carol"] & world.visible["alice"]
    private = {event.sequence for event in AuditEvent.objects.all() if event.verb.startswith(PRIVATE)}
    assert len(private) > 30
    assert all(not private & world.visible[name] for name in world.people if name != "ada")


def test_nobody_reads_events_of_others(world: World) -> None:
    """By filters of kinds and days only, on the pages and in exports."""
    for name in readers(world):
        client = visitor(world.people[name])
        known = world.visible[name]
        for asked in KINDS:
            found, file = read(client, **asked), exported(client, **asked)
            assert found <= known, (name, asked)
            assert file == found
        assert read(client) >= known


def test_an_object_of_others_looks_like_one_that_does_not_exist(world: World) -> None:
    for name in readers(world):
        client = visitor(world.people[name])
        for kind, objects in world.objects.items():
            unknown = client.get(INDEX, {kind: UNKNOWN[kind]})
            assert unknown.status_code == 404
            for key, value in slice_of([*objects.items()], one_in=3, first=len(name)):
                mine = world.about(kind, key) & world.visible[name]
                if mine:
                    assert read(client, **{kind: value}) == mine, (name, kind, value)
                    assert exported(client, **{kind: value}) == mine
                    continue
                answer = client.get(INDEX, {kind: value})
                assert (answer.status_code, answer.content) == (404, unknown.content), (name, kind, value)
                assert exported(client, **{kind: value}) == 404
                together = client.get(INDEX, {kind: value, "kind": "session", "day": "2026-11-24"})
                assert (together.status_code, together.content) == (404, unknown.content)


def test_two_objects_together_show_only_what_is_visible_and_concerns_both(world: World) -> None:
    for name in ("ada", "alice", "vic"):
        client = visitor(world.people[name])
        for one, value in world.objects["role"].items():
            for other, person in world.objects["person"].items():
                both = world.about("role", one) & world.about("person", other) & world.visible[name]
                answer = client.get(INDEX, {"role": value, "person": person})
                shown = listed(answer) if answer.status_code == 200 else set()
                assert shown == both, (name, value, person)


def test_one_event_of_others_looks_like_one_that_does_not_exist(world: World) -> None:
    for name in readers(world):
        client = visitor(world.people[name])
        unknown = client.get(reverse("audit_event", args=[999_999_999]))
        assert unknown.status_code == 404
        for sequence in sorted(world.visible[name])[:3]:
            assert client.get(reverse("audit_event", args=[sequence])).status_code == 200
        for sequence in slice_of(sorted(world.visible["ada"] - world.visible[name]), one_in=3, first=len(name)):
            answer = client.get(reverse("audit_event", args=[sequence]))
            assert (answer.status_code, answer.content) == (404, unknown.content), (name, sequence)


@pytest.mark.parametrize("name", ["richard", "rita", "ron", "mallory"])
def test_contractors_and_people_without_a_part_have_no_audit_log(world: World, name: str) -> None:
    client = visitor(world.people[name])
    answers = [client.get(INDEX), client.get(reverse("audit_event", args=[1])), client.post(EXPORT, {"format": "csv"})]
    assert [answer.status_code for answer in answers] == [404] * 3
    assert "Audit log" not in text(client.get("/"))


def test_lists_of_the_filter_offer_only_what_can_be_named(world: World) -> None:
    for name in readers(world):
        client = visitor(world.people[name])
        page = client.get(INDEX).content.decode()
        for kind, options in OPTIONS.items():
            offered = set(re.findall(r'value="([^"]+)"', options.findall(page)[0]))
            answers = {value: client.get(INDEX, {kind: value}).status_code for value in offered}
            assert set(answers.values()) <= {200}, (name, kind, answers)
            others = {
                value for key, value in world.objects[kind].items() if not world.about(kind, key) & world.visible[name]
            }
            assert not offered & others


def test_only_present_approvers_and_sponsors_read(world: World, cast: Cast) -> None:
    alice, bob = visitor(cast.alice), visitor(cast.bob)
    assert read(bob) == world.visible["bob"]
    cast.role.approvers.remove(cast.bob)
    assert bob.get(INDEX).status_code == 404
    cast.role.approvers.remove(cast.alice)
    left = read(alice)  # those of the contractors whom Alice sponsors
    assert left < world.visible["alice"]
    assert {event.verb for event in AuditEvent.objects.filter(sequence__in=left)} >= {"request.submitted"}
    Contractor.objects.filter(sponsor=cast.alice).update(sponsor=world.people["vic"])
    assert alice.get(INDEX).status_code == 404


def test_a_delegate_reads_as_long_as_the_delegation_lasts(world: World, cast: Cast) -> None:
    mallory = visitor(cast.mallory)
    delegations.create_delegation(by=cast.bob, delegate=cast.mallory, from_at=NOON, until_at=NOON + DAY, now=NOON)
    assert read(mallory) == world.visible["bob"]
    Delegation.objects.update(ended_at=NOON)
    assert mallory.get(INDEX).status_code == 404


def test_a_hole_would_be_found(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def everything(rows: Any, _reader: events.Reader) -> Any:
        return rows

    replace(monkeypatch, events._seen, everything)
    with pytest.raises(AssertionError):
        test_nobody_reads_events_of_others(world)
    with pytest.raises(AssertionError):
        test_an_object_of_others_looks_like_one_that_does_not_exist(world)
    with pytest.raises(AssertionError):
        test_one_event_of_others_looks_like_one_that_does_not_exist(world)

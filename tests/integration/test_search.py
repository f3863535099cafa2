"""One search for approvers and administrators: it finds what they can see, and says nothing about the rest."""

import functools
import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.http import urlencode
from time_machine import TimeMachineFixture

from access.actions import delegations
from access.lifecycle import RequestState
from access.models import Account, Company, Contractor, Delegation, Request, Role, User
from access.reviews import searching
from access.rules.checks import can_see
from access.rules.people import can_manage
from tests import break_glass, factories, slices
from tests.factories import DAY, HOUR, NOON, Cast
from tests.integration.pages import text, unwatched, visitor  # noqa: F401  # a fixture

pytestmark = pytest.mark.usefixtures("unwatched")
SEARCH = reverse("search")
UNKNOWN = "no-such-thing-anywhere"
SEARCHERS = ("ada", "alice", "bob", "carol")
LINK = re.compile(r"<main.*</main>", re.DOTALL), re.compile(r'href="([^"]+)"')


@dataclass
class World:
    """Everybody, and every object: what to search for, the page that it is found by, and who can see it."""

    people: dict[str, User]
    objects: dict[tuple[str, str], tuple[list[str], frozenset[str]]] = field(default_factory=dict)


@pytest.fixture(autouse=True)
def at_noon(time_machine: TimeMachineFixture) -> None:
    time_machine.move_to(NOON, tick=False)


@pytest.fixture
def world(cast: Cast) -> World:
    """Two roles of two accounts with requests of two companies, approved and sponsored by different people."""
    Account.objects.update(name="Alder")
    Company.objects.update(name="Birch Ltd")
    ticketed = {"ticket_pattern": "[A-Z]+-[0-9]+", "ticket_example": "OPS-1"}
    factories.update_roles(**ticketed)
    vic, ron = factories.user("vic", is_sponsor=True), factories.user("ronald")
    carol = factories.user("carol")
    other = factories.role(
        "cedar-role", unique_id="AROAANOTHERANOTHER001", account=factories.account("333333333333"), **ticketed
    )
    Account.objects.filter(pk=other.account_id).update(name="Dogwood")
    other.approvers.add(carol)
    rons = factories.contractor(ron, sponsor=vic, company=factories.company("Elm Inc"))
    other.contractors.add(rons, Contractor.objects.get(user=cast.rita))
    policy = break_glass.policy(cast, cast.bob, now=NOON - 2 * HOUR)
    factories.ask(cast, reason="Fix the kiln", ticket="OPS-1")
    factories.ask(cast, by=cast.rita, principal_arn="", reason="Glaze the pots", ticket="OPS-2")
    factories.ask(cast, by=cast.rita, role=other, principal_arn="", reason="Sweep the yard", ticket="YARD-1")
    factories.ask(cast, by=ron, role=other, principal=factories.proven(ron, RONS), reason="Paint", ticket="YARD-2")
    break_glass.new_grant(policy, cast.bob, now=NOON - 2 * HOUR)
    people = {name: getattr(cast, name) for name in ("richard", "rita", "alice", "bob", "ada", "mallory")}
    made = World(people | {"vic": vic, "ronald": ron, "carol": carol})
    add_objects(made, Request.objects.select_related("role__account"))
    return made


RONS = "arn:aws:iam::444444444444:user/Ronald"


def add_objects(world: World, requests: Any) -> None:
    """Note every object by its kind and name, computed from the rules and not by the code under test."""
    visible = {name: seen_by(world.people[name], requests) for name in SEARCHERS}

    def note(kind: str, name: str, terms: list[str], seen: Any) -> None:
        names = {who for who in SEARCHERS if world.people[who].is_staff or seen(world.people[who], visible[who])}
        world.objects[kind, name] = (terms, frozenset(names))

    for one in requests:
        arn = f"arn:aws:sts::{one.role.account.account_id}:assumed-role/{one.role.name}/{one.session_name}"
        terms = [str(one.public_id), one.session_name, one.reason.upper(), one.ticket.lower(), one.public_id.hex, arn]
        note("request", one.reason, [term for term in terms if term], lambda _, seen, one=one: one in seen)
    for person in User.objects.all():
        terms = [str(person.public_id), person.email, person.name]
        contractor = getattr(person, "contractor", None)
        note(
            "person", person.email, terms, lambda who, seen, person=person, contractor=contractor: person.pk
            in {one.requester_id for one in seen} or (contractor and can_manage(who.facts(), contractor.sponsor_id)),
        )  # fmt: skip
    for company in Company.objects.all():
        note(
            "company", company.name, [str(company.public_id), company.name],
            lambda who, seen, company=company: company.pk in {one.contractor.company_id for one in seen if
            one.contractor} or company.contractors.filter(sponsor=who).exists(),
        )  # fmt: skip
    for role in Role.objects.select_related("account"):
        terms = [role.name, role.arn, f"{role.arn}".replace(":role/daypass/", ":role/"), role.unique_id]
        note("role", role.name, terms, lambda who, _, role=role: who in role.approvers.all())
        number = role.account.account_id
        note("account", number, [number, role.account.name], lambda who, _, role=role: who in role.approvers.all())


def seen_by(person: User, requests: Any) -> list[Request]:
    return [one for one in requests if can_see(person.facts(), one.facts(), now=NOON)]


def found(client: Client, term: str, kind: str = "") -> Any:
    path = f"{SEARCH}{kind}/" if kind else SEARCH
    return client.get(f"{path}?{urlencode({'q': term})}")


def shown(answer: Any) -> str:
    """Return the main part of a page without what was searched for and without the tips."""
    page = answer.content.decode()
    return re.sub(r"<h1>.*?</h1>|<title>.*?</title>|name=\"q\" value=\"[^\"]*\"|csrf\S+ value=\S+|\?q=[^\"]*", "", page)


def links(answer: Any) -> list[str]:
    (main,) = LINK[0].findall(answer.content.decode())
    return [html.unescape(link) for link in LINK[1].findall(main)]


def pages_named(kind: str, name: str) -> list[str]:
    """Return what the address of an object's page contains, in one of its forms."""
    person = User.objects.filter(email=name, contractor__isnull=False).first()
    path = {
        "request": lambda: reverse("request", args=[Request.objects.get(reason=name).public_id]),
        "person": lambda: str(User.objects.get(email=name).public_id),
        "company": lambda: str(Company.objects.get(name=name).public_id),
        "role": lambda: f"/{name}/",
        "account": lambda: name,
    }[kind]()
    return [path, *([str(person.contractor.public_id)] if person else [])]


def is_found(answer: Any, kind: str, name: str) -> bool:
    """Return whether the object itself was found: the answer leads to it, or lists it."""
    where = [answer["Location"]] if answer.status_code == 302 else links(answer)
    return any(place in url for place in pages_named(kind, name) for url in where)


# --- Who finds what ---------------------------------------------------------------------------------------------------


def test_the_world_has_something_to_hide(world: World) -> None:
    hidden = {name: [key for key, (_, who) in world.objects.items() if name not in who] for name in SEARCHERS}
    assert hidden["ada"] == []
    for name in SEARCHERS[1:]:
        assert {kind for kind, _ in hidden[name]} == {"request", "person", "company", "role", "account"}
        assert len(hidden[name]) < len(world.objects) - 5


@pytest.mark.parametrize("name", SEARCHERS)
def test_everybody_finds_what_they_can_see_and_learns_nothing_about_the_rest(world: World, name: str) -> None:
    """Every reader tries every id, name and text of every object: a forbidden one and an unknown one are the same."""
    client, seen = visitor(world.people[name]), seen_by(world.people[name], Request.objects.select_related("role"))
    # The page of a request names its role, which its reader need not approve: requests are found by it.
    named = {one.role.name for one in seen} | {one.role.account.account_id for one in seen}
    client.get(SEARCH)  # the first page of a session takes more queries
    unknown = functools.cache(functools.partial(asked, client))
    for number, ((kind, key), (terms, who)) in enumerate(world.objects.items()):
        for term in slices.slice_of(terms, one_in=6, first=number):
            answer, queries = asked(client, term)
            assert is_found(answer, kind, key) == (name in who), (kind, term)
            if name not in who and key not in named:
                other, others_queries = unknown(like(term))
                assert (answer.status_code, shown(answer)) == (200, shown(other)), (kind, term)
                assert queries == others_queries, (kind, term)


def asked(client: Client, term: str, kind: str = "") -> tuple[Any, int]:
    """Return the answer, and how many queries it took."""
    with CaptureQueriesContext(connection) as queries:
        answer = found(client, term, kind)
    return answer, len(queries)


def like(term: str) -> str:
    """Return a text of the same form that names nothing."""
    if re.search(r"[0-9a-f]{32}|[0-9a-f-]{36}", term):
        return "00000000-0000-4000-8000-000000000000"
    if term.startswith("dp"):
        return "dp" + "a" * 14
    if term.startswith("AROA"):
        return "AROA" + "Z" * 17
    if term.startswith("arn:") and ":assumed-role/" in term:
        return f"{term.rpartition('/')[0]}/dp{'a' * 14}"
    if term.startswith("arn:"):
        return "arn:aws:iam::999999999999:role/unheard-of"
    if term.isdigit():
        return "999999999999"
    return "nobody@nowhere.example" if "@" in term else UNKNOWN


def test_suggestions_contain_only_what_somebody_can_see(world: World) -> None:
    for name in SEARCHERS:
        client, one_of_each = visitor(world.people[name]), {}
        for (kind, key), (terms, who) in world.objects.items():
            one_of_each[kind, name in who] = (key, terms[-1])
        client.get(SEARCH)
        for (kind, is_mine), (key, term) in one_of_each.items():
            answer, unknown = (asked(client, said, "suggestions") for said in (term, like(term)))
            assert any(place in answer[0].content.decode() for place in pages_named(kind, key)) == is_mine, (
                name,
                kind,
                term,
            )
            if not is_mine and key not in {"cedar-role", "333333333333"}:
                assert (shown(answer[0]), answer[1]) == (shown(unknown[0]), unknown[1]), (name, kind, term)
        assert "href" not in found(client, "a", "suggestions").content.decode()
        assert found(client, "x" * 201, "suggestions").status_code == 200


def test_a_hole_would_be_found(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(searching.Sight, "requests", lambda _: Request.objects.all())
    with pytest.raises(AssertionError):
        test_everybody_finds_what_they_can_see_and_learns_nothing_about_the_rest(world, "carol")


@pytest.mark.parametrize("name", ["richard", "rita", "vic", "mallory"])
def test_nobody_else_has_a_search(world: World, name: str) -> None:
    client = visitor(world.people[name])
    assert [client.get(url).status_code for url in (SEARCH, reverse("search_list", args=["requests"]))] == [404] * 2
    assert 'role="search"' not in client.get(reverse("roles")).content.decode()


def test_only_present_approvers_and_their_delegates_search(world: World, cast: Cast) -> None:
    carol, mallory = visitor(world.people["carol"]), visitor(cast.mallory)
    term = Request.objects.get(reason="Paint").session_name
    by = world.people["carol"]
    delegations.create_delegation(by=by, delegate=cast.mallory, from_at=NOON, until_at=NOON + DAY, now=NOON)
    assert [found(client, term).status_code for client in (carol, mallory)] == [302, 302]
    Delegation.objects.update(ended_at=NOON)
    Role.objects.get(name="cedar-role").approvers.clear()
    assert [found(client, term).status_code for client in (carol, mallory)] == [404, 404]


def test_an_identity_that_no_visible_request_uses_is_found_by_its_managers_only(world: World, cast: Cast) -> None:
    arn = "arn:aws:iam::222222222222:user/unused"
    factories.proven(cast.richard, arn)
    assert is_found(found(visitor(cast.ada), arn), "person", cast.richard.email)
    assert is_found(found(visitor(cast.alice), arn), "person", cast.richard.email)  # who sponsors Richard
    assert links(found(visitor(cast.bob), arn)) == links(found(visitor(cast.bob), UNKNOWN))


# --- What is found ----------------------------------------------------------------------------------------------------


def test_an_exact_id_opens_the_page(world: World, cast: Cast) -> None:
    ada, request = visitor(cast.ada), Request.objects.get(reason="Fix the kiln")
    session = f"arn:aws:sts::111111111111:assumed-role/{cast.role.name}/{request.session_name}"
    contractor = Contractor.objects.get(user=cast.richard)
    pages = {
        str(request.public_id): reverse("request", args=[request.public_id]),
        f" {str(request.public_id).upper()}\n": reverse("request", args=[request.public_id]),
        request.session_name: reverse("request", args=[request.public_id]),
        session: reverse("request", args=[request.public_id]),
        f"AROAROLEROLEROLEROLE1:{request.session_name}": reverse("request", args=[request.public_id]),
        "ops-1": reverse("request", args=[request.public_id]),
        cast.role.arn: reverse("role", args=["111111111111", cast.role.name]),
        f"arn:aws:sts::111111111111:assumed-role/{cast.role.name}/somebody": reverse(
            "role", args=["111111111111", cast.role.name]
        ),
        "AROAROLEROLEROLEROLE1": reverse("role", args=["111111111111", cast.role.name]),
        "111111111111": reverse("account", args=["111111111111"]),
        "RICHARD@example.com": reverse("contractor", args=[contractor.public_id]),
        str(contractor.public_id): reverse("contractor", args=[contractor.public_id]),
        str(cast.bob.public_id): f"{reverse('audit')}?person={cast.bob.public_id}",
    }
    for term, url in pages.items():
        answer = found(ada, term)
        assert (answer.status_code, answer["Location"] if answer.status_code == 302 else "") == (302, url), term
        assert ada.get(url).status_code == 200


def test_approvers_can_open_every_page_that_they_find(world: World) -> None:
    for name in SEARCHERS[1:]:
        client = visitor(world.people[name])
        every = sorted({url for term in ("e", "o") for url in links(found(client, term))})
        assert len(every) > 6
        urls = slices.slice_of(every, one_in=4)
        assert {url: client.get(url).status_code for url in urls} == dict.fromkeys(urls, 200)


def test_a_ticket_of_two_requests_lists_both(world: World, cast: Cast) -> None:
    factories.ask(cast, reason="Fix the kiln again", ticket="OPS-1")
    page = found(visitor(cast.alice), "OPS-1")
    assert page.status_code == 200
    assert "Fix the kiln again" in text(page)
    assert len([url for url in links(page) if "/requests/" in url]) >= 2


@pytest.mark.parametrize(
    ("term", "reasons"),
    [
        ("kiln", {"Fix the kiln"}),
        ("yard-", {"Sweep the yard", "Paint"}),
        ("Rita", {"Glaze the pots", "Sweep the yard"}),
        ("elm", {"Paint"}),
        ("cedar", {"Sweep the yard", "Paint"}),
        ("Dogwood", {"Sweep the yard", "Paint"}),
        (RONS, {"Paint"}),
        ("100%", set()),
        ("_", set()),
    ],
)
def test_requests_are_found_by_what_they_concern(world: World, cast: Cast, term: str, reasons: set[str]) -> None:
    answer = found(visitor(cast.ada), term, "requests")
    known = set(Request.objects.values_list("reason", flat=True))
    assert {reason for reason in known if reason in text(answer)} == reasons


def test_old_requests_are_found_by_ids_but_not_by_words(
    world: World, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada, oldest = visitor(cast.ada), Request.objects.earliest("pk")
    monkeypatch.setattr(searching, "RECENT", Request.objects.count() - 1)
    word = oldest.reason.split()[-1]
    assert str(oldest.public_id) not in " ".join(links(found(ada, word)))
    assert is_found(found(ada, oldest.ticket), "request", oldest.reason)
    monkeypatch.setattr(searching, "RECENT", Request.objects.count())
    assert str(oldest.public_id) in " ".join(links(found(ada, word)))


def pages_of(client: Client, url: str, rel: str = "next") -> Iterator[list[str]]:
    while url:
        page = client.get(url)
        assert page.status_code == 200
        yield [link for link in links(page) if re.search(r"/requests/[0-9a-f]", link)]
        following = re.search(rf'href="([^"]+)" rel="{rel}"', page.content.decode())
        url = html.unescape(following[1]) if following else ""


@pytest.mark.parametrize("term", ["", "Many"])
def test_all_requests_are_listed_once_from_page_to_page(cast: Cast, monkeypatch: pytest.MonkeyPatch, term: str) -> None:
    first = factories.ask(cast, reason="Many requests")
    settled = {"state": RequestState.WITHDRAWN, "settled_at": NOON}
    factories.like(first, 11, **settled)
    monkeypatch.setattr("access.views.search.PAGE", 5)
    alice, url = visitor(cast.alice), reverse("search_list", args=["requests"])
    wanted = [str(one) for one in Request.objects.order_by("-pk").values_list("public_id", flat=True)]
    read = list(pages_of(alice, f"{url}?q={term}"))
    assert [len(page) for page in read] == [5, 5, 2]
    assert [link.split("/")[2] for page in read for link in page] == wanted
    (back,) = re.findall(r'href="([^"]+)" rel="prev"', alice.get(last_page(alice, f"{url}?q={term}")).content.decode())
    assert list(pages_of(alice, html.unescape(back), "prev")) == [read[1], read[0]]


def last_page(client: Client, url: str) -> str:
    while following := re.search(r'href="([^"]+)" rel="next"', client.get(url).content.decode()):
        url = html.unescape(following[1])
    return url


def test_a_kind_with_many_hits_leads_to_all_of_them(cast: Cast) -> None:
    for number in range(10):
        factories.user(f"willow{number}")
    page = found(visitor(cast.ada), "willow")
    assert len([url for url in links(page) if "person=" in url]) == 8
    assert f"{reverse('search_list', args=['people'])}?q=willow" in links(page)
    everybody = found(visitor(cast.ada), "willow", "people")
    assert len([url for url in links(everybody) if "person=" in url]) == 10


# --- What people type -------------------------------------------------------------------------------------------------

ODD = (
    "a\x00b",
    "a\r\nb",
    "\x1b[31m",
    "\u202e",
    "\u200b",
    "' OR 1=1 --",
    "<script>alert(1)</script>",
    "%",
    "\\",
    "9" * 30,
)


def test_odd_texts_are_answered(world: World, cast: Cast) -> None:
    ada = visitor(cast.ada)
    for number, term in enumerate((*ODD, "", " ", "x" * 200)):
        for kind in slices.slice_of(("", *searching.KINDS), one_in=4, first=number):
            answer = found(ada, term, kind)
            assert (answer.status_code, "<script>alert" in answer.content.decode()) == (200, False), (term, kind)
    assert ada.get(f"{SEARCH}?q=%ff%00%ed%a0%80").status_code == 200


def test_a_text_that_is_too_long_is_refused(cast: Cast) -> None:
    for kind in ("", "requests"):
        answer = found(visitor(cast.ada), "x" * 201, kind)
        assert answer.status_code == 400
        assert "at most 200 characters" in text(answer)


@pytest.mark.parametrize("path", ["nothing/", "requests/?after=x", "people/?after=1", "requests/?before=9-9"])
def test_an_address_that_no_page_links_is_not_there(cast: Cast, path: str) -> None:
    assert visitor(cast.ada).get(SEARCH + path).status_code == 404


def test_the_search_text_is_shown_and_kept_in_the_box(cast: Cast) -> None:
    page = found(visitor(cast.ada), '"quoted" & more')
    assert "Nothing found" in text(page)
    assert 'value="&quot;quoted&quot; &amp; more"' in page.content.decode()

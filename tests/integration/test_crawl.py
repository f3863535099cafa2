"""Everybody requests every page that others see: nobody opens a page that their own pages do not link."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain
from typing import Any
from urllib.parse import parse_qs, urljoin, urlsplit
from uuid import UUID

import pytest
from django.conf import settings
from django.db import transaction
from django.test import Client
from django.urls import resolve, reverse
from time_machine import TimeMachineFixture

from access import accounts
from access.actions import invitations, stopping
from access.actions.invitations import Contract
from access.actions.stop_targets import Target
from access.catalogue.changes import change
from access.models import Contractor, Grant, Request, Role, User
from access.presenters import request_views
from access.reviews.oversight import Oversight
from access.reviews.work_lists import lists_for
from access.rules.checks import can_see
from access.rules.people import can_manage, check_can_manage
from access.rules.stopping import Scope
from access.views import approvals
from demo.browser import Form, _FormReader
from tests import break_glass, factories, slices
from tests.factories import DAY, HOUR, NOON, Cast
from tests.integration import pages
from tests.integration.pages import unwatched, visitor  # noqa: F401  # a fixture
from tests.patching import replace

LINK = re.compile(r'\b(?:href|hx-get)="([^"]+)"')
# The ways out are the same for everybody and end what the crawl needs.
LEFT_ALONE = {reverse("account_logout"), reverse("usersessions_list")}
# Pages that say nothing of anybody, and are linked only where they are of use.
ZONE = reverse("time_zone")  # its links name the page to go back to; the form is the same for everybody
KNOWN_TO_ALL = {
    reverse("mfa_activate_totp"), reverse("mfa_generate_recovery_codes"), reverse("mfa_list_webauthn"), ZONE,
}  # fmt: skip
World = dict[str, list[dict[str, Any]]]
ID = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}")
# What a form needs beside what it holds, so that it would be taken from whom it is meant for.
FILLED = {
    "verdict": "approve",
    "reason": "x",
    "code": "000000",
    "sponsor": "yes",
    "seconds": "900",
    "minutes": "60",
    "comment": "x",
}


@dataclass
class Harvest:
    """What the pages of one person lead to."""

    urls: set[str] = field(default_factory=set)
    left_out: set[str] = field(default_factory=set)  # linked, but not opened
    pages: dict[str, str] = field(default_factory=dict)
    forms: dict[str, Form] = field(default_factory=dict)


pytestmark = pytest.mark.usefixtures("unwatched")


@pytest.fixture(autouse=True)
def at_noon(time_machine: TimeMachineFixture) -> None:
    time_machine.move_to(NOON, tick=False)


@pytest.fixture
def everybody(cast: Cast) -> dict[str, User]:
    """Make one of everything: pending, scheduled, active, portal-issued, ended, denied; invitation, accounts, proof."""
    Role.objects.update(allows_console=True)
    vic = factories.user("vic", is_sponsor=True)
    other = factories.role("anothers-role", unique_id="AROAANOTHERANOTHER001")
    other.approvers.add(vic)
    ron = factories.user("ron")
    other.contractors.add(factories.contractor(ron, sponsor=vic, company=factories.company("Contractor B")))
    factories.ask(cast, now=NOON)
    factories.create_grant(
        cast, now=NOON, starts_at=NOON + HOUR, ends_at=NOON + 2 * HOUR, by=cast.rita, principal_arn=""
    )
    factories.create_grant(cast, now=NOON, by=cast.rita, principal_arn="")
    factories.create_grant(cast, now=NOON)
    factories.ask(cast, now=NOON, by=ron, role=other, principal_arn="")
    Grant.objects.update(applied_at=NOON)
    contract = Contract("Contractor B", NOON + 90 * DAY, frozenset({other.pk}))
    invitations.invite(by=vic, email="rob@contractor.example", contract=contract, now=NOON)
    change(by=factories.user("adam", is_staff=True), role=cast.role, fields={"quorum": 2}, now=NOON)
    break_glass.new_grant(break_glass.policy(cast, cast.bob, now=NOON - 2 * HOUR), cast.bob, now=NOON - 2 * HOUR)
    break_glass.new_grant(break_glass.policy(cast, cast.alice), cast.alice)
    break_glass.waiting_policy(cast, cast.bob)
    rex = factories.contractor(factories.user("rex"), sponsor=vic, company=factories.company("Contractor B"))
    stopping.stop(by=vic, target=Target(Scope.PERSON, rex.user), reason="Only Vic knows.", now=NOON)
    accounts.test_connection(by=cast.ada, account=cast.role.account, now=NOON)
    names = ("richard", "rita", "alice", "bob", "ada", "mallory")
    return {name: getattr(cast, name) for name in names} | {"vic": vic, "ron": ron}


def crawl(client: Client) -> Harvest:
    """Follow every link from the first page, and note every form; in `make test`, six links to each view."""
    harvest, waiting, seen = Harvest(), ["/", reverse("mfa_index")], Counter[object]()
    while waiting:
        url = waiting.pop()
        if url in harvest.urls or url in LEFT_ALONE:
            continue
        if seen[_view_of(url)] == slices.times(8, 10_000):
            harvest.left_out.add(url)
            continue
        seen[_view_of(url)] += 1
        answer = client.get(url)
        if answer.status_code != 200:
            continue
        harvest.urls.add(url)
        if answer.get("Content-Type", "").startswith("text/html"):
            harvest.pages[url] = page = answer.content.decode()
            reader = _FormReader()
            reader.feed(page)
            for form in reader.forms:
                action = _path(url, form.action)
                if action and action not in LEFT_ALONE:
                    harvest.forms.setdefault(action, form)
            links = {_path(url, link) for link in LINK.findall(page)}
            waiting += [path for path in links if path and not _is_another_part(url, path)]
    return harvest


def _is_another_part(page: str, path: str) -> bool:
    """Return whether a part of a page, such as one week, leads to another part of it: there may be no end of them.

    The first page has a part for each filter and order; test_overview.py tries who sees what there.
    """
    is_part = bool(urlsplit(page).query) or page == "/"
    return is_part and urlsplit(page).path == urlsplit(path).path


def _path(page: str, link: str) -> str:
    """Return the path on this site that a link leads to, or nothing."""
    parts = urlsplit(urljoin(page, link.replace("&amp;", "&")))
    is_file = parts.path.startswith("/static/")
    query = f"?{parts.query}" if parts.query and parts.path != ZONE else ""
    return "" if parts.scheme or parts.netloc or is_file else parts.path + query


def personal(urls: set[str]) -> set[str]:
    """Return those that name something: by its id, its role, its account."""
    return {url for url in urls if ID.search(url) or url.startswith(("/roles/1", "/accounts/"))}


def replay(client: Client, action: str, form: Form, before: World) -> Iterator[tuple[Any, bool]]:
    """Send a form as it was, with each of its buttons; give the answers, and whether anything is other than `before`.
    The world stays as it was.
    """
    fields = {name: value or FILLED.get(name, "") for name, value in form.fields.items()}
    buttons: list[dict[str, str]] = [dict([button]) for button in sorted(form.buttons)]
    for button in buttons or [{}]:
        with transaction.atomic(), pages.written_to() as tables:
            answer = client.post(action, fields | button)
            changed = bool(tables) and pages.world() != before
            transaction.set_rollback(True)
        yield answer, changed


def crawl_as(people: dict[str, User]) -> dict[str, Harvest]:
    return {name: crawl(visitor(person)) for name, person in people.items()}


def crawl_for_forms(everybody: dict[str, User]) -> dict[str, Harvest]:
    """Crawl as those who together are shown every form."""
    return crawl_as(
        everybody if slices.ALL else {name: everybody[name] for name in ("ada", "alice", "rita", "richard", "vic")}
    )


def one_of_each_view(addresses: Iterable[str], *, first: int = 0) -> list[str]:
    """Return one address of each view with the same parameters, or all of them in `make test-all`.

    `first` chooses which one, so that different people try different ones.
    """
    chosen: defaultdict[object, list[str]] = defaultdict(list)
    for address in sorted(addresses):
        chosen[_view_of(address)].append(address)
    return list(chain.from_iterable(slices.slice_of(some, one_in=len(some), first=first) for some in chosen.values()))


def _view_of(address: str) -> tuple[str, ...]:
    """Return the name of the view and those of its parameters."""
    parts = urlsplit(address)
    return (resolve(parts.path).view_name, *sorted(parse_qs(parts.query)))


def strangers(
    everybody: dict[str, User], harvests: dict[str, Harvest]
) -> Iterator[tuple[str, Client, list[str], list[str]]]:
    """Yield everybody with the addresses and forms that only others see, and what the table allows them to do."""
    urls = set().union(*(harvest.urls for harvest in harvests.values()))
    forms = set().union(*(harvest.forms for harvest in harvests.values()))
    for name, person in everybody.items():
        known = harvests[name].urls | harvests[name].left_out | set(harvests[name].forms) | KNOWN_TO_ALL
        others = [
            one_of_each_view((url for url in some - known if not table_lets(person, url)), first=len(name))
            for some in (urls, forms)
        ]
        yield name, visitor(person), others[0], others[1]


def table_lets(person: User, url: str) -> bool:
    """Return whether it is a request that they can see, or a grant of their own that they can end, by any method; or a
    list of the overview that has rows for others only.
    """
    if url.startswith(reverse("request_new") + "?role="):  # the plain form, if the role is not one of theirs
        return Contractor.objects.filter(user=person).exists()
    if (oversight := Oversight.of(person, now=NOON)) and url.startswith("/overview/"):  # a list with nothing for them
        return any(reverse("overview_list", args=[one.name]) == url for one in lists_for(oversight))
    match = re.fullmatch(rf"/requests/({ID.pattern})/(state/|denied/|revoke/|comments/)?", url)
    if not match:
        return False
    request = Request.objects.get(public_id=match[1])
    return can_see(person.facts(), request.facts(), now=NOON) and (match[2] != "revoke/" or request.requester == person)


def opened(everybody: dict[str, User], harvests: dict[str, Harvest]) -> list[tuple[str, str]]:
    """Return the person and the page that only others see, where the page opens or its refusal shows that it exists."""
    emails = Contractor.objects.values_list("user__email", flat=True)
    secrets = [*emails, *Grant.objects.values_list("session_name", flat=True)]
    found = []
    for name, client, urls, _ in strangers(everybody, harvests):
        for url in urls:
            answer = client.get(url)
            page = answer.content.decode(errors="replace")
            told = [secret for secret in secrets if secret in page and secret != everybody[name].email]
            if answer.status_code == 200 or (personal({url}) and (told or answer.status_code not in {403, 404})):
                found.append((name, url))
    return found


def done(everybody: dict[str, User], harvests: dict[str, Harvest]) -> tuple[int, list[tuple[str, str, int, bool]]]:
    """Return how often a form was sent that only others are shown, and by whom it was taken."""
    tried, taken, before = 0, [], pages.world()
    forms = {action: form for harvest in harvests.values() for action, form in harvest.forms.items()}
    for name, client, _, addresses in strangers(everybody, harvests):
        for action in addresses:
            for answer, changed in replay(client, action, forms[action], before):
                tried += 1
                if changed or answer.status_code == 200:
                    taken.append((name, action, answer.status_code, changed))
    return tried, taken


def check_that_the_crawl_saw_enough(harvests: dict[str, Harvest]) -> None:
    assert len(harvests["ada"].urls) > 25
    assert any(url.endswith("/credentials/") for url in harvests["rita"].forms)
    assert any(url.startswith("/approvals/") and ID.search(url) for url in harvests["alice"].urls)
    assert reverse("accounts") in harvests["ada"].urls
    assert reverse("people") in harvests["vic"].urls
    assert all(personal(harvest.urls) for name, harvest in harvests.items() if name != "mallory")
    assert personal(harvests["mallory"].urls) == set()


def test_nobody_can_open_or_change_pages_that_only_others_see(everybody: dict[str, User]) -> None:
    everybody = everybody if slices.ALL else {name: user for name, user in everybody.items() if name != "bob"}
    harvests = crawl_as(everybody)  # in `make test` without Bob, who sees what Alice sees
    check_that_the_crawl_saw_enough(harvests)
    found = opened(everybody, harvests)
    assert found == [], "\n".join(map(str, found))
    tried, taken = done(everybody, harvests)
    assert tried > 50
    assert taken == [], "\n".join(map(str, taken))


def test_a_link_to_the_request_form_names_no_role_of_others(everybody: dict[str, User]) -> None:
    address = reverse("request_new") + "?role=111111111111/anothers-role"
    assert "anothers-role" not in visitor(everybody["richard"]).get(address).text
    assert "anothers-role" in visitor(everybody["ron"]).get(address).text


def test_a_hole_would_be_found(everybody: dict[str, User], monkeypatch: pytest.MonkeyPatch) -> None:
    def anything(_user: User, public_id: UUID) -> request_views.RequestView:
        return request_views.build_view(request_views.requests().get(public_id=public_id), now=NOON)

    few = {name: everybody[name] for name in ("vic", "mallory")}
    harvests = crawl_as(few)
    monkeypatch.setattr(approvals, "get_request_view_for", anything)
    replace(monkeypatch, can_manage, lambda *_: True)
    replace(monkeypatch, check_can_manage, lambda *_: None)
    assert ("mallory", "approvals") in {(name, url.split("/")[1]) for name, url in opened(few, harvests)}
    changes = {(name, action.split("/")[-2]) for name, action, _, changed in done(few, harvests)[1] if changed}
    assert ("mallory", "withdraw") in changes


def test_without_a_session_everything_leads_to_the_sign_in(
    everybody: dict[str, User], time_machine: TimeMachineFixture
) -> None:
    harvests, ada = crawl_for_forms(everybody), visitor(everybody["ada"])
    ada.get("/")
    time_machine.move_to(NOON + HOUR * settings.SESSION_IDLE_AGE / 3600, tick=False)
    open_to_all = {reverse("account_login"), reverse("account_reset_password"), reverse("account_signup")}
    urls = set().union(*(harvest.urls for harvest in harvests.values())) - open_to_all
    forms = {action: form for harvest in harvests.values() for action, form in harvest.forms.items()}
    before = pages.world()
    for client in (Client(), ada):  # nobody, and somebody whose session ended
        for url in one_of_each_view(urls):
            answer = client.get(url)
            assert (answer.status_code, url) == (302, url)
            assert answer["Location"].startswith(reverse("account_login")), url
        for action in one_of_each_view(forms):
            for answer, changed in replay(client, action, forms[action], before):
                assert not changed, action
                assert answer.status_code in {302, 403, 404, 405} or action in open_to_all, action
    assert pages.world() == before

"""Everything that anybody is shown is asked for by everybody else: nobody gets what his own pages do not lead to."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest
from django.conf import settings
from django.db import transaction
from django.test import Client
from django.urls import reverse
from time_machine import TimeMachineFixture

from access import accounts, actions, catalogue, rules
from access.management.demo.browser import Form, _FormReader
from access.models import AuditEvent, Contractor, Grant, Request, Role, User
from tests import factories
from tests.factories import DAY, HOUR, NOON, Cast
from tests.integration import pages
from tests.integration.pages import visitor

LINK = re.compile(r'href="([^"]+)"')
# The ways out are the same for everybody and end what the crawl needs.
LEFT_ALONE = {reverse("account_logout"), reverse("usersessions_list")}
# Pages that say nothing of anybody, and are linked only where they are of use.
KNOWN_TO_ALL = {reverse("mfa_activate_totp"), reverse("mfa_generate_recovery_codes"), reverse("mfa_list_webauthn")}
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}")
# What a form needs beside what it holds, so that it would be taken from whom it is meant for.
FILLED = {"verdict": "approve", "reason": "x", "code": "000000", "sponsor": "yes", "seconds": "900"}


@dataclass
class Harvest:
    """What the pages of one person lead to."""

    urls: set[str] = field(default_factory=set)
    forms: dict[str, Form] = field(default_factory=dict)


@pytest.fixture(autouse=True)
def at_noon(time_machine: TimeMachineFixture) -> None:
    time_machine.move_to(NOON, tick=False)


@pytest.fixture
def everybody(cast: Cast) -> dict[str, User]:
    """One of everything: waiting, scheduled, active, portal-issued, ended, denied; an invitation, accounts, a proof."""
    Role.objects.update(allows_console=True)
    vic = factories.user("vic", is_sponsor=True)
    other = factories.role("anothers-role", unique_id="AROAANOTHERANOTHER001")
    other.approvers.add(vic)
    ron = factories.user("ron")
    other.contractors.add(factories.contractor(ron, sponsor=vic, company=factories.company("Contractor B")))
    factories.ask(cast, now=NOON)
    factories.give(cast, now=NOON, starts_at=NOON + HOUR, ends_at=NOON + 2 * HOUR, by=cast.rita, principal_arn="")
    factories.give(cast, now=NOON, by=cast.rita, principal_arn="")
    factories.give(cast, now=NOON)
    factories.ask(cast, now=NOON, by=ron, role=other, principal_arn="")
    Grant.objects.update(applied_at=NOON)
    contract = actions.Contract("Contractor B", NOON + 90 * DAY, frozenset({other.pk}))
    actions.invite(by=vic, email="rob@contractor.example", contract=contract, now=NOON)
    catalogue.change(by=factories.user("adam", is_staff=True), role=cast.role, fields={"quorum": 2}, now=NOON)
    accounts.test_connection(by=cast.ada, account=cast.role.account, now=NOON)
    names = ("richard", "rita", "alice", "bob", "ada", "mallory")
    return {name: getattr(cast, name) for name in names} | {"vic": vic, "ron": ron}


def crawl(client: Client) -> Harvest:
    """Follow every link from the first page, and note every form."""
    harvest, waiting = Harvest(), ["/", reverse("mfa_index")]
    while waiting:
        url = waiting.pop()
        if url in harvest.urls or url in LEFT_ALONE:
            continue
        answer = client.get(url)
        if answer.status_code != 200:
            continue
        harvest.urls.add(url)
        if answer.get("Content-Type", "").startswith("text/html"):
            reader = _FormReader()
            reader.feed(answer.content.decode())
            for form in reader.forms:
                action = _path(url, form.action)
                if action and action not in LEFT_ALONE:
                    harvest.forms.setdefault(action, form)
            waiting += [path for link in LINK.findall(answer.content.decode()) if (path := _path(url, link))]
    return harvest


def _path(page: str, link: str) -> str:
    """The path on this site that a link leads to, or nothing."""
    parts = urlsplit(urljoin(page, link.replace("&amp;", "&")))
    is_file = parts.path.startswith("/static/")
    return "" if parts.scheme or parts.netloc or is_file else parts.path + (f"?{parts.query}" if parts.query else "")


def personal(urls: set[str]) -> set[str]:
    """Those that name something: by its id, its role, its account."""
    return {url for url in urls if UUID.search(url) or url.startswith(("/roles/1", "/accounts/"))}


def replay(client: Client, action: str, form: Form) -> tuple[Any, bool]:
    """Send a form as it was; give the answer, and whether anything is other than before. The world stays as it was."""
    with transaction.atomic():
        before = pages.world()
        buttons = dict(sorted(form.buttons))
        fields = {name: value or FILLED.get(name, "") for name, value in form.fields.items()}
        answer = client.post(action, fields | buttons)
        changed = pages.world() != before
        transaction.set_rollback(True)
    return answer, changed


@pytest.fixture
def harvests(everybody: dict[str, User]) -> dict[str, Harvest]:
    return {name: crawl(visitor(person)) for name, person in everybody.items()}


def strangers(
    everybody: dict[str, User], harvests: dict[str, Harvest]
) -> Iterator[tuple[str, Client, list[str], list[str]]]:
    """Everybody with the addresses and forms that only others were shown, beside what the table lets him do."""
    urls = set().union(*(harvest.urls for harvest in harvests.values()))
    forms = set().union(*(harvest.forms for harvest in harvests.values()))
    for name, person in everybody.items():
        known = harvests[name].urls | set(harvests[name].forms) | KNOWN_TO_ALL
        others = [sorted(url for url in some - known if not table_lets(person, url)) for some in (urls, forms)]
        yield name, visitor(person), others[0], others[1]


def table_lets(person: User, url: str) -> bool:
    """Whether it is a request that he may see, or his own access that he may end, in whichever way."""
    match = re.fullmatch(rf"/requests/({UUID.pattern})/(state/|denied/|revoke/)?", url)
    if not match:
        return False
    request = Request.objects.get(public_id=match[1])
    return rules.can_see(person.facts(), request.facts(), now=NOON) and (
        match[2] != "revoke/" or request.requester == person
    )


def test_the_crawl_finds_the_pages_of_everybody(everybody: dict[str, User], harvests: dict[str, Harvest]) -> None:
    assert len(harvests["ada"].urls) > 25
    assert any(url.endswith("/credentials/") for url in harvests["rita"].forms)
    assert any(url.startswith("/approvals/") and UUID.search(url) for url in harvests["alice"].urls)
    assert reverse("accounts") in harvests["ada"].urls
    assert reverse("people") in harvests["vic"].urls
    assert all(personal(harvest.urls) for name, harvest in harvests.items() if name != "mallory")
    assert personal(harvests["mallory"].urls) == set()


def test_nobody_opens_what_only_others_are_shown(everybody: dict[str, User], harvests: dict[str, Harvest]) -> None:
    opened = [
        (name, url)
        for name, client, urls, _ in strangers(everybody, harvests)
        for url in urls
        if client.get(url).status_code == 200
    ]
    assert opened == [], "\n".join(map(str, opened))


def test_nobody_changes_anything_by_a_form_that_only_others_are_shown(
    everybody: dict[str, User], harvests: dict[str, Harvest]
) -> None:
    tried, done = 0, []
    forms = {action: form for harvest in harvests.values() for action, form in harvest.forms.items()}
    for name, client, _, addresses in strangers(everybody, harvests):
        for action in addresses:
            answer, changed = replay(client, action, forms[action])
            tried += 1
            if changed or answer.status_code == 200:
                done.append((name, action, answer.status_code, changed))
    assert tried > 50
    assert done == [], "\n".join(map(str, done))


def test_what_is_refused_says_nothing_of_what_is_there(
    everybody: dict[str, User], harvests: dict[str, Harvest]
) -> None:
    emails = Contractor.objects.values_list("user__email", flat=True)
    secrets = [*emails, *Grant.objects.values_list("session_name", flat=True)]
    for name, client, urls, _ in strangers(everybody, harvests):
        for url in personal(set(urls)):
            answer = client.get(url)
            page = answer.content.decode()
            assert answer.status_code in {403, 404}, url
            assert not [secret for secret in secrets if secret in page and secret != everybody[name].email], url


@pytest.mark.parametrize("who", ["nobody", "ada, whose session ended"])
def test_without_a_session_everything_leads_to_the_sign_in(
    everybody: dict[str, User], harvests: dict[str, Harvest], who: str, time_machine: TimeMachineFixture
) -> None:
    client = Client()
    if who != "nobody":
        client = visitor(everybody["ada"])
        client.get("/")
        time_machine.move_to(NOON + HOUR * settings.SESSION_IDLE_AGE / 3600, tick=False)
    open_to_all = {reverse("account_login"), reverse("account_reset_password"), reverse("account_signup")}
    events = AuditEvent.objects.count()
    for harvest in harvests.values():
        for url in sorted(harvest.urls - open_to_all):
            answer = client.get(url)
            assert (answer.status_code, url) == (302, url)
            assert answer["Location"].startswith(reverse("account_login")), url
        for action, form in harvest.forms.items():
            answer, changed = replay(client, action, form)
            assert not changed, action
            assert answer.status_code in {302, 403, 404, 405} or action in open_to_all, action
    assert AuditEvent.objects.count() == events

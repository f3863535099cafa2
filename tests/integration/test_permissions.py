"""Each cell of docs/reference/permissions.md is tried at the real pages, also signed out and after a session."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.test import Client
from django.urls import reverse
from time_machine import TimeMachineFixture

from access import aws, trust
from access.actions import deciding, delegations
from access.actions.auto_approvals import AutoApprovalLimits, create_auto_approval_policy
from access.forms.approve_with_changes import terms_as_text
from access.ledger.unmanaged import find_statement
from access.models import (
    Account,
    AuditEvent,
    AutoApprovalPolicy,
    BreakGlassGrant,
    BreakGlassPolicy,
    Certification,
    Challenge,
    Comment,
    Company,
    Contractor,
    Decision,
    Delegation,
    FactorReset,
    Grant,
    HardeningChange,
    Invitation,
    Principal,
    Request,
    Role,
    RoleChange,
    RoleState,
    UnmanagedStatement,
    User,
)
from tests import break_glass, factories
from tests.factories import DAY, HOUR, NOON, Cast
from tests.integration import pages
from tests.integration.pages import decision, visitor
from tests.slices import slice_of

LINES = (Path(settings.BASE_DIR) / "docs" / "reference" / "permissions.md").read_text().splitlines()
CELLS = [re.split(r"\s*\|\s*", line.strip("| ")) for line in LINES if line.startswith("|")]
HEAD = [cell for cell in CELLS[0] if cell][2:]
ROWS = [(row[0], row[1], dict(zip(HEAD, row[2:], strict=True))) for row in CELLS[2:]]
NAMES = [f"{what}, {state}".strip(", ") for what, state, _ in ROWS]
ARN = "arn:aws:iam::222222222222:user/robot"


@dataclass
class World:
    """Everybody of the table, and one request or grant of Richard's in one state."""

    cast: Cast
    people: dict[str, User]
    request: Request | None = None

    @property
    def grant(self) -> Grant:
        return Grant.objects.get(request=self.request)

    def path(self, name: str) -> str:
        assert self.request is not None
        return pages.of(self.request, name)


@pytest.fixture
def world(cast: Cast, time_machine: TimeMachineFixture, monkeypatch: pytest.MonkeyPatch) -> World:
    time_machine.move_to(NOON, tick=False)
    monkeypatch.setattr(aws, "assume_role", lambda **_: aws.Session("ASIA", "secret", "token", NOON + HOUR, NOON))
    vic, sarah = factories.user("vic", is_sponsor=True), factories.user("sarah", is_sponsor=True)
    cast.role.approvers.add(vic)
    cast.role.contractors.remove(Contractor.objects.get(user=cast.rita))
    Role.objects.update(allows_vouched=True)
    Account.objects.update(boundary_arn=factories.BOUNDARY_ARN)
    Contractor.objects.filter(user=cast.richard).update(sponsor=vic)
    dora, olga = factories.user("dora"), factories.user("olga", is_staff=True)
    delegations.create_delegation(by=cast.alice, delegate=dora, from_at=NOON, until_at=NOON + 60 * DAY, now=NOON)
    terms = AutoApprovalLimits(longest_window=HOUR, expires_at=NOON + 30 * DAY, per_week=5)
    create_auto_approval_policy(by=olga, role=cast.role, company=factories.company(), limits=terms, now=NOON)
    people = (cast.richard, cast.rita, cast.alice, dora, vic, sarah, cast.ada, cast.mallory)
    return World(cast, dict(zip(HEAD, people, strict=True)))


def propose(world: World, person: User) -> None:
    """Let a change of the role by this person wait for a second administrator."""
    facts = {"role": world.cast.role, "before": {"quorum": 1}, "after": {"quorum": 2}, "proposed_by": person}
    RoleChange.objects.create(**facts, content_hash=person.email, proposed_at=NOON, expires_at=NOON + DAY)


def prepared(world: World, what: str, state: str) -> World:
    """Return the world in the state that the row is about."""
    if "import" in what:
        root = {"Effect": "Allow", "Principal": {"AWS": factories.HOST_ACCOUNT}, "Action": "sts:AssumeRole"}
        world.cast.role.state.observed_trust = {"Version": "2012-10-17", "Statement": [root]}
        RoleState.objects.update(observed_trust=world.cast.role.state.observed_trust)
    if what == "accept an unmanaged statement":
        allow = {"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"}
        held = trust.Unmanaged(allow, trust.Fate.HELD)
        find_statement(world.cast.role, held, by="worker", now=NOON)
    if "confirm" in what or "change of a role" in what:
        for person in (
            world.people.values() if "proposed themselves" in what else [factories.user("adam", is_staff=True)]
        ):
            propose(world, person)
    cast, vic = world.cast, world.people["the contractor's sponsor, who vouched and is an approver"]
    if what == "certify the role":
        Role.objects.update(is_managed=False)
    prepare_break_glass(cast, what, state)
    prepare_reset(cast, what)
    vouched = None if "portal" in what else factories.vouched(cast.richard, ARN, by=vic)
    start, asked_at = NOON + HOUR / 2 if state == "scheduled" else None, NOON - 2 * HOUR if state == "ended" else NOON
    world.request = factories.ask(cast, now=asked_at, principal=vouched, starts_at=start)
    if state == "denied":
        shown = world.request.content_hash
        deciding.deny(by=cast.bob, request=world.request, content_hash=shown, reason="No.", now=NOON)
    elif state in {"active", "scheduled", "ended"}:
        factories.approve(cast, world.request, by=cast.bob, now=asked_at)
        Grant.objects.update(applied_at=asked_at)
    if state == "ended":
        Grant.objects.update(removed_at=NOON)
    if what == "answer a question about the request":
        question = {"author": cast.bob, "is_question": True, "text": "Why?", "written_at": NOON}
        Comment.objects.create(request=world.request, **question)
    return world


def prepare_reset(cast: Cast, what: str) -> None:
    """Let the reset of Bob's second factor wait for a second administrator."""
    if what == "confirm the reset of a lost second factor":
        theo = factories.user("theo", is_staff=True)
        FactorReset.objects.create(person=cast.bob, proposed_by=theo, reason="Lost phone.", proposed_at=NOON)


def prepare_break_glass(cast: Cast, what: str, state: str) -> None:
    """Make a policy for the colleague, waiting or in force; used two hours ago, or just now."""
    if what.startswith("confirm a break-glass policy"):
        by = break_glass.adam() if "another administrator" in what else cast.ada
        break_glass.waiting_policy(cast, cast.mallory, by=by)
    elif state in {"in force", "earlier grant not reviewed", "open", "over"}:
        policy = break_glass.policy(cast, cast.mallory, now=NOON - 3 * HOUR)
        if state != "in force":
            break_glass.new_grant(policy, cast.mallory, now=NOON if state == "open" else NOON - 2 * HOUR)
            Grant.objects.update(applied_at=NOON - 2 * HOUR)


# --- What people do, and whether it was done --------------------------------------------------------------------------


def asks(client: Client, world: World) -> bool:
    before = Request.objects.count()
    form = {"role": world.cast.role.pk, "principal": "", "length": "60", "reason": "The file."}
    known = " ".join(str(request.public_id) for request in Request.objects.all())
    client.post(reverse("request_new"), form | {"pointed_out": known})
    return Request.objects.count() > before


def sees(client: Client, world: World) -> bool:
    return bool(client.get(world.path("request")).status_code == 200)


def posts(name: str, done: Callable[[World], bool], **form: str) -> Callable[[Client, World], bool]:
    def attempt(client: Client, world: World) -> bool:
        assert world.request is not None
        client.post(world.path(name), decision(world.request, **form))
        return done(world)

    return attempt


def state_is(state: str) -> Callable[[World], bool]:
    return lambda world: Request.objects.filter(pk=getattr(world.request, "pk", 0), state=state).exists()


def is_decided(world: World) -> bool:
    """Return whether somebody decided besides Bob, who decided before."""
    return Decision.objects.exclude(approver=world.cast.bob).exists()


def approves_with_changes(client: Client, world: World) -> bool:
    request = world.request
    assert request is not None
    reduced = replace(request.terms(), window=request.window(HOUR / 2))
    form = {"verdict": "approve", "content_hash": request.shown_as(reduced), "terms": terms_as_text(reduced)}
    client.post(world.path("approval"), form)
    return Grant.objects.filter(request=request, ends_at__lt=F("starts_at") + HOUR).exists()


def answers(client: Client, world: World) -> bool:
    client.post(world.path("comments"), {"text": "Because."})
    return Comment.objects.filter(is_question=False).exists()


def uses(client: Client, world: World) -> bool:
    answer = client.post(world.path("credentials"), headers={"Accept": "application/json"})
    return bool(answer.status_code == 200)


def ends(client: Client, world: World) -> bool:
    client.post(world.path("return_access"))
    client.post(world.path("request_revoke"), {"reason": "Enough."})
    return world.grant.revoked_at is not None


def begins_a_proof(client: Client, _world: World) -> bool:
    client.post(reverse("identity_start"))
    return Challenge.objects.exists()


def vouches(client: Client, world: World) -> bool:
    ron = Contractor.objects.get(user=world.cast.richard)
    arn = "arn:aws:iam::222222222222:user/another"
    client.post(reverse("identity_vouch"), {"contractor": ron.pk, "arn": arn})
    return Principal.objects.filter(arn=arn).exists()


def invites(client: Client, world: World) -> bool:
    form = {"company": "B", "contract_ends_at": "2027-01-31T18:00", "roles": [world.cast.role.pk]}
    client.post(reverse("invite"), {"email": "ron@contractor.example"} | form)
    return Invitation.objects.exists()


def chooses_a_sponsor(client: Client, world: World) -> bool:
    form = {"company": "B", "contract_ends_at": "2027-01-31T18:00", "roles": [world.cast.role.pk]}
    sponsor = User.objects.get(name__iexact="sarah")
    client.post(reverse("invite"), {"email": "ron@contractor.example", "sponsor": sponsor.pk} | form)
    return Invitation.objects.filter(chosen_sponsor=sponsor).exists()


def manages(client: Client, world: World) -> bool:
    ron = Contractor.objects.get(user=world.cast.richard)
    form = {"contract_ends_at": "2027-01-31T18:00", "roles": [], "sponsor": ron.sponsor_id}
    changed = client.post(reverse("contractor", args=[ron.public_id]), form).status_code == 302
    client.post(reverse("contractor_disable", args=[ron.public_id]))
    is_off = not Contractor.objects.get(pk=ron.pk).is_active
    assert changed in {is_off, True}
    return is_off


def administers(client: Client, world: World) -> bool:
    client.post(reverse("company_disable", args=[factories.company().public_id]))
    client.post(reverse("colleague_disable", args=[world.cast.bob.public_id]))
    companies, bob = Company.objects.filter(is_active=False), User.objects.get(pk=world.cast.bob.pk)
    assert companies.exists() == (not bob.is_active)
    return companies.exists()


def connects(client: Client, world: World) -> bool:
    account = world.cast.role.account
    client.post(reverse("account_test", args=[account.account_id]))
    facts = {"name": "Another", "region": "us-east-1", "issuer_arn": account.issuer_arn}
    client.post(reverse("account_change", args=[account.account_id]), facts)
    is_changed = Account.objects.get(pk=account.pk).name == "Another"
    assert is_changed == (Account.objects.get(pk=account.pk).test_asked_at is not None)
    return Account.objects.get(pk=account.pk).test_asked_at is not None


def withdraws_a_change(client: Client, world: World) -> bool:
    client.post(reverse("role_change_withdraw", args=[RoleChange.objects.earliest("pk").public_id]))
    return RoleChange.objects.filter(outcome="withdrawn").exists()


def confirms_anothers(client: Client, world: World) -> bool:
    return confirms(client, RoleChange.objects.earliest("pk"))


def confirms_ones_own(client: Client, world: World) -> bool:
    own = RoleChange.objects.filter(proposed_by=client.session.get("_auth_user_id")).first()
    return confirms(client, own or RoleChange.objects.earliest("pk"))


def confirms(client: Client, change: RoleChange) -> bool:
    client.post(reverse("role_change", args=[change.public_id]), {"content_hash": change.content_hash})
    return RoleChange.objects.filter(pk=change.pk, outcome="confirmed").exists()


def opens(name: str, *words: str) -> Callable[[Client, World], bool]:
    return lambda client, _: bool(client.get(reverse(name, args=words)).status_code == 200)


def certifies(kind: str, key: Callable[[World], Any]) -> Callable[[Client, World], bool]:
    def attempt(client: Client, world: World) -> bool:
        client.post(reverse("certify", args=[kind, key(world)]), {"verdict": "keep"})
        return Certification.objects.exists()

    return attempt


POLICY = {"own": "none", "managed": "ReadOnlyAccess"}


def makes_a_role(client: Client, world: World) -> bool:
    account = world.cast.role.account
    form = {"account": account.pk, "name": "new", "max_session_seconds": "3600", "statements": "1"}
    client.post(reverse("role_make"), POLICY | form)
    return Role.objects.filter(name="new").exists()


def changes_permissions(client: Client, world: World) -> bool:
    role = world.cast.role
    url = reverse("role_permissions_save", args=[role.account.account_id, role.name])
    client.post(url, POLICY | {"shown": "0", "statements": "1"})
    return Role.objects.exclude(policy_arns=[]).exists()


def limits_a_role(client: Client, world: World) -> bool:
    role = world.cast.role
    client.post(reverse("role_disable", args=[role.account.account_id, role.name]))
    form = {"max_session_seconds": "3600", "allows_console": "on", "largest_share": "1"}
    form["source_rule"] = "optional"
    url = reverse("role_limits", args=[role.account.account_id, role.name])
    client.post(url, form | {"issues_per_hour": "1", "live_sessions": "1"})
    role = Role.objects.get(pk=role.pk)
    assert role.is_active == (role.issues_per_hour != 1)
    return not role.is_active


def imports_and_hardens(client: Client, world: World) -> bool:
    role = world.cast.role
    arn = f"arn:aws:iam::{role.account.account_id}:role/legacy/x"
    client.post(reverse("role_import"), {"account": role.account.pk, "arn": arn})
    url = reverse("role_harden", args=[role.account.account_id, role.name, 0, "remove"])
    client.post(url, {"document_hash": trust.fingerprint(role.state.observed_trust)})
    is_imported = Role.objects.filter(path="/legacy/").exists()
    assert is_imported == HardeningChange.objects.exists()
    return is_imported


def accepts_a_statement(client: Client, world: World) -> bool:
    role, row = world.cast.role, UnmanagedStatement.objects.get()
    client.post(reverse("statement_accept", args=[role.account.account_id, role.name, row.sha256]))
    return UnmanagedStatement.objects.filter(accepted_at__isnull=False).exists()


def changes_approval_settings(client: Client, world: World) -> bool:
    role = world.cast.role
    form = {"approvers": [world.cast.alice.pk], "quorum": 1, "longest_window": "4 hours", "latest_start": "2 days"}
    form |= {"expires_after": "1 day"}
    form |= {"stage-TOTAL_FORMS": 0, "stage-INITIAL_FORMS": 0}
    client.post(reverse("approval_settings", args=[role.account.account_id, role.name]), form)
    return Role.objects.get(pk=role.pk).longest_window == 4 * HOUR


def confirms_a_policy(client: Client, world: World) -> bool:
    policy = AutoApprovalPolicy.objects.get()
    client.post(reverse("auto_approval_policy_confirm", args=[policy.public_id]))
    return AutoApprovalPolicy.objects.exclude(confirmed_by=None).exists()


def proposes_a_reset(client: Client, world: World) -> bool:
    client.post(reverse("factor_reset", args=[world.cast.bob.public_id]), {"reason": "Lost phone."})
    return FactorReset.objects.exists()


def confirms_a_reset(client: Client, world: World) -> bool:
    client.post(reverse("factor_reset_confirm", args=[FactorReset.objects.get().public_id]))
    return FactorReset.objects.exclude(done_at=None).exists()


def creates_a_delegation(client: Client, world: World) -> bool:
    client.post(reverse("delegation_end"))
    form = {"delegate": world.cast.mallory.pk, "from_at": "2026-11-24T13:00", "until_at": "2026-11-24T15:00"}
    client.post(reverse("delegation"), form)
    return Delegation.objects.filter(delegate=world.cast.mallory).exists()


def creates_a_policy(client: Client, world: World) -> bool:
    form = {"role": world.cast.role.pk, "people": [world.cast.mallory.pk], "minutes": "60", "reason": "Nights."}
    client.post(reverse("break_glass_policy_new"), form | {"expires_at": "2027-01-31T18:00"})
    return BreakGlassPolicy.objects.exists()


def with_policy(name: str, done: Callable[[BreakGlassPolicy], bool], **form: str) -> Callable[[Client, World], bool]:
    def attempt(client: Client, _world: World) -> bool:
        policy = BreakGlassPolicy.objects.get()
        client.post(reverse(name, args=[policy.public_id]), {"content_hash": policy.content_hash()} | form)
        return done(BreakGlassPolicy.objects.get())

    return attempt


def uses_break_glass(client: Client, world: World) -> bool:
    before = BreakGlassGrant.objects.count()
    with_policy("break_glass_use", lambda _: True, minutes="60", reason="It burns.")(client, world)
    return BreakGlassGrant.objects.count() > before


def with_break_glass_grant(
    name: str, done: Callable[[BreakGlassGrant], bool], **form: str
) -> Callable[[Client, World], bool]:
    def attempt(client: Client, _world: World) -> bool:
        client.post(reverse(name, args=[BreakGlassGrant.objects.get().request.public_id]), form)
        return done(BreakGlassGrant.objects.get())

    return attempt


def sees_the_break_glass_grant(client: Client, _world: World) -> bool:
    path = reverse("break_glass_grant", args=[BreakGlassGrant.objects.get().request.public_id])
    return bool(client.get(path).status_code == 200)


def opens_a_session(client: Client, _world: World) -> bool:
    path = reverse("credentials", args=[BreakGlassGrant.objects.get().request.public_id])
    return bool(client.post(path, headers={"Accept": "application/json"}).status_code == 200)


LATER = {"ends_at": "2026-11-24T15:00", "reason": "Not done yet."}
ATTEMPTS: dict[str, Callable[[Client, World], bool]] = {
    "request the role": asks,
    "see the request": sees,
    "see the grant": sees,
    "withdraw the request": posts("request_withdraw", state_is("withdrawn")),
    "approve the request": posts("approval", state_is("approved"), verdict="approve"),
    "deny the request": posts("approval", is_decided, verdict="deny", reason="No."),
    "approve the request with changes": approves_with_changes,
    "ask for information about the request": posts(
        "comments", lambda _: Comment.objects.filter(is_question=True).exists(), text="Why?"
    ),
    "answer a question about the request": answers,
    "start a session through the portal": uses,
    "request an extension of the grant": posts(
        "request_extend", lambda _: Request.objects.exclude(extends=None).exists(), **LATER
    ),
    "revoke or return the grant": ends,
    "download the evidence pack of the grant": posts(
        "request_evidence", lambda _: AuditEvent.objects.filter(verb="evidence.taken").exists()
    ),
    "prove an AWS identity": begins_a_proof,
    "vouch for the contractor's AWS identity": vouches,
    "invite a contractor": invites,
    "choose another sponsor for an invited contractor": chooses_a_sponsor,
    "change the contractor's contract, disable the contractor": manages,
    "disable companies and internal users": administers,
    "propose the reset of a lost second factor": proposes_a_reset,
    "confirm the reset of a lost second factor": confirms_a_reset,
    "connect, change and test accounts": connects,
    "change the approval settings of the role": changes_approval_settings,
    "confirm an auto-approval policy": confirms_a_policy,
    "choose a delegate": creates_a_delegation,
    "create a role": makes_a_role,
    "change the permissions of the role": changes_permissions,
    "change the limits of the role, disable it": limits_a_role,
    "import a role, harden its trust policy": imports_and_hardens,
    "accept an unmanaged statement": accepts_a_statement,
    "withdraw a change of a role": withdraws_a_change,
    "confirm a change of a role that another administrator proposed": confirms_anothers,
    "confirm a change of a role that they proposed themselves": confirms_ones_own,
    "create a break-glass policy that names the other internal user": creates_a_policy,
    "confirm a break-glass policy that they created themselves": with_policy(
        "break_glass_policy_confirm", lambda policy: policy.confirmed_at is not None
    ),
    "confirm a break-glass policy that another administrator created": with_policy(
        "break_glass_policy_confirm", lambda policy: policy.confirmed_at is not None
    ),
    "withdraw a break-glass policy": with_policy(
        "break_glass_policy_withdraw", lambda policy: policy.withdrawn_at is not None
    ),
    "use break-glass": uses_break_glass,
    "see the break-glass grant": sees_the_break_glass_grant,
    "start a session of the break-glass grant": opens_a_session,
    "stop the break-glass grant": with_break_glass_grant(
        "break_glass_grant_stop", lambda break_glass_grant: break_glass_grant.request.grant.revoked_at is not None
    ),
    "review the break-glass grant": with_break_glass_grant(
        "break_glass_grant_review",
        lambda break_glass_grant: break_glass_grant.reviewed_at is not None,
        verdict="justified",
        comment="It was needed.",
    ),
    "open the reviews": opens("reviews"),
    "use the search": opens("search"),
    "see mutual approvals": opens("review", "mutual-approvals"),
    "certify the grant": certifies("access", lambda world: getattr(world.request, "public_id", "")),
    "certify the role": certifies("roles", lambda world: world.cast.role.pk),
    "certify the contractor's contract": certifies(
        "contractors", lambda world: Contractor.objects.get(user=world.cast.richard).public_id
    ),
}


def tried(attempt: Callable[[Client, World], bool], client: Client, world: World) -> bool:
    """Return whether it was done; the database is as before afterwards."""
    with transaction.atomic():
        done = attempt(client, world)
        transaction.set_rollback(True)
    return done


@pytest.mark.parametrize(("what", "state", "cells"), ROWS, ids=NAMES)
def test_the_table_matches_the_portal(world: World, what: str, state: str, cells: dict[str, str]) -> None:
    prepared(world, what, state)
    found = {name: tried(ATTEMPTS[what], visitor(person), world) for name, person in world.people.items()}
    assert found == {name: cell == "yes" for name, cell in cells.items()}


@pytest.mark.parametrize(("what", "state", "cells"), slice_of(ROWS, one_in=3), ids=slice_of(NAMES, one_in=3))
def test_nobody_can_do_anything_signed_out_or_after_their_session_ended(
    world: World, what: str, state: str, cells: dict[str, str], time_machine: TimeMachineFixture
) -> None:
    prepared(world, what, state)
    allowed = [world.people[name] for name, cell in cells.items() if cell == "yes"]
    clients = [Client(), *expired(allowed, time_machine)]
    before = pages.world()
    for client in clients:
        with transaction.atomic():
            ATTEMPTS[what](client, world)
            assert pages.world() == before
            assert not sees(client, world)


def expired(people: list[User], clock: TimeMachineFixture) -> Iterator[Client]:
    """Yield a client whose last click was too long ago."""
    clients = [visitor(person) for person in people]
    for client in clients:
        client.get(reverse("roles"))
    clock.move_to(later(settings.SESSION_IDLE_AGE), tick=False)
    yield from clients


def later(seconds: int) -> datetime:
    return NOON + HOUR * seconds / 3600


def test_the_table_has_a_try_for_every_row() -> None:
    assert {what for what, _, _ in ROWS} == set(ATTEMPTS)
    assert {"yes", "-"} == {cell for _, _, cells in ROWS for cell in cells.values()}


def test_every_change_of_the_database_is_noticed(cast: Cast) -> None:
    before: Any = pages.world()
    User.objects.filter(pk=cast.alice.pk).update(is_sponsor=True)
    assert pages.world() != before

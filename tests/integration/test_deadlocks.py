"""No two processes wait for each other: rows are locked before the audit chain, in one order."""

import threading
from collections.abc import Callable
from functools import partial
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.models import QuerySet

from access import accounts, admission, aws, proof, proving
from access.actions import (
    asking,
    auto_approvals,
    break_glass_policies,
    contents,
    deciding,
    invitations,
    people,
    requests,
)
from access.actions.auto_approvals import AutoApprovalLimits
from access.actions.contents import RequestDraft
from access.actions.invitations import Contract
from access.ledger import roles
from access.ledger.break_glass import record_break_glass_notified
from access.ledger.chain import append
from access.ledger.grants import mark_removed
from access.ledger.notifications import create_notifications
from access.ledger.people import SSO, record_rights
from access.ledger.roles import add_overflow_role, record_permissions
from access.ledger.walks import broken_links
from access.models import (
    AutoApprovalPolicy,
    BreakGlassGrant,
    Contractor,
    Grant,
    Invitation,
    Notification,
    Request,
    Role,
    RoleState,
    User,
)
from access.reconcile import drift
from tests import break_glass, factories
from tests.factories import NOON, Cast, ask
from tests.integration.concurrently import kinds, run_together
from tests.integration.environment import Environment, problem, state, verbs

pytestmark = pytest.mark.usefixtures("commits", "enqueued")
only_postgresql = pytest.mark.skipif(
    connection.vendor == "sqlite", reason="SQLite locks the whole database: these locks exist only on PostgreSQL"
)


@pytest.fixture
def cast(commits: None) -> Cast:
    return factories.cast()


class Meeting:
    """An approval comes in while the worker waits for AWS, or a session is opened: the one holds the role and the other
    the grant, and both want the audit chain.

    The worker continues then, and must not hold the chain while it wants the role or the grant.
    """

    def __init__(self, role_id: int) -> None:
        self.role_id = role_id
        self.reading, self.locked = threading.Event(), threading.Event()

    def approval(self) -> None:
        self._come_in(Role.objects.lock().filter(pk=self.role_id))

    def session(self, grant: Grant) -> None:
        self._come_in(Grant.objects.select_for_update(no_key=True).filter(pk=grant.pk))

    def _come_in(self, rows: QuerySet[Any]) -> None:
        self.reading.wait(timeout=30)
        with transaction.atomic():
            rows.get()
            self.locked.set()
            _await_somebody_who_waits()
            append(verb="test.happened", subject="test:1", by="alice", now=NOON)

    def at_the_first_look(self, monkeypatch: pytest.MonkeyPatch) -> None:
        true_read = aws.read_role

        def read_role(**which: Any) -> aws.RoleSnapshot:
            observed = true_read(**which)
            self.reading.set()
            self.locked.wait(timeout=30)
            return observed

        monkeypatch.setattr(aws, "read_role", read_role)


@only_postgresql
def test_recording_what_aws_holds_does_not_deadlock_with_an_approval(
    env: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    grant = env.create_grant()
    meeting = Meeting(env.role.pk)
    meeting.at_the_first_look(monkeypatch)
    assert kinds(run_together(meeting.approval, env.reconcile)) == {"NoneType": 2}
    assert state(grant, env.clock()) == "active"
    assert list(broken_links()) == []


@only_postgresql
def test_recording_a_failure_does_not_deadlock_with_an_approval(
    env: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    env.create_grant()
    env.aws.fault("PutRolePolicy", "error", role=env.role.name)
    meeting = Meeting(env.role.pk)
    meeting.at_the_first_look(monkeypatch)
    assert kinds(run_together(meeting.approval, env.reconcile)) == {"NoneType": 2}
    assert env.role.state.problem == "aws_unavailable"


@only_postgresql
def test_recording_an_end_does_not_deadlock_with_a_new_session(
    env: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    grant = env.create_grant()
    env.reconcile()
    requests.revoke(by=env.cast.alice, grant=grant, reason="Stop.", now=env.clock())
    meeting = Meeting(env.role.pk)
    meeting.at_the_first_look(monkeypatch)
    assert kinds(run_together(partial(meeting.session, grant), env.reconcile)) == {"NoneType": 2}
    assert state(grant, env.clock()) == "ended"
    assert verbs().count("role.written") == 2


@only_postgresql
def test_recording_why_grants_wait_does_not_deadlock_with_a_new_session(
    env: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, second = sorted((env.create_grant(), env.create_grant()), key=lambda grant: grant.session_name)
    env.aws.fault("PutRolePolicy", "error", role=env.role.name)
    meeting = Meeting(env.role.pk)
    meeting.at_the_first_look(monkeypatch)
    assert kinds(run_together(partial(meeting.session, second), env.reconcile)) == {"NoneType": 2}
    assert problem(second)[0] == "aws_unavailable"


@only_postgresql
def test_recording_drift_does_not_deadlock_with_an_approval(env: Environment) -> None:
    first = env.role
    second = factories.role(env.aws.fresh("second"), account=first.account)
    for role in (first, second):
        RoleState.objects.filter(pk=role.pk).update(
            observed_at=env.clock(), reconciled_generation=role.state.generation
        )
    meeting = Meeting(second.pk)
    meeting.reading.set()

    def look() -> list[int]:
        meeting.locked.wait(timeout=30)
        return list(drift.drifted(now=env.clock()))

    answers = run_together(meeting.approval, look)
    assert kinds(answers) == {"NoneType": 1, "list": 1}
    assert sorted(answers[1]) == sorted([first.pk, second.pk])


@only_postgresql
def test_recording_permissions_does_not_deadlock_with_an_approval(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    holds = threading.Event()

    def record(**_: Any) -> None:
        holds.set()
        _await_somebody_who_waits()

    def approve() -> None:
        holds.wait(timeout=30)
        with transaction.atomic():
            Role.objects.lock().get(pk=cast.role.pk)

    def store() -> bool:
        # The first snapshot refers to the role: its commit waits for everybody who locked the role.
        snapshot: dict[str, Any] = {"managed": {}, "analysis": None}
        return record_permissions(
            cast.role, ["iam:PutRolePolicy"], other_inline_size=0, snapshot=snapshot, by="worker", now=NOON
        )

    monkeypatch.setattr(roles, "record", record)
    assert kinds(run_together(approve, store)) == {"NoneType": 1, "bool": 1}


@only_postgresql
def test_an_approval_that_overflows_does_not_deadlock_with_the_worker_of_the_overflow_role(cast: Cast) -> None:
    Role.objects.filter(pk=cast.role.pk).update(allows_overflow=True)
    while not (overflow_role := Role.objects.filter(overflow_of=cast.role.pk)):
        into_overflow_role(cast, ask(cast))
    waiting, meeting = ask(cast), Meeting(overflow_role.get().pk)
    meeting.reading.set()

    def approve_after() -> None:
        meeting.locked.wait(timeout=30)
        into_overflow_role(cast, waiting)

    assert kinds(run_together(meeting.approval, approve_after)) == {"NoneType": 2}
    assert Grant.objects.filter(role=meeting.role_id).count() == 2


@only_postgresql
@pytest.mark.parametrize("several", [False, True])
def test_an_auto_approved_request_does_not_deadlock_with_the_end_of_the_policy(cast: Cast, several: bool) -> None:
    other = factories.role("other", unique_id="AROAOTHEROTHEROTHER01")
    other.contractors.set(cast.role.contractors.all())
    terms = AutoApprovalLimits(longest_window=factories.HOUR, expires_at=NOON + factories.DAY, per_week=9)
    policy = auto_approvals.create_auto_approval_policy(
        by=cast.ada, role=other, company=factories.company(), limits=terms, now=NOON
    )
    auto_approvals.confirm_auto_approval_policy(by=factories.user("olga", is_staff=True), policy=policy, now=NOON)
    locked = threading.Event()

    def end() -> None:
        with transaction.atomic():
            AutoApprovalPolicy.objects.select_for_update().get(pk=policy.pk)
            locked.set()
            _await_somebody_who_waits()
            append(verb="test.happened", subject="test:1", by="ada", now=NOON)

    def ask_for_it() -> None:
        draft = RequestDraft(principal=None, length=factories.HOUR, reason="Work.")
        roles = [cast.role, other] if several else [other]
        locked.wait(timeout=30)
        asking.ask(by=cast.rita, roles=roles, draft=draft, now=NOON)

    assert kinds(run_together(end, ask_for_it)) == {"NoneType": 2}
    assert Grant.objects.get().role == other


class RowFirst:
    """A process changes rows and records it: it holds the rows and waits for the audit chain.

    Issuing credentials, expiring requests and new passwords do so.

    Another process must not hold the chain meanwhile while it waits for the rows.
    """

    def __init__(self, rows: QuerySet[Any], **facts: Any) -> None:
        self.rows = rows if rows.query.select_for_update else rows.select_for_update(no_key=True)
        self.facts = facts
        self.holds = threading.Event()

    def change(self) -> None:
        with transaction.atomic():
            assert list(self.rows)
            if self.facts:
                self.rows.update(**self.facts)
            self.holds.set()
            _await_somebody_who_waits()
            append(verb="test.happened", subject="test:1", by="alice", now=NOON)

    def meets(self, act: Callable[[], object]) -> None:
        def act_after() -> None:
            self.holds.wait(timeout=30)
            act()

        assert kinds(run_together(self.change, act_after)) == {"NoneType": 2}


@only_postgresql
@pytest.mark.parametrize("changes", ["grant", "request", "person"])
def test_disabling_a_user_does_not_deadlock_with_their_own_click(cast: Cast, changes: str) -> None:
    grant, waiting = factories.create_grant(cast), ask(cast)
    rows: dict[str, QuerySet[Any]] = {
        "grant": Grant.objects.filter(pk=grant.pk),
        "request": Request.objects.filter(pk=waiting.pk),
        "person": User.objects.filter(pk=cast.richard.pk),
    }
    richard = Contractor.objects.get(user=cast.richard)
    RowFirst(rows[changes]).meets(lambda: people.disable_person_or_company(by=cast.ada, what=richard, now=NOON))
    assert not Grant.objects.filter(revoked_at=None).exists()
    assert Request.objects.get(pk=waiting.pk).state == "expired"
    RowFirst(rows["person"]).meets(lambda: people.enable_person_or_company(by=cast.ada, what=richard, now=NOON))
    assert User.objects.get(pk=cast.richard.pk).is_active


@only_postgresql
def test_a_request_that_expires_meanwhile_does_not_block_disabling_a_user(cast: Cast) -> None:
    grant, waiting = factories.create_grant(cast), ask(cast)
    lapsing = RowFirst(Request.objects.filter(pk=waiting.pk), state="expired", settled_at=NOON)
    lapsing.meets(
        lambda: people.disable_person_or_company(by=cast.ada, what=Contractor.objects.get(user=cast.richard), now=NOON)
    )
    assert Grant.objects.get(pk=grant.pk).revoked_at == NOON
    assert not User.objects.get(pk=cast.richard.pk).is_active


@only_postgresql
def test_an_extension_does_not_deadlock_with_a_click_for_credentials(cast: Cast) -> None:
    grant = factories.create_grant(cast)
    later = NOON + 2 * factories.HOUR
    longer = requests.extend(by=cast.richard, grant=grant, ends_at=later, reason="It takes longer.", now=NOON)
    RowFirst(Grant.objects.all()).meets(lambda: factories.approve(cast, longer))
    assert Grant.objects.get().ends_at == later


@only_postgresql
def test_the_end_of_a_break_glass_policy_does_not_deadlock_with_a_click_for_credentials(cast: Cast) -> None:
    policy = break_glass.policy(cast, cast.bob)
    break_glass.new_grant(policy, cast.bob)
    RowFirst(Grant.objects.all()).meets(
        lambda: break_glass_policies.withdraw_break_glass_policy(by=cast.ada, policy=policy, now=NOON)
    )
    assert Grant.objects.get().revoked_at == NOON


@only_postgresql
def test_another_proof_of_an_identity_does_not_deadlock_with_recording_its_grant(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    grant = factories.create_grant(cast)
    recreated = proof.CallerIdentity(grant.principal_arn, "AIDAREMADEREMADEREMA")
    monkeypatch.setattr(proof, "read", lambda *_, **__: SimpleNamespace(host=SimpleNamespace(partition="aws")))
    monkeypatch.setattr(aws, "ask_who_signed", lambda _: None)
    monkeypatch.setattr(proof, "identify", lambda *_, **__: recreated)
    asked = proving.challenge(by=cast.richard, now=NOON)
    how: dict[str, Any] = {"pasted": "", "portal_host": "", "role_arn": "", "only_session": False}
    RowFirst(Grant.objects.all()).meets(lambda: proving.prove(by=cast.richard, challenge=asked, now=NOON, **how))
    assert Grant.objects.get().problem == "principal_deleted"


@only_postgresql
def test_an_invitation_does_not_deadlock_with_an_approval(cast: Cast) -> None:
    User.objects.filter(pk=cast.alice.pk).update(is_sponsor=True)
    alice = User.objects.get(pk=cast.alice.pk)
    contract = Contract("Contractor A", NOON + factories.DAY, frozenset({cast.role.pk}))
    RowFirst(Role.objects.lock()).meets(
        lambda: invitations.invite(by=alice, email="ron@example.com", contract=contract, now=NOON)
    )
    assert list(Invitation.objects.get().roles.all()) == [cast.role]


@only_postgresql
def test_an_email_does_not_deadlock_with_the_sign_in_of_its_recipient(cast: Cast) -> None:
    waiting, holds = ask(cast), threading.Event()

    def answer() -> None:
        with transaction.atomic():
            append(verb="test.happened", subject="test:1", by="richard", now=NOON)
            holds.set()
            _await_somebody_who_waits()
            create_notifications(Notification.Kind.ANSWER, waiting, [cast.alice], now=NOON)

    def sign_in() -> None:
        holds.wait(timeout=30)
        rights: dict[str, Any] = {"groups": {"approvers"}, "mapped": {"approvers"}, "is_administrator": False}
        record_rights(cast.alice, by=SSO, now=NOON, **rights)

    assert kinds(run_together(answer, sign_in)) == {"NoneType": 2}
    assert Notification.objects.filter(person=cast.alice, kind=Notification.Kind.ANSWER).exists()
    assert cast.alice.groups.get().name == "approvers"


@only_postgresql
def test_notifying_people_of_a_use_does_not_deadlock_with_its_review(cast: Cast) -> None:
    used = break_glass.new_grant(break_glass.policy(cast, cast.bob), cast.bob)
    holds, notified = threading.Event(), threading.Event()

    def review() -> None:
        with transaction.atomic():
            Request.objects.select_for_update().get(pk=used.request_id)
            holds.set()
            notified.wait(timeout=30)
            BreakGlassGrant.objects.filter(pk=used.pk).update(notified=[])

    def tell() -> None:
        holds.wait(timeout=30)
        record_break_glass_notified(used, notified=used.not_notified, now=NOON)
        notified.set()

    assert kinds(run_together(review, tell)) == {"NoneType": 2}


@only_postgresql
def test_a_new_issuer_does_not_deadlock_with_an_approval_that_needs_an_overflow_role(cast: Cast) -> None:
    holds = threading.Event()
    account = cast.role.account

    def approve() -> None:
        with transaction.atomic():
            role = Role.objects.lock().get(pk=cast.role.pk)
            holds.set()
            _await_somebody_who_waits()
            add_overflow_role(admission.new_overflow_role(role, 2), by="alice", now=NOON)

    def change() -> None:
        holds.wait(timeout=30)
        known = {name: getattr(account, name) for name in ("name", "region", "hub_account_id", "org_id")}
        issuer = f"{factories.ISSUER_ARN}-new"
        accounts.change(by=cast.ada, account=account, issuer_arn=issuer, now=NOON, **known)

    assert kinds(run_together(approve, change)) == {"NoneType": 2}


def into_overflow_role(cast: Cast, request: Request) -> None:
    """Approve as the page would show it: with the role that has room."""
    wanted = contents.new_grant(request, now=NOON).facts()
    place = admission.find_placement(Role.objects.get(pk=cast.role.pk), wanted, now=NOON)
    shown = request.content_hash
    deciding.approve(by=cast.alice, request=request, content_hash=shown, now=NOON, role_arn=place.role.arn)


def _await_somebody_who_waits() -> None:
    """Continue once another connection to this database waits for a lock."""
    for _ in range(3000):
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
            if cursor.fetchone()[0]:
                return
        threading.Event().wait(0.01)
    raise AssertionError("nobody waits")


@only_postgresql
def test_the_record_of_an_end_does_not_deadlock_with_a_request(cast: Cast) -> None:
    """The worker has only the state of the role, and a grant that it changes twice is checked against the role."""
    grant = factories.create_grant(cast)
    requests.revoke(by=cast.alice, grant=grant, reason="Stop.", now=NOON)
    has_state, wants_state = threading.Event(), threading.Event()

    def record_end() -> None:
        with transaction.atomic():
            RoleState.objects.filter(pk=cast.role.pk).update(reconciled_at=NOON)
            has_state.set()
            wants_state.wait(timeout=30)
            _await_somebody_who_waits()
            mark_removed([Grant.objects.select_related("request").get()], by="worker", now=NOON)

    def ask_again() -> None:
        has_state.wait(timeout=30)
        wants_state.set()
        ask(cast, now=NOON)

    assert kinds(run_together(record_end, ask_again)) == {"NoneType": 2}
    assert Grant.objects.get().removed_at == NOON
    assert Request.objects.count() == 2

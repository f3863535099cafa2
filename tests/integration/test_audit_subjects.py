"""Each audit event is found by what it concerns; the rows for that are written with it, and never changed."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from time_machine import TimeMachineFixture

from access.actions import delegations, requests
from access.ledger import chaining
from access.ledger.chain import AuditUnavailable, append
from access.ledger.event_subjects import find_subjects
from access.ledger.identities import record_vouching
from access.ledger.sessions import open_session
from access.ledger.subjects import account_subject, role_subject
from access.ledger.walks import broken_links
from access.models import AuditEvent, AuditSubject, Contractor, Role
from tests import break_glass, factories
from tests.factories import DAY, NOON, Cast


@pytest.fixture(autouse=True)
def at_noon(time_machine: TimeMachineFixture) -> None:
    time_machine.move_to(NOON, tick=False)


def about(event: AuditEvent) -> set[tuple[str, int]]:
    rows = AuditSubject.objects.filter(sequence=event.sequence)
    assert {row.at for row in rows} <= {event.at}
    return set(rows.values_list("kind", "key"))


def last(verb: str) -> AuditEvent:
    return AuditEvent.objects.filter(verb=verb).latest("sequence")


def of_richard(cast: Cast) -> set[tuple[str, int]]:
    contractor = Contractor.objects.get(user=cast.richard)
    return {("person", cast.richard.pk), ("contractor", contractor.pk), ("company", contractor.company_id)}


def of_the_role(role: Role) -> set[tuple[str, int]]:
    return {("role", role.pk), ("account", role.account_id)}


def test_an_event_of_a_request_concerns_everything_about_it_and_who_acted(cast: Cast) -> None:
    grant = factories.create_grant(cast)
    mine = {("request", grant.request_id), *of_richard(cast), *of_the_role(cast.role)}
    assert about(last("request.submitted")) == mine
    assert about(last("decision.approved")) == {*mine, ("person", cast.alice.pk)}


def test_a_sign_in_is_no_event_of_the_contractor_as_such(cast: Cast) -> None:
    open_session(cast.richard, ways=["password"], address="192.0.2.7", now=NOON)
    assert about(last("session.opened")) == of_richard(cast) - {
        ("contractor", Contractor.objects.get(user=cast.richard).pk)
    }


def test_an_event_of_an_overflow_role_concerns_the_role_as_well(cast: Cast) -> None:
    overflow = factories.role("importantproject-put-2", overflow_of=cast.role, unique_id="AROAOVERFLOW")
    append(verb="role.built", subject=role_subject(overflow), by="worker", now=NOON)
    assert about(last("role.built")) == {*of_the_role(overflow), *of_the_role(cast.role)}


def test_other_subjects_are_found(cast: Cast) -> None:
    contractor = Contractor.objects.get(user=cast.richard)
    record_vouching(contractor, arn=factories.RICHARD_ARN, by=cast.alice, now=NOON)
    assert about(last("identity.vouched")) == {*of_richard(cast), ("person", cast.alice.pk)}
    append(verb="account.tested", subject=account_subject(cast.role.account), by="worker", now=NOON)
    assert about(last("account.tested")) == {("account", cast.role.account_id)}
    append(verb="company.disabled", subject=f"company:{contractor.company.public_id}", by="worker", now=NOON)
    assert about(last("company.disabled")) == {("company", contractor.company_id)}
    policy = break_glass.policy(cast, cast.bob)
    assert about(last("break_glass_policy.created")) >= {*of_the_role(policy.role), ("person", cast.bob.pk)}
    append(verb="invitation.sent", subject=f"invitation:{uuid.uuid4()}", by=cast.alice, now=NOON, email="x@example.com")
    assert about(last("invitation.sent")) == {("person", cast.alice.pk)}


def test_people_whom_the_details_name_are_found(cast: Cast) -> None:
    delegations.create_delegation(by=cast.bob, delegate=cast.alice, from_at=NOON, until_at=NOON + DAY, now=NOON)
    assert about(last("delegation.created")) == {("person", cast.alice.pk), ("person", cast.bob.pk)}


SUBJECTS = [
    "", ":", "request:", "request:x", "role:", "role:1/x", "role:111111111111/\0", "account:x", "person:" + "9" * 80,
    "contractor:" + "9" * 80, "contractor:-1", "company:\0", "invitation:x", "break-glass-policy:x", "unheard-of:1",
    "request:00000000-0000-4000-8000-000000000000", "address:192.0.2.1", "clocks",
]  # fmt: skip


@pytest.mark.parametrize("subject", SUBJECTS)
def test_an_unknown_subject_concerns_nothing_and_is_stored(db: None, subject: str) -> None:
    odd: Any = {"email": ["x"], "people": "y", "delegate": None, "made_by": "a@\0"}
    assert find_subjects([("x", subject, odd)], actor="worker") == [set()]


def test_an_event_without_its_rows_is_not_stored(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise DatabaseError("refused")

    monkeypatch.setattr(AuditSubject.objects, "bulk_create", refuse)
    with pytest.raises(AuditUnavailable):
        factories.ask(cast)
    assert not AuditEvent.objects.exists()


def test_a_spooled_event_gets_its_rows_when_it_is_chained(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    grant = factories.create_grant(cast)

    def refuse(*_: Any, **__: Any) -> None:
        raise DatabaseError("refused")

    with monkeypatch.context() as patched:
        patched.setattr(AuditSubject.objects, "bulk_create", refuse)
        requests.revoke(by=cast.alice, grant=grant, reason="Over.", now=NOON)
        # The rows are tried with the event: otherwise the worker would set aside everything that was spooled.
        assert not chaining.takes_events(now=NOON)
    assert not AuditEvent.objects.filter(verb="grant.revoked").exists()
    chaining.chain_spooled(now=NOON + timedelta(minutes=1))
    event = last("grant.revoked")
    assert (event.at, event.details["spooled"]) == (NOON, True)
    assert about(event) >= {*of_richard(cast), *of_the_role(cast.role), ("person", cast.alice.pk)}


def test_the_rows_are_no_part_of_the_chain_and_cannot_be_changed(cast: Cast) -> None:
    factories.ask(cast)
    rows = AuditSubject.objects.all()
    assert rows.exists()
    for change in (lambda: rows.update(key=7), rows.delete):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()
    assert broken_links() == []

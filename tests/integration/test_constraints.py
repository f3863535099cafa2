"""The database itself forbids impossible states, no matter who writes to it and how."""

from collections.abc import Callable
from datetime import time
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.db.models import F, QuerySet

from access.models import (
    Account,
    AuditEvent,
    AuditHead,
    AutoApprovalPolicy,
    Challenge,
    Checkpoint,
    Comment,
    Contractor,
    Decision,
    Delegation,
    Grant,
    Principal,
    Request,
    Role,
    Stage,
    User,
)
from tests.factories import DAY, HOUR, NOON, RICHARD_ARN, SECOND, Cast, ask, create_grant, update_roles

Change = Callable[[Cast], Any]


def refused(change: Callable[[], Any]) -> str:
    """Return the database's own word on a change that it refuses."""
    with pytest.raises(DatabaseError) as refusal, transaction.atomic():
        change()
    return str(refusal.value)


def grants(**facts: Any) -> Change:
    return lambda _: Grant.objects.update(**facts)


def requests(**facts: Any) -> Change:
    return lambda _: Request.objects.update(**facts)


def roles(**facts: Any) -> Change:
    return lambda _: update_roles(**facts)


def decided_again(cast: Cast, **facts: Any) -> Decision:
    old: dict[str, Any] = {**Decision.objects.values().get()}
    del old["id"]
    return Decision.objects.create(**{**old, "approver_id": cast.bob.pk} | facts)


def auto_approval(cast: Cast, **facts: Any) -> AutoApprovalPolicy:
    terms: dict[str, Any] = {"longest_window": HOUR, "per_week": 5, "expires_at": NOON + DAY}
    company = Contractor.objects.get(user=cast.richard).company
    return AutoApprovalPolicy.objects.create(
        **{"role": cast.role, "company": company, "made_by": cast.ada, "made_at": NOON} | terms | facts
    )


def delegation(cast: Cast, **facts: Any) -> Delegation:
    terms = {"from_at": NOON, "until_at": NOON + DAY, "named_at": NOON}
    return Delegation.objects.create(**{"approver": cast.alice, "delegate": cast.bob} | terms | facts)


def another_request(cast: Cast) -> dict[str, Any]:
    old: dict[str, Any] = {**Request.objects.values().get()}
    return {key: value for key, value in old.items() if key not in {"id", "public_id", "session_name", "expires_at"}}


def asked_as(**different: Any) -> Change:
    """Store another request of an hour from the approval, with what is different."""
    return lambda cast: Request.objects.bulk_create(
        [Request(**another_request(cast) | {"expires_at": NOON + DAY} | different)]
    )


def granted_as(**window: Any) -> Change:
    """Store a grant with this window for another request of an hour from the approval, until tomorrow."""

    def change(cast: Cast) -> Grant:
        request = ask(cast)
        old: dict[str, Any] = {**Grant.objects.values().get()}
        own = {"id", "request_id", "session_name"}
        facts = {key: value for key, value in old.items() if key not in own} | window
        return Grant.objects.create(**facts, request=request, session_name=request.session_name)

    return change


CHOSEN = {"starts_at": NOON, "ends_at": NOON + HOUR, "expires_at": NOON + HOUR}
FLOATING = {"length": None, "latest_start": None, "latest_end": None}
OUTSIDE = "a grant is within the window, or the limits and the length, of its request"
WINDOWS: dict[str, tuple[Change, str]] = {
    "a request without window and length": (asked_as(**FLOATING), "request_has_a_window_or_a_length"),
    "a request with a window and a length": (
        asked_as(**CHOSEN, latest_start=NOON, latest_end=NOON + HOUR),
        "request_has_a_window_or_a_length",
    ),
    "a chosen start without an end": (asked_as(**FLOATING, starts_at=NOON), "request_has_a_window_or_a_length"),
    "a chosen window that ends when it starts": (
        asked_as(**FLOATING | CHOSEN | {"starts_at": NOON + HOUR}),
        "request_has_a_window_or_a_length",
    ),
    "a length of nothing": (
        asked_as(length=0 * HOUR, latest_end=NOON + DAY),
        "request_has_a_window_or_a_length",
    ),
    "a length without a latest start": (asked_as(latest_start=None), "request_has_a_window_or_a_length"),
    "a length without a latest end": (asked_as(latest_end=None), "request_has_a_window_or_a_length"),
    "a latest end that leaves no room for the length": (
        asked_as(latest_end=NOON + DAY + HOUR - SECOND),
        "request_has_a_window_or_a_length",
    ),
    "a request that never expires": (asked_as(expires_at=None), "expires_at"),
    "a request that can start after it expired": (
        asked_as(expires_at=NOON + DAY - SECOND),
        "request_expires_while_it_can_be_approved",
    ),
    "a request that expires after its window": (
        asked_as(**FLOATING | CHOSEN | {"expires_at": NOON + HOUR + SECOND}),
        "request_expires_while_it_can_be_approved",
    ),
    "a grant that starts after the latest start": (
        granted_as(starts_at=NOON + DAY + SECOND, ends_at=NOON + DAY + 2 * SECOND),
        OUTSIDE,
    ),
    "a grant that ends after the latest end": (
        granted_as(starts_at=NOON + DAY, ends_at=NOON + DAY + HOUR + SECOND),
        OUTSIDE,
    ),
    "a grant that is longer than requested": (granted_as(starts_at=NOON, ends_at=NOON + HOUR + SECOND), OUTSIDE),
    "an end that moves without an approval": (grants(ends_at=NOON + HOUR + SECOND), "only an approved request extends"),
    "a decision with a window and a length": (
        lambda cast: decided_again(cast, starts_at=NOON, ends_at=NOON + HOUR, length=HOUR),
        "decision_window_together",
    ),
    "a denial with a length": (
        lambda cast: decided_again(cast, verdict="deny", length=HOUR),
        "decision_window_together",
    ),
    "an approval of no length": (lambda cast: decided_again(cast, length=0 * HOUR), "decision_window_together"),
    "a role whose requests never expire": (roles(expires_after=None), "expires_after"),
    "a role whose requests wait for longer than 90 days": (
        roles(expires_after=90 * DAY + SECOND),
        "role_pauses_positive",
    ),
}
FORBIDDEN: dict[str, tuple[Change, str]] = {
    **WINDOWS,
    "a grant that ends when it starts": (grants(ends_at=F("starts_at")), "grant_ends_after_start"),
    "a grant that ends before it starts": (grants(ends_at=NOON - DAY), "grant_ends_after_start"),
    "a revocation by nobody": (grants(revoked_at=NOON, revoked_reason="x"), "grant_revocation_facts_together"),
    "a revocation without a reason": (
        lambda cast: Grant.objects.update(revoked_at=NOON, revoked_by=cast.alice),
        "grant_revocation_facts_together",
    ),
    "a revoker without a revocation": (
        lambda cast: Grant.objects.update(revoked_by=cast.alice),
        "grant_revocation_facts_together",
    ),
    "a live grant that is removed": (grants(removed_at=NOON), "grant_removed_only_when_over"),
    "a grant removed a second before its end": (
        grants(removed_at=NOON + HOUR - SECOND),
        "grant_removed_only_when_over",
    ),
    "a problem without a code": (grants(problem="role_missing"), "grant_problem_has_code"),
    "a code without a problem": (grants(problem_code="aws_silent"), "grant_problem_has_code"),
    "a second grant for a request": (
        lambda cast: Grant.objects.create(
            request=Request.objects.get(),
            role=cast.role,
            contractor=Contractor.objects.get(user=cast.richard),
            session_name="dpanotheranother",
            principal_arn=RICHARD_ARN,
            starts_at=NOON,
            ends_at=NOON + HOUR,
        ),
        "request_id",
    ),
    "a request in no known state": (requests(state="maybe", settled_at=NOON), "request_state_known"),
    "a settled request without its time": (requests(state="denied", settled_at=None), "request_settled_has_time"),
    "a waiting request with a time": (requests(state="pending"), "request_settled_has_time"),
    "a second decision of one approver": (
        lambda cast: decided_again(cast, approver_id=cast.alice.pk, delegate_of_id=cast.bob.pk),
        "one_decision_per_approver_and_terms",
    ),
    "a decision of an approver whose delegate has decided": (
        lambda cast: decided_again(cast, delegate_of_id=cast.alice.pk),
        "one_decision_per_vote_and_terms",
    ),
    "a delegate of oneself": (
        lambda cast: decided_again(cast, delegate_of_id=cast.bob.pk),
        "decision_delegate_of_somebody_else",
    ),
    "a delegate of the requester": (
        lambda cast: decided_again(cast, delegate_of_id=cast.richard.pk),
        "decision_delegate_of_somebody_else",
    ),
    "a decision of nobody": (
        lambda cast: decided_again(cast, approver_id=None),
        "decision_by_a_person_or_a_policy",
    ),
    "a decision of somebody and of a rule": (
        lambda cast: decided_again(cast, auto_approval_policy_id=auto_approval(cast).pk),
        "decision_by_a_person_or_a_policy",
    ),
    "a policy that denies": (
        lambda cast: decided_again(
            cast, approver_id=None, auto_approval_policy_id=auto_approval(cast).pk, verdict="deny"
        ),
        "decision_by_a_person_or_a_policy",
    ),
    "a rule confirmed by who made it": (
        lambda cast: auto_approval(cast, confirmed_by=cast.ada, confirmed_at=NOON),
        "auto_approval_policy_confirmed_by_another",
    ),
    "a rule confirmed by nobody": (
        lambda cast: auto_approval(cast, confirmed_at=NOON),
        "auto_approval_policy_confirmed_by_another",
    ),
    "a rule without a budget": (lambda cast: auto_approval(cast, per_week=None), "auto_approval_policy_has_a_budget"),
    "a rule with hours on no day": (
        lambda cast: auto_approval(cast, office_opens=time(9), office_closes=time(17), office_zone="UTC"),
        "auto_approval_policy_hours_whole",
    ),
    "office hours that close before they open": (
        roles(office_days="12345", office_opens=time(17), office_closes=time(9), office_zone="UTC"),
        "role_office_hours_whole",
    ),
    "office hours without a zone": (
        roles(office_days="12345", office_opens=time(9), office_closes=time(17)),
        "role_office_hours_whole",
    ),
    "a role whose starts lie too far ahead": (roles(latest_start=91 * DAY), "role_latest_start_positive"),
    "a role whose requests expire immediately": (roles(expires_after=0 * HOUR), "role_pauses_positive"),
    "a role that reminds without a pause": (roles(first_reminder=0 * HOUR), "role_pauses_positive"),
    "a second factor that is never fresh": (roles(factor_minutes=0), "role_factor_minutes_positive"),
    "a further stage before the first": (
        lambda cast: Stage.objects.create(role=cast.role, position=1),
        "stage_comes_after_the_first",
    ),
    "a stage that nobody has to pass": (
        lambda cast: Stage.objects.create(role=cast.role, position=2, quorum=0),
        "stage_quorum_positive",
    ),
    "somebody who is their own delegate": (
        lambda cast: delegation(cast, delegate=cast.alice),
        "delegation_to_somebody_else",
    ),
    "a delegate whose time ends when it begins": (
        lambda cast: delegation(cast, until_at=NOON),
        "delegation_until_after_from",
    ),
    "two delegates at once": (
        lambda cast: [delegation(cast), delegation(cast, delegate=cast.mallory)],
        "delegation_one_at_a_time_for_an_approver",
    ),
    "a request that expires when it is asked": (
        lambda cast: Request.objects.bulk_create([Request(**another_request(cast), expires_at=NOON)]),
        "request_expires_after_it_is_asked",
    ),
    "a denial with terms of its own": (
        lambda cast: decided_again(cast, verdict="deny", starts_at=NOON, ends_at=NOON + HOUR),
        "decision_window_together",
    ),
    "an approval with half a window": (lambda cast: decided_again(cast, starts_at=NOON), "decision_window_together"),
    "a comment that says nothing": (
        lambda cast: Comment.objects.create(
            request=Request.objects.get(), author=cast.alice, is_question=True, text="", written_at=NOON
        ),
        "comment_not_empty",
    ),
    "a pattern of tickets without an example": (roles(ticket_pattern="A"), "role_ticket_pattern_has_example"),
    "an example of a ticket without a pattern": (roles(ticket_example="A"), "role_ticket_pattern_has_example"),
    "an unheard-of rule for addresses": (roles(source_rule="perhaps"), "role_source_rule_known"),
    "a decision about one's own request": (
        lambda cast: decided_again(cast, approver_id=cast.richard.pk),
        "nobody_decides_their_own_request",
    ),
    "a decision that is neither yes nor no": (
        lambda cast: decided_again(cast, verdict="perhaps"),
        "decision_verdict_known",
    ),
    "a role that no approver can ever open": (roles(quorum=0), "role_quorum_positive"),
    "a role without any window": (roles(longest_window=0 * HOUR), "role_longest_window_positive"),
    "a session shorter than IAM allows": (roles(max_session_seconds=3599), "role_session_length_within_iam_limits"),
    "a session longer than IAM allows": (roles(max_session_seconds=43201), "role_session_length_within_iam_limits"),
    "a lease without an end": (roles(lease_holder="w"), "role_state_lease_holder_and_end_together"),
    "a lease without a holder": (roles(leased_until=NOON), "role_state_lease_holder_and_end_together"),
    "a role's problem without a code": (roles(problem="role_missing"), "role_state_problem_has_code"),
    "two roles of one name in one account": (
        lambda cast: Role.objects.create(account=cast.role.account, name=cast.role.name),
        "role_name_unique_in_account",
    ),
    "an account of eleven digits": (lambda _: Account.objects.update(account_id="11111111111"), "account_id_is_12"),
    "an account number with a non-digit": (lambda _: Account.objects.update(account_id="a" * 12), "account_id_is_12"),
    "two people of one address": (
        lambda _: User.objects.create(email="RICHARD@example.com", password="!"),
        "user_email_unique_ignoring_case",
    ),
    "a principal twice": (
        lambda cast: Principal.objects.create(contractor=Contractor.objects.get(user=cast.richard), arn=RICHARD_ARN),
        "principal_arn_unique_per_contractor",
    ),
    "a proven principal without an id": (
        lambda _: Principal.objects.update(unique_id=""),
        "principal_proven_has_id_and_time",
    ),
    "an id that nobody proved": (
        lambda _: Principal.objects.update(proof="typed", proven_at=None),
        "principal_proven_has_id_and_time",
    ),
    "a word that nobody gave": (
        lambda _: Principal.objects.update(proof="vouched", proven_at=None, unique_id="", vouched_at=NOON),
        "principal_vouched_has_voucher_and_time",
    ),
    "a proof and a voucher together": (
        lambda cast: Principal.objects.update(vouched_by=cast.alice, vouched_at=NOON),
        "principal_vouched_has_voucher_and_time",
    ),
    "an unheard-of proof": (
        lambda _: Principal.objects.update(proof="sworn", proven_at=None, unique_id=""),
        "principal_proof_known",
    ),
    "a nonce that was used before it was made": (
        lambda cast: Challenge.objects.create(person=cast.richard, created_at=NOON, used_at=NOON - SECOND),
        "challenge_used_after_made",
    ),
    "a second head of the audit chain": (lambda _: AuditHead.objects.create(pk=2), "audit_head_is_one_row"),
}
UNIQUE_IN_SQLITE = {  # SQLite names the columns of a unique index, not the index
    "one_decision_per_approver_and_terms": "access_decision.request_id, access_decision.approver_id",
    "delegation_one_at_a_time_for_an_approver": "access_delegation.approver_id",
    "one_decision_per_vote_and_terms": "index 'one_decision_per_vote_and_terms'",
    "role_name_unique_in_account": "access_role.account_id, access_role.name",
    "principal_arn_unique_per_contractor": "access_principal.contractor_id, access_principal.arn",
}


@pytest.mark.parametrize(("change", "name"), FORBIDDEN.values(), ids=FORBIDDEN.keys())
def test_the_database_refuses(cast: Cast, change: Change, name: str) -> None:
    create_grant(cast)
    if connection.vendor == "sqlite":
        name = UNIQUE_IN_SQLITE.get(name, name)
    assert name in refused(lambda: change(cast))


def test_the_whole_length_can_be_granted_at_the_last_moment(cast: Cast) -> None:
    create_grant(cast)
    asked_as(**FLOATING | CHOSEN)(cast)
    granted_as(starts_at=NOON + DAY, ends_at=NOON + DAY + HOUR)(cast)
    assert (Grant.objects.count(), Request.objects.count()) == (2, 3)


def test_no_session_name_is_used_twice(cast: Cast) -> None:
    first = ask(cast)
    values = Request.objects.values().get(pk=first.pk)
    del values["id"], values["public_id"]
    with pytest.raises(IntegrityError), transaction.atomic():
        Request.objects.create(**values)


def test_public_ids_are_random(cast: Cast) -> None:
    ids = [ask(cast).public_id for _ in range(3)]
    assert len(set(ids)) == 3
    assert all(public_id.version == 4 for public_id in ids)


HISTORY: dict[str, Change] = {
    "an audit event is changed": lambda _: AuditEvent.objects.update(actor="mallory@example.com"),
    "an audit event is deleted": lambda _: AuditEvent.objects.all().delete(),
    "the head of the chain moves back": lambda _: AuditHead.objects.update(sequence=F("sequence") - 1),
    "the head of the chain starts again": lambda _: AuditHead.objects.update(sequence=0, hash="0" * 64),
    "the head of the chain gets another hash": lambda _: AuditHead.objects.update(hash="f" * 64),
    "the head of the chain is deleted": lambda _: AuditHead.objects.all().delete(),
    "the head of the chain is another row": lambda _: sql("UPDATE access_audithead SET id = 2"),
    "a checkpoint is changed": lambda _: checkpoints().update(hash="f" * 64),
    "a checkpoint is deleted": lambda _: checkpoints().delete(),
    "a decision is changed": lambda cast: Decision.objects.update(approver=cast.bob),
    "a decision is deleted": lambda _: Decision.objects.all().delete(),
    "a request is deleted": lambda _: sql("DELETE FROM access_request"),
    "a grant is deleted": lambda _: sql("DELETE FROM access_grant"),
    "a request asks for another role": lambda cast: Request.objects.update(role=another_role(cast)),
    "a request asks for a longer window": requests(ends_at=NOON + 5 * HOUR),
    "a request starts earlier": requests(starts_at=NOON - HOUR),
    "a request has another reason": requests(reason="Because."),
    "a request names no principal": requests(principal=None),
    "a request has another ticket": requests(ticket="CHG-2"),
    "a request asks for no second factor": requests(asks_mfa=True),
    "a request names other addresses": requests(source_cidrs=["203.0.113.0/24"]),
    "a grant names other addresses": grants(source_cidrs=["203.0.113.0/24"]),
    "a comment is changed": lambda cast: commented(cast).update(text="Another."),
    "a comment is deleted": lambda cast: commented(cast).delete(),
    "a request has another hash": requests(content_hash="0" * 64),
    "a request expires later": requests(expires_at=NOON + 5 * HOUR),
    "a request is another's": lambda cast: Request.objects.update(requester=cast.rita),
    "a grant names another principal": grants(principal_arn="arn:aws:iam::222222222222:user/Eve"),
    "a grant names another id": grants(principal_unique_id="AIDAEVEEVEEVEEVEEVE01"),
    "a grant starts earlier": grants(starts_at=NOON - HOUR),
    "a grant has another session name": grants(session_name="dpanotheranother"),
    "a grant asks for no second factor": grants(requires_mfa=True),
    "a grant asks for another external id": grants(external_id="dp-ext-9"),
    "a grant is of another role": lambda cast: Grant.objects.update(role=another_role(cast)),
}


def commented(cast: Cast) -> QuerySet[Comment]:
    request = Request.objects.get()
    Comment.objects.create(request=request, author=cast.alice, is_question=True, text="Why?", written_at=NOON)
    return Comment.objects.all()


def checkpoints() -> QuerySet[Checkpoint]:
    Checkpoint.objects.create(sequence=1, hash="0" * 64, at=NOON, key="x", signature="x")
    return Checkpoint.objects.all()


def another_role(cast: Cast) -> Role:
    return Role.objects.create(account=cast.role.account, name="another")


def sql(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.mark.parametrize("change", HISTORY.values(), ids=HISTORY.keys())
def test_history_is_not_rewritten(cast: Cast, change: Change) -> None:
    create_grant(cast)
    said = refused(lambda: change(cast))
    assert "never" in said or "frozen" in said or "is refused" in said


@pytest.mark.parametrize(
    "table",
    [
        *("access_auditevent", "access_audithead", "access_checkpoint", "access_spooledevent"),
        *("access_request", "access_grant", "access_decision", "access_comment"),
        *("access_certification", "access_permissionsversion", "access_rolechange"),
        *("access_autoapprovalpolicy", "access_breakglasspolicy", "access_breakglassgrant"),
    ],
)
@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite has no TRUNCATE")
def test_history_is_not_truncated(cast: Cast, table: str) -> None:
    create_grant(cast)
    sql("SET CONSTRAINTS ALL IMMEDIATE")
    assert "is refused" in refused(lambda: sql(f"TRUNCATE {table} CASCADE"))


def test_changeable_columns_can_be_changed(cast: Cast) -> None:
    grant = create_grant(cast)
    Grant.objects.filter(pk=grant.pk).update(applied_at=NOON, problem="aws_denied", problem_code="aws_denied")
    Grant.objects.filter(pk=grant.pk).update(
        revoked_at=NOON, revoked_by=cast.alice, revoked_reason="x", removed_at=NOON
    )
    assert Grant.objects.get(pk=grant.pk).state(now=NOON) == "ended"

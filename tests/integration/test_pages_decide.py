"""Deciding: an approval is bound to what the approver was shown."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.messages import get_messages
from time_machine import TimeMachineFixture

from access.actions import requests
from access.models import Account, Company, Contractor, Decision, Grant, Principal, Request, Role, RoleState, User
from tests import factories
from tests.factories import HOUR, NOON, RICHARD_ARN, Cast, update_roles
from tests.integration import pages
from tests.integration.pages import codes, decision, text, visitor


@pytest.fixture(autouse=True)
def at_noon(time_machine: TimeMachineFixture) -> None:
    time_machine.move_to(NOON, tick=False)


@pytest.fixture
def asked(cast: Cast) -> Request:
    return factories.ask(cast, reason="Upload the file.\nIt is for the report.")


def test_the_page_shows_the_request_and_what_an_approval_allows(cast: Cast, asked: Request) -> None:
    page = text(visitor(cast.alice).get(pages.of(asked, "approval")))
    for fact in (
        "Richard",
        "richard@example.com",
        "Contractor A",
        "Sponsor Alice",
        "Contract ends",
        RICHARD_ARN,
        "Proven by a signed request on 24 Nov 2026, 12:00 UTC",
        "Anyone who has the access keys of this IAM user gets access.",
        "Important project (111111111111)",
        "Can upload objects (s3:PutObject) to bucket importantprojectbucket.",
        "Nothing else.",
        "Upload the file. It is for the report.",
        "Window 1 hour from approval",
        "If approved now until 24 Nov 2026, 13:00 UTC",
        "Approval deadline The request can be approved until 25 Nov 2026, 12:00 UTC",
        "Other requests None",
    ):
        assert fact in page, fact


def test_the_page_says_how_often_the_contractor_has_requested_before(cast: Cast, asked: Request) -> None:
    again = factories.ask(cast, now=NOON + HOUR)
    assert "Other requests 1" in text(visitor(cast.alice).get(pages.of(again, "approval")))


def test_managed_policies_of_the_role_are_not_hidden(cast: Cast, asked: Request) -> None:
    Role.objects.update(policy_arns=["arn:aws:iam::aws:policy/AdministratorAccess"])
    page = text(visitor(cast.alice).get(pages.of(asked, "approval")))
    assert "everything that the managed policy arn:aws:iam::aws:policy/AdministratorAccess permits" in page
    assert "Nothing else." not in page


UNDO = ["iam:PutRolePolicy", "sts:AssumeRole"]


def test_a_role_that_can_bypass_its_expiry_is_refused_or_flagged(cast: Cast, asked: Request) -> None:
    client = visitor(cast.alice)
    RoleState.objects.update(can_bypass_expiry=UNDO)
    assert "role_can_bypass_expiry" in codes(client.get(pages.of(asked, "approval")))
    Role.objects.update(expiry_not_enforceable=True)
    page = client.get(pages.of(asked, "approval"))
    assert "Expiry cannot be enforced Sessions of this role can use iam:PutRolePolicy, sts:AssumeRole" in text(page)
    assert 'data-tone="error"' in page.content.decode()
    RoleState.objects.update(can_bypass_expiry=[])
    assert "cannot be enforced" not in text(client.get(pages.of(asked, "approval")))


def test_the_overflow_role_of_a_grant_is_named_with_its_requirements(cast: Cast, asked: Request) -> None:
    client = visitor(cast.alice)
    assert "an overflow role of the role" not in text(client.get(pages.of(asked, "approval")))
    Role.objects.update(allows_overflow=True)
    Account.objects.update(trust_quota=500)
    factories.create_grant(cast)
    page = client.get(pages.of(asked, "approval"))
    assert f"This role is full, so the grant goes to the overflow role {cast.role.arn}-2 ." in text(page)
    assert f'name="role_arn" value="{cast.role.arn}-2"' in page.content.decode()


def test_alice_approves_and_the_grant_exists(cast: Cast, asked: Request) -> None:
    answer = visitor(cast.alice).post(pages.of(asked, "approval"), decision(asked, verdict="approve"))
    assert answer["Location"] == pages.of(asked)
    assert [str(message) for message in get_messages(answer.wsgi_request)] == ["Decision recorded."]
    assert Grant.objects.get().request == asked
    assert Decision.objects.get().approver == cast.alice


def test_alice_denies_with_a_reason_that_richard_reads(cast: Cast, asked: Request) -> None:
    visitor(cast.alice).post(
        pages.of(asked, "approval"), decision(asked, verdict="deny", reason="Ask for less, please.")
    )
    page = text(visitor(cast.richard).get(pages.of(asked)))
    assert "Denied: Ask for less, please." in page
    assert not Grant.objects.exists()


@pytest.mark.parametrize("reason", ["", "   ", "x" * 2001])
def test_a_denial_without_a_readable_reason_is_refused(cast: Cast, asked: Request, reason: str) -> None:
    answer = visitor(cast.alice).post(pages.of(asked, "approval"), decision(asked, verdict="deny", reason=reason))
    assert answer.status_code == 200
    assert answer.context["form"].errors["reason"]
    assert not Decision.objects.exists()


@pytest.mark.parametrize(
    "change",
    [
        {"permissions": {"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}},
        {"policy_arns": ["arn:aws:iam::aws:policy/AdministratorAccess"]},
        {"requires_mfa": True},
        {"external_id": "dp-ext-1"},
        {"allows_console": True},
        {"path": "/other/"},
        {"is_active": False},
        {"longest_window": HOUR / 2},
        {"allows_own_identity": False},
        {"can_bypass_expiry": ["iam:PutRolePolicy"]},
    ],
    ids=lambda change: next(iter(change)),
)
def test_an_approval_of_something_not_shown_is_a_conflict(cast: Cast, asked: Request, change: dict[str, Any]) -> None:
    shown = decision(asked, verdict="approve")
    assert visitor(cast.alice).get(pages.of(asked, "approval")).status_code == 200
    update_roles(**change)
    answer = visitor(cast.alice).post(pages.of(asked, "approval"), shown)
    assert answer.status_code == 409
    assert "Your decision was not recorded." in text(answer)
    assert not Decision.objects.exists()


def test_an_approval_of_sessions_no_longer_issued_by_the_portal_is_a_conflict(cast: Cast) -> None:
    asked = factories.ask(cast, by=cast.rita, principal_arn="")
    Role.objects.update(allows_portal_issued=False)
    answer = visitor(cast.alice).post(pages.of(asked, "approval"), decision(asked, verdict="approve"))
    assert answer.status_code == 409
    assert "portal_issued_disabled" in codes(answer)
    assert not Decision.objects.exists()


@pytest.mark.parametrize("change", ["the identity", "the contract", "the account", "the roles", "the company"])
def test_an_approval_for_a_changed_contractor_is_a_conflict(cast: Cast, asked: Request, change: str) -> None:
    shown = decision(asked, verdict="approve")
    changes: dict[str, Callable[[], Any]] = {
        "the identity": lambda: Principal.objects.update(unique_id="AIDAANOTHERANOTHER01"),
        "the contract": lambda: Contractor.objects.update(contract_ends_at=NOON + HOUR / 2),
        "the account": lambda: User.objects.filter(pk=cast.richard.pk).update(is_active=False),
        "the roles": cast.role.contractors.clear,
        "the company": lambda: Company.objects.update(is_active=False),
    }
    changes[change]()
    answer = visitor(cast.alice).post(pages.of(asked, "approval"), shown)
    assert answer.status_code == 409
    assert "Your decision was not recorded." in text(answer)
    assert not Decision.objects.exists()


@pytest.mark.parametrize("forged", ["", "0" * 64, "not a hash"])
def test_an_approval_without_the_correct_hash_does_not_count(cast: Cast, asked: Request, forged: str) -> None:
    answer = visitor(cast.alice).post(pages.of(asked, "approval"), {"verdict": "approve", "content_hash": forged})
    assert answer.status_code == 409
    assert not Decision.objects.exists()


def test_bob_decides_too_late_and_reads_who_decided(cast: Cast, asked: Request) -> None:
    factories.approve(cast, asked, by=cast.alice)
    answer = visitor(cast.bob).post(pages.of(asked, "approval"), decision(asked, verdict="deny", reason="No."))
    assert answer.status_code == 409
    assert codes(answer) == {"request_not_pending"}
    assert "Alice approved the request on 24 Nov 2026, 12:00 UTC." in text(answer)
    assert Decision.objects.count() == 1


def test_a_request_that_was_withdrawn_meanwhile_is_not_approved(cast: Cast, asked: Request) -> None:
    requests.withdraw(by=cast.richard, request=asked, now=NOON)
    answer = visitor(cast.alice).post(pages.of(asked, "approval"), decision(asked, verdict="approve"))
    assert answer.status_code == 409
    assert "already withdrawn" in text(answer)
    assert not Grant.objects.exists()


@pytest.mark.parametrize("verdict", ["", "yes", "APPROVE", "approve\x00"])
def test_an_answer_other_than_approve_or_deny_is_ignored(cast: Cast, asked: Request, verdict: str) -> None:
    answer = visitor(cast.alice).post(pages.of(asked, "approval"), decision(asked, verdict=verdict))
    assert answer.status_code == 409
    assert not Decision.objects.exists()


@pytest.mark.parametrize(("first", "last", "state"), [("approve", "deny", "denied"), ("deny", "approve", "approved")])
def test_the_last_of_two_answers_in_one_form_counts(
    cast: Cast, asked: Request, first: str, last: str, state: str
) -> None:
    answer = decision(asked, reason="No.") | {"verdict": [first, last]}
    visitor(cast.alice).post(f"{pages.of(asked, 'approval')}?verdict={first}", answer)
    assert Request.objects.get(pk=asked.pk).state == state
    assert Decision.objects.count() == 1


@pytest.mark.parametrize("name", ["richard", "rita", "ada", "mallory"])
def test_people_who_are_not_approvers_of_the_role_cannot_decide(cast: Cast, asked: Request, name: str) -> None:
    answer = visitor(getattr(cast, name)).post(pages.of(asked, "approval"), decision(asked, verdict="approve"))
    assert answer.status_code == 404
    assert not Decision.objects.exists()


def test_nobody_can_approve_their_own_request_not_even_superusers(cast: Cast, asked: Request) -> None:
    cast.richard.is_staff = cast.richard.is_superuser = True
    cast.richard.save()
    cast.role.approvers.add(cast.richard)
    client = visitor(cast.richard)
    page = client.get(pages.of(asked, "approval"))
    assert "own_request" in codes(page)
    assert b'value="approve"' not in page.content
    assert b'value="deny"' not in page.content
    assert client.post(pages.of(asked, "approval"), decision(asked, verdict="approve")).status_code == 409
    assert not Decision.objects.exists()


def test_a_request_that_can_no_longer_be_approved_can_still_be_denied(cast: Cast, asked: Request) -> None:
    cast.role.contractors.clear()
    page = visitor(cast.alice).get(pages.of(asked, "approval"))
    assert "contractor_not_eligible" in codes(page)
    assert b'value="approve"' not in page.content
    assert b'value="deny"' in page.content


def test_with_a_quorum_of_two_one_approval_creates_no_grant_yet(cast: Cast, asked: Request) -> None:
    Role.objects.update(quorum=2)
    visitor(cast.alice).post(pages.of(asked, "approval"), decision(asked, verdict="approve"))
    assert not Grant.objects.exists()
    page = visitor(cast.alice).get(pages.of(asked, "approval"))
    assert "already_decided_by_you" in codes(page)
    visitor(cast.bob).post(pages.of(asked, "approval"), decision(asked, verdict="approve"))
    assert Grant.objects.count() == 1

"""A role on which live grants rest is changed by two administrators; one on which none rest, by one."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from unittest.mock import Mock

import pytest
from django.conf import settings
from django.core import mail
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from time_machine import TimeMachineFixture

from access.actions import auto_approvals, break_glass_policies
from access.actions.auto_approvals import AutoApprovalLimits
from access.catalogue import changes
from access.forms.roles import LimitsForm
from access.ledger.conflicts import Conflict
from access.models import AuditEvent, Role, RoleChange, User
from access.notifications.waiting import any_waiting, send_waiting
from access.rules.facts import Refused
from tests import break_glass, factories
from tests.factories import DAY, HOUR, NOON, Cast
from tests.integration.pages import codes, text, visitor, world
from tests.refusals import refusing
from tests.signin import sign_in

LONGER = {"longest_window": timedelta(hours=12)}


@pytest.fixture(autouse=True)
def at_noon(time_machine: TimeMachineFixture) -> None:
    time_machine.move_to(NOON, tick=False)


@pytest.fixture
def adam(cast: Cast) -> User:
    """Return another administrator."""
    return factories.user("adam", is_staff=True)


def proposed(cast: Cast, **fields: Any) -> RoleChange:
    """Return what Ada proposes while Richard has access."""
    factories.create_grant(cast)
    waiting = changes.change(by=cast.ada, role=cast.role, fields=fields or LONGER, now=NOON)
    assert waiting is not None
    return waiting


def now_of(cast: Cast) -> Role:
    return Role.objects.get(pk=cast.role.pk)


def test_with_no_live_grant_one_administrator_is_enough(cast: Cast) -> None:
    assert changes.change(by=cast.ada, role=cast.role, fields=LONGER, now=NOON) is None
    assert now_of(cast).longest_window == timedelta(hours=12)
    event = AuditEvent.objects.get(verb="role.changed")
    assert event.details["before"] == {"longest_window": "P0DT08H00M00S"}
    assert event.details["after"] == {"longest_window": "P0DT12H00M00S"}
    assert event.actor == cast.ada.email


def test_an_ended_or_revoked_grant_needs_no_second_administrator(cast: Cast) -> None:
    grant = factories.create_grant(cast)
    assert changes.needs_second(cast.role, LONGER, now=NOON)
    # Past its end it counts until the worker has read AWS without it.
    assert changes.needs_second(cast.role, LONGER, now=grant.ends_at)
    grant.revoked_at, grant.revoked_by, grant.revoked_reason = NOON, cast.bob, "Enough."
    grant.save()
    assert not changes.needs_second(cast.role, LONGER, now=NOON)


def test_descriptions_and_disabling_need_no_second_administrator(cast: Cast) -> None:
    factories.create_grant(cast)
    fields = {"description": "Uploads.", "is_active": False}
    assert changes.change(by=cast.ada, role=cast.role, fields=fields, now=NOON) is None
    assert not now_of(cast).is_active
    assert changes.change(by=cast.ada, role=cast.role, fields={"is_active": True}, now=NOON) is not None


@pytest.mark.parametrize("text_typed", ["Bilder \u2013 Upload", "up\u202eload"], ids=["a long dash", "backwards"])
def test_a_description_that_iam_does_not_accept_is_refused_on_the_page_and_below_it(
    cast: Cast, text_typed: str
) -> None:
    with refusing("invalid_values"):
        changes.change(by=cast.ada, role=cast.role, fields={"description": text_typed}, now=NOON)
    form = LimitsForm({"description": text_typed}, role=cast.role)
    assert "description" in form.errors
    changes.change(by=cast.ada, role=cast.role, fields={"description": "Für Bücher, côté août."}, now=NOON)
    assert now_of(cast).description == "Für Bücher, côté août."


def test_with_a_live_grant_nothing_changes_until_another_one_confirms(cast: Cast, adam: User) -> None:
    change = proposed(cast)
    assert now_of(cast).longest_window == timedelta(hours=8)
    changes.confirm(by=adam, change=change, content_hash=change.content_hash, now=NOON + HOUR)
    assert now_of(cast).longest_window == timedelta(hours=12)
    event = AuditEvent.objects.get(verb="role.changed")
    assert (event.actor, event.details["proposed_by"]) == (adam.email, cast.ada.email)


def confirmed_change(cast: Cast) -> Callable[[User], None]:
    change = proposed(cast)
    return lambda by: changes.confirm(by=by, change=change, content_hash=change.content_hash, now=NOON)


def confirmed_break_glass_policy(cast: Cast) -> Callable[[User], None]:
    policy = break_glass.waiting_policy(cast, cast.mallory)
    return lambda by: break_glass_policies.confirm_break_glass_policy(
        by=by, policy=policy, content_hash=policy.content_hash(), now=NOON
    )


def confirmed_auto_approval_policy(cast: Cast) -> Callable[[User], None]:
    terms = AutoApprovalLimits(longest_window=HOUR, expires_at=NOON + 30 * DAY, per_week=5)
    policy = auto_approvals.create_auto_approval_policy(
        by=cast.ada, role=cast.role, company=factories.company(), limits=terms, now=NOON
    )
    return lambda by: auto_approvals.confirm_auto_approval_policy(by=by, policy=policy, now=NOON)


@pytest.mark.parametrize("proposal", [confirmed_change, confirmed_break_glass_policy, confirmed_auto_approval_policy])
@pytest.mark.parametrize("fact", ["is_staff", "is_active"])
def test_the_proposal_of_a_former_administrator_cannot_be_confirmed(
    cast: Cast, adam: User, fact: str, proposal: Callable[[Cast], Callable[[User], None]]
) -> None:
    confirm = proposal(cast)
    User.objects.filter(pk=cast.ada.pk).update(**{fact: False})
    before = world()
    with refusing("proposer_not_administrator"):
        confirm(adam)
    assert world() == before
    User.objects.filter(pk=cast.ada.pk).update(**{fact: True})
    confirm(adam)


def page_of_a_change(cast: Cast) -> str:
    return reverse("role_change", args=[proposed(cast).public_id])


def page_of_a_break_glass_policy(cast: Cast) -> str:
    return reverse("break_glass_policy", args=[break_glass.waiting_policy(cast, cast.mallory).public_id])


def page_of_an_auto_approval_policy(cast: Cast) -> str:
    confirmed_auto_approval_policy(cast)
    return reverse("approval_settings", args=[cast.role.account.account_id, cast.role.name])


CONFIRM = re.compile("Confirm (change|policy)")


@pytest.mark.parametrize("page_of", [page_of_a_change, page_of_a_break_glass_policy, page_of_an_auto_approval_policy])
def test_the_page_offers_only_possible_confirmations(cast: Cast, adam: User, page_of: Callable[[Cast], str]) -> None:
    url = page_of(cast)
    assert CONFIRM.search(text(visitor(adam).get(url)))
    User.objects.filter(pk=cast.ada.pk).update(is_staff=False)
    page = visitor(adam).get(url)
    assert not CONFIRM.search(text(page))
    assert "proposer_not_administrator" in codes(page)


def test_nobody_can_confirm_their_own_proposal(cast: Cast) -> None:
    change = proposed(cast)
    with refusing("own_proposal"):
        changes.confirm(by=cast.ada, change=change, content_hash=change.content_hash, now=NOON)
    with pytest.raises(IntegrityError), transaction.atomic():
        RoleChange.objects.update(outcome="confirmed", settled_by=cast.ada, settled_at=NOON)


@pytest.mark.parametrize("name", ["alice", "richard", "mallory"])
def test_only_administrators_can_change_confirm_and_withdraw(cast: Cast, name: str) -> None:
    change, by = proposed(cast), getattr(cast, name)
    with refusing("administrator_only"):
        changes.change(by=by, role=cast.role, fields=LONGER, now=NOON)
    with refusing("administrator_only"):
        changes.confirm(by=by, change=change, content_hash=change.content_hash, now=NOON)
    with refusing("administrator_only"):
        changes.withdraw(by=by, change=change, now=NOON)


def test_only_the_shown_and_current_proposal_can_be_confirmed(cast: Cast, adam: User) -> None:
    change = proposed(cast)
    with refusing("page_outdated_change", Conflict):
        changes.confirm(by=adam, change=change, content_hash="", now=NOON)
    Role.objects.update(longest_window=timedelta(hours=2))
    with refusing("role_changed_since_proposal", Conflict):
        changes.confirm(by=adam, change=change, content_hash=change.content_hash, now=NOON)


def test_a_decided_or_expired_proposal_cannot_be_decided_again(cast: Cast, adam: User) -> None:
    change, other = proposed(cast), None
    other = changes.change(by=cast.ada, role=cast.role, fields={"quorum": 2}, now=NOON)
    assert other is not None
    changes.withdraw(by=cast.ada, change=change, now=NOON)
    for late, at in ((change, NOON), (other, NOON + 7 * DAY)):
        with refusing("role_change_settled", Conflict):
            changes.confirm(by=adam, change=late, content_hash=late.content_hash, now=at)


def test_the_proposer_must_still_be_an_administrator(cast: Cast, adam: User) -> None:
    change = proposed(cast)
    User.objects.filter(pk=cast.ada.pk).update(is_active=False)
    with refusing("proposer_not_administrator"):
        changes.confirm(by=adam, change=change, content_hash=change.content_hash, now=NOON)


def test_approvers_and_groups_are_on_record_by_name_like_other_fields(cast: Cast, adam: User) -> None:
    change = proposed(cast, approvers=User.objects.filter(pk=cast.alice.pk))
    changes.confirm(by=adam, change=change, content_hash=change.content_hash, now=NOON)
    assert set(now_of(cast).approvers.all()) == {cast.alice}
    event = AuditEvent.objects.get(verb="role.changed")
    assert event.details["before"] == {"approvers": [cast.alice.email, cast.bob.email]}


def test_an_impossible_change_is_refused_before_it_is_proposed(cast: Cast) -> None:
    for fields in ({"max_session_seconds": 60}, {"longest_window": timedelta(0)}, {"quorum": 0}):
        with pytest.raises(Refused):
            changes.change(by=cast.ada, role=cast.role, fields=fields, now=NOON)
    with pytest.raises(ValueError, match="nobody changes unique_id"):
        changes.change(by=cast.ada, role=cast.role, fields={"unique_id": "AROA"}, now=NOON)


def test_overflow_roles_follow_and_are_not_changed_by_themselves(cast: Cast) -> None:
    overflow_role = factories.role(f"{cast.role.name}-2", overflow_of=cast.role)
    changes.change(by=cast.ada, role=cast.role, fields={"requires_mfa": True, "quorum": 2}, now=NOON)
    overflow_role.refresh_from_db()
    assert (overflow_role.requires_mfa, overflow_role.quorum) == (True, 1)
    with refusing("overflow_role_not_changeable"):
        changes.change(by=cast.ada, role=overflow_role, fields={"requires_mfa": False}, now=NOON)


def test_the_other_administrators_get_an_email_which_is_retried(
    cast: Cast, adam: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    change = proposed(cast)
    with monkeypatch.context() as broken:
        broken.setattr("access.notifications.emails.send_mail", Mock(side_effect=ConnectionRefusedError))
        assert send_waiting(now=NOON) == 0
    assert mail.outbox == []
    send_waiting(now=NOON + timedelta(minutes=10))
    (email,) = [one for one in mail.outbox if reverse("role_change", args=[change.public_id]) in one.body]
    assert email.to == [adam.email]
    assert email.subject == f"Daypass: Role change awaiting your confirmation: {cast.role.name}"


def test_nobody_is_notified_of_a_proposal_decided_meanwhile(cast: Cast, adam: User) -> None:
    change = proposed(cast)
    changes.withdraw(by=cast.ada, change=change, now=NOON)
    send_waiting(now=NOON)
    assert [email.to for email in mail.outbox] == [[cast.richard.email]]
    assert not any_waiting(now=NOON + timedelta(days=1))


def test_the_second_administrator_reviews_the_change_and_confirms_it(cast: Cast, adam: User) -> None:
    change, page = proposed(cast), visitor(adam)
    url = reverse("role_change", args=[change.public_id])
    assert url in page.get(reverse("roles")).content.decode()
    shown = text(page.get(url))
    assert "Maximum access duration 8 hours 12 hours" in shown
    assert "Ada" in shown
    answer = page.post(url, {"content_hash": change.content_hash})
    assert answer.status_code == 302
    assert now_of(cast).longest_window == timedelta(hours=12)
    assert page.post(url, {"content_hash": change.content_hash}).status_code == 302  # the same click again
    assert now_of(cast).longest_window == timedelta(hours=12)


def test_a_proposal_can_be_rejected_on_its_page(cast: Cast, adam: User) -> None:
    change = proposed(cast)
    assert visitor(adam).post(reverse("role_change_withdraw", args=[change.public_id])).status_code == 302
    change.refresh_from_db()
    assert (change.outcome, change.settled_by) == ("withdrawn", adam)


def test_others_do_not_find_the_page(cast: Cast) -> None:
    url = reverse("role_change", args=[proposed(cast).public_id])
    for person in (cast.alice, cast.richard, cast.mallory):
        page = visitor(person)
        assert page.get(url).status_code == page.post(url).status_code == 404
        assert url not in page.get(reverse("roles")).content.decode()


def test_confirming_requires_a_recent_factor(cast: Cast, adam: User) -> None:
    change, page = proposed(cast), Client()
    sign_in(page, adam, factor_age=settings.FACTOR_MAX_AGE + 1)
    answer = page.post(reverse("role_change", args=[change.public_id]), {"content_hash": change.content_hash})
    assert answer["Location"].startswith(reverse("mfa_reauthenticate"))
    assert now_of(cast).longest_window == timedelta(hours=8)

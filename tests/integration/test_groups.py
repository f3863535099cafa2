"""Groups: every member of a group that approves a role decides about it like a named approver."""

import pytest
from django.contrib.auth.models import Group
from django.urls import reverse
from time_machine import TimeMachineFixture

from access.models import Request, Role
from access.rules.facts import Refused
from tests import factories
from tests.factories import Cast
from tests.integration import pages
from tests.integration.pages import text, visitor
from tests.refusals import refusing


@pytest.fixture(autouse=True)
def at_noon(time_machine: TimeMachineFixture) -> None:
    time_machine.move_to(factories.NOON, tick=False)


@pytest.fixture
def approvers(cast: Cast) -> Group:
    """Return a group that approves the role; nobody is in it yet, and nobody approves the role in person."""
    group = Group.objects.create(name="AWS approvers")
    cast.role.approvers.clear()
    cast.role.approver_groups.add(group)
    return group


@pytest.fixture
def asked(cast: Cast, approvers: Group) -> Request:
    return factories.ask(cast)


def test_a_member_of_the_group_can_decide(cast: Cast, approvers: Group, asked: Request) -> None:
    cast.alice.groups.add(approvers)
    assert factories.approve(cast, asked, by=cast.alice) is not None


def test_a_member_finds_their_pending_requests(cast: Cast, approvers: Group, asked: Request) -> None:
    cast.alice.groups.add(approvers)
    alice = visitor(cast.alice)
    assert pages.of(asked, "approval") in alice.get(reverse("inbox")).content.decode()
    assert alice.get(pages.of(asked, "approval")).status_code == 200
    assert "Approvals" in text(alice.get(reverse("home")))
    assert "Alice" in text(alice.get(reverse("role", args=[factories.HOST_ACCOUNT, cast.role.name])))


def test_people_outside_of_the_group_cannot_decide(cast: Cast, approvers: Group, asked: Request) -> None:
    cast.mallory.groups.add(Group.objects.create(name="Somebody else's"))
    with refusing("not_an_approver"):
        factories.approve(cast, asked, by=cast.mallory)
    assert visitor(cast.mallory).get(pages.of(asked, "approval")).status_code == 404
    assert "Approvals" not in text(visitor(cast.mallory).get(reverse("home")))


def test_former_members_of_the_group_can_no_longer_decide(cast: Cast, approvers: Group, asked: Request) -> None:
    cast.alice.groups.add(approvers)
    cast.alice.groups.remove(approvers)
    with refusing("not_an_approver"):
        factories.approve(cast, asked, by=cast.alice)


def test_the_approval_of_a_former_member_no_longer_counts(cast: Cast, approvers: Group) -> None:
    Role.objects.filter(pk=cast.role.pk).update(quorum=2)
    cast.role.refresh_from_db()
    asked = factories.ask(cast)
    for person in (cast.alice, cast.bob, cast.mallory):
        person.groups.add(approvers)
    assert factories.approve(cast, asked, by=cast.alice) is None
    cast.alice.groups.remove(approvers)
    assert factories.approve(cast, asked, by=cast.bob) is None
    assert factories.approve(cast, asked, by=cast.mallory) is not None


def test_a_contractor_in_the_group_cannot_decide(cast: Cast, approvers: Group, asked: Request) -> None:
    cast.rita.groups.add(approvers)
    with pytest.raises(Refused):
        factories.approve(cast, asked, by=cast.rita)


def test_a_named_approver_who_is_in_the_group_counts_once(cast: Cast, approvers: Group) -> None:
    cast.alice.groups.add(approvers, Group.objects.create(name="Another"))
    cast.role.approvers.add(cast.alice)
    cast.role.approver_groups.add(*Group.objects.all())
    assert [person.pk for person in cast.role.all_approvers()] == [cast.alice.pk]
    assert [role.pk for role in Role.objects.approved_by(cast.alice, now=factories.NOON)] == [cast.role.pk]

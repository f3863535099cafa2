"""The rules of a role at the pages: administrators change them, two where live access rests on the role."""

from datetime import datetime, time
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.contrib.auth.models import Group
from django.urls import reverse
from time_machine import TimeMachineFixture

from access.actions import delegations
from access.ledger.requests import expire_overdue
from access.models import AuditEvent, AutoApprovalPolicy, Decision, Delegation, Grant, Role, RoleChange, Stage, User
from access.rules.facts import MAX_PENDING_PER_CONTRACTOR
from tests import factories
from tests.factories import DAY, HOUR, NOON, Cast
from tests.integration import pages
from tests.integration.pages import codes, decision, text, visitor
from tests.signin import sign_in


@pytest.fixture(autouse=True)
def at_noon(time_machine: TimeMachineFixture) -> None:
    time_machine.move_to(NOON, tick=False)


@pytest.fixture
def olga(cast: Cast) -> User:
    return factories.user("olga", is_staff=True)


def page(cast: Cast, name: str = "approval_settings") -> str:
    return reverse(name, args=[cast.role.account.account_id, cast.role.name])


def form(cast: Cast, **different: Any) -> dict[str, Any]:
    """Return what the page sends when nothing was changed, with what is different."""
    typed = {
        "approvers": [cast.alice.pk, cast.bob.pk],
        "quorum": "1",
        "longest_window": "8 hours",
        "latest_start": "90 days",
        "expires_after": "1 day",
        "first_reminder": "1 hour",
        "stage-TOTAL_FORMS": "1",
        "stage-INITIAL_FORMS": "0",
        "stage-0-quorum": "1",
    }
    return typed | different


def stage(person: User, number: int = 0, **different: Any) -> dict[str, Any]:
    return {f"stage-{number}-{name}": value for name, value in ({"approvers": [person.pk]} | different).items()}


def test_an_unchanged_form_changes_nothing(cast: Cast) -> None:
    assert visitor(cast.ada).post(page(cast), form(cast)).status_code == 302
    assert not AuditEvent.objects.filter(verb__startswith="role.").exists()


def test_an_administrator_can_change_every_setting_and_it_is_on_record(cast: Cast) -> None:
    group = Group.objects.create(name="Night shift")
    dan = factories.user("dan")
    hours = {
        "office_days": ["1", "5"],
        "office_opens": "09:00",
        "office_closes": "17:30",
        "office_zone": "Europe/Berlin",
    }
    answer = visitor(cast.ada).post(
        page(cast),
        form(
            cast,
            quorum="2",
            approver_groups=[group.pk],
            longest_window="1 day 30 minutes",
            latest_start="2 days",
            factor_minutes="5",
            expires_after="4 hours",
            first_reminder="",
            **hours,
            **stage(dan, name="Security"),
        ),
    )
    assert answer.status_code == 302
    role = Role.objects.get(pk=cast.role.pk)
    assert (role.quorum, role.longest_window, role.latest_start) == (2, DAY + HOUR / 2, 2 * DAY)
    assert (role.factor_minutes, role.expires_after, role.first_reminder) == (5, 4 * HOUR, None)
    assert (role.office_days, role.office_opens, role.office_closes, role.office_zone) == (
        "15", time(9), time(17, 30), "Europe/Berlin",
    )  # fmt: skip
    assert [(one.position, one.name, list(one.all_approvers())) for one in role.further_stages.all()] == [
        (2, "Security", [dan])
    ]
    event = AuditEvent.objects.get(verb="role.changed")
    assert event.details["before"]["quorum"] == 1
    recorded = {"name": "Security", "quorum": 1, "approvers": ["dan@example.com"], "approver_groups": []}
    assert event.details["after"]["further_stages"] == [recorded]
    shown = text(visitor(cast.alice).get(reverse("role", args=[cast.role.account.account_id, cast.role.name])))
    assert "Monday and Friday, 09:00 to 17:30 Europe/Berlin" in shown
    assert "Security: 1 of Dan" in shown


def test_stages_can_be_ordered_and_removed(cast: Cast) -> None:
    dan, eve = factories.user("dan"), factories.user("eve")
    two = {"stage-TOTAL_FORMS": "3", "stage-1-quorum": "1", "stage-2-quorum": "1"}
    ada = visitor(cast.ada)
    ada.post(page(cast), form(cast, **two | stage(dan, ORDER=2) | stage(eve, 1, ORDER=1)))
    assert [list(one.all_approvers()) for one in Stage.objects.all()] == [[eve], [dan]]
    ada.post(page(cast), form(cast, **two | {"stage-INITIAL_FORMS": "2"} | stage(dan) | stage(eve, 1, approvers=[])))
    assert [list(one.all_approvers()) for one in Stage.objects.all()] == [[dan]]


@pytest.mark.parametrize(
    ("different", "code"),
    [
        ({"longest_window": "eight hours"}, "duration_invalid"),
        ({"longest_window": "0 hours"}, "duration_invalid"),
        ({"latest_start": "91 days"}, "duration_too_long"),
        ({"factor_minutes": "61"}, "factor_minutes_above_default"),
        ({"office_days": ["1"]}, "hours_incomplete"),
        (
            {"office_days": ["1"], "office_opens": "17:00", "office_closes": "09:00", "office_zone": "UTC"},
            "hours_reversed",
        ),
        (
            {"office_days": ["1"], "office_opens": "09:00", "office_closes": "17:00", "office_zone": "Mars"},
            "zone_invalid",
        ),
        ({"quorum": "3"}, "stage_too_few_approvers"),
        ({"stage-0-approvers": ["x"]}, "invalid_pk_value"),
    ],
)
def test_impossible_input_is_refused(cast: Cast, different: dict[str, Any], code: str) -> None:
    ada = visitor(cast.ada)
    before = pages.world()
    answer = ada.post(page(cast), form(cast, **different))
    assert answer.status_code == 200
    assert code in codes(answer)
    assert pages.world() == before


def test_one_person_in_two_stages_is_not_enough(cast: Cast) -> None:
    answer = visitor(cast.ada).post(page(cast), form(cast, approvers=[cast.alice.pk], **stage(cast.alice)))
    assert "stages_too_few_approvers" in codes(answer)


def test_with_live_access_another_administrator_confirms(cast: Cast, olga: User, enqueued: list[Any]) -> None:
    factories.create_grant(cast)
    answer = visitor(cast.ada).post(page(cast), form(cast, longest_window="4 hours", **stage(cast.mallory)))
    change = RoleChange.objects.get()
    assert answer["Location"] == reverse("role_change", args=[change.public_id])
    assert Role.objects.get().longest_window == 8 * HOUR
    assert not Stage.objects.exists()
    shown = text(visitor(olga).get(answer["Location"]))
    assert "4 hours" in shown
    assert "Another stage: 1 of mallory@example.com" in shown
    visitor(olga).post(answer["Location"], {"content_hash": change.content_hash})
    assert Role.objects.get().longest_window == 4 * HOUR
    assert list(Stage.objects.get().all_approvers()) == [cast.mallory]


@pytest.mark.parametrize("who", ["alice", "mallory", "richard"])
def test_nobody_else_finds_the_settings(cast: Cast, who: str) -> None:
    client = visitor(getattr(cast, who))
    for name in ("approval_settings", "auto_approval_policy_new"):
        assert client.get(page(cast, name)).status_code == 404
        assert client.post(page(cast, name), form(cast)).status_code == 404


def test_changing_settings_requires_a_recent_confirmation(cast: Cast) -> None:
    for person in (cast.ada, cast.alice):
        person.set_password("correct-horse-battery")
        person.save()
    before = [Role.objects.values().get(), Delegation.objects.count(), AutoApprovalPolicy.objects.count()]
    typed = {"delegate": cast.mallory.pk, "from_at": "2026-11-24T12:00", "until_at": "2026-12-01T12:00"}
    for person, url, sent in (
        (cast.ada, page(cast), form(cast, longest_window="4 hours")),
        (
            cast.ada,
            page(cast, "auto_approval_policy_new"),
            TestAutoApprovalPolicies.TYPED | {"company": factories.company().pk},
        ),
        (cast.alice, reverse("delegation"), typed),
    ):
        assert "reauthenticate" in visitor(person, confirmed=False).post(url, sent)["Location"]
    assert [Role.objects.values().get(), Delegation.objects.count(), AutoApprovalPolicy.objects.count()] == before


class TestAutoApprovalPolicies:
    TYPED = {"longest_window": "1 hour", "per_week": "5", "expires_at": "2026-12-24T12:00"}

    def made(self, cast: Cast, **different: Any) -> AutoApprovalPolicy:
        typed = self.TYPED | {"company": factories.company().pk} | different
        answer = visitor(cast.ada).post(page(cast, "auto_approval_policy_new"), typed)
        assert answer.status_code == 302, text(answer)
        return AutoApprovalPolicy.objects.get()

    def test_a_policy_made_by_one_and_confirmed_by_another_approves(
        self, cast: Cast, olga: User, enqueued: list[Any]
    ) -> None:
        rule = self.made(cast)
        url = reverse("auto_approval_policy_confirm", args=[rule.public_id])
        assert "Confirm policy" not in text(visitor(cast.ada).get(page(cast)))
        assert visitor(cast.ada).post(url).status_code == 409
        assert "Confirm policy" in text(visitor(olga).get(page(cast)))
        visitor(olga).post(url)
        form = {"role": cast.role.pk, "principal": "", "length": "60", "reason": "The file."}
        visitor(cast.richard).post(reverse("request_new"), form)
        grant = Grant.objects.get()
        shown = text(visitor(cast.alice).get(pages.of(grant.request)))
        assert "Approved: The auto-approval policy that Ada created and Olga confirmed covers this request." in shown
        assert "Revoke access now" in shown
        assert "1 of 5 requests" in text(visitor(olga).get(page(cast)))

    def test_one_administrator_can_end_a_policy(self, cast: Cast, olga: User) -> None:
        rule = self.made(cast)
        visitor(olga).post(reverse("auto_approval_policy_end", args=[rule.public_id]))
        assert AutoApprovalPolicy.objects.get().ended_by == olga
        assert visitor(cast.alice).post(reverse("auto_approval_policy_end", args=[rule.public_id])).status_code == 404

    @pytest.mark.parametrize(
        ("different", "code"),
        [
            ({"per_week": ""}, "auto_approval_without_budget"),
            ({"longest_window": "9 hours"}, "auto_approval_longer_than_role"),
            ({"expires_at": "2028-01-01T00:00"}, "auto_approval_end_invalid"),
            ({"expires_at": "2026-11-24T12:00"}, "auto_approval_end_invalid"),
        ],
    )
    def test_a_policy_without_limits_is_refused(self, cast: Cast, different: dict[str, Any], code: str) -> None:
        typed = self.TYPED | {"company": factories.company().pk} | different
        assert code in codes(visitor(cast.ada).post(page(cast, "auto_approval_policy_new"), typed))
        assert not AutoApprovalPolicy.objects.exists()


class TestDelegation:
    def test_alice_names_mallory_who_then_decides(self, cast: Cast, enqueued: list[Any]) -> None:
        request = factories.ask(cast)
        assert visitor(cast.mallory).get(pages.of(request, "approval")).status_code == 404
        typed = {"delegate": cast.mallory.pk, "from_at": "2026-11-24T12:00", "until_at": "2026-12-01T12:00"}
        alice, mallory = visitor(cast.alice), visitor(cast.mallory)
        assert alice.post(reverse("delegation"), typed).status_code == 302
        assert "Mallory is your delegate" in text(alice.get(reverse("delegation")))
        assert "Approvers you are a delegate for Alice" in text(mallory.get(reverse("delegation")))
        assert pages.of(request, "approval") in mallory.get(reverse("inbox")).content.decode()
        assert "Alice (away, Mallory decides instead), Bob" in text(mallory.get(pages.of(request, "approval")))
        mallory.post(pages.of(request, "approval"), decision(request, verdict="approve"))
        assert Decision.objects.get().delegate_of == cast.alice
        assert "as delegate of Alice" in text(visitor(cast.richard).get(pages.of(request)))

    def test_a_delegate_from_next_week_cannot_decide_now(self, cast: Cast) -> None:
        start, end = NOON + 7 * DAY, NOON + 14 * DAY
        delegations.create_delegation(by=cast.alice, delegate=cast.mallory, from_at=start, until_at=end, now=NOON)
        assert "Mallory will be your delegate" in text(visitor(cast.alice).get(reverse("delegation")))

    def test_alice_is_back_earlier(self, cast: Cast) -> None:
        end = NOON + DAY
        delegations.create_delegation(by=cast.alice, delegate=cast.mallory, from_at=NOON, until_at=end, now=NOON)
        visitor(cast.alice).post(reverse("delegation_end"))
        assert Delegation.objects.get().ended_at == NOON
        assert visitor(cast.mallory).get(reverse("inbox")).status_code == 404

    def test_contractors_are_neither_offered_nor_accepted(self, cast: Cast) -> None:
        alice = visitor(cast.alice)
        assert "Rita" not in text(alice.get(reverse("delegation")))
        typed = {"delegate": cast.rita.pk, "from_at": "2026-11-24T12:00", "until_at": "2026-12-01T12:00"}
        assert alice.post(reverse("delegation"), typed).status_code == 200
        assert not Delegation.objects.exists()


class TestDeciding:
    def test_a_factor_too_old_for_the_role_leads_to_a_new_one_and_back(
        self, cast: Cast, client: Any, enqueued: list[Any]
    ) -> None:
        Role.objects.update(factor_minutes=5)
        request = factories.ask(cast)
        sign_in(client, cast.alice, factor_age=301)
        answer = client.post(pages.of(request, "approval"), decision(request, verdict="approve"))
        assert answer.status_code == 302
        assert answer["Location"].startswith(reverse("mfa_reauthenticate"))
        assert parse_qs(urlsplit(answer["Location"]).query)["next"] == [pages.of(request, "approval")]
        assert not Decision.objects.exists()
        sign_in(client, cast.alice, factor_age=299)
        client.post(pages.of(request, "approval"), decision(request, verdict="approve"))
        assert Decision.objects.exists()

    def test_pages_say_who_decides_in_which_stage_and_until_when(self, cast: Cast) -> None:
        Stage.objects.create(role=cast.role, position=2, name="Security").approvers.add(factories.user("dan"))
        Role.objects.update(expires_after=HOUR / 2)
        cast.role.refresh_from_db()
        request = factories.ask(cast)
        factories.approve(cast, request)
        for person, name in ((cast.richard, "request"), (cast.bob, "approval")):
            shown = text(visitor(person).get(pages.of(request, name)))
            assert (
                "First 1 of Alice, Bob Approved by Alice Security 1 of Dan 1 more approval needed at this stage"
                in shown
            )
            assert "24 Nov 2026, 12:30 UTC" in shown

    def test_the_inbox_shows_only_requests_in_ones_own_stage(self, cast: Cast) -> None:
        dan = factories.user("dan")
        Stage.objects.create(role=cast.role, position=2).approvers.add(dan)
        request = factories.ask(cast)
        url = pages.of(request, "approval")
        assert url not in visitor(dan).get(reverse("inbox")).content.decode()
        factories.approve(cast, request)
        assert url in visitor(dan).get(reverse("inbox")).content.decode()
        assert url not in visitor(cast.bob).get(reverse("inbox")).content.decode()

    def test_an_expired_request_is_shown_as_expired_even_if_housekeeping_did_not_run(
        self, cast: Cast, time_machine: Any
    ) -> None:
        Role.objects.update(expires_after=HOUR / 2)
        cast.role.refresh_from_db()
        request = factories.ask(cast)
        later: datetime = NOON + HOUR / 2
        time_machine.move_to(later, tick=False)
        assert "Expired without a decision." in text(visitor(cast.richard).get(pages.of(request)))
        assert pages.of(request, "approval") not in visitor(cast.alice).get(reverse("inbox")).content.decode()
        assert MAX_PENDING_PER_CONTRACTOR
        expire_overdue(now=later)
        assert "Expired without a decision" in text(visitor(cast.richard).get(pages.of(request)))

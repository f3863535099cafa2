"""What fits into a role, and what is said when nothing more does."""

import pytest
from time_machine import TimeMachineFixture

from access import admission
from access.actions import contents, deciding
from access.actions.requests import extend, revoke
from access.models import Grant, Request, Role, RoleState
from access.rules.facts import Refused
from access.texts.text import Text
from tests.factories import HOUR, NOON, RICHARD_ARN, Cast, approve, ask, create_grant
from tests.integration import pages
from tests.integration.pages import text, visitor
from tests.refusals import refusing


class TestCapacity:
    def test_a_full_role_refuses_the_next_request(self, cast: Cast) -> None:
        while True:
            try:
                create_grant(cast)
            except Refused as refusal:
                code = refusal.code
                break
        assert code == "role_full"
        assert 5 <= Grant.objects.count() <= 6

    def test_the_last_capacity_is_used_by_the_first_approval(self, cast: Cast) -> None:
        for _ in range(4):
            create_grant(cast)
        answers = [answer(cast, request) for request in [ask(cast) for _ in range(4)]]
        given = answers.count("given")
        assert 1 <= given < 4
        assert answers == ["given"] * given + [FULL] * (4 - given)
        assert Request.objects.filter(state="pending").count() == 4 - given

    def test_ended_grants_use_capacity_until_no_session_can_be_alive(self, cast: Cast) -> None:
        full_of_past(cast, 350)
        with refusing("role_full"):
            ask(cast, now=NOON + 2 * HOUR)
        ask(cast, now=NOON + 24 * HOUR)

    @pytest.mark.parametrize("is_accepted_risk", [False, True], ids=["as usual", "an administrator lets that be"])
    def test_an_overflow_role_that_can_bypass_expiry_takes_no_more_grants(
        self, cast: Cast, *, is_accepted_risk: bool
    ) -> None:
        Role.objects.update(allows_overflow=True, expiry_not_enforceable=is_accepted_risk)
        role = Role.objects.get()
        create_grants(cast, role, 6)
        overflow_role = Role.objects.get(overflow_of=role)
        RoleState.objects.filter(pk=overflow_role.pk).update(can_bypass_expiry=["iam:DeleteRolePolicy"])
        held = overflow_role.grants.count()
        create_grants(cast, role, 1)
        assert (overflow_role.grants.count() > held) is is_accepted_risk
        assert Grant.objects.count() == 7

    def test_revoking_works_on_a_full_role(self, cast: Cast) -> None:
        grants = [create_grant(cast) for _ in range(5)]
        revoke(by=cast.alice, grant=grants[0], reason="Room.", now=NOON)
        assert grants[0].state(now=NOON) != "ended"
        create_grant(cast)


def create_grants(cast: Cast, role: Role, count: int) -> None:
    """Have Richard request and Alice approve so many grants, wherever there is capacity."""
    for _ in range(count):
        request = ask(cast, role=Role.objects.get(pk=role.pk))
        placement = admission.find_placement(request.role, contents.new_grant(request, now=NOON).facts(), now=NOON)
        shown = request.content_hash
        deciding.approve(by=cast.alice, request=request, content_hash=shown, role_arn=placement.role.arn, now=NOON)


FULL = "role_full"


def answer(cast: Cast, request: Request) -> str:
    """Return the code of the refusal when Alice approves."""
    try:
        approve(cast, request)
    except Refused as refusal:
        return refusal.code
    return "given"


FACTS = ("contractor", "requester", "role", "principal", "starts_at", "ends_at", "expires_at", "reason")


def full_of_past(cast: Cast, count: int) -> None:
    """Let so many grants have ended at one o'clock."""
    template = Request.objects.get(pk=ask(cast, starts_at=NOON).pk)
    Request.objects.filter(pk=template.pk).update(state="approved", settled_at=NOON)
    names = [f"dp{number:014d}".translate(str.maketrans("0189", "abcd")) for number in range(count)]
    requests = Request.objects.bulk_create(
        [
            Request(
                **{field: getattr(template, field) for field in FACTS},
                content_hash="0" * 64,
                submitted_at=NOON,
                state="approved",
                settled_at=NOON,
                session_name=name,
            )
            for name in names
        ]
    )
    Grant.objects.bulk_create(
        [
            Grant(
                request=request,
                role=request.role,
                contractor=request.contractor,
                session_name=request.session_name,
                principal_arn=RICHARD_ARN,
                starts_at=NOON,
                ends_at=NOON + HOUR,
                applied_at=NOON,
                removed_at=NOON + HOUR,
            )
            for request in requests
        ]
    )


class TestAnExtension:
    """An extension is asked of the role on which the access lives, be it an overflow role of the one that was asked
    for.
    """

    @pytest.fixture
    def on_overflow_role(self, cast: Cast) -> Grant:
        """Return a grant on an overflow role."""
        Role.objects.update(allows_overflow=True)
        create_grants(cast, Role.objects.get(), 6)
        return Grant.objects.get(role__overflow_of=cast.role)

    def test_it_cannot_be_requested_where_sessions_could_bypass_their_expiry(
        self, cast: Cast, on_overflow_role: Grant
    ) -> None:
        undo(on_overflow_role.role)
        with pytest.raises(Refused) as refused:
            longer(cast, on_overflow_role)
        assert refused.value.text == Text("role_can_bypass_expiry", {"actions": ("iam:DeleteRolePolicy",)})
        assert not Request.objects.filter(extends=on_overflow_role).exists()

    def test_it_cannot_be_approved_there_and_the_page_says_why(
        self, cast: Cast, on_overflow_role: Grant, time_machine: TimeMachineFixture
    ) -> None:
        time_machine.move_to(NOON, tick=False)
        asked = longer(cast, on_overflow_role)
        undo(on_overflow_role.role)
        with refusing("role_can_bypass_expiry"):
            approve(cast, asked)
        page = text(visitor(cast.alice).get(pages.of(asked, "approval")))
        assert "You cannot approve this request Sessions of this role could undo their own expiry" in page
        assert Grant.objects.get(pk=on_overflow_role.pk).ends_at == on_overflow_role.ends_at

    def test_where_an_administrator_accepts_that_the_page_flags_it(
        self, cast: Cast, on_overflow_role: Grant, time_machine: TimeMachineFixture
    ) -> None:
        time_machine.move_to(NOON, tick=False)
        undo(on_overflow_role.role)
        Role.objects.filter(pk=cast.role.pk).update(expiry_not_enforceable=True)
        asked = longer(cast, on_overflow_role)
        page = text(visitor(cast.alice).get(pages.of(asked, "approval")))
        assert "Expiry cannot be enforced Sessions of this role can use iam:DeleteRolePolicy" in page
        approve(cast, asked)
        assert Grant.objects.get(pk=on_overflow_role.pk).ends_at == NOON + 2 * HOUR

    def test_a_correct_overflow_role_keeps_it_whatever_happened_to_the_role_itself(
        self, cast: Cast, on_overflow_role: Grant
    ) -> None:
        undo(cast.role)
        approve(cast, longer(cast, on_overflow_role))
        assert Grant.objects.get(pk=on_overflow_role.pk).ends_at == NOON + 2 * HOUR


def undo(role: Role) -> None:
    """Change this role in AWS, as somebody would by hand."""
    RoleState.objects.filter(pk=role.pk).update(can_bypass_expiry=["iam:DeleteRolePolicy"])


def longer(cast: Cast, grant: Grant) -> Request:
    """Return Richard's request for an hour more."""
    return extend(by=cast.richard, grant=grant, ends_at=NOON + 2 * HOUR, reason="More.", now=NOON)

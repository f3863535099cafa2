"""What fits into a role, and what is said when nothing more does."""

import pytest
from time_machine import TimeMachineFixture

from access import actions, admission
from access.models import Grant, Request, Role
from access.rules import Refused
from tests.factories import HOUR, NOON, RICHARD_ARN, Cast, approve, ask, give
from tests.integration import pages
from tests.integration.pages import text, visitor


class TestCapacity:
    def test_a_full_role_refuses_the_next_request_with_a_sentence(self, cast: Cast) -> None:
        while True:
            try:
                give(cast)
            except Refused as refusal:
                said = str(refusal)
                break
        assert "No more access fits" in said
        assert 5 <= Grant.objects.count() <= 6

    def test_the_last_place_goes_to_the_first_yes(self, cast: Cast) -> None:
        for _ in range(4):
            give(cast)
        answers = [answer(cast, request) for request in [ask(cast) for _ in range(4)]]
        given = answers.count("given")
        assert 1 <= given < 4
        assert answers == ["given"] * given + [FULL] * (4 - given)
        assert Request.objects.filter(state="pending").count() == 4 - given

    def test_ended_grants_take_room_in_the_closing_policy_until_no_session_can_be_alive(self, cast: Cast) -> None:
        full_of_past(cast, 350)
        with pytest.raises(Refused, match="No more access fits"):
            ask(cast, now=NOON + 2 * HOUR)
        ask(cast, now=NOON + 24 * HOUR)

    @pytest.mark.parametrize("is_let_be", [False, True], ids=["as usual", "an administrator lets that be"])
    def test_a_twin_of_which_sessions_could_undo_their_end_holds_no_more(self, cast: Cast, *, is_let_be: bool) -> None:
        Role.objects.update(spills=True, end_not_enforceable=is_let_be)
        role = Role.objects.get()
        give_many(cast, role, 6)
        twin = Role.objects.get(twin_of=role)
        Role.objects.filter(pk=twin.pk).update(may_undo_end=["iam:DeleteRolePolicy"])
        held = twin.grants.count()
        give_many(cast, role, 1)
        assert (twin.grants.count() > held) is is_let_be
        assert Grant.objects.count() == 7

    def test_revoking_works_on_a_full_role(self, cast: Cast) -> None:
        grants = [give(cast) for _ in range(5)]
        actions.revoke(by=cast.alice, grant=grants[0], reason="Room.", now=NOON)
        assert grants[0].state(now=NOON) != "ended"
        give(cast)


def give_many(cast: Cast, role: Role, count: int) -> None:
    """Richard asks and Alice says yes so often, wherever there is room."""
    for _ in range(count):
        request = ask(cast, role=Role.objects.get(pk=role.pk))
        place = admission.find_place(request.role, actions.given(request, now=NOON).facts(), now=NOON)
        shown = request.content_hash
        actions.approve(by=cast.alice, request=request, content_hash=shown, role_arn=place.role.arn, now=NOON)


FULL = "No more access fits into this role at the moment. Try again when another access has ended."


def answer(cast: Cast, request: Request) -> str:
    """What Alice is told when she says yes."""
    try:
        approve(cast, request)
    except Refused as refusal:
        return str(refusal)
    return "given"


def full_of_past(cast: Cast, count: int) -> None:
    """Let so many grants have ended at one o'clock."""
    template = Request.objects.get(pk=ask(cast).pk)
    Request.objects.filter(pk=template.pk).update(state="approved", settled_at=NOON)
    names = [f"dp{number:014d}".translate(str.maketrans("0189", "abcd")) for number in range(count)]
    requests = Request.objects.bulk_create(
        [
            Request(
                **{
                    field: getattr(template, field)
                    for field in ("contractor", "requester", "role", "principal", "starts_at", "ends_at", "reason")
                },
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


class TestALaterEnd:
    """A later end is asked of the role on which the access lives, be it a twin of the one that was asked for."""

    @pytest.fixture
    def on_twin(self, cast: Cast) -> Grant:
        """An access that lives on a twin."""
        Role.objects.update(spills=True)
        give_many(cast, Role.objects.get(), 6)
        return Grant.objects.get(role__twin_of=cast.role)

    def test_it_is_not_asked_for_where_sessions_could_undo_their_end(self, cast: Cast, on_twin: Grant) -> None:
        undo(on_twin.role)
        with pytest.raises(Refused, match=r"could undo the end of the access \(iam:DeleteRolePolicy\)"):
            longer(cast, on_twin)
        assert not Request.objects.filter(extends=on_twin).exists()

    def test_it_is_not_given_there_and_the_page_says_why(
        self, cast: Cast, on_twin: Grant, time_machine: TimeMachineFixture
    ) -> None:
        time_machine.move_to(NOON, tick=False)
        asked = longer(cast, on_twin)
        undo(on_twin.role)
        with pytest.raises(Refused, match="could undo the end of the access"):
            approve(cast, asked)
        page = text(visitor(cast.alice).get(pages.of(asked, "approval")))
        assert "You cannot approve it This role's own permissions could undo the end of the access" in page
        assert Grant.objects.get(pk=on_twin.pk).ends_at == on_twin.ends_at

    def test_where_an_administrator_lets_that_be_the_page_shows_it_in_red(
        self, cast: Cast, on_twin: Grant, time_machine: TimeMachineFixture
    ) -> None:
        time_machine.move_to(NOON, tick=False)
        undo(on_twin.role)
        Role.objects.filter(pk=cast.role.pk).update(end_not_enforceable=True)
        asked = longer(cast, on_twin)
        page = text(visitor(cast.alice).get(pages.of(asked, "approval")))
        assert "The end cannot be enforced A session of this role may use iam:DeleteRolePolicy" in page
        approve(cast, asked)
        assert Grant.objects.get(pk=on_twin.pk).ends_at == NOON + 2 * HOUR

    def test_a_twin_as_it_should_be_keeps_it_whatever_became_of_the_role_itself(
        self, cast: Cast, on_twin: Grant
    ) -> None:
        undo(cast.role)
        approve(cast, longer(cast, on_twin))
        assert Grant.objects.get(pk=on_twin.pk).ends_at == NOON + 2 * HOUR


def undo(role: Role) -> None:
    """Somebody changed this role in AWS."""
    Role.objects.filter(pk=role.pk).update(may_undo_end=["iam:DeleteRolePolicy"])


def longer(cast: Cast, grant: Grant) -> Request:
    """Richard asks for an hour more."""
    return actions.extend(by=cast.richard, grant=grant, ends_at=NOON + 2 * HOUR, reason="More.", now=NOON)

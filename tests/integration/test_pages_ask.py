"""Asking for a role: what is typed well becomes a request, what is typed badly is kept and explained."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from time_machine import TimeMachineFixture

from access.actions import stopping
from access.actions.stop_targets import Target
from access.models import Contractor, Request, Stop, User
from access.rules.stopping import Scope
from tests import factories
from tests.factories import DAY, HOUR, NOON, RICHARD_ARN, SECOND, Cast
from tests.integration import pages
from tests.integration.pages import codes, text, visitor

ASK = reverse("request_new")


@pytest.fixture(autouse=True)
def at_noon(time_machine: TimeMachineFixture) -> None:
    time_machine.move_to(NOON, tick=False)


@pytest.fixture
def richard(cast: Cast) -> Client:
    return visitor(cast.richard)


def typed(cast: Cast, **different: str) -> dict[str, str]:
    """Return the form as Richard fills it in: an hour from the approval, with a proven identity."""
    wishes = {
        "role": str(cast.role.pk),
        "principal": str(factories.proven(cast.richard).pk),
        "start": "approval",
        "starts_at": "",
        "length": "60",
        "other_length": "",
        "reason": "Upload the file.",
    }
    return wishes | different


def local(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S")


def test_richard_asks_for_an_hour_from_the_approval(cast: Cast, richard: Client) -> None:
    answer = richard.post(ASK, typed(cast))
    request = Request.objects.get()
    assert answer["Location"] == pages.of(request)
    assert (request.requester, request.role, request.state) == (cast.richard, cast.role, "pending")
    assert (request.starts_at, request.ends_at, request.length) == (None, None, HOUR)
    assert (request.latest_start, request.latest_end) == (NOON + DAY, NOON + DAY + HOUR)
    assert request.principal is not None
    assert request.principal.arn == RICHARD_ARN
    assert "submitted" in text(richard.get(answer["Location"]))


@pytest.mark.parametrize("said", ["1 hour 30 minutes", "1h 30m", "90 min", "1 HOUR  30 MINUTES", "5400 s", "1h30m"])
def test_richard_can_choose_another_length(cast: Cast, richard: Client, said: str) -> None:
    richard.post(ASK, typed(cast, length="other", other_length=said))
    assert Request.objects.get().length == 1.5 * HOUR


def test_a_duration_counts_from_the_chosen_start(cast: Cast, richard: Client) -> None:
    richard.post(ASK, typed(cast, length="240", start="at", starts_at=local(NOON + DAY)))
    request = Request.objects.get()
    assert (request.starts_at, request.ends_at) == (NOON + DAY, NOON + DAY + 4 * HOUR)


def test_rita_without_an_aws_account_is_not_asked_for_an_identity(cast: Cast) -> None:
    visitor(cast.rita).post(ASK, typed(cast, principal=""))
    assert Request.objects.get().principal is None


def test_the_form_offers_only_roles_that_can_be_requested(cast: Cast, richard: Client) -> None:
    factories.role("somebody-elses")
    page = text(richard.get(ASK))
    assert "importantproject-put" in page
    assert "Can upload objects (s3:PutObject) to bucket importantprojectbucket." in page
    assert "somebody-elses" not in page


def test_a_contractor_without_roles_reads_that_there_are_none(cast: Cast) -> None:
    cast.role.contractors.clear()
    page = visitor(cast.richard).get(ASK)
    assert "You cannot request any role yet" in text(page)
    assert b"<form" not in page.content.split(b"<main")[1]


def test_the_form_begins_with_the_identity_of_the_last_request(cast: Cast, richard: Client) -> None:
    factories.ask(cast)
    assert RICHARD_ARN in richard.get(ASK).content.decode()


BAD_ARNS = {
    "a wildcard": "arn:aws:iam::222222222222:user/*",
    "everybody": "*",
    "the whole account": "arn:aws:iam::222222222222:root",
    "a bare account": "222222222222",
    "a session": "arn:aws:sts::222222222222:assumed-role/Worker/session",
    "a federated user": "arn:aws:sts::222222222222:federated-user/Richard",
    "another partition": "arn:aws-cn:iam::222222222222:user/Richard",
    "a blank behind": f"{RICHARD_ARN} ",
    "a line break behind": f"{RICHARD_ARN}\n",
    "a Cyrillic email": RICHARD_ARN.replace("a", "\u0430", 1),
    "full-width digits": RICHARD_ARN.replace("2", "\uff12"),
    "a zero-width blank": RICHARD_ARN.replace("user", "us\u200ber"),
    "eleven digits": "arn:aws:iam::22222222222:user/Richard",
    "a group": "arn:aws:iam::222222222222:group/Everybody",
    "an account of ours": "arn:aws:iam::111111111111:user/Richard",
    "the role itself": "arn:aws:iam::111111111111:role/daypass/importantproject-put",
    "a path that climbs": "arn:aws:iam::222222222222:user/../Richard",
    "too much": "arn:aws:iam::222222222222:user/" + "x" * 600,
}
BAD_WINDOWS: dict[str, tuple[str, dict[str, str]]] = {
    "without length": ("other_length", {"length": "other", "other_length": "0 hours"}),
    "in the past": ("starts_at", {"start": "at", "starts_at": local(NOON - SECOND)}),
    "too long": ("other_length", {"length": "other", "other_length": "8 hours 1 second"}),
    "far too long": ("other_length", {"length": "other", "other_length": "99999 days"}),
    "too far away": ("starts_at", {"start": "at", "starts_at": local(NOON + 91 * DAY)}),
    "no time left": ("starts_at", {"start": "at", "starts_at": "9999-12-31T23:30"}),
    "without a length": ("other_length", {"length": "other"}),
    "no choice of a length": ("other_length", {"length": ""}),
    "without a start": ("starts_at", {"start": "at"}),
    "not a length": ("other_length", {"length": "other", "other_length": "a while"}),
    "not a time": ("starts_at", {"start": "at", "starts_at": "2026-02-30T12:00"}),
    "not a time that would not be used": ("starts_at", {"starts_at": "tomorrow"}),
    "not a length that would not be used": ("other_length", {"other_length": "tomorrow"}),
    "a length that is not offered": ("length", {"length": "600000"}),
    "a start that is not offered": ("start", {"start": "soon"}),
}
CONTRADICTIONS = {
    "a start that would not be used": ("starts_at", "start_not_used", {"starts_at": local(NOON + HOUR)}),
    "a length that would not be used": ("other_length", "length_not_used", {"other_length": "2 hours"}),
    "a missing start": ("starts_at", "start_missing", {"start": "at"}),
    "a missing length": ("other_length", "length_missing", {"length": "other"}),
}
BAD_REASONS = {"none": "", "blanks": " \n\t ", "a control character": "Upload\x1b[2J", "too long": "x" * 2001}


def check_refused(client: Client, form: dict[str, str], field: str, **hidden: str) -> None:
    """Assert that the input is refused with a code and a sentence at its field, is still there, and was not stored."""
    before = pages.world()
    answer = client.post(ASK, form | hidden)
    assert answer.status_code == 200
    errors = answer.context["form"].errors
    assert list(errors) == [field], errors
    sentence = errors[field][0]
    assert sentence.endswith(".")
    assert sentence in text(answer)
    assert codes(answer) == {error.code for error in errors[field].as_data()}
    kept = {name: answer.context["form"][name].value() for name in form}
    assert kept == form | {"role": [form["role"]]}
    assert pages.world() == before


@pytest.mark.parametrize("arn", [RICHARD_ARN, *BAD_ARNS.values()], ids=["a good one", *BAD_ARNS])
def test_no_arn_can_be_typed(cast: Cast, richard: Client, arn: str) -> None:
    check_refused(richard, typed(cast, principal=arn), "principal")


@pytest.mark.parametrize(("field", "window"), BAD_WINDOWS.values(), ids=BAD_WINDOWS)
def test_an_impossible_window_is_refused(cast: Cast, richard: Client, field: str, window: dict[str, str]) -> None:
    check_refused(richard, typed(cast, **window), field)


@pytest.mark.parametrize(("field", "code", "window"), CONTRADICTIONS.values(), ids=CONTRADICTIONS)
def test_the_form_never_drops_typed_input(
    cast: Cast, richard: Client, field: str, code: str, window: dict[str, str]
) -> None:
    answer = richard.post(ASK, typed(cast, **window))
    (error,) = answer.context["form"].errors.as_data()[field]
    assert error.code == code
    check_refused(richard, typed(cast, **window), field)


def test_without_the_choices_what_is_typed_counts(cast: Cast, richard: Client) -> None:
    form = typed(cast, starts_at=local(NOON + HOUR), other_length="2 hours")
    richard.post(ASK, {name: value for name, value in form.items() if name not in {"start", "length"}})
    request = Request.objects.get()
    assert (request.starts_at, request.ends_at) == (NOON + HOUR, NOON + 3 * HOUR)


def test_an_hour_is_an_hour_on_the_night_when_clocks_are_put_back(
    cast: Cast, richard: Client, time_machine: TimeMachineFixture
) -> None:
    time_machine.move_to(datetime(2026, 10, 24, 23, 10, tzinfo=UTC), tick=False)
    at = datetime(2026, 10, 24, 23, 50, tzinfo=UTC)
    User.objects.filter(pk=cast.richard.pk).update(time_zone="Europe/Berlin")
    early = typed(cast, start="at", starts_at="2026-10-25T01:50", other_length="", length="60")
    assert richard.post(ASK, early).status_code == 302
    request = Request.objects.get()
    assert (request.starts_at, request.ends_at) == (at, at + HOUR)  # which Berlin calls 02:50
    twice = richard.post(ASK, typed(cast, start="at", starts_at="2026-10-25T02:10"))
    (error,) = twice.context["form"].errors.as_data()["starts_at"]
    assert error.code == "time_shown_twice"
    in_utc = typed(cast, start="at", starts_at="2026-10-25T01:10", time_zone="UTC")
    assert richard.post(ASK, in_utc).status_code == 302


def test_a_time_that_clocks_show_twice_is_asked_about(
    cast: Cast, richard: Client, time_machine: TimeMachineFixture
) -> None:
    time_machine.move_to(datetime(2026, 10, 24, 23, 10, tzinfo=UTC), tick=False)
    User.objects.filter(pk=cast.richard.pk).update(time_zone="Europe/Berlin")
    twice = richard.post(ASK, typed(cast, start="at", starts_at="2026-10-25T02:10"))
    shown = twice.content.decode()
    assert "02:10, UTC+02:00 (before the clocks go back)" in shown
    assert 'value="2026-10-25T02:10"' in shown
    assert "Upload the file." in shown
    for offset in ("+02:00", "+01:00"):
        chosen = typed(cast, start="at", starts_at="2026-10-25T02:10", starts_at_offset=offset, reason=f"At {offset}.")
        page = richard.post(
            ASK, chosen | {"pointed_out": " ".join(str(one.public_id) for one in Request.objects.all())}
        )
        assert page.status_code == 302
        assert Request.objects.get(reason=f"At {offset}.").starts_at == datetime.fromisoformat(
            f"2026-10-25T02:10{offset}"
        )
    other = richard.post(ASK, typed(cast, start="at", starts_at="2026-10-25T02:10", starts_at_offset="+03:00"))
    assert "time_shown_twice" in codes(other)
    kept = richard.post(
        ASK, typed(cast, start="at", starts_at="2026-10-25T02:10", starts_at_offset="+01:00", reason="")
    )
    assert 'value="+01:00" checked' in kept.content.decode()


@pytest.mark.parametrize("reason", BAD_REASONS.values(), ids=BAD_REASONS)
def test_an_unreadable_reason_is_refused(cast: Cast, richard: Client, reason: str) -> None:
    check_refused(richard, typed(cast, reason=reason), "reason")


@pytest.mark.parametrize("role", ["999999", "9" * 30, "", "1; DROP TABLE", "importantproject-put"])
def test_a_role_that_is_not_on_the_list_is_refused(cast: Cast, richard: Client, role: str) -> None:
    check_refused(richard, typed(cast, role=role), "role")


def test_the_role_of_somebody_else_is_refused_like_an_unknown_one(cast: Cast, richard: Client) -> None:
    check_refused(richard, typed(cast, role=str(factories.role("somebody-elses").pk)), "role")


def test_a_duration_beyond_the_limit_of_the_role_is_refused_at_its_field(cast: Cast, richard: Client) -> None:
    cast.role.longest_window = timedelta(hours=2)
    cast.role.save()
    check_refused(richard, typed(cast, length="240"), "length")


def test_a_window_beyond_the_contract_is_refused(cast: Cast, richard: Client) -> None:
    Contractor.objects.update(contract_ends_at=NOON + timedelta(minutes=30))
    check_refused(richard, typed(cast), "length")


def test_an_identity_is_refused_where_the_role_needs_none(cast: Cast, richard: Client) -> None:
    cast.role.allows_own_identity = False
    cast.role.save()
    check_refused(richard, typed(cast), "principal")


def test_a_missing_identity_is_refused_where_the_role_needs_one(cast: Cast, richard: Client) -> None:
    cast.role.allows_portal_issued = False
    cast.role.save()
    check_refused(richard, typed(cast, principal=""), "principal")


def test_a_contractor_with_too_many_pending_requests_is_refused(cast: Cast, richard: Client) -> None:
    known = " ".join(str(factories.ask(cast).public_id) for _ in range(5))
    check_refused(richard, typed(cast), "__all__", pointed_out=known)


def test_an_empty_form_says_what_is_missing(cast: Cast, richard: Client) -> None:
    errors: dict[str, Any] = richard.post(ASK, {"length": ""}).context["form"].errors
    assert set(errors) == {"role", "other_length", "reason"}


def test_typed_text_is_never_shown_as_markup(cast: Cast, richard: Client) -> None:
    evil = "<script>alert(1)</script> {{ settings.SECRET_KEY }} {% csrf_token %}"
    shown = [richard.post(ASK, typed(cast, reason=evil, principal="<b>"))]
    richard.post(ASK, typed(cast, reason=evil))
    request = Request.objects.get()
    shown += [richard.get(pages.of(request)), visitor(cast.alice).get(pages.of(request, "approval"))]
    for page in shown:
        assert "<script>alert" not in page.content.decode()
        assert evil in text(page)


def test_a_reason_is_stored_exactly_as_typed(cast: Cast, richard: Client) -> None:
    richard.post(ASK, typed(cast, reason="“Übertragung” 資料 🙂"))
    assert json.dumps(Request.objects.get().reason, ensure_ascii=False) == '"“Übertragung” 資料 🙂"'


class TestObstacles:
    """What prevents a request or an extension whatever is typed is on the form before anything is sent."""

    def test_a_role_in_a_stopped_scope_says_so(self, cast: Cast, richard: Client) -> None:
        assert "access_stopped" not in codes(richard.get(ASK))
        stopping.stop(by=cast.ada, target=Target(Scope.ACCOUNT, cast.role.account), reason="An incident.", now=NOON)
        assert "access_stopped" in codes(richard.get(ASK))

    def test_a_role_whose_end_is_not_enforceable_says_so(self, cast: Cast, richard: Client) -> None:
        factories.update_roles(is_managed=False, can_bypass_expiry=["iam:PutRolePolicy"])
        assert "iam:PutRolePolicy" in text(richard.get(ASK))

    def test_a_person_with_too_many_waiting_requests_is_told(self, cast: Cast, richard: Client) -> None:
        asked = factories.ask(cast)
        factories.like(asked, 4)
        assert "limit of pending requests (5)" in text(richard.get(ASK))

    def test_an_extension_that_is_not_possible_says_why(self, cast: Cast, richard: Client) -> None:
        grant = factories.create_grant(cast)
        path = reverse("request_extend", args=[grant.request.public_id])
        assert "alert" not in richard.get(path).content.decode().split("<h1")[1].split("<dl")[0]
        Contractor.objects.filter(user=cast.richard).update(contract_ends_at=grant.ends_at)
        assert "your contract ends" in text(richard.get(path))
        Contractor.objects.filter(user=cast.richard).update(contract_ends_at=NOON + 300 * DAY)
        stopping.stop(by=cast.ada, target=Target(Scope.PERSON, cast.rita), reason="An incident.", now=NOON)
        assert "Access is stopped" not in text(richard.get(path))
        Stop.objects.create(scope="role", role=cast.role, reason="An incident.", stopped_by=cast.ada, stopped_at=NOON)
        assert "Access is stopped" in text(richard.get(path))

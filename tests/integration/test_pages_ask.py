"""Asking for a role: what is typed well becomes a request, what is typed badly is kept and explained."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from time_machine import TimeMachineFixture

from access.models import Contractor, Request, User
from tests import factories
from tests.factories import DAY, HOUR, NOON, RICHARD_ARN, SECOND, Cast
from tests.integration import pages
from tests.integration.pages import text, visitor

ASK = reverse("request_new")


@pytest.fixture(autouse=True)
def at_noon(time_machine: TimeMachineFixture) -> None:
    time_machine.move_to(NOON, tick=False)


@pytest.fixture
def richard(cast: Cast) -> Client:
    return visitor(cast.richard)


def typed(cast: Cast, **different: str) -> dict[str, str]:
    """Return the form as Richard fills it in: an hour from now on, with a proven identity."""
    wishes = {
        "role": str(cast.role.pk),
        "principal": str(factories.proven(cast.richard).pk),
        "starts_at": "",
        "preset": "60",
        "ends_at": "",
        "reason": "Upload the file.",
    }
    return wishes | different


def local(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S")


def test_richard_asks_for_an_hour_from_now(cast: Cast, richard: Client) -> None:
    answer = richard.post(ASK, typed(cast))
    request = Request.objects.get()
    assert answer["Location"] == pages.of(request)
    assert (request.requester, request.role, request.state) == (cast.richard, cast.role, "pending")
    assert (request.starts_at, request.ends_at) == (NOON, NOON + HOUR)
    assert request.principal is not None
    assert request.principal.arn == RICHARD_ARN
    assert "submitted" in text(richard.get(answer["Location"]))


def test_richard_can_choose_start_and_end(cast: Cast, richard: Client) -> None:
    start, end = NOON + 2 * HOUR, NOON + 3 * HOUR + 30 * SECOND
    richard.post(ASK, typed(cast, preset="typed", starts_at=local(start), ends_at=local(end)))
    request = Request.objects.get()
    assert (request.starts_at, request.ends_at) == (start, end)


def test_a_duration_counts_from_the_chosen_start(cast: Cast, richard: Client) -> None:
    richard.post(ASK, typed(cast, preset="240", starts_at=local(NOON + DAY)))
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
    "s ARN is in a different AWS partition from the account": "arn:aws-cn:iam::222222222222:user/Richard",
    "a blank behind": f"{RICHARD_ARN} ",
    "a line break behind": f"{RICHARD_ARN}\n",
    "a Cyrillic email": RICHARD_ARN.replace("a", "\u0430", 1),
    "full-width digits": RICHARD_ARN.replace("2", "\uff12"),
    "a zero-width blank": RICHARD_ARN.replace("user", "us\u200ber"),
    "eleven digits": "arn:aws:iam::22222222222:user/Richard",
    "a group": "arn:aws:iam::222222222222:group/Everybody",
    "an account that Daypass manages": "arn:aws:iam::111111111111:user/Richard",
    "the role itself": "arn:aws:iam::111111111111:role/daypass/importantproject-put",
    "a path that climbs": "arn:aws:iam::222222222222:user/../Richard",
    "too much": "arn:aws:iam::222222222222:user/" + "x" * 600,
}
BAD_WINDOWS: dict[str, tuple[str, dict[str, str]]] = {
    "reversed": ("ends_at", {"starts_at": local(NOON + 2 * HOUR), "ends_at": local(NOON + HOUR)}),
    "without length": ("ends_at", {"starts_at": local(NOON + HOUR), "ends_at": local(NOON + HOUR)}),
    "in the past": ("starts_at", {"starts_at": local(NOON - HOUR), "ends_at": local(NOON + HOUR)}),
    "over already": ("ends_at", {"ends_at": local(NOON - HOUR)}),
    "too long": ("ends_at", {"ends_at": local(NOON + 8 * HOUR + SECOND)}),
    "too far away": ("starts_at", {"starts_at": local(NOON + 91 * DAY), "ends_at": local(NOON + 91 * DAY + HOUR)}),
    "without an end": ("ends_at", {"ends_at": ""}),
    "not a time at the end": ("ends_at", {"ends_at": "tomorrow"}),
    "not a time at the start": ("starts_at", {"starts_at": "2026-02-30T12:00", "ends_at": local(NOON + HOUR)}),
    "a length that is not offered": ("preset", {"preset": "600000"}),
}
BAD_REASONS = {"none": "", "blanks": " \n\t ", "a control character": "Upload\x1b[2J", "too long": "x" * 2001}


def check_refused(client: Client, form: dict[str, str], field: str) -> None:
    """Assert that the input is refused with a sentence at its field, is still there, and was not stored."""
    before = pages.world()
    answer = client.post(ASK, form)
    assert answer.status_code == 200
    errors = answer.context["form"].errors
    assert list(errors) == [field], errors
    sentence = errors[field][0]
    assert sentence.endswith(".")
    assert sentence in text(answer)
    kept = {name: answer.context["form"][name].value() for name in form}
    assert kept == form | {"role": [form["role"]]}
    assert pages.world() == before


@pytest.mark.parametrize("arn", [RICHARD_ARN, *BAD_ARNS.values()], ids=["a good one", *BAD_ARNS])
def test_no_arn_can_be_typed(cast: Cast, richard: Client, arn: str) -> None:
    check_refused(richard, typed(cast, principal=arn), "principal")


@pytest.mark.parametrize(("field", "window"), BAD_WINDOWS.values(), ids=BAD_WINDOWS)
def test_an_impossible_window_is_refused(cast: Cast, richard: Client, field: str, window: dict[str, str]) -> None:
    check_refused(richard, typed(cast, **{"preset": "typed"} | window), field)


def test_a_start_without_time_left_is_refused(cast: Cast, richard: Client) -> None:
    check_refused(richard, typed(cast, starts_at="9999-12-31T23:30"), "starts_at")


def test_an_hour_is_an_hour_on_the_night_when_clocks_are_put_back(
    cast: Cast, richard: Client, time_machine: TimeMachineFixture
) -> None:
    time_machine.move_to(datetime(2026, 10, 24, 23, 10, tzinfo=UTC), tick=False)
    User.objects.filter(pk=cast.richard.pk).update(time_zone="Europe/Berlin")
    filled_in = local(richard.get(ASK).context["form"]["ends_at"].value())
    assert filled_in == "2026-10-25T02:10:00"  # which comes twice
    richard.post(ASK, typed(cast, time_zone="Europe/Berlin", ends_at=filled_in))
    request = Request.objects.get()
    assert request.ends_at - request.starts_at == HOUR
    refused = richard.post(ASK, typed(cast, time_zone="Europe/Berlin", ends_at=filled_in, preset="typed"))
    assert "twice" in refused.context["form"].errors["ends_at"][0]


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
    check_refused(richard, typed(cast, preset="240"), "preset")


def test_a_window_beyond_the_contract_is_refused(cast: Cast, richard: Client) -> None:
    Contractor.objects.update(contract_ends_at=NOON + timedelta(minutes=30))
    check_refused(richard, typed(cast), "preset")


def test_an_identity_is_refused_where_the_role_needs_none(cast: Cast, richard: Client) -> None:
    cast.role.allows_own_identity = False
    cast.role.save()
    check_refused(richard, typed(cast), "principal")


def test_a_missing_identity_is_refused_where_the_role_needs_one(cast: Cast, richard: Client) -> None:
    cast.role.allows_portal_issued = False
    cast.role.save()
    check_refused(richard, typed(cast, principal=""), "principal")


def test_a_contractor_with_too_many_pending_requests_is_refused(cast: Cast, richard: Client) -> None:
    for _ in range(5):
        factories.ask(cast)
    check_refused(richard, typed(cast), "__all__")


def test_an_empty_form_says_what_is_missing(cast: Cast, richard: Client) -> None:
    errors: dict[str, Any] = richard.post(ASK, {"preset": ""}).context["form"].errors
    assert set(errors) == {"role", "ends_at", "reason"}


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

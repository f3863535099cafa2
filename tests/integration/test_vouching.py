"""Vouching: what a sponsor's voucher is worth, and what the sponsor can no longer decide."""

import pytest

from access import proving
from access.arns import ArnError
from access.ledger.conflicts import Conflict
from access.models import AuditEvent, Grant, Principal, Role, User
from tests import factories
from tests.factories import NOON, RICHARD_ARN, Cast
from tests.integration.pages import text, visitor
from tests.integration.test_pages_ask import BAD_ARNS
from tests.refusals import refusing

VOUCH = "/identities/vouch/"


@pytest.fixture
def lenient(cast: Cast) -> Cast:
    """Return the cast, with a role that accepts vouched identities."""
    Role.objects.update(allows_vouched=True)
    cast.role.refresh_from_db()
    return cast


def vouch(cast: Cast, arn: str = RICHARD_ARN, *, by: User | None = None) -> Principal:
    """Return Richard's ARN as vouched for by Alice, who is the sponsor."""
    return proving.vouch(by=by or cast.alice, contractor=cast.richard.contractor, arn=arn, now=NOON)


def test_the_sponsor_vouches_and_it_is_on_record(cast: Cast) -> None:
    found = vouch(cast)
    assert (found.arn, found.proof, found.vouched_by, found.unique_id) == (RICHARD_ARN, "vouched", cast.alice, "")
    (event,) = AuditEvent.objects.filter(verb="identity.vouched")
    assert (event.actor, event.details) == ("alice@example.com", {"arn": RICHARD_ARN})


@pytest.mark.parametrize("name", ["richard", "rita", "bob", "ada", "mallory"])
def test_only_the_sponsor_can_vouch(cast: Cast, name: str) -> None:
    with refusing("vouch_sponsor_only"):
        vouch(cast, by=getattr(cast, name))
    assert not Principal.objects.exists()


@pytest.mark.parametrize("arn", BAD_ARNS.values(), ids=BAD_ARNS)
def test_an_arn_other_than_a_user_or_role_of_another_account_is_refused_in_the_form_and_below_it(
    cast: Cast, arn: str
) -> None:
    if not arn.startswith("arn:aws-cn:"):  # an identity of another partition may be known, and is refused when asking
        answer = visitor(cast.alice).post(VOUCH, {"contractor": cast.richard.contractor.pk, "arn": arn})
        (shown,) = answer.context["form"].errors.as_data()["arn"]
        with pytest.raises(ArnError) as refused:
            vouch(cast, arn)
        assert shown.code in {refused.value.code, "max_length"}
    assert not Principal.objects.exists()


def test_any_account_of_ours_is_refused(cast: Cast) -> None:
    factories.account("333333333333")
    with refusing("arn_account_managed", ArnError):
        vouch(cast, "arn:aws:iam::333333333333:role/other")


def test_vouching_is_enough_only_where_the_role_allows_it(cast: Cast) -> None:
    found = vouch(cast)
    with refusing("identity_proof_required"):
        factories.ask(cast, principal=found)
    Role.objects.update(allows_vouched=True)
    assert factories.ask(cast, principal=found).principal == found


def test_a_sponsor_who_vouched_cannot_decide_the_requests_for_it_and_others_can(lenient: Cast) -> None:
    request = factories.ask(lenient, principal=vouch(lenient))
    with refusing("own_vouch"):
        factories.approve(lenient, request, by=lenient.alice)
    grant = factories.approve(lenient, request, by=lenient.bob)
    assert grant is not None
    assert grant.principal_unique_id == ""


def test_not_even_a_superuser_decides_requests_of_an_identity_that_they_vouched_for(lenient: Cast) -> None:
    User.objects.filter(pk=lenient.alice.pk).update(is_superuser=True, is_staff=True)
    lenient.alice.refresh_from_db()
    request = factories.ask(lenient, principal=vouch(lenient))
    answer = visitor(lenient.alice).post(
        f"/approvals/{request.public_id}/", {"verdict": "approve", "content_hash": request.content_hash}
    )
    assert answer.status_code == 409
    assert not Grant.objects.exists()


def test_the_approver_sees_who_vouched_and_what_that_does_not_prove(lenient: Cast) -> None:
    request = factories.ask(lenient, principal=vouch(lenient))
    page = text(visitor(lenient.bob).get(f"/approvals/{request.public_id}/"))
    assert "Vouched for by Alice on" in page
    assert "If it belongs to someone else, they get the access." in page


def test_nobody_can_vouch_for_a_proven_identity(cast: Cast) -> None:
    factories.proven(cast.richard)
    with refusing("identity_already_verified", Conflict):
        vouch(cast)


def test_an_identity_of_another_partition_cannot_be_used(lenient: Cast) -> None:
    china = factories.proven(lenient.richard, "arn:aws-cn:iam::222222222222:user/Richard")
    with refusing("identity_partition_differs"):
        factories.ask(lenient, principal=china)


def test_a_second_factor_cannot_be_required_of_a_role(cast: Cast) -> None:
    Role.objects.update(requires_mfa=True)
    role = factories.proven(cast.richard, "arn:aws:iam::222222222222:role/Deploy")
    form = {"role": cast.role.pk, "principal": role.pk, "length": "60", "reason": "Upload."}
    answer = visitor(cast.richard).post("/requests/new/", form)
    assert answer.context["form"].has_error("principal", "identity_without_mfa")
    with refusing("identity_without_mfa"):
        factories.ask(cast, principal=role)
    assert factories.ask(cast, principal=factories.proven(cast.richard)).principal is not None


def test_an_unproven_identity_can_neither_be_requested_nor_approved(cast: Cast) -> None:
    typed = Principal.objects.create(contractor=cast.richard.contractor, arn=RICHARD_ARN)
    with refusing("identity_unverified"):
        factories.ask(cast, principal=typed)
    Principal.objects.all().delete()
    request = factories.ask(cast)
    Principal.objects.update(proof="typed", proven_at=None, unique_id="")
    with refusing("identity_unverified"):
        factories.approve(cast, request)


def test_the_identity_of_somebody_else_cannot_be_used(cast: Cast) -> None:
    with refusing("identity_not_yours"):
        factories.ask(cast, principal=factories.proven(cast.rita))


def test_people_who_sponsor_nobody_do_not_find_the_page(cast: Cast) -> None:
    assert visitor(cast.mallory).get(VOUCH).status_code == 404

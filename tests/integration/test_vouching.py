"""Vouching: a sponsor's word, what it is worth, and what it keeps him from."""

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
    """The role takes a sponsor's word."""
    Role.objects.update(allows_vouched=True)
    cast.role.refresh_from_db()
    return cast


def vouch(cast: Cast, arn: str = RICHARD_ARN, *, by: User | None = None) -> Principal:
    """Alice, who is the sponsor, vouches for Richard's ARN."""
    return proving.vouch(by=by or cast.alice, contractor=cast.richard.contractor, arn=arn, now=NOON)


def test_the_sponsor_vouches_and_it_is_on_record(cast: Cast) -> None:
    found = vouch(cast)
    assert (found.arn, found.proof, found.vouched_by, found.unique_id) == (RICHARD_ARN, "vouched", cast.alice, "")
    (event,) = AuditEvent.objects.filter(verb="identity.vouched")
    assert (event.actor, event.details) == ("alice@example.com", {"arn": RICHARD_ARN})


@pytest.mark.parametrize("name", ["richard", "rita", "bob", "ada", "mallory"])
def test_nobody_but_the_sponsor_vouches(cast: Cast, name: str) -> None:
    with refusing("vouch_sponsor_only"):
        vouch(cast, by=getattr(cast, name))
    assert not Principal.objects.exists()


@pytest.mark.parametrize("arn", BAD_ARNS.values(), ids=BAD_ARNS)
def test_what_is_no_user_or_role_of_another_account_is_refused_in_the_form_and_in_the_core(
    cast: Cast, arn: str
) -> None:
    if not arn.startswith("arn:aws-cn:"):  # an identity of another partition may be known, and is refused when asking
        answer = visitor(cast.alice).post(VOUCH, {"contractor": cast.richard.contractor.pk, "arn": arn})
        (sentence,) = answer.context["form"].errors["arn"]
        assert sentence.endswith(".")
        with pytest.raises(ArnError):
            vouch(cast, arn)
    assert not Principal.objects.exists()


def test_an_account_of_ours_is_refused_whichever(cast: Cast) -> None:
    factories.account("333333333333")
    with pytest.raises(ArnError, match="our own accounts"):
        vouch(cast, "arn:aws:iam::333333333333:role/other")


def test_a_word_is_enough_only_where_the_role_says_so(cast: Cast) -> None:
    found = vouch(cast)
    with refusing("identity_proof_required"):
        factories.ask(cast, principal=found)
    Role.objects.update(allows_vouched=True)
    assert factories.ask(cast, principal=found).principal == found


def test_who_vouched_decides_nothing_that_rests_on_it_and_others_do(lenient: Cast) -> None:
    request = factories.ask(lenient, principal=vouch(lenient))
    with refusing("own_vouch"):
        factories.approve(lenient, request, by=lenient.alice)
    grant = factories.approve(lenient, request, by=lenient.bob)
    assert grant is not None
    assert grant.principal_unique_id == ""


def test_not_even_a_superuser_decides_what_he_vouched_for(lenient: Cast) -> None:
    User.objects.filter(pk=lenient.alice.pk).update(is_superuser=True, is_staff=True)
    lenient.alice.refresh_from_db()
    request = factories.ask(lenient, principal=vouch(lenient))
    answer = visitor(lenient.alice).post(
        f"/approvals/{request.public_id}/", {"verdict": "approve", "content_hash": request.content_hash}
    )
    assert answer.status_code == 409
    assert not Grant.objects.exists()


def test_the_approver_sees_whose_word_it_is_and_what_that_leaves_open(lenient: Cast) -> None:
    request = factories.ask(lenient, principal=vouch(lenient))
    page = text(visitor(lenient.bob).get(f"/approvals/{request.public_id}/"))
    assert "Vouched for by Alice on" in page
    assert "If the sponsor is wrong, someone else gets access." in page


def test_nobody_vouches_for_what_is_proven(cast: Cast) -> None:
    factories.proven(cast.richard)
    with refusing("identity_already_verified", Conflict):
        vouch(cast)


def test_another_partition_cannot_be_asked_with(lenient: Cast) -> None:
    china = factories.proven(lenient.richard, "arn:aws-cn:iam::222222222222:user/Richard")
    with refusing("identity_partition_differs"):
        factories.ask(lenient, principal=china)


def test_a_second_factor_cannot_be_had_from_a_role(cast: Cast) -> None:
    Role.objects.update(requires_mfa=True)
    role = factories.proven(cast.richard, "arn:aws:iam::222222222222:role/Deploy")
    form = {"role": cast.role.pk, "principal": role.pk, "preset": "60", "reason": "Upload."}
    answer = visitor(cast.richard).post("/requests/new/", form)
    (sentence,) = answer.context["form"].errors["principal"]
    assert "requires MFA in AWS" in sentence
    with refusing("identity_without_mfa"):
        factories.ask(cast, principal=role)
    assert factories.ask(cast, principal=factories.proven(cast.richard)).principal is not None


def test_what_is_not_proven_cannot_be_asked_with_nor_approved(cast: Cast) -> None:
    typed = Principal.objects.create(contractor=cast.richard.contractor, arn=RICHARD_ARN)
    with refusing("identity_unverified"):
        factories.ask(cast, principal=typed)
    Principal.objects.all().delete()
    request = factories.ask(cast)
    Principal.objects.update(proof="typed", proven_at=None, unique_id="")
    with refusing("identity_unverified"):
        factories.approve(cast, request)


def test_somebody_elses_identity_cannot_be_asked_with(cast: Cast) -> None:
    with refusing("identity_not_yours"):
        factories.ask(cast, principal=factories.proven(cast.rita))


def test_for_who_sponsors_nobody_there_is_no_such_page(cast: Cast) -> None:
    assert visitor(cast.mallory).get(VOUCH).status_code == 404

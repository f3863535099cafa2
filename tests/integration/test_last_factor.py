"""Nobody loses their last passkey or app: not by any page, and not by two pages at once."""

from collections.abc import Callable
from functools import partial

import pytest
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from django.core import mail
from django.urls import reverse

from access.models import AuditEvent, User
from access.signin.factors import FactorAdapter
from tests import factories
from tests.factories import Cast
from tests.integration.concurrently import run_together
from tests.integration.pages import text, visitor

Make = Callable[[User], Authenticator]
STRONG = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


def passkey(person: User) -> Authenticator:
    return Authenticator.objects.create(user=person, type=Authenticator.Type.WEBAUTHN, data={"name": "a key"})


def app(person: User) -> Authenticator:
    secret = get_adapter().encrypt("JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP")
    return Authenticator.objects.create(user=person, type=Authenticator.Type.TOTP, data={"secret": secret})


def removal(factor: Authenticator) -> str:
    """Return the address of the page that removes this factor."""
    if factor.type == Authenticator.Type.TOTP:
        return reverse("mfa_deactivate_totp")
    return reverse("mfa_remove_webauthn", args=[factor.pk])


def left(person: User) -> int:
    return int(Authenticator.objects.filter(user=person, type__in=STRONG).count())


@pytest.mark.parametrize("make", [passkey, app])
@pytest.mark.parametrize("has_codes", [False, True])
def test_the_last_factor_stays(cast: Cast, make: Make, has_codes: bool) -> None:
    factor = make(cast.alice)
    client = visitor(cast.alice)
    if has_codes:
        codes = {"seed": get_adapter().encrypt("0"), "used_mask": 0}
        Authenticator.objects.create(user=cast.alice, type=Authenticator.Type.RECOVERY_CODES, data=codes)
    before = Authenticator.objects.count()
    answer = client.post(removal(factor), follow=True)
    assert "This is your only second factor. Add another second factor before you remove this one." in text(answer)
    assert Authenticator.objects.count() == before
    assert mail.outbox == []
    assert not AuditEvent.objects.filter(verb="factor.removed").exists()


@pytest.mark.parametrize("make", [passkey, app])
def test_one_of_two_factors_can_be_removed(cast: Cast, make: Make) -> None:
    factor, _kept = make(cast.alice), passkey(cast.alice)
    visitor(cast.alice).post(removal(factor))
    assert not Authenticator.objects.filter(pk=factor.pk).exists()
    assert left(cast.alice) == 1
    assert AuditEvent.objects.filter(verb="factor.removed").count() == 1


@pytest.mark.parametrize("make", [passkey, app])
def test_a_removal_that_skips_the_check_is_undone(cast: Cast, make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(FactorAdapter, "can_delete_authenticator", lambda *_: True)
    factor = make(cast.alice)
    answer = visitor(cast.alice).post(removal(factor), follow=True)
    assert "This is your only second factor. Add another second factor before you remove this one." in text(answer)
    assert left(cast.alice) == 1
    assert not AuditEvent.objects.filter(verb="factor.removed").exists()


@pytest.mark.parametrize("make", [passkey, app])
def test_two_simultaneous_removals_leave_one_factor(commits: None, make: Make) -> None:
    alice = factories.cast().alice
    factors = [make(alice), passkey(alice)]
    clients = [visitor(alice) for _ in factors]
    answers = run_together(*(partial(c.post, removal(f)) for c, f in zip(clients, factors, strict=True)))
    assert all(answer.status_code in {200, 302} for answer in answers)
    assert left(alice) == 1
    assert AuditEvent.objects.filter(verb="factor.removed").count() == 1

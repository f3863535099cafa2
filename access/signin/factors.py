"""Second factors: encrypted in the database, each code valid once, and the last one never removed."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import qrcode
import structlog
from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter, get_adapter
from allauth.mfa.base import forms as base
from allauth.mfa.models import Authenticator
from allauth.mfa.totp import forms as totp
from allauth.mfa.webauthn import forms as webauthn
from django.core.exceptions import ValidationError
from django.db import Error
from django.forms import HiddenInput, JSONField
from django.utils.safestring import mark_safe
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from qrcode.image.svg import SvgPathImage

from access import clock, limits, recipients
from access.auth import client_address, guessing, questions, ways
from access.encryption import decrypt, encrypt
from access.models import User

log = structlog.get_logger(__name__)

STRONG = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
# Daypass accepts a code one step of 30 s early or late (MFA_TOTP_TOLERANCE), so remember it for longer than three
# steps.
CODE_LIFE = timedelta(seconds=120)


class FactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]  # allauth ships no types
    """Seals what is secret and keeps everybody at least one second factor."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "cannot_delete_authenticator": _(
            "This is your only second factor. Add another second factor before you remove this one."
        ),
        "incorrect_code": _("This code is wrong or has already been used. Wait for the next code."),
        "not_discoverable": _(
            "This device cannot keep a passkey that signs you in by itself. Use another device or security key."
        ),
    }

    def encrypt(self, text: str) -> str:
        return encrypt(text)

    def decrypt(self, encrypted_text: str) -> str:
        return decrypt(encrypted_text)

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        others = Authenticator.objects.filter(user_id=authenticator.user_id, type__in=STRONG)
        return bool(others.exclude(pk=authenticator.pk).exists())

    def generate_authenticator_name(self, user: User, type: Authenticator.Type) -> str:  # noqa: A002  # allauth's name
        number = Authenticator.objects.filter(user_id=user.pk, type=type).count() + 1
        return gettext("Passkey {number}").format(number=number)

    def build_totp_svg(self, url: str) -> str:
        """Return the QR code as an element of the page: pictures from data: addresses are not allowed here."""
        svg = str(qrcode.make(url, image_factory=SvgPathImage).to_string(encoding="unicode"))
        return mark_safe(svg)  # noqa: S308  # nosec B308, B703  # drawn by the library; the text is black squares in it


class _OnceMixin:
    """A code that was taken is spent, whatever form takes it."""

    user: User
    authenticator: Authenticator | None = None  # unknown while the first one is being set up

    def clean_code(self) -> str:
        try:
            return self._clean_code()
        except ValidationError:
            client_address.note_failed_sign_in(context.request, self.user, why="code")
            raise

    def _clean_code(self) -> str:
        attempt = guessing.begin(context.request, limits.FAILED_CODES, [recipients.account_of(self.user)])
        try:
            code = self._check_code()
            self._check_unspent(code)
        except ValidationError:
            attempt.fail(context.request)
            raise
        attempt.refund()
        return code

    def _check_code(self) -> str:
        return str(super().clean_code())  # type: ignore[misc]  # the form's own check

    def _check_unspent(self, code: str) -> None:
        """Raise ValidationError when the code was used before; allauth itself marks recovery codes as used."""
        if self.authenticator is not None and self.authenticator.type == Authenticator.Type.RECOVERY_CODES:
            return
        # allauth accepts a code with spaces or dashes between its digits. Treat it as the same code.
        now, digits = clock.now(), re.sub(r"[^0-9]", "", code)
        if not limits.spend("code", f"{self.user.pk} {digits}", until=now + CODE_LIFE, now=now):
            raise get_adapter().validation_error("incorrect_code")


class AuthenticateForm(_OnceMixin, base.AuthenticateForm):  # type: ignore[misc]
    pass


class ReauthenticateForm(_OnceMixin, base.ReauthenticateForm):  # type: ignore[misc]
    """Takes a recovery code only where it opens the session; where something is confirmed, none is used up."""

    def _check_code(self) -> str:
        kinds = questions.factor_kinds(context.request)
        if ways.takes_recovery_code(context.request, kinds):
            return super()._check_code()
        app = Authenticator.objects.filter(user=self.user, type=Authenticator.Type.TOTP).first()
        code = str(self.cleaned_data["code"])
        if app is None or not app.wrap().validate_code(code):
            raise get_adapter().validation_error("incorrect_code")
        app.user, self.authenticator = self.user, app
        return code


class ActivateTOTPForm(_OnceMixin, totp.ActivateTOTPForm):  # type: ignore[misc]
    pass


class _PasskeyMixin:
    """A passkey that is not taken is counted; whose it would be is known only where a password came before."""

    user: User | None

    def clean_credential(self) -> Authenticator:
        try:
            return self._clean_credential()
        except ValidationError:
            client_address.note_failed_sign_in(context.request, self.user, why="passkey")
            raise

    def _clean_credential(self) -> Authenticator:
        attempt = guessing.begin_passkey(context.request, self.user)
        found: Authenticator = _read(super().clean_credential)  # type: ignore[misc]  # the form's own check
        attempt.refund()
        return found


def _read(read: Callable[[], Any]) -> Any:
    """Return what the form reads; raises ValidationError, for what strangers send ends in whatever the parsers
    raise.
    """
    try:
        return read()
    except (ValidationError, Error):
        raise
    except Exception as error:
        log.warning("passkey.unreadable", reason=type(error).__name__)
        raise get_adapter().validation_error("incorrect_code") from None


class _CredentialField(JSONField):
    """What a browser says of a passkey; Django's own field breaks on numbers and lists that Python does not read."""

    def __init__(self) -> None:
        super().__init__(required=True, widget=HiddenInput)

    def to_python(self, value: Any) -> Any:
        try:
            return super().to_python(value)
        except (ValueError, RecursionError):
            raise ValidationError(self.error_messages["invalid"], code="invalid") from None

    def bound_data(self, data: Any, initial: Any) -> Any:  # noqa: ARG002 - as Django calls it
        """Return what the form shows again: nothing, for a ceremony cannot be repeated."""
        return initial


class AddWebAuthnForm(webauthn.AddWebAuthnForm):  # type: ignore[misc]
    """Takes only passkeys that sign in without a password: the device finds them, and has checked its owner."""

    credential = _CredentialField()
    passwordless = None  # no choice

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["name"].label = _("Name")

    def clean(self) -> dict[str, Any]:
        self.cleaned_data["passwordless"] = True  # so allauth checks that the device knows its owner
        cleaned = dict(_read(super().clean))
        # Not every browser says so; what was asked for is a discoverable passkey.
        extensions = _read(lambda: dict(cleaned["credential"].get("clientExtensionResults") or {}))
        if _read(lambda: dict(extensions.get("credProps") or {}).get("rk")) is False:
            raise get_adapter().validation_error("not_discoverable")
        return cleaned


class AuthenticateWebAuthnForm(_PasskeyMixin, webauthn.AuthenticateWebAuthnForm):  # type: ignore[misc]
    credential = _CredentialField()


class LoginWebAuthnForm(_PasskeyMixin, webauthn.LoginWebAuthnForm):  # type: ignore[misc]
    credential = _CredentialField()


class ReauthenticateWebAuthnForm(_PasskeyMixin, webauthn.ReauthenticateWebAuthnForm):  # type: ignore[misc]
    credential = _CredentialField()

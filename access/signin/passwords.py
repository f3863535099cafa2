"""Changes of a password: guesses at the current password are limited, and a reset link works once."""

from allauth.account import forms
from allauth.core import context
from django.core.exceptions import ValidationError

from access import limits, recipients
from access.auth import client_address, guessing
from access.models import User


class ChangePasswordForm(forms.ChangePasswordForm):  # type: ignore[misc]  # allauth ships no types
    """Counts what does not work with the failed sign-ins of the account; a locked account's password is not judged."""

    user: User

    def clean_oldpassword(self) -> str:
        try:
            attempt = guessing.begin(context.request, limits.FAILED_PASSWORDS, [recipients.account_of(self.user)])
        except ValidationError:
            client_address.note_failed_sign_in(context.request, self.user, why="too_often")
            raise
        try:
            former = str(super().clean_oldpassword())
        except ValidationError:
            client_address.note_failed_sign_in(context.request, self.user, why="password")
            attempt.fail(context.request)
            raise
        attempt.refund()
        return former

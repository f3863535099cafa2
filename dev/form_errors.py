"""The errors that Django's and allauth's own fields, forms and password rules find: code, sentence, reader, remedy.

Found in the forms themselves. A code without a line in FIXES or NOT_SHOWN is an error, and so is a line without a code.
"""

import os
from collections import defaultdict
from collections.abc import Iterable, Iterator

import django
from django.apps import apps
from django.contrib import auth
from django.core.exceptions import ValidationError
from django.forms import BaseForm, Field
from django.utils.module_loading import import_string

from access.texts.catalogue import TEMPLATES
from access.texts.template import Reader

# What to do about an error whose own sentence does not say it.
FIXES = {
    "email_password_mismatch": "Check both, or reset the password.",
    "enter_current_password": "Enter the password that you sign in with.",
    "incorrect_code": "Enter the code that the app shows now.",
    "incorrect_password": "Enter the password that you sign in with.",
    "invalid": "Enter a value such as the one in the field's help.",
    "invalid_list": "Reload the page and choose from the list.",
    "invalid_password_reset": "Request a new link.",
    "invalid_pk_value": "Reload the page and choose from the list.",
    "max_length": "Shorten the text.",
    "max_value": "Enter a smaller number.",
    "min_value": "Enter a larger number.",
    "null_characters_not_allowed": "Type the text again.",
    "password_too_common": "Choose another password.",
    "password_too_similar": "Choose a password without your name or email address.",
    "required": "Fill in the field.",
}
# Sentences of allauth about what Daypass has not, by what that is.
NOT_SHOWN = {
    "sign-up and changes of email addresses": {
        "add_email_blocked", "cannot_remove_primary_email", "duplicate_email", "email_taken", "max_email_addresses",
        "same_as_current", "select_only_one", "unknown_email", "unverified_email", "unverified_primary_email",
    },
    "telephone numbers": {"phone_password_mismatch", "phone_taken", "unknown_phone"},
    "user names": {"username_blacklisted", "username_password_mismatch", "username_taken"},
    "codes by email, and links for more than one purpose": {"invalid_login", "invalid_or_expired_key"},
    "buttons that are not shown": {"cannot_generate_recovery_codes"},
}  # fmt: skip
# The people who use the forms of a module.
READERS = {
    "access.auth.guessing": Reader.ANYONE,
    "access.forms.accounts": Reader.ADMINISTRATOR,
    "access.forms.approval_settings": Reader.INTERNAL,
    "access.forms.approve_with_changes": Reader.APPROVER,
    "access.forms.audit": Reader.ANYONE,
    "access.forms.break_glass": Reader.INTERNAL,
    "access.forms.people": Reader.ANYONE,
    "access.forms.policies": Reader.ADMINISTRATOR,
    "access.forms.proving": Reader.ANYONE,
    "access.forms.recipes": Reader.ADMINISTRATOR,
    "access.forms.requests": Reader.ANYONE,
    "access.forms.roles": Reader.ADMINISTRATOR,
    "access.forms.stopping": Reader.ADMINISTRATOR,
    "access.forms.times": Reader.ANYONE,
    "access.signin.factors": Reader.ANYONE,
    "access.signin.passwords": Reader.ANYONE,
}
# Of allauth's own forms, those on pages of Daypass.
OF_ALLAUTH = (
    "allauth.account.forms.LoginForm",
    "allauth.account.forms.ReauthenticateForm",
    "allauth.account.forms.ResetPasswordKeyForm",
    "allauth.mfa.totp.forms.DeactivateTOTPForm",
    "allauth.mfa.webauthn.forms.EditWebAuthnForm",
)
_NUMBERS = {"limit_value": 987654, "show_value": 876543}  # stand for the numbers in sentences that have plurals
Found = dict[tuple[str, str], set[Reader]]


def table() -> list[tuple[str, str, str, str]]:
    """Return code, what is wrong, what to do and who sees it, in alphabetical order; raise LookupError for a sentence
    without a remedy, and for a line here that nothing needs.
    """
    hidden = set().union(*NOT_SHOWN.values())
    found = _found()
    shown = {key: readers for key, readers in found.items() if key[0] not in hidden}
    needed = {code for code, sentence in shown if not sentence.partition(". ")[2]}
    wrong = (needed ^ set(FIXES)) | (hidden - {code for code, _ in found})
    if wrong:
        raise LookupError(f"Errors of forms without a line in dev.form_errors, or lines without one: {sorted(wrong)}")
    return [_row(*key, shown[key]) for key in sorted(shown)]


def _row(code: str, sentence: str, readers: Iterable[Reader]) -> tuple[str, str, str, str]:
    fact, _, remedy = sentence.partition(". ")
    if fact.startswith("Select "):  # Django's sentence about choices begins with the remedy
        fact, remedy = remedy.rstrip("."), f"{fact}."
    seen = {Reader.ANYONE} if Reader.ANYONE in readers else readers
    whole = f"{fact.rstrip('.')}."
    return code, whole, remedy or FIXES[code], ", ".join(sorted(seen))


def _found() -> Found:
    """Return who sees each code with each of its sentences, those of the catalogue left out."""
    found: Found = defaultdict(set)
    for form, reader in _forms():
        for field in getattr(form, "base_fields", {}).values():
            for code, sentence in _of_field(field):
                found[code, sentence].add(reader)
    for adapter in ("access.signin.account.AccountAdapter", "access.signin.factors.FactorAdapter"):
        for code, sentence in import_string(adapter).error_messages.items():
            found[code, _plain(sentence)].add(Reader.ANYONE)
    for code, sentence in _of_passwords():
        found[code, sentence].add(Reader.ANYONE)
    return {key: readers for key, readers in found.items() if key[0] not in TEMPLATES}


def _forms() -> Iterator[tuple[type[BaseForm], Reader]]:
    if not apps.ready:
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
        django.setup()
    import_string("access.urls.urlpatterns")
    for form in sorted(set(_below(BaseForm)), key=lambda one: one.__qualname__):
        if form.__module__.startswith("access."):
            yield form, READERS[form.__module__]
    for name in OF_ALLAUTH:
        yield import_string(name), Reader.ANYONE


def _below(form: type[BaseForm]) -> Iterator[type[BaseForm]]:
    for each in form.__subclasses__():
        yield each
        yield from _below(each)


def _of_field(field: Field) -> Iterator[tuple[str, str]]:
    for code, sentence in field.error_messages.items():
        yield code, _plain(sentence)
    for validator in field.validators:
        if code := getattr(validator, "code", ""):
            yield code, _plain(getattr(validator, "message", ""))


def _of_passwords() -> Iterator[tuple[str, str]]:
    """Yield the codes of Django's rules for passwords, each with its sentence about a password that breaks it."""
    person = auth.get_user_model()(email="richard@example.com", name="Richard Contractor")
    for rule in import_string("django.contrib.auth.password_validation.get_default_password_validators")():
        for password in ("richard@example.com", "1", "password1234", "qwertyuiop123"):
            try:
                rule.validate(password, person)
            except ValidationError as error:
                yield str(error.error_list[0].code), " ".join(error.messages)


def _plain(sentence: object) -> str:
    """Return a sentence with its facts in braces."""
    try:
        said = str(sentence % _NUMBERS)  # type: ignore[operator]  # a lazy text
    except (KeyError, TypeError, ValueError):
        said = str(sentence)
    for name, number in _NUMBERS.items():
        said = said.replace(str(number), f"{{{name}}}")
    return said.replace("%(value)s", "{value}").replace("%(pk)s", "{pk}")

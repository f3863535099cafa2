"""Find the account or mailbox that an email address belongs to, so that limits apply per account or mailbox."""

import re
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager

from allauth.account.internal.userkit import filter_users_by_email
from django.utils import timezone, translation

from access import languages, zones
from access.models import User


def accounts_of(email: str) -> list[str]:
    """Return what tries at this email are counted under: the accounts that it opens, or the email where there is none.

    The accounts are found as a sign-in finds them, so another spelling is no other account.
    """
    found: list[User] = filter_users_by_email(email, for_login=True)
    return [account_of(user) for user in sorted(found, key=lambda user: user.pk)] or [f"email:{email.lower()}"]


def recipients_of(email: str) -> list[str]:
    """Return what emails to this address are counted under: the accounts that it opens, or its mailbox if none."""
    found: list[User] = filter_users_by_email(email, for_login=True)
    return [account_of(user) for user in sorted(found, key=lambda user: user.pk)] or [f"mailbox:{mailbox_of(email)}"]


@contextmanager
def reader_of(email: str) -> Iterator[None]:
    """Render an email to this address: times are in the person's time zone, or UTC; texts in their language.

    That is the language that they chose, or the one that their browser asked for last.
    """
    rows = User.objects.filter(email=email).values_list("time_zone", "language", "browser_language")
    zone, *codes = rows.first() or (zones.UTC_NAME,)
    with timezone.override(zones.place(zone)), translation.override(languages.first_known(*codes)):
        yield


def account_of(person: User) -> str:
    """Return the name under which tries at somebody's account are counted."""
    return f"person:{person.pk}"


def mailbox_of(email: str) -> str:
    """Return the mailbox that an address most likely leads to: other spellings of it are no other recipient."""
    local, _, domain = unicodedata.normalize("NFKC", email).strip().lower().rpartition("@")
    if local.startswith('"'):
        local = re.sub(r"\\(.)", r"\1", local[1:].removesuffix('"'))  # a quoted string. [RFC 5321, 4.1.2]
    mailbox = local.partition("+")[0]
    try:
        return f"{mailbox}@{domain.encode('idna').decode()}"
    except UnicodeError:
        return f"{mailbox}@{domain}"

"""Find the account or mailbox that an email address belongs to, so that limits apply per account or mailbox."""

import re
import unicodedata

from allauth.account.internal.userkit import filter_users_by_email
from django.utils import timezone

from access import zones
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


def in_zone_of(email: str) -> timezone.override:
    """Return the context in which an email to this address is rendered: times are in the person's time zone, or UTC."""
    zone = User.objects.filter(email=email).values_list("time_zone", flat=True).first()
    return timezone.override(zones.place(zone or zones.UTC_NAME))


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

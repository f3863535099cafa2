"""Emails for forgotten passwords. The page only asks for one; the worker finds out whether there is an account."""

from datetime import datetime, timedelta

from allauth.account.forms import default_token_generator
from allauth.account.internal.userkit import filter_users_by_email
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.urls import reverse

from access import limits, pauses, recipients
from access.ledger.reset_emails import (
    delete_old_reset_emails,
    delete_reset_email,
    mark_reset_email_tried,
    store_reset_email,
)
from access.models import Invitation, ResetEmail, User
from access.notifications.emails import send

TRY_AGAIN_AFTER = timedelta(minutes=10)
GIVE_UP_AFTER = timedelta(hours=1)  # anybody who still needs the email has requested another one
AT_ONCE = 100


def ask(email: str, *, now: datetime) -> int:
    """Store that somebody asked for a new password, and return the id for the worker."""
    return store_reset_email(email, now=now)


def due(*, now: datetime) -> list[int]:
    """Return the ids of emails to send, the first of them; delete rows older than GIVE_UP_AFTER."""
    delete_old_reset_emails(age=GIVE_UP_AFTER, now=now)
    return list(_free(now=now).order_by("pk").values_list("pk", flat=True)[:AT_ONCE])


def answer(reset_email_id: int, *, now: datetime) -> None:
    """Send the email that was asked for, unless its recipient had too many, and delete the row.

    What the mail server does not take stays, and is tried again later.
    """
    with transaction.atomic():
        row = _free(now=now).select_for_update().filter(pk=reset_email_id).first()
        if row is None:
            return
        is_within = row.tried_at is not None or _is_within_limits(row.email, now=now)
        mark_reset_email_tried(row, now=now)
    if not is_within or _send(row.email):
        delete_reset_email(row)


def _free(*, now: datetime) -> QuerySet[ResetEmail]:
    """Return the rows that no worker has tried lately."""
    return ResetEmail.objects.filter(Q(tried_at=None) | pauses.not_recent("tried_at", within=TRY_AGAIN_AFTER, now=now))


def _is_within_limits(email: str, *, now: datetime) -> bool:
    counted = [(limits.RESETS_OF_ACCOUNT, whose) for whose in recipients.accounts_of(email)]
    counted += [(limits.RESETS_OF_RECIPIENT, whose) for whose in recipients.recipients_of(email)]
    return all(limits.take(limit, whose, now=now) for limit, whose in counted)


def _send(email: str) -> bool:
    """Send the link to everybody whose address this is, or say that there is no account or no password."""
    people: list[User] = filter_users_by_email(email, is_active=True, prefer_verified=True, for_login=True)
    if not people:
        return send("no_account", email, {"email": email})
    sent = [_send_to(person, email) for person in people]
    return all(sent)


def _send_to(person: User, email: str) -> bool:
    # A person who uses single sign-on has no password, and cannot set one with a link. A person who was invited can, if
    # they chose a passkey, because the passkey can be lost.
    if not person.has_usable_password() and not Invitation.objects.filter(accepted_by=person).exists():
        return send("no_password", email, {})
    parts = {"uidb36": user_pk_to_url_str(person), "key": default_token_generator.make_token(person)}
    page = settings.BASE_URL + reverse("account_reset_password_from_key", kwargs=parts)
    return send("new_password", email, {"page": page})

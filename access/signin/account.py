"""Daypass's rules for allauth: nobody can sign up without an invitation, and sign-ins and sign-outs are recorded."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.authentication import get_authentication_records
from allauth.core.exceptions import ImmediateHttpResponse
from django.contrib import messages
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from access import clock, limits, recipients, wording
from access.auth import client_address, confirmed, guessing, known_browsers, ways
from access.ledger import sessions as ledger_sessions
from access.ledger.sessions import Outdated, close_session, lock_person, open_session
from access.models import User
from access.signin import sessions
from access.texts.text import Text


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth ships no types
    def is_reauthentication_required(self, *, app: str, **facts: Any) -> bool:  # noqa: ARG002 - as allauth calls it
        """Return whether allauth asks who it is: not where Daypass has asked already."""
        return not confirmed.is_marked(self.request)

    def get_reauthentication_methods(self, user: User | AnonymousUser) -> list[dict[str, Any]]:
        """Return the ways to confirm in the order in which Daypass asks: a passkey, a code, the password."""
        if not user.is_authenticated:
            return []
        offered = {way["id"]: way for way in super().get_reauthentication_methods(user)}
        return [offered[way] for way in ways.ways_of(self.request) if way in offered]

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send a notice about an account in the language and the time zone of the person, whatever the page has."""
        with recipients.reader_of(email):
            super().send_mail(template_prefix, email, context)

    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002  # the signature is allauth's
        """Return False: internal users invite people; nobody can sign up from outside."""
        return False

    def authenticate(self, request: HttpRequest, **credentials: Any) -> User | None:
        """Return the person whose password this is; what does not work is counted, for an unknown address alike."""
        accounts = recipients.accounts_of(credentials.get("email", ""))
        try:
            attempt = guessing.begin(request, limits.FAILED_PASSWORDS, accounts)
        except ValidationError:
            self._note_failure(request, "too often", **credentials)
            raise
        user: User | None = super().authenticate(request, **credentials)
        if user is None:
            self._note_failure(request, "password", **credentials)
            attempt.fail(request)
        else:
            attempt.refund()
        return user

    def _note_failure(self, request: HttpRequest, why: str, **credentials: Any) -> None:
        person = User.objects.filter(email__iexact=credentials.get("email", "")).first()
        client_address.note_failed_sign_in(request, person, why=why)

    def respond_user_inactive(self, request: HttpRequest, user: User) -> HttpResponse:
        client_address.note_failed_sign_in(request, user, why="disabled")
        page: HttpResponse = super().respond_user_inactive(request, user)
        return page

    def pre_login(self, request: HttpRequest, user: User, **facts: Any) -> HttpResponse | None:
        """Return allauth's refusal, if any; else note whose sign-in begins, with which password, in the session."""
        refusal: HttpResponse | None = super().pre_login(request, user, **facts)
        if refusal is None:
            sessions.begin_sign_in(request.session, user)
        return refusal

    def login(self, request: HttpRequest, user: User) -> None:
        """Sign in, on record: without the record there is no session.

        Raises ImmediateHttpResponse when the account is disabled, the password is another one than the sign-in began
        with, or the sign-in was ended with the other sessions. The lock makes each of these come before or after.
        """
        with transaction.atomic():
            present = lock_person(user)
            is_good = present.is_active and sessions.is_sign_in_good(request.session, present)
            if is_good:
                self._open_session(request, present)
        if not is_good:
            raise ImmediateHttpResponse(self._end_sign_in(request, present))

    def _open_session(self, request: HttpRequest, user: User) -> None:
        super().login(request, user)
        request.session.pop(sessions.SIGN_IN, None)
        request.session["address"] = client_address.address_of(request)
        request.session["user_agent"] = request.headers.get("User-Agent", "")[:200]
        request.session.setdefault("began_at", clock.now().timestamp())
        request.session.save()  # store it now and not with the response, so that ending sessions finds it
        used = [record.get("type") or record["method"] for record in get_authentication_records(request, user)]
        limits.forget(limits.RESETS_OF_RECIPIENT, recipients.account_of(user))  # earlier links are invalid now
        open_session(user, ways=used, address=client_address.address_of(request), now=clock.now())

    def _end_sign_in(self, request: HttpRequest, user: User) -> HttpResponse:
        request.session.flush()
        if not user.is_active:
            return self.respond_user_inactive(request, user)
        client_address.note_failed_sign_in(request, user, why="ended")
        messages.error(request, wording.coded(Text("sign_in_ended")))
        return redirect("account_login")

    def post_login(self, request: HttpRequest, user: User, **facts: Any) -> HttpResponse:
        """Return allauth's answer, with the cookie of a browser in which password and second factor were used."""
        response: HttpResponse = super().post_login(request, user, **facts)
        known_browsers.remember(request, response, user)
        return response

    def logout(self, request: HttpRequest) -> None:
        person = request.user
        super().logout(request)
        if isinstance(person, User):
            close_session(person, address=client_address.address_of(request), now=clock.now())

    def set_password(self, user: User, password: str) -> None:
        """Store a new password, on record; a link that came by email also ends the lock on the account."""
        try:
            ledger_sessions.set_password(
                user,
                password,
                address=client_address.address_of(self.request),
                is_reset=not self.request.user.is_authenticated,
                now=clock.now(),
            )
        except Outdated:
            messages.error(self.request, wording.coded(Text("password_change_outdated")))
            raise ImmediateHttpResponse(redirect("account_reset_password")) from None
        limits.forget(limits.RESETS_OF_RECIPIENT, recipients.account_of(user))
        if not self.request.user.is_authenticated:
            limits.forget(limits.FAILED_PASSWORDS, recipients.account_of(user))

"""How allauth behaves here: nobody signs up by himself, and coming and going are on record."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.authentication import get_authentication_records
from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from access import clock, ledger, limits
from access.models import User
from access.views import guessing, known_browsers, visitors


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth ships no types
    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002  # the signature is allauth's
        """Say no: accounts are made by those inside, there is no way in from outside."""
        return False

    def authenticate(self, request: HttpRequest, **credentials: Any) -> User | None:
        """Give the person whose password this is; what does not work is counted, for an unknown address alike."""
        accounts = guessing.accounts_of(credentials.get("email", ""))
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
            attempt.give_back()
        return user

    def _note_failure(self, request: HttpRequest, why: str, **credentials: Any) -> None:
        person = User.objects.filter(email__iexact=credentials.get("email", "")).first()
        visitors.note_failed_sign_in(request, person, why=why)

    def respond_user_inactive(self, request: HttpRequest, user: User) -> HttpResponse:
        visitors.note_failed_sign_in(request, user, why="switched off")
        page: HttpResponse = super().respond_user_inactive(request, user)
        return page

    def login(self, request: HttpRequest, user: User) -> None:
        """Sign in, on record: without the record there is no session."""
        super().login(request, user)
        request.session["address"] = visitors.address_of(request)
        request.session["user_agent"] = request.headers.get("User-Agent", "")[:200]
        request.session.setdefault("began_at", clock.now().timestamp())
        ways = [record.get("type") or record["method"] for record in get_authentication_records(request, user)]
        ledger.open_session(user, ways=ways, address=visitors.address_of(request), now=clock.now())

    def post_login(self, request: HttpRequest, user: User, **facts: Any) -> HttpResponse:
        """Return allauth's answer, with the cookie of a browser in which password and second factor were used."""
        response: HttpResponse = super().post_login(request, user, **facts)
        known_browsers.remember(request, response, user)
        return response

    def logout(self, request: HttpRequest) -> None:
        person = request.user
        super().logout(request)
        if isinstance(person, User):
            ledger.close_session(person, address=visitors.address_of(request), now=clock.now())

    def set_password(self, user: User, password: str) -> None:
        """Store a new password, on record; a link that came by email also ends the lock on the account."""
        ledger.set_password(
            user,
            password,
            address=visitors.address_of(self.request),
            is_reset=not self.request.user.is_authenticated,
            now=clock.now(),
        )
        if not self.request.user.is_authenticated:
            limits.forget(limits.FAILED_PASSWORDS, guessing.account_of(user))

    def get_reset_password_from_key_url(self, key: str) -> str:
        """Return the link of a password reset, on DAYPASS_URL."""
        uidb36, _, rest = key.partition("-")
        path = reverse("account_reset_password_from_key", kwargs={"uidb36": uidb36, "key": rest})
        return f"{settings.BASE_URL}{path}"

    def send_password_reset_mail(self, user: User, email: str, context: dict[str, Any]) -> None:
        """Send the link, or to those who come by single sign-on that they have no password: no link gives them one."""
        if user.has_usable_password():
            super().send_password_reset_mail(user, email, context)
        else:
            self.send_mail("account/email/no_password", email, {})

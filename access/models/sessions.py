"""Sessions of the portal, and known browsers. Cookies contain keys, and the rows contain only hashes of them."""

import hashlib
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth import HASH_SESSION_KEY
from django.contrib.sessions.base_session import AbstractBaseSession, BaseSessionManager
from django.db import models
from django.db.models import F, Q
from django.utils.crypto import constant_time_compare
from django.utils.module_loading import import_string

from access.models.people import User

KNOWN_FOR = timedelta(days=90)
MOST_FAILURES = 5


def hash_of_key(key: str) -> str:
    """Return the SHA-256, in hex, under which the row of a cookie's key is found."""
    return hashlib.sha256(key.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class OpenSession:
    """What a person is shown of one of their sessions; `name` is the row's, and opens nothing."""

    name: str
    began_at: datetime
    address: str
    user_agent: str


class SessionManager(BaseSessionManager["Session"]):
    def open_of(self, person: User, *, now: datetime) -> Iterator[OpenSession]:
        """Yield the sessions in which this person is signed in, the oldest first."""
        rows = self.filter(person=person, expire_date__gt=now)
        valid = [person.get_session_auth_hash(), *person.get_session_auth_fallback_hash()]
        found = [
            OpenSession(
                row.session_key,
                datetime.fromtimestamp(float(data.get("began_at", now.timestamp())), UTC),
                str(data.get("address", "")),
                str(data.get("user_agent", "")),
            )
            for row, data in ((row, row.get_decoded()) for row in rows)
            if any(constant_time_compare(data.get(HASH_SESSION_KEY, ""), one) for one in valid)
        ]
        yield from sorted(found, key=lambda session: session.began_at)


class Session(AbstractBaseSession):
    """Django's session with the person who is signed in; what else it holds is sealed."""

    session_key = models.CharField("SHA-256 of the key", max_length=64, primary_key=True)
    person = models.ForeignKey(User, on_delete=models.CASCADE, null=True, related_name="+")

    objects: ClassVar[SessionManager] = SessionManager()

    class Meta:
        db_table = "access_session"

    @classmethod
    def get_session_store_class(cls) -> Any:
        return import_string(f"{settings.SESSION_ENGINE}.SessionStore")


class KnownBrowserQuerySet(models.QuerySet["KnownBrowser"]):
    def live(self, *, now: datetime) -> "KnownBrowserQuerySet":
        """Return those that have tries left, apart from a change of their account that ends them."""
        return self.filter(failures__lt=MOST_FAILURES, expires_at__gt=now, person__is_active=True)


class KnownBrowser(models.Model):
    """A browser in which somebody signed in with password and second factor. It has its own count of failures for this
    one account, so that nobody else's failures lock its owner out. It proves nothing: both are still asked for.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    person = models.ForeignKey(User, on_delete=models.CASCADE, related_name="known_browsers")
    token_hash = models.CharField(max_length=64, unique=True, help_text="SHA-256 of the cookie.")
    stamp = models.CharField(max_length=64, help_text="Hash of the password and factors with which it was made.")
    failures = models.PositiveSmallIntegerField(default=0)
    address = models.CharField(max_length=64, blank=True)
    user_agent = models.CharField(max_length=200, blank=True)
    signed_in_at = models.DateTimeField(help_text="The last time with password and second factor.")
    expires_at = models.DateTimeField(db_index=True)

    objects = KnownBrowserQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(name="known_browser_fails_so_often", condition=Q(failures__lte=MOST_FAILURES)),
            models.CheckConstraint(
                name="known_browser_expires",
                condition=Q(expires_at__gt=F("signed_in_at")),
            ),
        ]

    def __str__(self) -> str:
        return f"browser of {self.person}"

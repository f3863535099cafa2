"""Sessions in the database, found by the hash of their key. A copy of the rows opens no session.

A row names the person who is signed in, or who has begun to sign in and has not used a second factor yet. Ending a
person's sessions ends both.
"""

from datetime import datetime, timedelta
from typing import Any

from asgiref.sync import sync_to_async
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends import db
from django.contrib.sessions.backends.base import SessionBase
from django.utils.crypto import constant_time_compare

from access import clock
from access.ledger.sessions import delete_session, rename_session
from access.models import Session, User
from access.models.sessions import hash_of_key

# How long a session without a signed-in person lasts: for a challenge, a second factor, or single sign-on.
WITHOUT_PERSON = timedelta(minutes=15)
SIGN_IN = "signing_in"


def begin_sign_in(session: SessionBase, person: User) -> None:
    """Note in the session who signs in, and a keyed hash of the password that was judged."""
    session[SIGN_IN] = {"person": person.pk, "password": person.get_session_auth_hash()}


def is_sign_in_good(session: SessionBase, person: User) -> bool:
    """Return whether the sign-in that this session began is of this person and their password of now, and nobody ended
    the session since. `person` is read under a lock.
    """
    begun = session.get(SIGN_IN, {})
    if begun.get("person") != person.pk:
        return False
    is_same = constant_time_compare(begun["password"], person.get_session_auth_hash())
    # A session without a key began with this request.
    return is_same and (session.session_key is None or session.exists(session.session_key))


class SessionStore(db.SessionStore):
    """Django's store of sessions. `session_key` is the key of the cookie; every row is named by its SHA-256."""

    # Django's asynchronous methods would write to the rows directly. These methods call the synchronous ones below.
    aload, aexists, acreate = SessionBase.aload, SessionBase.aexists, SessionBase.acreate
    asave, adelete = SessionBase.asave, SessionBase.adelete

    @classmethod
    def get_model_class(cls) -> type[Session]:
        return Session

    def load(self) -> dict[str, Any]:
        """Return what the session holds; nothing, and no key, when there is no such session or it is over."""
        rows = Session.objects.filter(session_key=hash_of_key(self.session_key or ""), expire_date__gt=clock.now())
        row = rows.first()
        if row is None:
            self._session_key = None
            return {}
        data: dict[str, Any] = self.decode(row.session_data)
        return data

    def exists(self, session_key: str) -> bool:
        return Session.objects.filter(session_key=hash_of_key(session_key)).exists()

    def create_model_instance(self, data: dict[str, Any]) -> Session:
        """Return the row of this session, with the person who is signed in or signs in."""
        signed_in = data.get(SESSION_KEY)  # as text
        person = signed_in or data.get(SIGN_IN, {}).get("person")
        now = clock.now()
        ends_at: datetime = self.get_expiry_date(modification=now)
        return Session(
            session_key=hash_of_key(self._get_or_create_session_key()),  # type: ignore[attr-defined]  # Django's own
            session_data=self.encode(data),
            expire_date=min(ends_at, now + WITHOUT_PERSON) if signed_in is None else ends_at,
            person_id=None if person is None else int(person),
        )

    def cycle_key(self) -> None:
        """Change the session's key; a session that was ended since it was loaded stays ended.

        Its row is renamed in one statement, so that ending the person's sessions finds it before or after.
        Django would store a second row, which could not be found by its person until the end of the request.
        """
        former, data = self.session_key, self._session  # type: ignore[attr-defined]  # loaded before its key changes
        if former is None:
            super().cycle_key()
            return
        key = self._get_new_session_key()  # type: ignore[attr-defined]  # Django's own
        if not rename_session(former, key):
            self.flush()
            return
        self._session_key, self._session_cache, self.modified = key, data, True

    async def acycle_key(self) -> None:
        """Do the same for asynchronous callers."""
        await sync_to_async(self.cycle_key)()

    def delete(self, session_key: str | None = None) -> None:
        key = session_key or self.session_key
        if key is not None:
            delete_session(key)

"""When a session ends: a while after its last click, and some hours after it began in any case."""

from dataclasses import dataclass
from datetime import UTC, datetime

from django.conf import settings
from django.http import HttpRequest

WARN_SECONDS = 120  # before the end


@dataclass(frozen=True, slots=True)
class SessionEnd:
    """When a session ends without a further click; `is_final` says that no click makes it last longer."""

    at: datetime
    is_final: bool


def end_of_session(request: HttpRequest, *, idle_age: int) -> SessionEnd | None:
    """Return when this session ends; `idle_age` is the time without a click in seconds. None of one that just began."""
    session = getattr(request, "session", {})  # a page can be rendered outside of the middleware
    began, clicked = session.get("began_at"), session.get("clicked_at")
    if began is None or clicked is None:
        return None
    final, idle = began + settings.SESSION_COOKIE_AGE, clicked + idle_age
    return SessionEnd(datetime.fromtimestamp(min(final, idle), UTC), is_final=final <= idle)

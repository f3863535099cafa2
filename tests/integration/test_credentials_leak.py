"""No secret that AWS ever returned is anywhere afterwards: database, logs, mails, later pages."""

import base64
import io
import logging
import logging.config
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, quote_plus

import pytest
from django.conf import settings
from django.core import mail
from django.db import connection
from django.urls import reverse

from access.models import Grant, Session
from tests.integration import pages
from tests.integration.ritas import PASSWORD, Rita, outcomes
from tests.integration.test_credentials import revoke, while_aws_answers
from tests.localaws.browser import Browser


@pytest.fixture
def said() -> Iterator[io.StringIO]:
    """Yield everything that is logged as the portal logs, with LOG_LEVEL=DEBUG."""
    stream = io.StringIO()
    loud = {**settings.LOGGING, "root": {"handlers": ["stderr"], "level": "DEBUG"}}
    loud["handlers"] = {"stderr": {**settings.LOGGING["handlers"]["stderr"], "stream": stream}}
    before = {name: logging.getLogger(name).level for name in ("", *settings.LOGGING["loggers"])}
    handlers = logging.getLogger().handlers[:]
    logging.config.dictConfig(loud)
    yield stream
    logging.getLogger().handlers[:] = handlers
    for name, level in before.items():
        logging.getLogger(name).setLevel(level)


def forms(secret: str) -> set[str]:
    """Return the secret as it is, in a URL, in HTML, and in base64 wherever it begins in a group of three bytes."""
    shifted = {base64.b64encode(b"x" * n + secret.encode()).decode()[4:-4] for n in range(3)}
    return {secret, quote(secret, safe=""), quote_plus(secret), secret.replace("+", "&#x2B;"), *shifted}


def found(secrets: list[str], text: str) -> list[str]:
    return [form for secret in secrets if len(secret) > 8 for form in forms(secret) if form in text]


def database() -> str:
    """Return every row of every table, sessions and cache included, as text."""
    with connection.cursor() as cursor:
        rows = []
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')  # noqa: S608  # the names are the database's own
            rows += [repr(row) for row in cursor.fetchall()]
    sessions = [repr(session.get_decoded()) for session in _sessions()]
    return "\n".join(rows + sessions)


def _sessions() -> Any:
    return Session.objects.all()


def everything_happens(rita: Rita, monkeypatch: pytest.MonkeyPatch) -> tuple[Grant, str]:
    """Try every way to a session and every refusal of one; return the grant and the page that shows the session."""
    grant = rita.gets_grant()
    stranger = pages.visitor(rita.env.cast.rita, confirmed=False)
    asked = stranger.post(pages.of(grant.request, "console"), {"service": "s3"})
    held_up = database()
    assert "account_reauthentication_state" in held_up
    assert found(rita.aws.secrets(), held_up) == []
    assert "SigninToken=" in stranger.post(asked["Location"], {"password": PASSWORD})["Location"]
    shown = rita.sees(grant).content.decode() + rita.asks(grant).content.decode()
    Browser(rita.aws).ask(rita.opens_console(grant)["Location"])
    rita.aws.fault("AssumeRole", "throttle", times=1)
    rita.asks(grant)
    monkeypatch.setattr(settings, "SIGNIN_URL", f"{rita.aws.url}/oauth")
    rita.opens_console(grant)
    while_aws_answers(monkeypatch, lambda: revoke(rita, grant))
    rita.sees(grant)
    return grant, shown


def test_no_secret_is_found_anywhere_afterwards(rita: Rita, said: io.StringIO, monkeypatch: pytest.MonkeyPatch) -> None:
    logging.getLogger("access").debug("listening")
    grant, shown = everything_happens(rita, monkeypatch)
    assert {outcome for outcome, _ in outcomes()} == {"issued", "failed", "discarded"}
    secrets = rita.aws.secrets()
    # The search does find what is there, and the portal did log at this level.
    assert len(set(found(secrets, shown))) >= 4
    assert '"event": "listening"' in said.getvalue()

    later = [rita.client.get(path).content.decode() for path in (
        pages.of(grant.request), pages.of(grant.request, "denied"), reverse("home"), reverse("roles"),
    )]  # fmt: skip
    mails = [f"{message.subject} {message.body}" for message in mail.outbox]
    for place, text in {
        "database": database(),
        "logs": said.getvalue(),
        "mails": " ".join(mails),
        "pages": " ".join(later),
        "cookies": str(rita.client.cookies),
    }.items():
        assert found(secrets, text) == [], place


def test_boto_would_log_secrets_if_it_were_allowed_to(rita: Rita, said: io.StringIO) -> None:
    """The other half: with boto's own loggers at DEBUG the same search finds the session in the logs."""
    logging.getLogger("botocore").setLevel(logging.DEBUG)
    rita.gets(rita.gets_grant())
    assert found(rita.aws.secrets(), said.getvalue()) != []

"""Every line of every logger and handler leaves the secrets of links out."""

import io
import json
import logging
import logging.config
from typing import Any
from urllib.parse import quote

import pytest
import structlog
from celery.app.log import TaskFormatter
from django.conf import settings
from django.core import signing
from django.test import Client
from django.utils.log import AdminEmailHandler

from portal.redaction import HIDDEN, RedactedRecord, redact

INVITATION = signing.dumps(["9f0b7c2e-5d7b-4f0a-9d53-3a4f0e7d8c11", 1], salt="access.invitation")
RESET = "o-ditmpi-5afdb2ccc2e6812e291a09a2a163bc1d"
SECRETS = {"invitation": INVITATION, "reset": RESET}
PATHS = {"invitation": f"/invitation/{INVITATION}/", "reset": f"/account/password/reset/key/{RESET}/"}


@pytest.mark.parametrize("kind", SECRETS)
@pytest.mark.parametrize(
    "shape",
    [
        "{}", "x{}", "Not Found: {}", "<WSGIRequest: GET '{}'>", '{{"path": "{}"}}', "{{'path': '{}'}}", "({}, [404])",
        "https://daypass.example.com{}?x=1", "next={}&x=1", "{}/../..", "//nowhere{}",
    ],
)  # fmt: skip
def test_the_token_is_redacted_wherever_it_appears(kind: str, shape: str) -> None:
    for path in (PATHS[kind], PATHS[kind].upper(), PATHS[kind].replace("/", "//"), PATHS[kind].replace(":", "%3A")):
        said = redact(shape.format(path))
        assert all(part.lower() not in said.lower() for part in SECRETS[kind].split(":")), said
        assert HIDDEN in said


@pytest.mark.parametrize("kind", SECRETS)
def test_the_token_is_redacted_when_its_path_is_missing(kind: str) -> None:
    for text in (SECRETS[kind], f"link={SECRETS[kind]}", f"['{SECRETS[kind]}']", f"/elsewhere/{SECRETS[kind]}"):
        assert SECRETS[kind][:12] not in redact(text)


@pytest.mark.parametrize("colon", [":", "&#x3a;", "&#X003A;", "&#58;", "&colon;", r"\u003a", r"\u003A", r"\x3a"])
def test_the_token_is_redacted_however_its_colons_are_written(colon: str) -> None:
    said = redact(f"said {INVITATION.replace(':', colon)} today")
    assert all(part not in said for part in INVITATION.split(":")), said


def test_a_reset_key_is_redacted_without_the_person() -> None:
    key = RESET.partition("-")[2]
    for text in (f"{{'uidb36': 'o', 'key': '{key}'}}", key, f"key={key}&x"):
        assert key[7:] not in redact(text)


@pytest.mark.parametrize("times", range(1, 9))
def test_a_link_is_redacted_however_often_it_is_encoded(times: int) -> None:
    for kind, link in PATHS.items():
        encoded = link
        for _ in range(times):
            encoded = quote(encoded, safe="")
        said = redact(f"next {encoded} today")
        assert all(part not in said for part in SECRETS[kind].split(":")), said


@pytest.mark.parametrize(
    "text",
    [
        "Not Found: /invitations/9f0b7c2e-5d7b-4f0a-9d53-3a4f0e7d8c11/resend/",
        "/requests/9f0b7c2e-5d7b-4f0a-9d53-3a4f0e7d8c11/credentials/",
        'File "/srv/daypass/access/views/invitations.py", line 12, in accept',
        "arn:aws:sts::222222222222:assumed-role/team/dpabcdefghijklmn",
        "arn:aws:iam::111111111111:role/daypass/importantproject-contractorA-bucket-put",
        "2026-11-29T20:29:58.123456Z",
        "Is anybody there? Yes.",
        "100 % of it, 50%",
    ],
)
def test_other_text_is_not_redacted(text: str) -> None:
    assert redact(text) == text


# --- Whatever writes it -----------------------------------------------------------------------------------------------

LOGGERS = (
    "django.request", "django.security.csrf", "django.security.DisallowedHost", "django.server", "django",
    "gunicorn.error", "gunicorn.access", "celery", "celery.task", "celery.worker.strategy", "kombu", "allauth.account",
    "access.tasks", "", "x",
)  # fmt: skip
LEVELS = (logging.DEBUG, logging.INFO, logging.WARNING, logging.ERROR, logging.CRITICAL)
FORMATTERS = (
    logging.Formatter(),
    logging.Formatter("{asctime} {message}", style="{"),
    TaskFormatter("%(message)s %(task_name)s"),
    logging.Formatter("%(asctime)s [%(process)d] [%(levelname)s] %(message)s"),  # gunicorn's
)


def of_daypass() -> logging.Formatter:
    """Return the formatter of the settings, on the handler that they made."""
    ours = (handler.formatter for handler in logging.getLogger().handlers)
    return next(one for one in ours if isinstance(one, structlog.stdlib.ProcessorFormatter))


def every_way(logger: logging.Logger, level: int, path: str) -> None:
    """Log the path in every way that a logger accepts one."""
    logger.log(level, "Not Found: %s", path)
    logger.log(level, path)
    logger.log(level, "%(path)s", {"path": path})
    logger.log(level, "%s", ValueError(path))
    logger.log(level, "%d and no more", path)
    logger.log(level, "One too many", path)
    logger.log(level, "The stack", stack_info=True, extra={"request": path})
    try:
        raise LookupError(path) from ValueError(f"of {path}")
    except LookupError:
        logger.log(level, "It broke", exc_info=True)


@pytest.mark.parametrize("name", LOGGERS)
@pytest.mark.parametrize("kind", SECRETS)
def test_no_logger_passes_it_to_any_handler(name: str, kind: str) -> None:
    written, logger = io.StringIO(), logging.getLogger(name)
    formatters = [*FORMATTERS, of_daypass()]
    handlers = [logging.StreamHandler(written) for _ in formatters]
    for handler, formatter in zip(handlers, formatters, strict=True):
        handler.setFormatter(formatter)
        logger.addHandler(handler)
    level = logger.level
    logger.setLevel(logging.DEBUG)
    try:
        for one in LEVELS:
            every_way(logger, one, PATHS[kind])
    finally:
        logger.setLevel(level)
        for handler in handlers:
            logger.removeHandler(handler)
    assert written.getvalue().count(HIDDEN) >= 8 * len(LEVELS) * len(formatters)
    assert [line for line in written.getvalue().splitlines() if SECRETS[kind][:12] in line] == []


@pytest.mark.parametrize("between", [" ", "\n", "\t", "\u2028", "'", '"', "<", "\\", "\\n"])
@pytest.mark.parametrize("kind", SECRETS)
def test_a_broken_link_is_redacted_to_its_end(kind: str, between: str) -> None:
    written, logger = io.StringIO(), logging.getLogger("django.request")
    handler = logging.StreamHandler(written)
    handler.setFormatter(of_daypass())
    logger.addHandler(handler)
    for at in (0, 9, len(SECRETS[kind]) - 24):
        path = PATHS[kind].replace(SECRETS[kind], SECRETS[kind][:at] + between + SECRETS[kind][at:])
        logger.warning("%s: %s", "Not Found", path)
        logger.warning("Forbidden (%s): %s", "CSRF cookie not set.", path)
    logger.removeHandler(handler)
    assert SECRETS[kind][-24:] not in written.getvalue()
    assert written.getvalue().count(HIDDEN) == 6


@pytest.mark.parametrize("between", ["'", '\\"', "<", "\\", "%20"])
@pytest.mark.parametrize("kind", SECRETS)
def test_links_are_redacted_in_the_lines_of_the_web_server(kind: str, between: str) -> None:
    path = PATHS[kind].replace(SECRETS[kind], SECRETS[kind][:9] + between + SECRETS[kind][9:])
    for name, line in {
        "gunicorn.access": f'192.0.2.1 - - [now] "GET {path} HTTP/1.1" 200 99 "https://example.com{path}" "curl"',
        "gunicorn.error": f"Invalid HTTP request line: 'GET IT {path} HTTP/1.1'",
    }.items():
        said = RedactedRecord(name, logging.INFO, "x", 1, line, (), None).getMessage()
        assert SECRETS[kind][-24:] not in said
        assert said.endswith(line[-6:])


@pytest.mark.parametrize("query", ["?code=x7Qz", '?a=1&b=\\"code=x7Qz', '?\\\\"code=x7Qz', "?", "?x7Qz?x7Qz"])
def test_no_line_of_the_web_server_holds_a_query_string(query: str) -> None:
    line = f'192.0.2.1 - - [now] "GET /sso{query} HTTP/1.1" 302 0 "https://idp.example.com/{query}" "a browser? yes"'
    said = RedactedRecord("gunicorn.access", logging.INFO, "x", 1, line, (), None).getMessage()
    expected = '192.0.2.1 - - [now] "GET /sso HTTP/1.1" 302 0 "https://idp.example.com/" "a browser yes"'
    assert said == expected


@pytest.mark.parametrize("kind", SECRETS)
def test_no_event_of_ours_contains_it(kind: str) -> None:
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(of_daypass())
    logging.getLogger().addHandler(handler)
    log, path = structlog.get_logger("access.views"), PATHS[kind]
    try:
        log.warning("page.refused", path=path, tried=[{"at": path}, (path,)], error=ValueError(path), **{path: 1})
        try:
            raise LookupError(path)
        except LookupError:
            log.exception("page.failed", said=repr({path: '"\\'}))
    finally:
        logging.getLogger().removeHandler(handler)
    lines = written.getvalue().splitlines()
    assert [json.loads(line)["event"] for line in lines] == ["page.refused", "page.failed"]
    assert SECRETS[kind][:12] not in written.getvalue()


def test_django_sends_no_error_emails_to_admins() -> None:
    """Django's own handler would mail the whole request."""
    names = ["", *logging.Logger.manager.loggerDict]
    assert not [
        name for name in names for one in logging.getLogger(name).handlers if isinstance(one, AdminEmailHandler)
    ]


def test_an_error_of_a_page_is_logged_without_it(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(link: str, **_: Any) -> None:
        raise RuntimeError(f"Nothing can be made of {link!r}")

    monkeypatch.setattr("access.actions.invitations.invitation_of", fails)
    written = io.StringIO()
    loud = {**settings.LOGGING, "root": {"handlers": ["stderr"], "level": "DEBUG"}}
    loud["handlers"] = {"stderr": {**settings.LOGGING["handlers"]["stderr"], "stream": written}}
    before, handlers = logging.getLogger().level, logging.getLogger().handlers[:]
    logging.config.dictConfig(loud)
    try:
        status = Client(raise_request_exception=False).get(PATHS["invitation"]).status_code
    finally:
        logging.getLogger().handlers[:] = handlers
        logging.getLogger().setLevel(before)
    assert status == 500
    assert "Nothing can be made of" in written.getvalue()
    assert INVITATION[:12] not in written.getvalue()

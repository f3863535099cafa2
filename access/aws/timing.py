"""The time with which Daypass signs calls to AWS, and the time of AWS's own clock.

AWS refuses a signature whose time is minutes off [IAM User Guide, "Troubleshoot Signature Version 4"]. A revocation has
to get through all the same when a clock is wrong, so calls are signed with another clock's time once AWS has refused
one. Each answer has a Date, by which the clocks are compared (`access.clock`).
"""

import re
import threading
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Any

import botocore.session
import structlog
from botocore.auth import AUTH_TYPE_MAPS, SIGV4_TIMESTAMP, SigV4Auth

from access import clock
from access.guarding import guarded

log = structlog.get_logger(__name__)

_VERSION = "daypass-v4"  # botocore's "v4", with the time that is chosen here
_REFUSED = re.compile(r"RequestTimeTooSkewed|RequestExpired|Signature (?:not yet current|expired)")
_sending = threading.local()


def now() -> datetime:
    """Return the time with which AWS is asked: the database's, unless AWS refused that one."""
    found = guarded(_CLOCKS[_Choice.index])
    return found if isinstance(found, datetime) else datetime.now(tz=UTC)


def watch(session: botocore.session.Session) -> None:
    """Choose the time of every call of this session's clients, and note AWS's in every answer."""
    session.register("choose-signer", _choose_signer)  # type: ignore[arg-type]  # its answer is the signer's name
    session.register("before-send", _note_sent)
    session.register("response-received", _note_answer)


class _Choice:
    """Which clock's time the calls of this process are signed with."""

    index = 0


# First the database's clock, which all processes share, then AWS's clock from its last response, then our own.
_CLOCKS: tuple[Callable[[], datetime | None], ...] = (clock.now, clock.aws_now, lambda: None)


class _Signer(SigV4Auth):  # the stubs leave out what a subclass can override
    """Signature Version 4 at the time of `now` instead of the process's clock."""

    def _modify_request_before_signing(self, request: Any) -> None:
        request.context["timestamp"] = now().strftime(SIGV4_TIMESTAMP)
        super()._modify_request_before_signing(request)  # type: ignore[misc]


AUTH_TYPE_MAPS[_VERSION] = _Signer


def _choose_signer(signature_version: Any, **_: Any) -> str | None:
    return _VERSION if signature_version == "v4" else None


def _note_sent(**_: Any) -> None:
    _sending.since = clock.steady_seconds()


def _note_answer(
    response_dict: Mapping[str, Any] | None = None, parsed_response: Mapping[str, Any] | None = None, **_: Any
) -> None:
    """Note what an answer says of AWS's clock; what is odd about it keeps no call from being answered."""
    if response_dict is None:
        return
    failed = guarded(partial(_note, response_dict, parsed_response))
    if isinstance(failed, Exception):
        log.error("aws.date_unread", exc_info=failed)


def _note(response_dict: Mapping[str, Any], parsed_response: Mapping[str, Any] | None) -> None:
    date = {key.lower(): value for key, value in response_dict["headers"].items()}.get("date", "")
    clock.note_aws(str(date), sent=getattr(_sending, "since", clock.steady_seconds()))
    error = (parsed_response or {}).get("Error", {})
    if _REFUSED.search(f"{error.get('Code', '')} {error.get('Message', '')}"):
        _Choice.index = (_Choice.index + 1) % len(_CLOCKS)
        log.warning("aws.signature_time_refused", code=error.get("Code"), next_clock=_Choice.index)

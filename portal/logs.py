"""Logs: one JSON object a line on stderr, from every logger and library, without the secrets of links."""

from typing import Any

import structlog

from portal import redaction

_SHARED_PROCESSORS: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.format_exc_info,
]


def configure(*, level: str) -> dict[str, Any]:
    """Configure structlog and redaction for this process, and return Django's LOGGING."""
    structlog.configure(
        processors=[*_SHARED_PROCESSORS, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    redaction.install()
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "json": {
                "()": structlog.stdlib.ProcessorFormatter,
                "processor": structlog.processors.JSONRenderer(),
                "foreign_pre_chain": _SHARED_PROCESSORS,
            }
        },
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
        "loggers": {
            # What these say at DEBUG holds whole answers of STS, or all that a page or an email was made from.
            **{name: {"level": "INFO"} for name in ("boto3", "botocore", "urllib3", "requests", "django.template")},
            # It warns with a traceback when a role of ours cannot be assumed, as in an account that is only named; the
            # call that fails for that is logged by itself.
            "botocore.credentials": {"level": "ERROR"},
            # Django's own handlers would email whole requests, and print lines in a form of their own.
            **{name: {"level": "NOTSET", "handlers": [], "propagate": True} for name in ("django", "django.server")},
        },
        "root": {"handlers": ["stderr"], "level": level},
    }

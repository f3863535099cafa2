"""Logs: one JSON object per line on stderr, from every logger and library, without the secrets of links."""

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
            # The DEBUG messages of these loggers contain whole responses of STS, or all values of a page or an email.
            **{name: {"level": "INFO"} for name in ("boto3", "botocore", "urllib3", "requests", "django.template")},
            # This logger warns with a traceback if Daypass cannot assume a role, for example in an account that is not
            # set up yet. Daypass logs the failed call itself.
            "botocore.credentials": {"level": "ERROR"},
            # Django's own handlers would email whole requests, and print lines in a form of their own.
            **{name: {"level": "NOTSET", "handlers": [], "propagate": True} for name in ("django", "django.server")},
        },
        "root": {"handlers": ["stderr"], "level": level},
    }

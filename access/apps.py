"""The Django app."""

from collections.abc import Sequence
from importlib import import_module
from urllib.parse import urlsplit

from django.apps import AppConfig, apps
from django.conf import settings
from django.core.mail.utils import DNS_NAME

from access import clock

# allauth's modules that ask the process's clock whether a code, a confirmation or a sign-in counts; it has no setting.
ASKING = (
    "allauth.account.internal.flows.login",
    "allauth.account.internal.flows.reauthentication",
    "allauth.account.internal.stagekit",
    "allauth.account.models",
    "allauth.mfa.recovery_codes.internal.auth",
    "allauth.mfa.totp.internal.auth",
)
ASKING_SSO = ("allauth.socialaccount.internal.statekit",)


class AccessConfig(AppConfig):
    name = "access"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = "Daypass"

    def ready(self) -> None:
        """Let emails name the portal's host as the one they come from, and allauth ask the database for the time."""
        # In a container, the machine's own name is localhost.
        DNS_NAME._fqdn = urlsplit(settings.BASE_URL).hostname  # noqa: SLF001 - no setting
        _ask_database(ASKING)
        if apps.is_installed("allauth.socialaccount"):
            _ask_database(ASKING_SSO)


class _DatabaseTime:
    """Stands for the module `time` in modules that ask it for the time and nothing else."""

    @staticmethod
    def time() -> float:
        """Return the database's time in seconds since 1970."""
        return clock.now().timestamp()


def _ask_database(names: Sequence[str]) -> None:
    for name in names:
        vars(import_module(name))["time"] = _DatabaseTime

"""The Django app."""

from urllib.parse import urlsplit

from django.apps import AppConfig, apps
from django.conf import settings
from django.core.mail.utils import DNS_NAME

from access.signin.clock import use_database_time


class AccessConfig(AppConfig):
    name = "access"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = "Daypass"

    def ready(self) -> None:
        """Let emails name the portal's host as the one they come from, and allauth ask the database for the time."""
        # In a container, the machine's own name is localhost.
        DNS_NAME._fqdn = urlsplit(settings.BASE_URL).hostname  # noqa: SLF001 - no setting
        use_database_time(sso=apps.is_installed("allauth.socialaccount"))

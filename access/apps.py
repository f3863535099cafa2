"""The Django app."""

from urllib.parse import urlsplit

from django.apps import AppConfig
from django.conf import settings
from django.core.mail.utils import DNS_NAME


class AccessConfig(AppConfig):
    name = "access"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = "Daypass"

    def ready(self) -> None:
        """Let emails name the portal's host as the one they come from: in a container, the machine's is localhost."""
        DNS_NAME._fqdn = urlsplit(settings.BASE_URL).hostname  # noqa: SLF001 - no setting

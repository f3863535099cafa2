"""Configure the Django app at start-up."""

from urllib.parse import urlsplit

from django.apps import AppConfig, apps
from django.conf import settings
from django.core.mail.utils import DNS_NAME
from django.db.models.signals import pre_migrate

from access import wording
from access.schema import refuse_too_old
from access.signin.clock import use_database_time
from access.texts.text import speak


class AccessConfig(AppConfig):
    name = "access"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = "Daypass"

    def ready(self) -> None:
        """Name the portal's host in emails, show texts in the reader's language, let sign-ins ask the database for
        the time, and refuse old databases.
        """
        # In a container, the machine's own name is localhost.
        DNS_NAME._fqdn = urlsplit(settings.BASE_URL).hostname  # noqa: SLF001 - no setting
        speak(wording.Reader())
        pre_migrate.connect(refuse_too_old, sender=self)
        use_database_time(sso=apps.is_installed("allauth.socialaccount"))

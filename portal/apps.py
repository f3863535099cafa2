"""The Django project as an application: it has no models, only system checks."""

from django.apps import AppConfig

from portal.starting import register


class PortalConfig(AppConfig):
    """Register the checks of the settings."""

    name = "portal"

    def ready(self) -> None:
        """Register the checks."""
        register()

"""What the demo's commands do is done in a demo only."""

from django.conf import settings
from django.core.management.base import CommandError


def check_is_demo() -> None:
    """Raise CommandError in a real installation: the demo's people have passwords that everybody can read."""
    if not settings.DEMO:
        raise CommandError("This command works in the demo only. Start the demo with `make run`.")

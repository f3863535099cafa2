"""What the demo's commands do is done in a demo only."""

from django.conf import settings

from access.management.refusing import RefusedCommand


def check_is_demo() -> None:
    """Raise RefusedCommand in a real installation: the demo's people have passwords that everybody can read."""
    if not settings.DEMO:
        raise RefusedCommand("demo_only")

"""Build the text of an email from its template and the organisation's name."""

from collections.abc import Mapping

from django.conf import settings
from django.template.loader import render_to_string


def render(name: str, context: Mapping[str, object]) -> tuple[str, str]:
    """Return subject and text of an email: the first line of its template is the subject."""
    subject, _, body = render_to_string(f"mail/{name}.txt", {**context}).strip().partition("\n")
    footer = render_to_string("mail/_footer.txt", {"branding": settings.BRANDING}).strip()
    parts = [body.strip(), *([f"-- \n{footer}"] if footer else [])]
    return f"{settings.BRANDING.title}: {subject}", "\n\n".join(parts) + "\n"

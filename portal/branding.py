"""The branding of the portal, from the environment: organisation, logo, contact and banner."""

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

from access.texts.text import Text
from portal.addresses import is_mail_domain, origin
from portal.environment import Environment

LARGEST_LOGO = 100_000  # bytes: every new browser loads it
LONGEST_NAME = 60  # characters
LONGEST_BANNER = 200
_LOCAL_PART = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}\Z")


@dataclass(frozen=True)
class Logo:
    """An image, and the first characters of its SHA-256, by which browsers notice another one."""

    content: bytes
    content_type: str

    @property
    def version(self) -> str:
        return hashlib.sha256(self.content).hexdigest()[:12]


@dataclass(frozen=True)
class Branding:
    """What pages and emails show beside the name Daypass; empty texts where nothing is set."""

    organisation: str = ""
    contact: str = ""  # an email address or an https URL
    banner: str = ""
    logo: Logo | None = None

    @property
    def title(self) -> str:
        """Return the name of the portal in titles of pages."""
        return f"{self.organisation} Daypass".lstrip()

    @property
    def contact_url(self) -> str:
        return self.contact if self.contact.startswith("https://") else f"mailto:{self.contact}"


def from_environment(env: Environment) -> Branding:
    """Return what is set; note what cannot be shown."""
    return Branding(
        organisation=_line(env, env.text("DAYPASS_ORGANISATION", default=""), LONGEST_NAME, "DAYPASS_ORGANISATION"),
        contact=_contact(env, env.text("DAYPASS_CONTACT", default="").strip()),
        banner=_line(env, env.text("DAYPASS_BANNER", default=""), LONGEST_BANNER, "DAYPASS_BANNER"),
        logo=_logo(env, env.text("DAYPASS_LOGO", default="")),
    )


def _line(env: Environment, text: str, longest: int, name: str) -> str:
    if text.isprintable() and len(text) <= longest:
        return text.strip()
    env.note(Text("branding_text_invalid", {"setting": name, "longest": longest}))
    return ""


def _contact(env: Environment, text: str) -> str:
    if not text or _is_https_url(text) or _is_email_address(text):
        return text
    env.note(Text("branding_contact_invalid"))
    return ""


def _is_https_url(text: str) -> bool:
    return text.startswith("https://") and text.isascii() and text.isprintable() and " " not in text and _has_host(text)


def _has_host(url: str) -> bool:
    return origin("/".join(url.split("/", 3)[:3])) is not None


def _is_email_address(text: str) -> bool:
    user, _, host = text.rpartition("@")
    return _LOCAL_PART.match(user) is not None and is_mail_domain(host)


def _logo(env: Environment, file: str) -> Logo | None:
    if not file:
        return None
    try:
        with Path(file).open("rb") as opened:
            content = opened.read(LARGEST_LOGO + 1)
    except OSError:
        content = b""
    content_type = _content_type(content)
    if content_type and len(content) <= LARGEST_LOGO:
        return Logo(content, content_type)
    env.note(Text("branding_logo_invalid", {"file": file, "kilobytes": LARGEST_LOGO // 1000}))
    return None


def _content_type(content: bytes) -> str:
    """Return the type of an image, or an empty text for anything else."""
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    return "image/svg+xml" if re.match(rb"\s*(<\?xml[^>]*>\s*)?(<!--.*?-->\s*)*<svg[\s>]", content, re.DOTALL) else ""

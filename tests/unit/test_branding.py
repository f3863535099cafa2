"""The organisation's name, logo, contact and banner, and what of them Daypass refuses to start with."""

from pathlib import Path

import pytest

from portal import branding
from portal.environment import Environment

PNG = b"\x89PNG\r\n\x1a\n"
SVG = b'<?xml version="1.0"?>\n<!-- Acme -->\n<svg xmlns="http://www.w3.org/2000/svg"/>'


def read(monkeypatch: pytest.MonkeyPatch, **values: str) -> tuple[branding.Branding, list[str]]:
    """Return the branding of an environment, and the codes of what is wrong in it."""
    for name, value in values.items():
        monkeypatch.setenv(f"DAYPASS_{name}", value)
    env = Environment()
    return branding.from_environment(env), [fault.code for fault in env.faults]


def test_nothing_needs_to_be_set(monkeypatch: pytest.MonkeyPatch) -> None:
    assert read(monkeypatch) == (branding.Branding(), [])
    assert branding.Branding().title == "Daypass"


@pytest.mark.parametrize("contact", ["it@acme.example", "a.b+c@xn--bcher-kva.example", "https://acme.example/help?q=1"])
def test_a_contact_is_an_email_address_or_a_page(monkeypatch: pytest.MonkeyPatch, contact: str) -> None:
    found, faults = read(monkeypatch, CONTACT=contact)
    assert (found.contact, faults) == (contact, [])
    assert found.contact_url == (contact if contact.startswith("https:") else f"mailto:{contact}")


@pytest.mark.parametrize(
    "contact",
    [
        "javascript:alert(1)",
        "http://acme.example/",
        "https://",
        "https:///help",
        "https://user@acme.example/",
        "https://acme.example/a b",
        "https://acmé.example/",
        "it",
        "it@",
        "@acme.example",
        "it@acme.example\nBcc: x@evil.example",
        "it@acme.example?subject=x",
        '"><script>@acme.example',
    ],
)
def test_nothing_else_is_a_contact(monkeypatch: pytest.MonkeyPatch, contact: str) -> None:
    assert read(monkeypatch, CONTACT=contact) == (branding.Branding(), ["branding_contact_invalid"])


@pytest.mark.parametrize("name", ["ORGANISATION", "BANNER"])
@pytest.mark.parametrize("text", ["Acme\nBcc: x@evil.example", "Acme\x1b[1m", "Acme\u202e", "x" * 201])
def test_a_text_is_one_short_line(monkeypatch: pytest.MonkeyPatch, name: str, text: str) -> None:
    assert read(monkeypatch, **{name: text}) == (branding.Branding(), ["branding_text_invalid"])


@pytest.mark.parametrize(("content", "content_type"), [(PNG, "image/png"), (SVG, "image/svg+xml")])
def test_a_logo_is_an_image(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, content: bytes, content_type: str) -> None:
    (tmp_path / "logo").write_bytes(content)
    found, faults = read(monkeypatch, LOGO=str(tmp_path / "logo"))
    assert (found.logo, faults) == (branding.Logo(content, content_type), [])


@pytest.mark.parametrize("content", [None, b"", b"<html><svg>", b"GIF89a", PNG + b"x" * 100_000, b"<!-- " * 19_000])
def test_nothing_else_is_a_logo(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / "logo").write_bytes(content)
    assert read(monkeypatch, LOGO=str(tmp_path / "logo")) == (branding.Branding(), ["branding_logo_invalid"])

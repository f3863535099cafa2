"""Choose the language of pages and emails: the person's choice, else their browser's, else English."""

from django.conf import settings
from django.utils import translation
from django.utils.translation import get_supported_language_variant
from django.utils.translation.trans_real import parse_accept_lang_header

ENGLISH = "en-gb"  # of records: evidence, lists as files, the audit log


def known() -> dict[str, str]:
    """Return the languages that people can choose: each code with its name in that language."""
    return dict(settings.LANGUAGES)


def of_browser(header: str) -> str:
    """Return the first language of an Accept-Language header that Daypass has; empty when it has none of them."""
    for code, _weight in parse_accept_lang_header(header.lower()):
        if code == "*":
            return ""
        try:
            return get_supported_language_variant(code)
        except LookupError:
            continue
    return ""


def first_known(*codes: str) -> str:
    """Return the first of these languages that Daypass has, else that of the installation."""
    languages = known()
    return next((code for code in codes if code in languages), settings.LANGUAGE_CODE)


def in_english() -> translation.override:
    """Return the context in which records are made: in English, in whatever language the page is."""
    return translation.override(ENGLISH)

"""Keep the secrets of links out of every log line, whichever logger, handler or level it comes from.

A link is a secret when its path holds a token. Tokens are recognised by the path before them, by their form, and by
both after percent-decoding. Query strings are left out, because sign-in services put codes there.
"""

import logging
import re
from urllib.parse import unquote

# The text after each of these paths is secret. A test compares this list with all URLs of Daypass.
SECRET_PATHS = ("invitation", "account/password/reset/key")
HIDDEN = "[secret]"
DECODINGS = 10  # a link in a link in a link, and so on

_PATH = r"((?<!\w)(?:" + "|".join(path.replace("/", "/+") for path in SECRET_PATHS) + ")/+)"
_AFTER_PATH = re.compile(_PATH + r"""[^\s"'<>\\]+""", re.ASCII | re.IGNORECASE)
# A damaged link can contain spaces, line breaks and quotation marks before the rest of its token. If only a path is
# logged, redact it to its end. In a line about a request, redact the path to the next space.
_TO_THE_END = re.compile(_PATH + r".+", re.ASCII | re.IGNORECASE | re.DOTALL)
_TO_THE_SPACE = re.compile(_PATH + r"""[^ ]+?(?=["']?(?: |\Z))""", re.ASCII | re.IGNORECASE)
# Django's signed values (text:time:signature), and its tokens of password resets (person-time-hash, or time-hash).
_COLON = r"(?::|&#x0*3a;|&#0*58;|&colon;|\\u003a|\\x3a)"  # as HTML, JSON and Python write it
_TOKEN = re.compile(
    rf"(?<![\w.-])[\w.-]+{_COLON}[0-9a-z]{{4,8}}{_COLON}[\w-]{{27,}}"
    r"|(?<![0-9a-z])(?:[0-9a-z]+-)?[0-9a-z]{6,8}-[0-9a-f]{32,}",
    re.ASCII | re.IGNORECASE,
)
_QUERY = re.compile(r"""(?<=[^\s?])\?[^\s"'<>\\?]*=[^\s"'<>\\]*""")
# In lines about requests, a question mark begins a query string. Redact it to the end of the quoted field or word.
_OF_REQUESTS = {
    "gunicorn.access": re.compile(r'\?[^ ]*?(?="?(?: |\Z))'),
    "gunicorn.error": re.compile(r"\?[^ ]*"),
    "django.server": re.compile(r'\?[^ "]*'),
}
_WORD = re.compile(r"""[^\s"'<>\\]+""")


def redact(text: str) -> str:
    """Return the text with the tokens of links hidden and query strings left out; JSON stays JSON."""
    return _WORD.sub(_redact_encoded, _redact_plain(text))


class RedactedRecord(logging.LogRecord):
    """A log record that no handler and no formatter can read a secret out of: message, traceback and stack."""

    _traceback: str | None = None
    _stack: str | None = None

    def getMessage(self) -> str:  # noqa: N802 - the name is logging's
        """Return the message; one that does not fit its arguments is returned beside them, and raises nothing.

        structlog's formatter makes the finished line the message, so that fields and tracebacks pass here as well.
        """
        whole = self.args
        if isinstance(whole, tuple):
            self.args = tuple(map(_cut_path, whole))
        try:
            said = super().getMessage()
        except (TypeError, ValueError, KeyError, IndexError):
            said = f"{self.msg} {self.args}"
        finally:
            self.args = whole
        query = _OF_REQUESTS.get(self.name)
        return redact(_TO_THE_SPACE.sub(rf"\g<1>{HIDDEN}", query.sub("", said)) if query else said)

    @property
    def exc_text(self) -> str | None:
        """The traceback as text, which logging's formatters keep here and print."""
        return self._traceback

    @exc_text.setter
    def exc_text(self, text: str | None) -> None:
        self._traceback = redact(text) if text else text

    @property
    def stack_info(self) -> str | None:
        return self._stack

    @stack_info.setter
    def stack_info(self, text: str | None) -> None:
        self._stack = redact(text) if text else text


def install() -> None:
    """Let every record of this process be a redacted one, those of the web server and of libraries included."""
    logging.setLogRecordFactory(RedactedRecord)


def _redact_plain(text: str) -> str:
    text = _AFTER_PATH.sub(rf"\g<1>{HIDDEN}", text)
    return _QUERY.sub("", _TOKEN.sub(HIDDEN, text))


def _cut_path(arg: object) -> object:
    """Return an argument that is a path without all that follows a secret one; others as they are."""
    return _TO_THE_END.sub(rf"\g<1>{HIDDEN}", arg) if isinstance(arg, str) and arg.startswith("/") else arg


def _redact_encoded(found: re.Match[str]) -> str:
    """Return the word as it is, or hidden as a whole: what it would say decoded begins no line of its own."""
    word = found[0]
    for _ in range(DECODINGS if "%" in word else 0):
        decoded = unquote(word)
        if _redact_plain(decoded) != decoded:
            return HIDDEN
        word = decoded
    return found[0]

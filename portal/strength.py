"""Decide whether a secret looks random, from its structure and not from a list of known secrets.

Each rule is about a kind of pattern that no random generator makes in a lifetime; what only looks like chance (a word's
hash, say) nobody can tell. The rules work on text and on bytes.
"""

import base64
import binascii
import math
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise

KEY_LENGTH = 50  # characters of a SECRET_KEY
KEY_BYTES = 32  # of a Fernet key
LEAST_ROWS = 8
DISTINCT = 12  # different characters that a random key of 50 has at the very least, written in hex
LAGS = range(1, 17)
LEAST_ENTROPY = 2.0  # bits per step between characters; those of random hex have more than 4
REPEAT = 4  # characters in a row that were there before
LONGEST_REPEATS = 0.15  # share of a text that such repeats make up
# The pairs of letters that English and its relatives use most: half of all pairs in text, one in sixteen by chance.
_PAIRS = "th he in er an re on at en nd ti es or te ed is it al ar st to nt se as ou io le ve co me de hi ri ro ic ne"
COMMON_PAIRS = frozenset(_PAIRS.split())
LEAST_PAIRS = 8  # of them in a text that is words
LEAST_SHARE = 0.15
# Words that people type into keys. A random key contains one with a chance of one in millions. Digits and signs count
# as the letters that they replace.
_WORDS = (
    "password passphrase secret daypass changeme django production default insecure example company install private "
    "portal account contractor welcome qwerty letmein development testing access admini session encrypt security "
    "placeholder replace correct random amazon"
)
WORDS = frozenset(_WORDS.split())
_SIGNS = [str.maketrans("@4836!05$7+" + "1", "aabegioss" + "tt" + one) for one in "il"]
_CODED = re.compile(r"[A-Za-z0-9+/_-]{24,}", re.ASCII)  # of Base64, Base32 or hex
LEAST_SAID = 12  # characters of a text that was encoded
_FERNET = re.compile(r"[A-Za-z0-9_-]{43}=\Z|[A-Za-z0-9+/]{43}=\Z", re.ASCII)


def is_random_text(text: str) -> bool:
    """Return whether a text of at least 40 characters could come from a random generator."""
    if not text.isascii() or not text.isprintable():
        return False
    is_varied = len(set(text)) >= DISTINCT and max(Counter(text).values()) < len(text)
    is_simple = (
        _never_repeats(text) or _steps_evenly([ord(letter) for letter in text]) or _echoes(text) or _is_words(text)
    )
    return is_varied and not is_simple and all(map(is_random_text, _decoded(text)))


def is_random_bytes(data: bytes) -> bool:
    """Return whether 32 bytes could come from a random generator."""
    return len(set(data)) >= len(data) / 2 and not _is_typed(data) and not _steps_evenly(data)


def _is_in_few_rows(data: bytes) -> bool:
    """Return whether the bytes come from few rows of a code table of 16 rows, as those of any alphabet do.

    32 random bytes come from about 14 rows; fewer than 8 happen once in 30 million keys.
    """
    return len({byte >> 4 for byte in data}) < LEAST_ROWS


def fernet_key(text: str) -> bytes | None:
    """Return the 32 bytes of a Fernet key, None when the text is not one."""
    if not _FERNET.match(text):
        return None
    try:
        return base64.urlsafe_b64decode(text.replace("+", "-").replace("/", "_"))
    except binascii.Error:
        return None


def same_key(one: str, other: str) -> bool:
    """Return whether two Fernet keys are the same 32 bytes, however they are spelled.

    Base64 has two alphabets, and the last letter of a key has two bits that nobody reads.
    """
    key = fernet_key(one)
    return key is not None and key == fernet_key(other)


def holds_key(text: str, key: str) -> bool:
    """Return whether a text holds a Fernet key, in either alphabet of Base64 or in hex."""
    data = fernet_key(key)
    if data is None:
        return False
    whole_letters = base64.urlsafe_b64encode(data).decode()[:42]  # those without unread bits
    return whole_letters in text.replace("+", "-").replace("/", "_") or data.hex() in text.lower()


def _is_typed(data: bytes) -> bool:
    """Return whether the bytes are text, in any script: in UTF-8, or in an encoding of one byte a character."""
    try:
        data.decode()
    except UnicodeDecodeError:
        return _is_in_few_rows(data)
    return True


def _never_repeats(text: str) -> bool:
    """Return whether no character is there twice: an alphabet, or a walk over the keyboard."""
    return len(set(text)) == len(text)


def _steps_evenly(values: Sequence[int]) -> bool:
    """Return whether the steps between values some places apart, or their steps, are nearly all alike."""
    return any(_entropy(_steps(some, lag)) < LEAST_ENTROPY for some in (values, _steps(values, 1)) for lag in LAGS)


def _steps(values: Sequence[int], lag: int) -> list[int]:
    return [(after - before) % 256 for before, after in zip(values, values[lag:], strict=False)]


def _entropy(values: Sequence[int]) -> float:
    total = len(values)
    return -sum(count / total * math.log2(count / total) for count in Counter(values).values())


def _echoes(text: str) -> bool:
    """Return whether much of the text stood in it before, in whatever case and direction."""
    low = text.lower()
    echoed = 0
    for at in range(REPEAT, len(low) - REPEAT + 1):
        piece = low[at : at + REPEAT]
        echoed += piece in low[: at + REPEAT - 1] or piece[::-1] in low[:at]
    return echoed > LONGEST_REPEATS * len(low)


def _decoded(text: str) -> Iterator[str]:
    """Yield what the text says in hex, Base64 or Base32, where that is text again; chance does not say any."""
    whole_hex = re.sub(r"0x|\\x|[%:., -]", "", text, flags=re.IGNORECASE)
    for run in {whole_hex, *_CODED.findall(text)}:
        for decode in _DECODERS:
            try:
                data = decode(run)
                is_utf16 = data.count(0) * 3 >= len(data)
                said = data.decode("utf-16" if is_utf16 else "utf-8").strip()
            except ValueError:
                continue
            if len(said) >= LEAST_SAID and said.isprintable():
                yield said


def _from_base64(run: str) -> bytes:
    letters = run.replace("-", "+").replace("_", "/").rstrip("=")
    letters = letters[:-1] if len(letters) % 4 == 1 else letters
    return base64.b64decode(letters + "=" * (-len(letters) % 4), validate=True)


def _from_base32(run: str) -> bytes:
    letters = run.rstrip("=")
    return base64.b32decode(letters + "=" * (-len(letters) % 8), casefold=True)


_DECODERS = (bytes.fromhex, _from_base64, _from_base32)


def _is_words(text: str) -> bool:
    """Return whether the text is mostly words, written small, with capitals, or in capitals, or has one of WORDS."""
    if any(word in text.lower().translate(signs) for signs in _SIGNS for word in WORDS):
        return True
    least = max(LEAST_PAIRS, LEAST_SHARE * len(text))
    return any(_common_pairs(one) >= least for one in (text, text.swapcase()))


def _common_pairs(text: str) -> int:
    return sum(after.islower() and before.lower() + after in COMMON_PAIRS for before, after in pairwise(text))

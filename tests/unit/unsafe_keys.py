"""Keys that look random, and those that an installation is refused with."""

import base64

from tests.unit.test_environment import KEY

SEALING = "9IRi_Ay3NQEZttvIfSKa-Hf7sN3uegYehgNkzetThds="
OTHER = "PQkkjoEnXrlKm3Q1TuO38yDW_jyPnHfI8WdfR-bWZl0="
# The same 32 bytes as SEALING: with other bits that nobody reads, in the other alphabet, in hex.
SPELLINGS = [
    SEALING, *(SEALING[:42] + letter + "=" for letter in "tuv"), SEALING.replace("-", "+").replace("_", "/"),
    base64.urlsafe_b64decode(SEALING).hex(), base64.urlsafe_b64decode(SEALING).hex().upper(),
]  # fmt: skip
SIMPLE_KEYS = [
    "django-insecure-" + KEY, "only-for-tests-" + KEY, "x" * 60, "changeme" * 10, "0123456789" * 6, "abcdefghij" * 6,
    "".join(chr(ord("!") + number) for number in range(60)), "deadbeef" * 8, "a" * 30 + "b" * 30,
    "qwertyuiopasdfghjklzxcvbnm1234567890QWERTYUIOPASDFGHJKLZXCVBNM", "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik,9ol.0p;/" * 2,
    "this-is-my-very-secret-key-for-daypass-production-2026!!", "correct horse battery staple correct horse battery!",
    "ThisIsTheSecretKeyOfOurDaypassInstallationInProduction1", "Password123!" * 5, "abc123!@#" * 7,
    "".join(f"{number:02x}" for number in range(32)), "replace_me_with_fifty_or_more_random_characters_please_123",
    "aabbccddeeffgghhiijjkkllmmnnooppqqrrssttuuvvwwxxyyzz", "AbCdEfGhIjKlMnOpQrStUvWxYz" * 2, KEY[:20] * 3,
    "\u00e9" * 30 + KEY,
    "insecure-key-for-development-only-do-not-use-in-prod", "THIS-IS-THE-SECRET-OF-THE-PRODUCTION-INSTALLATION-1",
    "lorem ipsum dolor sit amet consectetur adipiscing elit sed do", KEY[:30] + KEY[:30].swapcase(),
    KEY[:32] + KEY[31::-1],
]  # fmt: skip
SIMPLE_SEALING = [
    "", "too-short", KEY, "A" * 43 + "=", "changeme" * 5 + "cha=", "only-for-tests-" * 2 + "only-for-test=",
    SEALING[:-1],
    "YmFzZTY0IG9mIDMyIGJ5dGVzIHRoYXQgYXJlIGdvb2Q=", "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopq=", f" {SEALING}",
    f"{SEALING}\n",
    "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", "_" * 43 + "=", "EjSrzRI0q80SNKvNEjSrzRI0q80SNKvNEjSrzRI0q80=",
    "a" * 43 + "=",
    "thisismysecretencryptionkeyfordaypass123456=", "AAEECRAZJDFAUWR5kKnE4QAhRGmQueQRQHGk2RBJhME=",
]  # fmt: skip

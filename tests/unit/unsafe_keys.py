"""Keys that look random, and those that an installation is refused with."""

import base64

from tests.unit.test_environment import KEY

ENCRYPTION = "9IRi_Ay3NQEZttvIfSKa-Hf7sN3uegYehgNkzetThds="
OTHER = "PQkkjoEnXrlKm3Q1TuO38yDW_jyPnHfI8WdfR-bWZl0="
# The same 32 bytes as ENCRYPTION: with other bits that nobody reads, in the other alphabet, in hex.
SPELLINGS = [
    ENCRYPTION, *(ENCRYPTION[:42] + letter + "=" for letter in "tuv"), ENCRYPTION.replace("-", "+").replace("_", "/"),
    base64.urlsafe_b64decode(ENCRYPTION).hex(), base64.urlsafe_b64decode(ENCRYPTION).hex().upper(),
]  # fmt: skip
TYPED = [
    "P@ssw0rd!2024#Daypass$ACME%Secret^Key&Prod*xyz(123)QW", "Pr0duct10n#K3y!7781-xQ9z/ACME~2026$Zurich&w8Fk2vLp0",
    "ACME+S3cr3t=4411;Gx7!pQ2z(Wk9)Tv5[Nb8]Hj3{Ym6}Lc1<Rf>", "x9$Qz2!Ch4ng3M3@7Kp#5Wv%8Lm^1Tn&6Rb*3Yj(0Hd)4Gs-2Fa",
]  # fmt: skip
ENCODED = [
    "this is my very secret key for the portal do not share", "Zurich-Basel-Geneva-Lugano-Bern-2026",
    "Gr\u00fcezi mitenand, das ist unser ganz geheimer Text",
]  # fmt: skip


def encoded(text: str) -> list[str]:
    """Return the text in the forms in which people make a key of it; each is as long as a key."""
    data = text.encode()
    base64s = [base64.b64encode(data), base64.b64encode(text.encode("utf-16")), base64.b64encode(data.hex().encode())]
    others = [base64.urlsafe_b64encode(data * 2), base64.b32encode(data), base64.b64encode(base64.b64encode(data))]
    hexes = [data.hex(), data.hex().upper(), data.hex(":"), "0x" + data.hex(), "%" + data.hex("%")]
    found = [each.decode() for each in base64s + others] + hexes
    return [each if len(each) >= 50 else f"base64:{each}+" for each in found]


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
    KEY[:32] + KEY[31::-1], *TYPED, *(each for text in ENCODED for each in encoded(text)),
]  # fmt: skip
TYPED_BYTES = [  # 32 each, and no UTF-8
    "Mein geheimes Schl\u00fcsselwort 2026".encode("latin-1"), b"my-own-encryption-key-of-2026!\xff!",
    "my-own-encryption-key-of-2026-xy".encode("cp500"),
    "\u043f\u0430\u0440\u043e\u043b\u044c-".encode("cp1251") * 4 + b"2026",
    bytes(byte ^ 0x80 for byte in b"correct horse battery staple 123"),
]  # fmt: skip
SIMPLE_ENCRYPTION = [
    "", "too-short", KEY, "A" * 43 + "=", "changeme" * 5 + "cha=", "only-for-tests-" * 2 + "only-for-test=",
    ENCRYPTION[:-1],
    "YmFzZTY0IG9mIDMyIGJ5dGVzIHRoYXQgYXJlIGdvb2Q=", "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopq=", f" {ENCRYPTION}",
    f"{ENCRYPTION}\n",
    "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", "_" * 43 + "=", "EjSrzRI0q80SNKvNEjSrzRI0q80SNKvNEjSrzRI0q80=",
    "a" * 43 + "=",
    "thisismysecretencryptionkeyfordaypass123456=", "AAEECRAZJDFAUWR5kKnE4QAhRGmQueQRQHGk2RBJhME=",
    *(base64.urlsafe_b64encode(data).decode() for data in TYPED_BYTES),
]  # fmt: skip

"""A passkey in software: it signs what a browser would, and what no browser would."""

import json
import secrets
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.internal.auth import WebAuthn
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from fido2.cose import ES256
from fido2.utils import websafe_decode, websafe_encode
from fido2.webauthn import Aaguid, AttestationObject, AttestedCredentialData, AuthenticatorData

from access.models import User

RP = "testserver"
PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


@dataclass
class SoftKey:
    """One key pair with a credential id."""

    identity: bytes = field(default_factory=lambda: secrets.token_bytes(16))
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    def registration(self, challenge: str, *, is_verified: bool = True, **extensions: Any) -> dict[str, Any]:
        """Return what the browser sends after it made the key, for the challenge of the page."""
        public = ES256.from_cryptography_key(self.key.public_key())  # type: ignore[no-untyped-call]
        credential = AttestedCredentialData.create(Aaguid.NONE, self.identity, public)
        data = self._data(ATTESTED | PRESENT | (VERIFIED if is_verified else 0), credential)
        attestation = AttestationObject.create("none", data, {})
        response = {"clientDataJSON": _client("create", challenge), "attestationObject": websafe_encode(attestation)}
        return self._answer(response) | {"clientExtensionResults": extensions}

    def assertion(self, challenge: str, *, whose: User, is_verified: bool = True) -> dict[str, Any]:
        """Return what the browser sends after it signed the challenge of the page."""
        data = self._data(PRESENT | (VERIFIED if is_verified else 0))
        client = _client("get", challenge)
        signed = bytes(data) + sha256(websafe_decode(client)).digest()
        response = {
            "clientDataJSON": client,
            "authenticatorData": websafe_encode(data),
            "signature": websafe_encode(self.key.sign(signed, ec.ECDSA(SHA256()))),
            "userHandle": websafe_encode(str(whose.pk).encode()),
        }
        return self._answer(response)

    def belongs_to(self, person: User) -> Authenticator:
        """Store the key as a passkey of the person."""
        credential = self.registration("AAAA", credProps={"rk": True})
        return WebAuthn.add(person, "a key", credential).instance

    def _data(self, flags: int, credential: AttestedCredentialData | None = None) -> AuthenticatorData:
        made: AuthenticatorData = AuthenticatorData.create(
            sha256(RP.encode()).digest(), AuthenticatorData.FLAG(flags), 0, credential or b""
        )
        return made

    def _answer(self, response: dict[str, str]) -> dict[str, Any]:
        identity = websafe_encode(self.identity)
        return {"id": identity, "rawId": identity, "type": "public-key", "response": response}


def _client(what: str, challenge: str) -> str:
    said = {"type": f"webauthn.{what}", "challenge": challenge, "origin": f"https://{RP}", "crossOrigin": False}
    return websafe_encode(json.dumps(said).encode())

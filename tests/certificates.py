"""Certificates made for a test: an authority and the certificates that it signed."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

PEM = serialization.Encoding.PEM
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Signer:
    """An authority that signs certificates; `file` holds its own, which clients that trust it are given."""

    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate
    file: Path

    @classmethod
    def at(cls, directory: Path, name: str = "signer") -> "Signer":
        key = ec.generate_private_key(ec.SECP256R1())
        made = (
            _builder(name, name, key).add_extension(x509.BasicConstraints(True, None), True).sign(key, hashes.SHA256())
        )
        file = directory / f"{name}.pem"
        file.write_bytes(made.public_bytes(PEM))
        return cls(key, made, file)

    def sign(self, host: str, directory: Path) -> Path:
        """Return a file with the key and the certificate of a server that is called `host`."""
        key = ec.generate_private_key(ec.SECP256R1())
        signer = self.certificate.subject.rfc4514_string().removeprefix("CN=")
        names = x509.SubjectAlternativeName([x509.DNSName(host)])
        made = _builder(host, signer, key).add_extension(names, False).sign(self.key, hashes.SHA256())
        private = key.private_bytes(PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        file = directory / f"{host}-{self.file.name}"
        file.write_bytes(private + made.public_bytes(PEM))
        return file


def _builder(name: str, signer: str, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    subject, issuer = (x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, one)]) for one in (name, signer))
    made = x509.CertificateBuilder(issuer, subject, key.public_key(), x509.random_serial_number())
    return made.not_valid_before(now - DAY).not_valid_after(now + DAY)

"""A SAML provider of the tests: a key of its own, metadata, and answers that it signs, honest ones and others."""

import base64
import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from lxml import etree
from onelogin.saml2.utils import OneLogin_Saml2_Utils

ENTITY_ID = "https://idp.example.com/saml"
PORTAL = "http://localhost"
ACS = f"{PORTAL}/account/sso/saml/acs/"
AUDIENCE = f"{PORTAL}/account/sso/saml/metadata/"
PERSISTENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"
MINUTE = timedelta(minutes=1)

MD, SAML, SAMLP = (f"urn:oasis:names:tc:SAML:2.0:{name}" for name in ("metadata", "assertion", "protocol"))

METADATA = f"""<EntityDescriptor xmlns="{MD}" entityID="{{entity}}">
<IDPSSODescriptor protocolSupportEnumeration="{SAMLP}">
<KeyDescriptor use="signing"><KeyInfo xmlns="http://www.w3.org/2000/09/xmldsig#"><X509Data>
<X509Certificate>{{certificate}}</X509Certificate></X509Data></KeyInfo></KeyDescriptor>
<SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect"
 Location="https://idp.example.com/sso"/></IDPSSODescriptor></EntityDescriptor>"""

ASSERTION = f"""<saml:Assertion xmlns:saml="{SAML}" ID="_{{id}}" Version="2.0" IssueInstant="{{now}}">
<saml:Issuer>{{issuer}}</saml:Issuer>
<saml:Subject><saml:NameID Format="{{name_id_format}}">{{name_id}}</saml:NameID>
<saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer">
<saml:SubjectConfirmationData{{answers}} NotOnOrAfter="{{ends}}" Recipient="{{recipient}}"/>
</saml:SubjectConfirmation></saml:Subject>
<saml:Conditions NotBefore="{{starts}}" NotOnOrAfter="{{ends}}">
<saml:AudienceRestriction><saml:Audience>{{audience}}</saml:Audience></saml:AudienceRestriction></saml:Conditions>
<saml:AuthnStatement AuthnInstant="{{now}}"><saml:AuthnContext><saml:AuthnContextClassRef>
urn:oasis:names:tc:SAML:2.0:ac:classes:Password</saml:AuthnContextClassRef></saml:AuthnContext></saml:AuthnStatement>
<saml:AttributeStatement>{{attributes}}</saml:AttributeStatement></saml:Assertion>"""

RESPONSE = f"""<samlp:Response xmlns:samlp="{SAMLP}" xmlns:saml="{SAML}" ID="_{{id}}" Version="2.0"
 IssueInstant="{{now}}" Destination="{{recipient}}"{{answers}}><saml:Issuer>{{issuer}}</saml:Issuer>
<samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></samlp:Status>
{{assertion}}</samlp:Response>"""


@dataclass(frozen=True)
class SamlIdp:
    """A provider with its key and its certificate."""

    key: str
    certificate: str

    def write_metadata(self, file: Path) -> Path:
        body = "".join(self.certificate.splitlines()[1:-1])
        file.write_text(METADATA.format(entity=ENTITY_ID, certificate=body))
        return file

    def sign(self, assertion: str) -> str:
        signed = OneLogin_Saml2_Utils.add_sign(assertion, self.key, self.certificate)
        return signed.decode() if isinstance(signed, bytes) else str(signed)


@dataclass(frozen=True)
class Answer:
    """What the provider answers about Alice, unless something else is said."""

    asked: str
    name_id: str = "persistent-name-of-alice"
    name_id_format: str = PERSISTENT
    issuer: str = ENTITY_ID
    audience: str = AUDIENCE
    recipient: str = ACS
    starts_in: timedelta = -MINUTE
    ends_in: timedelta = 5 * MINUTE
    attributes: dict[str, list[str]] = field(
        default_factory=lambda: {"mail": ["alice@example.com"], "groups": ["aws-approvers", "everybody"]}
    )

    def assertion(self) -> str:
        now = datetime.now(UTC)
        times = {"now": now, "starts": now + self.starts_in, "ends": now + self.ends_in}
        words: dict[str, Any] = {**vars(self), **{name: f"{time:%Y-%m-%dT%H:%M:%SZ}" for name, time in times.items()}}
        words |= {"answers": _answers(self.asked), "attributes": self._attributes(), "id": secrets.token_hex(16)}
        return ASSERTION.format(**words)

    def response(self, assertion: str, *, asked: str | None = None) -> str:
        """Return the unsigned envelope around an assertion, as the browser carries it."""
        words: dict[str, Any] = {
            **vars(self),
            "id": secrets.token_hex(16),
            "now": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
            "answers": _answers(self.asked if asked is None else asked),
            "assertion": assertion,
        }
        return base64.b64encode(RESPONSE.format(**words).encode()).decode()

    def _attributes(self) -> str:
        return "".join(
            f'<saml:Attribute Name="{name}">'
            + "".join(f"<saml:AttributeValue>{value}</saml:AttributeValue>" for value in values)
            + "</saml:Attribute>"
            for name, values in self.attributes.items()
        )


def _answers(asked: str) -> str:
    return f' InResponseTo="{asked}"' if asked else ""


def make_idp() -> SamlIdp:
    """Return a provider with a fresh key and a self-signed certificate."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "idp.example.com")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    return SamlIdp(
        key=key.private_bytes(*form).decode(),
        certificate=certificate.public_bytes(serialization.Encoding.PEM).decode(),
    )


def request_id(location: str) -> str:
    """Return the id of the question that this address carries to the provider."""
    packed = parse_qs(urlsplit(location).query)["SAMLRequest"][0]
    root = etree.fromstring(OneLogin_Saml2_Utils.decode_base64_and_inflate(packed))
    return str(root.get("ID"))

"""The portal's settings for tests and type checks: everything that the environment would give is decided here."""

import os
from pathlib import Path

os.environ.update(
    AWS_EC2_METADATA_DISABLED="true",
    DAYPASS_DEMO="true",
    DAYPASS_ENCRYPTION_KEYS="only-for-tests-only-for-tests-only-for-test=",
    DAYPASS_URL="http://localhost",
    # Not the directory of a running demo: its settings must not reach the tests.
    DAYPASS_VAR_DIR=str(Path(__file__).resolve().parent.parent / "var" / "test"),
    # Importing `portal` makes the Celery application, which asks for settings while these are still being read.
    DJANGO_SETTINGS_MODULE="portal.settings",
    REDIS_URL="redis://127.0.0.1:1/0",  # nobody listens there
    SECRET_KEY="only-for-tests-" + "0123456789" * 5,
)
# All that can be enabled is on here, and not in the processes that tests start.
os.environ.update(
    DAYPASS_ADMIN="true",
    DAYPASS_OIDC_CLIENT_ID="daypass",
    DAYPASS_OIDC_CLIENT_SECRET="only-for-tests",
    DAYPASS_OIDC_ISSUER="http://127.0.0.1:1",  # nobody listens there
    DAYPASS_OIDC_NAME="Example",
    DAYPASS_SAML_EMAIL_ATTRIBUTE="mail",
    DAYPASS_SAML_ENTITY_ID="https://idp.example.com/saml",
    DAYPASS_SAML_METADATA="/nowhere/idp.xml",
    DAYPASS_SAML_NAME="Example over SAML",
    DAYPASS_SSO_ADMIN_GROUPS="aws-admins",
    DAYPASS_SSO_APPROVER_GROUPS="aws-approvers=AWS approvers,payments",
    DAYPASS_SSO_EMAIL_DOMAINS="example.com",
)
os.environ.setdefault("AWS_DEFAULT_REGION", "us-east-1")

from portal.settings import *  # noqa: F403 - after the environment is there

for name in [
    name for name in os.environ if name.startswith(("DAYPASS_ADMIN", "DAYPASS_OIDC", "DAYPASS_SAML", "DAYPASS_SSO"))
]:
    del os.environ[name]
BASE_URL = "http://testserver"  # as Django's test client names the host
STATIC_ROOT = str(VAR_DIR / "static")  # noqa: F405
Path(STATIC_ROOT).mkdir(parents=True, exist_ok=True)
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
# Each test's client makes its middleware again; the static files need not be searched each time.
WHITENOISE_AUTOREFRESH = True

"""The one settings file. Everything that differs between installations comes from the environment.

What is missing or unsafe is listed in UNSAFE, with which no process starts: see `portal.starting`.
"""

from datetime import timedelta
from pathlib import Path

from csp.constants import NONE, SELF
from environ import Env

from portal import branding, databases, logs, placeholders, sso
from portal.addresses import consoles, mail_domain, origin
from portal.environment import Environment, unsafe, whole_url

env = Environment()
BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = Path(env.text("DAYPASS_VAR_DIR", default=str(BASE_DIR / "var")))

# `make run` stores the settings of the demo there, so that every command finds the running portal.
Env.read_env(VAR_DIR / "env")

# The demo runs on http://localhost with fictitious people. Only the demo relaxes these rules.
DEMO = env.flag("DAYPASS_DEMO", default=False)
DEBUG = env.flag("DEBUG", default=False)
BRANDING = branding.from_environment(env)
SECRET_KEY = env.secret("SECRET_KEY", placeholder=placeholders.secret_key())
SECRET_KEY_FALLBACKS = [key for key in env.secret("SECRET_KEY_FALLBACKS", default="", placeholder="").split(",") if key]
# Fernet keys: the first encrypts TOTP seeds, sessions and drafts, and the others still decrypt older values.
ENCRYPTION_KEYS = env.secret("DAYPASS_ENCRYPTION_KEYS", placeholder=placeholders.encryption_key()).split(",")
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", default=["localhost", "127.0.0.1"] if DEMO else [])
CSRF_TRUSTED_ORIGINS = env.words("CSRF_TRUSTED_ORIGINS", default=[])

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "csp",
    "django_htmx",
    "heroicons",
    "django_structlog",
    "access",
    "portal",
]
# Optional parts. A part that is disabled has no tables and no URLs.
ADMIN = env.flag("DAYPASS_ADMIN", default=False)
SSO = sso.from_environment(env, demo=DEMO)
INSTALLED_APPS += [*(["django.contrib.admin.apps.SimpleAdminConfig"] if ADMIN else []), *SSO.apps]
# Where the demo is missing, the start-up checks say so.
INSTALLED_APPS += ["demo"] if DEMO and (BASE_DIR / "demo").is_dir() else []

MIDDLEWARE = [
    # Only this middleware comes before the check of the host, because it only reads responses.
    "csp.middleware.CSPMiddleware",
    "access.middleware.HostMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "access.middleware.MethodsMiddleware",
    "access.middleware.LanguageMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "access.middleware.SessionLimitsMiddleware",
    "access.middleware.ZoneMiddleware",
    "access.middleware.PersonLanguageMiddleware",
    "access.middleware.RefusalsMiddleware",
    "access.middleware.PersonalPagesMiddleware",
    "access.middleware.SignInFirstMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "access.middleware.SpooledMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "access.middleware.SecondFactorMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "access.middleware.FormsOnlyMiddleware",
]

ROOT_URLCONF = "portal.urls"
WSGI_APPLICATION = "portal.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "access.presenters.context.nav",
                "access.presenters.context.branding",
            ],
            "builtins": ["django.templatetags.i18n", "access.templatetags.look"],
        },
    }
]

# --- Database -----------------------------------------------------------------------------------------------------

DATABASES = {
    "default": env.url(
        "DATABASE_URL",
        databases.parse,
        default=f"sqlite:///{VAR_DIR / 'daypass.sqlite3'}",
        placeholder=placeholders.DATABASE_URL,
    )
}
# Used values of libraries are in the database, so that signing in works while Redis is down, and nothing is evicted.
CACHES = {"default": {"BACKEND": "access.signin.cache.ExpiringCache"}}

# --- People -------------------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "access.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "access.signin.breached.BreachedPasswordValidator"},
]
# A sorted list of SHA-1 digests of stolen passwords; without it none is looked up.
BREACHED_PASSWORDS = env.text("DAYPASS_BREACHED_PASSWORDS_FILE", default="")
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_ADAPTER = "access.signin.account.AccountAdapter"
ACCOUNT_FORMS = {"change_password": "access.signin.passwords.ChangePasswordForm"}  # nosec B105  # a name
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_NOTIFICATIONS = True  # of every change of a password or a factor
ACCOUNT_EMAIL_SUBJECT_PREFIX = f"{BRANDING.title}: "
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_RATE_LIMITS = MFA_RATE_LIMITS = False  # access.limits counts attempts instead, in its own table
ACCOUNT_REAUTHENTICATION_TIMEOUT = int(timedelta(minutes=5).total_seconds())
ALLAUTH_TRUSTED_PROXY_COUNT = env.whole_number("ALLAUTH_TRUSTED_PROXY_COUNT", default=0)

MFA_ADAPTER = "access.signin.factors.FactorAdapter"
MFA_FORMS = {
    "add_webauthn": "access.signin.factors.AddWebAuthnForm",
    "activate_totp": "access.signin.factors.ActivateTOTPForm",
    "authenticate": "access.signin.factors.AuthenticateForm",
    "authenticate_webauthn": "access.signin.factors.AuthenticateWebAuthnForm",
    "login_webauthn": "access.signin.factors.LoginWebAuthnForm",
    "reauthenticate": "access.signin.factors.ReauthenticateForm",
    "reauthenticate_webauthn": "access.signin.factors.ReauthenticateWebAuthnForm",
}
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_TOTP_ISSUER = "Daypass"
MFA_TOTP_TOLERANCE = 1
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = DEMO  # http://localhost
MFA_WEBAUTHN_USER_VERIFICATION = "required"
# The maximum age of the passkey or code with which a person decides on requests.
NEW_FACTOR_MAX_AGE = 5 * 60  # and of one that uses break-glass
FACTOR_MAX_AGE = env.whole_number("DAYPASS_FACTOR_MAX_AGE_MINUTES", default=60) * 60

# Single sign-on links no accounts: issuer and subject identify a person, whose first sign-in creates a new account.
SOCIALACCOUNT_ADAPTER = "access.signin.sso.SocialAccountAdapter"
SOCIALACCOUNT_PROVIDERS = SSO.providers
SOCIALACCOUNT_AUTO_SIGNUP = True
SOCIALACCOUNT_EMAIL_AUTHENTICATION = SOCIALACCOUNT_EMAIL_AUTHENTICATION_AUTO_CONNECT = False
SOCIALACCOUNT_LOGIN_ON_GET = SOCIALACCOUNT_STORE_TOKENS = False
SOCIALACCOUNT_EMAIL_VERIFICATION = "none"  # the provider verifies the address, or Daypass refuses the sign-in

SIGNIN_URL = env.text("DAYPASS_SIGNIN_URL", default="")  # instead of AWS's own sign-in service

# --- Web ----------------------------------------------------------------------------------------------------------

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        # Browsers also apply this list to redirects after a form, such as to the AWS console or single sign-on.
        "form-action": [SELF, *consoles(SIGNIN_URL), *SSO.origins],
        "manifest-src": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
X_FRAME_OPTIONS = "DENY"
# The portal is at the root of its host. Some servers read a path prefix from a header, which must not change links.
FORCE_SCRIPT_NAME = ""
SECURE_REFERRER_POLICY = "same-origin"
SECURE_SSL_REDIRECT = not DEMO
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SECURE_HSTS_SECONDS = 0 if DEMO else int(timedelta(days=365).total_seconds())
SECURE_HSTS_INCLUDE_SUBDOMAINS = not DEMO
SECURE_HSTS_PRELOAD = not DEMO
BEHIND_TLS_PROXY = env.flag("DAYPASS_BEHIND_TLS_PROXY", default=False)
if BEHIND_TLS_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = not DEMO
SESSION_COOKIE_NAME = "sessionid" if DEMO else "__Host-sessionid"
# The cookie of a known browser. Over http on the loopback, browsers accept no __Host- cookie.
KNOWN_BROWSER_COOKIE_NAME = "browser" if DEMO else "__Host-browser"
CSRF_COOKIE_NAME = "csrftoken" if DEMO else "__Host-csrftoken"
CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_AGE = int(timedelta(hours=12).total_seconds())
SESSION_IDLE_AGE = env.whole_number("DAYPASS_SESSION_IDLE_MINUTES", default=30) * 60
# For approvers and administrators, where that is shorter.
APPROVER_IDLE_AGE = env.whole_number("DAYPASS_DECIDER_IDLE_MINUTES", default=15) * 60
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"  # a cookie of its own would have no __Host-
SESSION_ENGINE = "access.signin.sessions"
SESSION_SERIALIZER = "access.encryption.EncryptedSerializer"
DATA_UPLOAD_MAX_MEMORY_SIZE = 256 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 200

STATIC_URL = "static/"
STATIC_ROOT = env.text("STATIC_ROOT", default=str(VAR_DIR / "static"))
STATICFILES_DIRS = [BASE_DIR / "static"]
WHITENOISE_USE_FINDERS = DEMO
WHITENOISE_ALLOW_ALL_ORIGINS = False
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEMO
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}

USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en-gb"
LANGUAGES = [("en-gb", "English"), ("de", "Deutsch")]  # each with its own name for itself
USE_I18N = True
# Compiled by `python -m portal.catalogues`; English needs no catalogue.
LOCALE_PATHS = [BASE_DIR / "locale"]

# The URL of the portal in the form that a browser uses, or as the operator typed it, which is refused below.
_URL = env.required("DAYPASS_URL", placeholder=placeholders.url(ALLOWED_HOSTS, demo=DEMO))
BASE_URL = origin(_URL) or _URL
# In the demo emails are files in var/mail/; a real installation names its server: smtp+tls://user:password@host:587
vars().update(
    env.url(
        "EMAIL_URL",
        Env.email_url_config,
        default=f"filemail:///{VAR_DIR / 'mail'}" if DEMO else None,
        placeholder=placeholders.EMAIL_URL,
    )
)
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.text("DAYPASS_MAIL_FROM", default=f"Daypass <daypass@{mail_domain(BASE_URL)}>")

# --- Background work ----------------------------------------------------------------------------------------------

REDIS_URL = env.url("REDIS_URL", whole_url, default="redis://127.0.0.1:6379/0", placeholder=placeholders.REDIS_URL)
# Connections to a database and Redis on other machines use TLS, except for hosts on an isolated network.
PLAINTEXT_HOSTS = env.words("DAYPASS_PLAINTEXT_HOSTS", default=[])
SWEEP_SECONDS = env.number("DAYPASS_SWEEP_SECONDS", default=30.0)
# How long a worker can hold a role without renewing the lease. One write to AWS always takes less time.
LEASE_SECONDS = env.number("DAYPASS_LEASE_SECONDS", default=25.0)
# How often to read each role separately, if the sweep cannot read all roles of an account in one call.
DRIFT_SECONDS = env.number("DAYPASS_DRIFT_SECONDS", default=60.0)

# The head of the audit chain is signed by the worker, and only the worker has the private key.
CHECKPOINT_KEY = env.secret("DAYPASS_CHECKPOINT_KEY", default="", placeholder="")
CHECKPOINT_PUBLIC_KEYS = env.words("DAYPASS_CHECKPOINT_PUBLIC_KEYS", default=[])
CHECKPOINT_FILE = env.text("DAYPASS_CHECKPOINT_FILE", default=str(VAR_DIR / "checkpoints" / "checkpoints.jsonl"))
# The directory for audit events that the database does not accept. Web process and worker need the same one.
SPOOL_DIR = env.text("DAYPASS_SPOOL_DIR", default=str(VAR_DIR / "spool"))

# --- AWS ----------------------------------------------------------------------------------------------------------

# Each process has its own credentials file: the web process with the issuer's profile, the worker with the others.
ISSUER_PROFILE = env.text("DAYPASS_ISSUER_PROFILE", default="daypass-issuer")
WORKER_PROFILE = env.text("DAYPASS_WORKER_PROFILE", default="daypass-worker")
BUILDER_PROFILE = env.text("DAYPASS_BUILDER_PROFILE", default="daypass-builder")
AWS_ENDPOINT_URL = env.text("AWS_ENDPOINT_URL", default="")

# --- Logs ---------------------------------------------------------------------------------------------------------

LOGGING = logs.configure(level=env.text("LOG_LEVEL", default="INFO"))

# All settings that are missing, unreadable or unsafe, each as a code with facts.
UNSAFE = [*env.faults, *unsafe(globals(), demo_file=VAR_DIR / "env")]

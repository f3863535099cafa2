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

# `make run` keeps what it made up for the demo there, so that every command finds the running stack.
Env.read_env(VAR_DIR / "env")

# The demo runs on http://localhost with made-up people; nothing of what it relaxes is relaxed anywhere else.
DEMO = env.flag("DAYPASS_DEMO", default=False)
DEBUG = env.flag("DEBUG", default=False)
BRANDING = branding.from_environment(env)
SECRET_KEY = env.secret("SECRET_KEY", placeholder=placeholders.secret_key())
SECRET_KEY_FALLBACKS = [key for key in env.secret("SECRET_KEY_FALLBACKS", default="", placeholder="").split(",") if key]
# Fernet keys: the first seals TOTP seeds and sessions, the others still open what they sealed.
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
# Off unless asked for; what is off has neither tables nor URLs.
ADMIN = env.flag("DAYPASS_ADMIN", default=False)
SSO = sso.from_environment(env, demo=DEMO)
INSTALLED_APPS += [*(["django.contrib.admin.apps.SimpleAdminConfig"] if ADMIN else []), *SSO.apps]
# Where the demo is missing, the start-up checks say so.
INSTALLED_APPS += ["demo"] if DEMO and (BASE_DIR / "demo").is_dir() else []

MIDDLEWARE = [
    # Only this one comes before the host is judged: it reads only answers.
    "csp.middleware.CSPMiddleware",
    "access.middleware.HostMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "access.middleware.MethodsMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "access.middleware.SessionLimitsMiddleware",
    "access.middleware.ZoneMiddleware",
    "access.middleware.RefusalsMiddleware",
    "access.middleware.PersonalPagesMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
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
# What libraries remember as used lives in the database: signing in works while Redis is down, and nothing is evicted.
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
ACCOUNT_RATE_LIMITS = MFA_RATE_LIMITS = False  # access.limits counts instead: exactly, and in a table of its own
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
# How old the passkey or code of a session can be that decides about the access of others.
NEW_FACTOR_MAX_AGE = 5 * 60  # and of one that uses break-glass
FACTOR_MAX_AGE = env.whole_number("DAYPASS_FACTOR_MAX_AGE_MINUTES", default=60) * 60

# Single sign-on joins no accounts: an identity is issuer and subject, and its first sign-in makes a new account.
SOCIALACCOUNT_ADAPTER = "access.signin.sso.SocialAccountAdapter"
SOCIALACCOUNT_PROVIDERS = SSO.providers
SOCIALACCOUNT_AUTO_SIGNUP = True
SOCIALACCOUNT_EMAIL_AUTHENTICATION = SOCIALACCOUNT_EMAIL_AUTHENTICATION_AUTO_CONNECT = False
SOCIALACCOUNT_LOGIN_ON_GET = SOCIALACCOUNT_STORE_TOKENS = False
SOCIALACCOUNT_EMAIL_VERIFICATION = "none"  # the provider has done it, or nobody comes in

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
        # Browsers hold redirects after a form to this list too: the console sign-in and single sign-on lead there.
        "form-action": [SELF, *consoles(SIGNIN_URL), *SSO.origins],
        "manifest-src": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
X_FRAME_OPTIONS = "DENY"
# The portal is at the root of its host. A header that some servers read as the path before it changes no link.
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
# Of a browser that signed in before; loopback over http takes no __Host- cookie.
KNOWN_BROWSER_COOKIE_NAME = "browser" if DEMO else "__Host-browser"
CSRF_COOKIE_NAME = "csrftoken" if DEMO else "__Host-csrftoken"
CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_AGE = int(timedelta(hours=12).total_seconds())
SESSION_IDLE_AGE = env.whole_number("DAYPASS_SESSION_IDLE_MINUTES", default=30) * 60
# For approvers and administrators, where that is shorter.
APPROVER_IDLE_AGE = env.whole_number("DAYPASS_DECIDER_IDLE_MINUTES", default=15) * 60
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"  # a cookie of its own would have no __Host-
SESSION_ENGINE = "access.signin.sessions"
SESSION_SERIALIZER = "access.signin.encryption.EncryptedSerializer"
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
LANGUAGES = [("en-gb", "English")]
USE_I18N = True
# Compiled by `python -m portal.catalogues`; English needs no catalogue.
LOCALE_PATHS = [BASE_DIR / "locale"]

# Where people reach the portal: as a browser says it, or as it was typed, which is refused below.
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
# Database and Redis on other machines are spoken to over TLS, but for hosts on a network that leads nowhere else.
PLAINTEXT_HOSTS = env.words("DAYPASS_PLAINTEXT_HOSTS", default=[])
SWEEP_SECONDS = env.number("DAYPASS_SWEEP_SECONDS", default=30.0)
# How long a worker may hold one role without renewing; one write to AWS always takes less.
LEASE_SECONDS = env.number("DAYPASS_LEASE_SECONDS", default=25.0)
# After how long a role is read by itself when the sweep could not read all roles together.
DRIFT_SECONDS = env.number("DAYPASS_DRIFT_SECONDS", default=60.0)

# The head of the audit chain is signed by the worker, and only the worker has the private key.
CHECKPOINT_KEY = env.secret("DAYPASS_CHECKPOINT_KEY", default="", placeholder="")
CHECKPOINT_PUBLIC_KEYS = env.words("DAYPASS_CHECKPOINT_PUBLIC_KEYS", default=[])
CHECKPOINT_FILE = env.text("DAYPASS_CHECKPOINT_FILE", default=str(VAR_DIR / "checkpoints" / "checkpoints.jsonl"))
# Where events go that neither the audit chain nor its spool table takes. Web and worker need the same directory.
SPOOL_DIR = env.text("DAYPASS_SPOOL_DIR", default=str(VAR_DIR / "spool"))

# --- AWS ----------------------------------------------------------------------------------------------------------

# Each process finds only its own profiles in its own credentials file: the web the issuer's, the worker the others'.
ISSUER_PROFILE = env.text("DAYPASS_ISSUER_PROFILE", default="daypass-issuer")
WORKER_PROFILE = env.text("DAYPASS_WORKER_PROFILE", default="daypass-worker")
BUILDER_PROFILE = env.text("DAYPASS_BUILDER_PROFILE", default="daypass-builder")
AWS_ENDPOINT_URL = env.text("AWS_ENDPOINT_URL", default="")

# --- Logs ---------------------------------------------------------------------------------------------------------

LOGGING = logs.configure(level=env.text("LOG_LEVEL", default="INFO"))

# All that is missing, cannot be read or is unsafe: a code and facts each.
UNSAFE = [*env.faults, *unsafe(globals(), demo_file=VAR_DIR / "env")]

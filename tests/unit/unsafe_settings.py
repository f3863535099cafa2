"""Settings of an installation that starts, and by setting the values that it is refused with and the fine ones."""

import base64
from pathlib import Path
from typing import Any

from dev.options import ROOT
from portal.sso import OIDC, Button, Sso
from tests.unit.test_environment import KEY
from tests.unit.unsafe_keys import ENCRYPTION, OTHER, SIMPLE_ENCRYPTION, SIMPLE_KEYS

POSTGRES = "django.db.backends.postgresql"
SMTP = "django.core.mail.backends.smtp.EmailBackend"
NAME, HOME = "daypass.example.com", "https://daypass.example.com"
SAFE: dict[str, Any] = {
    "ALLAUTH_TRUSTED_PROXY_COUNT": 1,
    "ALLOWED_HOSTS": [NAME],
    "AWS_ENDPOINT_URL": "",
    "BASE_DIR": ROOT,
    "BEHIND_TLS_PROXY": True,
    "BASE_URL": HOME,
    "BREACHED_PASSWORDS": "",
    "BUILDER_PROFILE": "daypass-builder",
    "CHECKPOINT_FILE": "/srv/checkpoints/checkpoints.jsonl",
    "CHECKPOINT_KEY": "",
    "CHECKPOINT_PUBLIC_KEYS": [],
    "CSRF_TRUSTED_ORIGINS": [HOME],
    "DATABASES": {"default": {"ENGINE": POSTGRES, "HOST": "db", "OPTIONS": {"sslmode": "verify-full"}}},
    "DEBUG": False,
    "APPROVER_IDLE_AGE": 15 * 60,
    "DEFAULT_FROM_EMAIL": f"Daypass <daypass@{NAME}>",
    "DEMO": False,
    "DRIFT_SECONDS": 60.0,
    "EMAIL_BACKEND": SMTP,
    "EMAIL_HOST": "mail.example.com",
    "EMAIL_USE_TLS": True,
    "ENCRYPTION_KEYS": [ENCRYPTION],
    "FACTOR_MAX_AGE": 3600,
    "ISSUER_PROFILE": "daypass-issuer",
    "LEASE_SECONDS": 25.0,
    "LOGGING": {"root": {"level": "INFO"}},
    "PLAINTEXT_HOSTS": [],
    "REDIS_URL": "rediss://:a-long-word@redis:6379/0",
    "SECRET_KEY": KEY,
    "SECRET_KEY_FALLBACKS": [KEY[::-1]],
    "SESSION_IDLE_AGE": 1800,
    "SIGNIN_URL": "",
    "SSO": Sso(),
    "SPOOL_DIR": "/srv/spool",
    "STATIC_ROOT": "/srv/static",
    "SWEEP_SECONDS": 30.0,
    "VAR_DIR": Path("/srv/var"),
    "WORKER_PROFILE": "daypass-worker",
}
REAL_SSO = Sso(apps=["x"], origins=["https://idp.example.com"], email_domains=frozenset({"example.com"}))


def database(url_host: str = "", **options: str) -> dict[str, Any]:
    return {"default": {"ENGINE": POSTGRES, "HOST": url_host, "OPTIONS": options}}


def sso(**different: Any) -> Sso:
    given: dict[str, Any] = {**vars(REAL_SSO), "buttons": [Button("x", "y", OIDC)], **different}
    return Sso(**given)


NOT_OURS = ["com", "example.com", "localhost", "127.0.0.1", "[::1]", f"www.{NAME}", "daypass.example.org"]
NO_HOSTS = [
    ".com", "*", ".example.com", "*.example.com", f"{NAME}.", f"{NAME}:443", HOME, "", " ", f" {NAME}", f"{NAME}/",
]  # fmt: skip
NO_ORIGINS = [
    "http://daypass.example.com", "https://*.example.com", "*", "https://", "https://evil.example",
    "https://example.com",
    f"{HOME}:8443", "null", NAME, f"{HOME}/x", f"{HOME}.", "javascript:alert(1)",
]  # fmt: skip
NO_URLS = [
    "javascript:alert(1)", "ftp://daypass.example.com", "//daypass.example.com", NAME,
    "https://",
    "https:///x", f"{HOME}/portal", f"{HOME}?x=1", f"{HOME}#x", "https://user@daypass.example.com",
    "https://u:p@daypass.example.com",
    "https://daypass.example.com.", "https://daypass.example.com:0", "https://daypass.example.com:65536", f"{HOME}:x",
    f"{HOME} ",
    "https://daypass_example.com", "https://1.2.3", "https://0x7f.1", "https://0x7f000001", "https://0x7f.0x1", "https://0.0.0.0",
    "https://[::]", "https://0X7F000001", "https://example.0x", "https://1.2.3.0x4", "https://[0:0::0]",
    "https://127.1", "https://[::1",
    "https://b\u00fccher.example",
    "https://*.example.com", "https://daypass.example.com\\@evil.example", "data:text/html,x",
    "https://-x.example.com", "", HOME + "\n",
]  # fmt: skip
ENDPOINTS = [
    *((url, "endpoint_without_tls") for url in (
        "http://sts.amazonaws.com", "http://10.0.0.1:4566", "http://localhost.evil.example",
        "http://127.0.0.1.evil.example",
    )),
    *((url, "endpoint_invalid") for url in (
        "javascript:alert(1)", "ftp://127.0.0.1", "file:///etc/passwd", "sts.amazonaws.com", "https://",
        "https://user:word@sts.amazonaws.com", "http://127.0.0.1@evil.example", "https://sts.amazonaws.com:x",
        "https://sts.amazonaws.com\\@evil.example", "https://sts amazonaws.com", "//sts.amazonaws.com",
        "http://0.0.0.0:4566",
    )),
]  # fmt: skip
NUMBERS: dict[str, tuple[int, list[float], list[float]]] = {
    "SESSION_IDLE_AGE": (60, [0, -30, 365 * 24 * 60, 721, 10**9], [1, 30, 720]),
    "APPROVER_IDLE_AGE": (60, [0, -15, 365 * 24 * 60, 121], [1, 15, 120]),
    "FACTOR_MAX_AGE": (60, [0, -60, 365 * 24 * 60, 721], [1, 60, 720]),
    "ALLAUTH_TRUSTED_PROXY_COUNT": (1, [-1, -100, 11, 10**6], [1, 10]),
    "SWEEP_SECONDS": (1, [0, -1, 0.5, 301, 365 * 24 * 3600, float("nan"), float("inf"), float("-inf")], [1, 30, 300]),
    "DRIFT_SECONDS": (1, [0, -1, 3601, float("nan"), float("inf")], [1, 60, 3600]),
    "LEASE_SECONDS": (1, [0, -1, 9, 121, 365 * 24 * 3600, float("nan"), float("inf")], [10, 25, 120]),
}
# By setting: what it is refused with, and the code.
REFUSED: dict[str, list[tuple[Any, str]]] = {
    "SECRET_KEY": [*((key, "key_simple") for key in SIMPLE_KEYS), (KEY[:49], "key_short")],
    "SECRET_KEY_FALLBACKS": [*(([KEY, key], "key_simple") for key in SIMPLE_KEYS), ([KEY, KEY[:49]], "key_short")],
    "ENCRYPTION_KEYS": [
        *(([ENCRYPTION, key], "encryption_key_invalid") for key in SIMPLE_ENCRYPTION),
        ([ENCRYPTION, ENCRYPTION], "encryption_key_reused"),
        ([], "encryption_keys_missing"),
    ],
    "CHECKPOINT_KEY": [
        (key, "checkpoint_key_invalid") for key in [*SIMPLE_ENCRYPTION[1:], ENCRYPTION]
    ],
    "CHECKPOINT_PUBLIC_KEYS": [
        ([ENCRYPTION, key], "checkpoint_key_invalid") for key in ("x", "", KEY)
    ],
    "CHECKPOINT_FILE": [("/srv/static/checkpoints.jsonl", "static_root_unsafe")],
    "SPOOL_DIR": [
        (place, "static_root_unsafe") for place in ("/srv/static", "/srv/static/spool", "/srv/x/../static/y")
    ],
    "DEBUG": [(True, "debug_enabled")],
    "BEHIND_TLS_PROXY": [(False, "proxy_not_there")],
    "BASE_URL": [(HOME.replace("https", "http"), "url_without_tls"), *((url, "url_invalid") for url in NO_URLS)],
    "ALLOWED_HOSTS": [
        ([], "hosts_missing"),
        *(([NAME, host], "host_differs") for host in NOT_OURS),
        *(([NAME, host], "host_pattern") for host in NO_HOSTS),
    ],
    "CSRF_TRUSTED_ORIGINS": [([HOME, each], "origin_invalid") for each in NO_ORIGINS],
    "DATABASES": [
        ({"default": {"ENGINE": "django.db.backends.sqlite3"}}, "database_not_postgresql"),
        ({"default": {"ENGINE": "django.db.backends.mysql"}}, "database_not_postgresql"),
        *(
            (database("db", **({"sslmode": mode} if mode else {})), "database_without_tls")
            for mode in ("", "disable", "allow", "prefer", "require", "verify-ca", "VERIFY-FULL")
        ),
        (database("localhost,db"), "database_without_tls"),
        (database("localhost.db"), "database_without_tls"),
        (database("", host="db"), "database_without_tls"),
        (database("localhost", hostaddr="203.0.113.5"), "database_without_tls"),
        (database("localhost", service="elsewhere"), "database_service"),
        *(
            (database(hosts), "database_without_tls")
            for hosts in (
                *("/tmp,evil.example", "@x,evil.example", "localhost,,evil.example", "::1,203.0.113.5"),
                *(",evil.example", "evil.example,/tmp", "127.0.0.1,/tmp,evil.example", "/tmp, evil.example"),
            )
        ),
        (database("", host="/run/x,evil.example"), "database_without_tls"),
        (database("/tmp", hostaddr="127.0.0.1,203.0.113.5"), "database_without_tls"),
        *(
            (database("localhost", **{word: "x", "sslmode": "verify-full"}), "database_words_unknown")
            for word in (
                *("conninfo", "servicefile", "options", "dbname", "user", "passfile", "context", "cursor_factory"),
                *("autocommit", "isolation_level", "HOST", "Host", "assume_role", "pool", "row_factory", "krbsrvname"),
            )
        ),
        *(
            ({"default": {**database("localhost")["default"], name: value}}, "database_words_unknown")
            for name, value in (("AUTOCOMMIT", False), ("AUTOCOMMIT", 0), ("ATOMIC_REQUESTS", True))
        ),
        *(
            ({"default": {"ENGINE": engine}}, "database_not_postgresql")
            for engine in ("timescale.db.backends.postgresql", "django.contrib.gis.db.backends.postgis")
        ),
    ],
    "REDIS_URL": [
        ("redis://127.0.0.1:6379/0", "redis_without_password"),
        ("rediss://redis:6379/0", "redis_without_password"),
        ("rediss://user@redis:6379/0", "redis_without_password"),
        ("memory://", "redis_without_password"),
        ("http://:a-long-word@redis/0", "redis_without_password"),
        ("redis://:a-long-word@redis:6379/0", "redis_without_tls"),
        ("redis://:a-long-word@localhost.example.com/0", "redis_without_tls"),
        ("rediss://:a-long-word@redis/0?ssl_cert_reqs=none", "redis_unverified"),
        ("rediss://:a-long-word@redis/0?ssl_cert_reqs=none&ssl_cert_reqs=required", "redis_unverified"),
        ("rediss://:a-long-word@redis/0?ssl_cert_reqs=CERT_NONE", "redis_unverified"),
        ("rediss://:a-long-word@redis/0?ssl_cert_reqs=", "redis_unverified"),
        ("rediss://:a-long-word@redis/0?ssl_check_hostname=False", "redis_unverified"),
        ("rediss://:a-long-word@redis/0?ssl_check_hostname=0", "redis_unverified"),
        ("rediss://:a-long-word@redis/0?ssl_check_hostname=no", "redis_unverified"),
        ("redis://:a-long-word@/0?host=evil.example", "redis_words_unknown"),
        *(
            (f"{scheme}://:a-long-word@127.0.0.1:6379/0{more}", "redis_characters")
            for scheme in ("redis", "rediss", "unix")
            for more in (
                *(";redis://:a-long-word@evil.example/0", ";rediss://evil.example", ";", "\n;evil", " ", "\t"),
                *("\u00a0", "\\@evil.example", "?ssl_ca_certs=/a;b", "#;redis://evil.example"),
            )
        ),
        ("redis://:a;b-long-word@127.0.0.1/0", "redis_characters"),
        ("redis://:a-long-word@127.0.0.1,evil.example/0", "redis_without_tls"),
        ("redis://:a-long-word@127.0.0.1#@evil.example:6379/0", "redis_words_unknown"),
        ("rediss://:x@redis/0", "redis_password_weak"),
        ("rediss://:aaaaaaaaaaaa@redis/0", "redis_password_weak"),
    ],
    "PLAINTEXT_HOSTS": [
        ([host], "plaintext_host_public")
        for host in (
            *("*", "*.example.com", "8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8", "::"),
            *("0.0.0.0", "0x08080808"),  # noqa: S104
            *("redis:6379", "redis://redis", ".example.com", "a b"),
        )
    ],
    "EMAIL_BACKEND": [
        (f"django.core.mail.backends.{kind}.EmailBackend", "mail_no_server")
        for kind in ("console", "filebased", "locmem", "dummy")
    ],
    "EMAIL_USE_TLS": [(each, "mail_without_tls") for each in (False, None, 0, "False")],
    "EMAIL_USE_SSL": [(each, "mail_two_kinds_of_tls") for each in (True, 1, "true")],
    "EMAIL_HOST": [(None, "mail_no_host"), ("", "mail_no_host")],
    "DEFAULT_FROM_EMAIL": [
        (text, "mail_sender_invalid")
        for text in (
            *("", "Daypass", "daypass", "a@b, c@d", "x@y\nBcc: z@example.com"),
            *("@example.com", "a b@example.com", "a@-x"),
            *("a@[IPv6:x]", "a@[2001:db8::1]", "a@[IPv6:::]"),
        )
    ],
    "AWS_ENDPOINT_URL": ENDPOINTS,
    "SIGNIN_URL": ENDPOINTS,
    **{
        f"{identity}_PROFILE": [(name, "profiles_not_distinct") for name in ("", other)]
        for identity,
        other in (("ISSUER", "daypass-worker"), ("WORKER", "daypass-builder"), ("BUILDER", "daypass-issuer"))
    },
    **{name: [(value * unit, "setting_out_of_range") for value in wrong] for name, (unit, wrong, _) in NUMBERS.items()},
    "ALLAUTH_TRUSTED_PROXY_COUNT": [
        (0, "proxy_not_counted"),
        *((number, "setting_out_of_range") for number in (-1, -100, 11, 10**6)),
    ],
    "SSO": [
        *(
            (sso(email_domains=frozenset({each})), "sso_domain_invalid")
            for each in ("com", ".example.com", "*", "@example.com", "a b.com")
        ),
        *(
            (sso(origins=[each]), "sso_origin_invalid")
            for each in ("*", "https:", "http://idp.example.com", "https://*.example.com", "data:")
        ),
        *((sso(admin_groups=frozenset({each})), "sso_group_invalid") for each in ("", " ", "*", "aws-*")),
        (sso(approver_groups={"": "ours"}), "sso_group_invalid"),
    ],
    "BREACHED_PASSWORDS": [(file, "breached_passwords_unreadable") for file in ("/nowhere/list", "/")],
    "STATIC_ROOT": [
        (str(place), "static_root_unsafe")
        for place in ("/", ROOT, ROOT.parent, "/srv", "/srv/var", "/srv/static/../var")
    ],
    "LOGGING": [
        ({"root": {"level": level}}, "log_level_unknown")
        for level in ("CRITICAL", "FATAL", "OFF", "info", "", "NOTSET", "100")
    ],
}  # fmt: skip
ROWS = [(name, value, code) for name, rows in REFUSED.items() for value, code in rows]
# Values beside them that are fine.
TAKEN: dict[str, list[Any]] = {
    "SECRET_KEY": [
        "d6=a@s1vm9zj8%y3&%gk783d*hw$tl2^h6v68@r$-o!u3n0i1%",
        "f3a91c07be5d48260e7fb19c8d24a6530917cefb82d46a7035e1c9f8",
        base64.b64encode(b"f3a91c07be5d48260e7fb19c8d24a6530917cefb82d46a7035e1c9f8\n").decode(),
    ],
    "ENCRYPTION_KEYS": [
        ["PQkkjoEnXrlKm3Q1TuO38yDW/jyPnHfI8WdfR+bWZl0="],
        [ENCRYPTION, OTHER],
    ],
    "CHECKPOINT_KEY": [OTHER],
    "CHECKPOINT_PUBLIC_KEYS": [[OTHER]],
    "CSRF_TRUSTED_ORIGINS": [[]],
    "DATABASES": [
        *(database(host) for host in ("/run/postgresql,/tmp", "localhost,127.0.0.1", "::1,@x")),
        database("db1,db2", sslmode="verify-full"),
        database("db", sslmode="verify-full", connect_timeout="5", application_name="daypass", keepalives_idle="30"),
        *(database(host) for host in ("", "/run/postgresql", "localhost", "127.0.0.1", "127.0.0.2", "::1")),
        database("db", sslmode="verify-full", sslrootcert="/ca.pem"),
        database("", host="/run/postgresql"),
    ],
    "REDIS_URL": [
        "redis://:word@127.0.0.1/0", "redis://:word@[::1]/0", "rediss://user:a-word-word@redis/0",
        "unix:///run/redis.sock", "redis://:a%3Bb%20c-word@127.0.0.1/0",
        "rediss://:a-long-word@redis/0?ssl_ca_certs=/ca.pem&ssl_cert_reqs=required",
    ],
    "PLAINTEXT_HOSTS": [["postgres", "redis"], ["10.0.0.5"], ["db.internal"], ["my_db"], ["fd00::1"]],
    "EMAIL_HOST": ["mail", "192.0.2.1"],
    "DEFAULT_FROM_EMAIL": [
        "daypass@example.com", "Daypass <daypass@[IPv6:2001:db8::1]>", '"Daypass (AWS)" <no-reply@mail.example.com>',
    ],
    "AWS_ENDPOINT_URL": [
        "https://vpce-1.sts.eu-central-1.vpce.amazonaws.com", "http://127.0.0.1:4566",
        "http://[::1]:4566", "http://localhost:1",
    ],
    "SIGNIN_URL": ["https://us-east-1.signin.aws.amazon.com/federation", "http://127.0.0.1:4566/federation"],
    "SSO": [REAL_SSO, sso(admin_groups=frozenset({"AWS admins"}), approver_groups={"b1f7": "AWS approvers"})],
    "LOGGING": [{"root": {"level": level}} for level in ("DEBUG", "INFO", "WARNING", "ERROR")],
    **{name: [value * unit for value in right] for name, (unit, _, right) in NUMBERS.items()},
}  # fmt: skip

"""What Daypass refuses to start with. Each code is a Django system check, whose id never changes."""

from access.texts.template import N_, Reader, Sentence


def _check(number: int, english: str) -> Sentence:
    return Sentence(english, Reader.OPERATOR, check=f"daypass.E{number:03}")


TEMPLATES = {
    # What cannot be read.
    "setting_missing": _check(1, N_("{setting} is not set. Set it, or set {setting}_FILE to a file that holds it.")),
    "setting_twice": _check(2, N_("{setting} and {setting}_FILE are both set. Keep one of them.")),
    "setting_file_unreadable": _check(3, N_("{setting} names {file}, which cannot be read: {why}.")),
    "setting_file_empty": _check(4, N_("{setting} names {file}, which is empty.")),
    "setting_url_unreadable": _check(
        5,
        N_(
            "{setting} is not a URL that Daypass can read. Check its scheme and port, and write special characters in "
            "its password in percent-encoding: / as %2F, # as %23, ? as %3F, @ as %40."
        ),
    ),
    "setting_not_a_number": _check(6, N_("{setting} is not a number. Write digits only.")),
    "setting_out_of_range": _check(7, N_("{setting} is {value}: it must be from {least} to {most}.")),
    "setting_value_missing": _check(8, N_("{setting} is not set. Set it.")),
    # Keys.
    "key_short": _check(10, N_("{key} has fewer than {length} characters. {remedy}")),
    "key_simple": _check(11, N_("{key} is known or simple. {remedy}")),
    "key_remedy": Sentence(
        N_("A good one: python -c 'import secrets; print(secrets.token_urlsafe(48))'."), Reader.OPERATOR
    ),
    "demo_key_short": _check(12, N_("SECRET_KEY must have at least {length} random characters.")),
    "encryption_keys_missing": _check(13, N_("DAYPASS_ENCRYPTION_KEYS is not set. {remedy}")),
    "encryption_key_invalid": _check(
        14, N_("DAYPASS_ENCRYPTION_KEYS has one that is not a Fernet key, or a known or simple one. {remedy}")
    ),
    "encryption_key_reused": _check(15, N_("DAYPASS_ENCRYPTION_KEYS has a key that is used twice. {remedy}")),
    "encryption_key_remedy": Sentence(
        N_("A good one: python -c 'import base64, os; print(base64.urlsafe_b64encode(os.urandom(32)).decode())'."),
        Reader.OPERATOR,
    ),
    "checkpoint_key_invalid": _check(
        16,
        N_("{setting} is not a key of Ed25519, 32 bytes in URL-safe Base64. Make one: manage.py audit_key new FILE."),
    ),
    # Web.
    "debug_enabled": _check(
        20, N_("DEBUG is on: its error pages show settings and code to everybody. Set it to false.")
    ),
    "url_invalid": _check(
        21, N_("DAYPASS_URL is {url}: write https:// and the host, as in https://daypass.example.com.")
    ),
    "url_without_tls": _check(22, N_("DAYPASS_URL is {url}: begin it with https://.")),
    "hosts_missing": _check(23, N_("ALLOWED_HOSTS is not set: name the host of DAYPASS_URL.")),
    "host_pattern": _check(24, N_("ALLOWED_HOSTS has {host}: name the host of DAYPASS_URL and no pattern.")),
    "host_differs": _check(
        25, N_("ALLOWED_HOSTS has {host}, and DAYPASS_URL another host: Daypass answers at one. Remove the other.")
    ),
    "origin_invalid": _check(
        26, N_("CSRF_TRUSTED_ORIGINS has {origin}: name DAYPASS_URL's origin, with https://, or nothing.")
    ),
    "proxy_not_counted": _check(
        27,
        N_(
            "DAYPASS_BEHIND_TLS_PROXY is true and ALLAUTH_TRUSTED_PROXY_COUNT is 0: everybody would come from the "
            "proxy's address. Set it to the number of proxies."
        ),
    ),
    "proxy_not_there": _check(
        28,
        N_(
            "ALLAUTH_TRUSTED_PROXY_COUNT is {count} and DAYPASS_BEHIND_TLS_PROXY is not true: anybody could name an "
            "address of their own. Set the one to 0 or the other to true."
        ),
    ),
    "static_root_unsafe": _check(
        29,
        N_("STATIC_ROOT is {directory}, whose files are shown to everybody, and Daypass's own lie in it. Move it."),
    ),
    "log_level_unknown": _check(30, N_("LOG_LEVEL is {level}: it must be one of {levels}.")),
    "breached_passwords_unreadable": _check(
        31, N_("DAYPASS_BREACHED_PASSWORDS_FILE names {file}, which cannot be read.")
    ),
    # Database, queue and mail server.
    "database_not_postgresql": _check(
        40, N_("DATABASE_URL is not set to a PostgreSQL database. Write postgres://user:password@host/name.")
    ),
    "database_options_in_environment": _check(
        41, N_("PGOPTIONS is set, which changes what the server does, triggers included. Leave it out.")
    ),
    "database_service": _check(
        42,
        N_("DATABASE_URL or PGSERVICE names a service, whose host nobody sees: name the host in DATABASE_URL."),
    ),
    "database_words_unknown": _check(43, N_("DATABASE_URL says {words}, which Daypass does not know: leave it out.")),
    "database_without_tls": _check(
        44,
        N_(
            "DATABASE_URL leads to {host} without a certificate that is verified: add "
            "?sslmode=verify-full&sslrootcert=/path/ca.pem, or name the host in DAYPASS_PLAINTEXT_HOSTS."
        ),
    ),
    "redis_without_password": _check(
        45,
        N_(
            "REDIS_URL has no password: redis://:password@host:6379/0. Every client of an open Redis can forge "
            "messages."
        ),
    ),
    "redis_characters": _check(
        46,
        N_(
            "REDIS_URL holds a semicolon, a space or the like: name one Redis, and write such characters as %3B or %20."
        ),
    ),
    "redis_words_unknown": _check(47, N_("REDIS_URL says more than where Redis is: leave all but {words} out.")),
    "redis_unverified": _check(
        48,
        N_("REDIS_URL asks for certificates that nobody verifies: leave ssl_cert_reqs and ssl_check_hostname out."),
    ),
    "redis_without_tls": _check(
        49,
        N_(
            "REDIS_URL leads to {host} without TLS: begin it with rediss://, or name the host in "
            "DAYPASS_PLAINTEXT_HOSTS."
        ),
    ),
    "redis_password_weak": _check(
        50, N_("REDIS_URL has a password of fewer than {length} characters, or of {distinct} that repeat.")
    ),
    "celery_variable": _check(
        51, N_("{variable} is set, and Celery prefers it to REDIS_URL. Leave it out, and name the queue in REDIS_URL.")
    ),
    "plaintext_host_public": _check(
        52, N_("DAYPASS_PLAINTEXT_HOSTS has {host}: name hosts of a private network, one by one, without a port.")
    ),
    "mail_no_server": _check(
        53,
        N_("EMAIL_URL is not a mail server: smtp+tls://user:password@host:587. Emails hold links for nobody else."),
    ),
    "mail_no_host": _check(54, N_("EMAIL_URL names no host: smtp+tls://user:password@host:587.")),
    "mail_two_kinds_of_tls": _check(
        55,
        N_("EMAIL_URL asks for both kinds of TLS, so no email is sent: begin it with smtp+tls:// or smtp+ssl://."),
    ),
    "mail_without_tls": _check(
        56, N_("EMAIL_URL leads to {host} without TLS: begin it with smtp+tls:// or smtp+ssl://.")
    ),
    "mail_sender_invalid": _check(
        57, N_("DAYPASS_MAIL_FROM is {sender}: write one address, as in Daypass <daypass@example.com>.")
    ),
    # AWS.
    "endpoint_invalid": _check(60, N_("{setting} is not a web address: write https://, a host, and what follows it.")),
    "endpoint_without_tls": _check(61, N_("{setting} leads to {host} without TLS: begin it with https://.")),
    "profiles_not_distinct": _check(
        62,
        N_(
            "DAYPASS_ISSUER_PROFILE, DAYPASS_WORKER_PROFILE and DAYPASS_BUILDER_PROFILE must be three names: no "
            "identity does the work of another."
        ),
    ),
    # Single sign-on.
    "sso_domain_invalid": _check(
        70, N_("DAYPASS_SSO_EMAIL_DOMAINS has {domain}: name whole domains, as in example.com.")
    ),
    "sso_origin_invalid": _check(71, N_("DAYPASS_SSO_ORIGINS has {origin}: name whole origins, each with https://.")),
    "sso_group_invalid": _check(
        72,
        N_("DAYPASS_SSO_ADMIN_GROUPS or DAYPASS_SSO_APPROVER_GROUPS has an empty name or a pattern: name groups."),
    ),
    "sso_domains_missing": _check(
        73,
        N_(
            "DAYPASS_SSO_EMAIL_DOMAINS is not set. Set it to the domains of the internal users, as in "
            "example.com,example.org."
        ),
    ),
    "sso_value_empty": _check(74, N_("{setting} is empty. Set it to what the provider has registered.")),
    "sso_metadata_unreadable": _check(75, N_("DAYPASS_SAML_METADATA names {file}, which cannot be read.")),
    "sso_address_without_tls": _check(76, N_("{setting} must be an https:// address.")),
    # A demo.
    "demo_not_installed": _check(
        80,
        N_(
            "DAYPASS_DEMO is on, and this installation has no demo: the image leaves it out. Set DAYPASS_DEMO to false."
        ),
    ),
    "demo_url_not_local": _check(
        81,
        N_(
            "DAYPASS_DEMO is on, and DAYPASS_URL is {url}: a demo's passwords are printed, so it runs at "
            "http://localhost only. Set DAYPASS_DEMO to false."
        ),
    ),
    "demo_host_not_local": _check(
        82,
        N_(
            "DAYPASS_DEMO is on, and ALLOWED_HOSTS has {host}: a demo's passwords are printed, so it runs at "
            "http://localhost only. Set DAYPASS_DEMO to false."
        ),
    ),
    "demo_secrets_here": _check(
        83, N_("{file} holds the secrets of a demo: set DAYPASS_VAR_DIR to another directory.")
    ),
}

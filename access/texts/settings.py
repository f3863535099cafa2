"""What Daypass refuses to start with. Each code is a Django system check, whose id never changes."""

from access.texts.template import N_, N_many, Phrase, Plural, Reader, Sentence


def check(number: int, english: str | Plural, *, count: str = "") -> Sentence:
    """Return the sentence of a system check with this number; `count` names the fact that chooses a plural."""
    return Sentence(english, Reader.OPERATOR, check=f"daypass.E{number:03}", count=count)


TEMPLATES = {
    # What cannot be read.
    "setting_missing": check(
        1,
        N_("{setting} is not set. Set {setting}, or set {setting}_FILE to the path of a file that contains the value."),
    ),
    "setting_twice": check(2, N_("{setting} and {setting}_FILE are both set. Remove one of these two settings.")),
    "setting_file_unreadable": check(
        3, N_("{setting} points to {file}, which cannot be read ({why}). Correct the path or the file's permissions.")
    ),
    "setting_file_empty": check(4, N_("{setting} points to {file}, which is empty. Write the value to the file.")),
    "setting_url_unreadable": check(
        5,
        N_(
            "{setting} is not a URL that Daypass can parse. Check its scheme and port, and percent-encode"
            " special characters in its password: / as %2F, # as %23, ? as %3F, @ as %40."
        ),
    ),
    "setting_not_a_number": check(
        6, N_("{setting} is not a whole number. Set {setting} to a number that has only digits.")
    ),
    "setting_out_of_range": check(
        7, N_("{setting} is {value}, which is out of range. Set {setting} to a number from {least} to {most}.")
    ),
    "setting_value_missing": check(
        8, N_("{setting} is not set and has no default. Set {setting} as docs/reference/settings.md describes.")
    ),
    # Keys.
    "key_short": check(
        10,
        N_many(
            "{key} has fewer than {length} character. {remedy}", "{key} has fewer than {length} characters. {remedy}"
        ),
        count="length",
    ),
    "key_simple": check(11, N_("{key} is publicly known or not random enough. {remedy}")),
    "demo_key_short": check(
        12,
        N_many(
            "SECRET_KEY is too short. Set it to at least {length} random character.",
            "SECRET_KEY is too short. Set it to at least {length} random characters.",
        ),
        count="length",
    ),
    "encryption_keys_missing": check(13, N_("DAYPASS_ENCRYPTION_KEYS is not set. {remedy}")),
    "encryption_key_invalid": check(
        14,
        N_(
            "DAYPASS_ENCRYPTION_KEYS contains a key that is not a Fernet key, is publicly known or is not"
            " random enough. {remedy}"
        ),
    ),
    "encryption_key_reused": check(
        15, N_("DAYPASS_ENCRYPTION_KEYS contains a key that is also used elsewhere or appears twice. {remedy}")
    ),
    "checkpoint_key_invalid": check(
        16,
        N_(
            "{setting} is not an Ed25519 key (32 bytes in URL-safe Base64). To create a key, run: manage.py "
            "audit_key new FILE."
        ),
    ),
    # Web.
    "debug_enabled": check(
        20, N_("DEBUG is enabled, so error pages show settings and code to everyone. Set DEBUG to false.")
    ),
    "url_invalid": check(
        21,
        N_(
            "DAYPASS_URL is {url}, which is not https:// followed by a host. Set DAYPASS_URL to a URL such "
            "as https://daypass.example.com."
        ),
    ),
    "url_without_tls": check(
        22, N_("DAYPASS_URL is {url}, which does not use TLS. Set DAYPASS_URL to a URL that starts with https://.")
    ),
    "hosts_missing": check(23, N_("ALLOWED_HOSTS is not set. Set it to the host of DAYPASS_URL.")),
    "host_pattern": check(
        24,
        N_(
            "ALLOWED_HOSTS contains {host}, which is not the name of a single host. Replace {host} with the host of "
            "DAYPASS_URL."
        ),
    ),
    "host_differs": check(
        25,
        N_(
            "ALLOWED_HOSTS contains {host}, which is not the host of DAYPASS_URL, and Daypass can have only one "
            "host. Set ALLOWED_HOSTS to the host of DAYPASS_URL."
        ),
    ),
    "origin_invalid": check(
        26,
        N_(
            "CSRF_TRUSTED_ORIGINS contains {origin}, which is not the origin of DAYPASS_URL. Set "
            "CSRF_TRUSTED_ORIGINS to that origin, including https://, or leave it empty."
        ),
    ),
    "proxy_not_counted": check(
        27,
        N_(
            "DAYPASS_BEHIND_TLS_PROXY is true, but ALLAUTH_TRUSTED_PROXY_COUNT is 0, so every client would "
            "appear to have the proxy's address. Set ALLAUTH_TRUSTED_PROXY_COUNT to the number of proxies."
        ),
    ),
    "proxy_not_there": check(
        28,
        N_(
            "ALLAUTH_TRUSTED_PROXY_COUNT is {count}, but DAYPASS_BEHIND_TLS_PROXY is not true, so clients could "
            "claim any IP address. Set ALLAUTH_TRUSTED_PROXY_COUNT to 0, or DAYPASS_BEHIND_TLS_PROXY to true."
        ),
    ),
    "static_root_unsafe": check(
        29,
        N_(
            "STATIC_ROOT is {directory}, which contains Daypass's own files or secrets, and everyone can "
            "read the files in STATIC_ROOT. Set STATIC_ROOT to a separate directory."
        ),
    ),
    "log_level_unknown": check(30, N_("LOG_LEVEL is {level}, which is not a log level. Set it to one of {levels}.")),
    "breached_passwords_unreadable": check(
        31,
        N_(
            "DAYPASS_BREACHED_PASSWORDS_FILE points to {file}, which cannot be read. Correct the path or the "
            "file's permissions, or remove the setting."
        ),
    ),
    # Database, queue and mail server.
    "database_not_postgresql": check(
        40, N_("DATABASE_URL does not name a PostgreSQL database. Set it to postgres://user:password@host/name.")
    ),
    "database_options_in_environment": check(
        41,
        N_(
            "PGOPTIONS is set, which can change how PostgreSQL behaves, including whether triggers run. Remove "
            "PGOPTIONS."
        ),
    ),
    "database_service": check(
        42,
        N_(
            "DATABASE_URL or PGSERVICE names a libpq service, so Daypass cannot check its host. Name the "
            "host in DATABASE_URL instead."
        ),
    ),
    "database_words_unknown": check(
        43, N_("DATABASE_URL contains {words}, which Daypass does not support. Remove {words} from the URL.")
    ),
    "database_without_tls": check(
        44,
        N_(
            "DATABASE_URL connects to {host} without verifying the server's certificate. Add "
            "?sslmode=verify-full&sslrootcert=/path/ca.pem to the URL, or add the host to DAYPASS_PLAINTEXT_HOSTS."
        ),
    ),
    "redis_without_password": check(
        45,
        N_(
            "REDIS_URL has no password, so every client of that Redis server can forge messages. Set REDIS_URL to a "
            "URL such as rediss://:password@host:6379/0."
        ),
    ),
    "redis_characters": check(
        46,
        N_(
            "REDIS_URL contains a semicolon, a space, a backslash or a character that is not ASCII. Name only one "
            "Redis server, and percent-encode such characters: write a semicolon as %3B and a space as %20."
        ),
    ),
    "redis_words_unknown": check(
        47, N_("REDIS_URL contains options that Daypass does not support. Remove all options except {words}.")
    ),
    "redis_unverified": check(
        48,
        N_("REDIS_URL disables the verification of certificates. Remove ssl_cert_reqs and ssl_check_hostname."),
    ),
    "redis_without_tls": check(
        49,
        N_(
            "REDIS_URL connects to {host} without TLS. Start REDIS_URL with rediss://, or add the host to "
            "DAYPASS_PLAINTEXT_HOSTS."
        ),
    ),
    "redis_password_weak": check(
        50,
        N_many(
            "REDIS_URL has a password with fewer than {length} character, or with too few different characters. Use a "
            "longer random password.",
            "REDIS_URL has a password with fewer than {length} characters, or with too few different characters. Use a "
            "longer random password.",
        ),
        count="length",
    ),
    "celery_variable": check(
        51,
        N_(
            "{variable} is set, and Celery uses it instead of REDIS_URL. Remove {variable}, and set only REDIS_URL "
            "to the URL of the Redis server."
        ),
    ),
    "plaintext_host_public": check(
        52,
        N_(
            "DAYPASS_PLAINTEXT_HOSTS contains {host}, which is not a single host in a private network. List "
            "each private host separately, without a port."
        ),
    ),
    "mail_no_server": check(
        53,
        N_(
            "EMAIL_URL does not name a mail server. Emails contain secret links, so Daypass sends them only "
            "to a mail server. Set EMAIL_URL to smtp+tls://user:password@host:587."
        ),
    ),
    "mail_no_host": check(
        54, N_("EMAIL_URL does not contain a host. Set EMAIL_URL to smtp+tls://user:password@host:587.")
    ),
    "mail_two_kinds_of_tls": check(
        55,
        N_(
            "EMAIL_URL requests both STARTTLS and implicit TLS, so no email could be sent. Start EMAIL_URL "
            "with either smtp+tls:// or smtp+ssl://."
        ),
    ),
    "mail_without_tls": check(
        56, N_("EMAIL_URL connects to {host} without TLS. Start EMAIL_URL with smtp+tls:// or smtp+ssl://.")
    ),
    "mail_sender_invalid": check(
        57,
        N_(
            "DAYPASS_MAIL_FROM is {sender}, which is not a single email address. Set DAYPASS_MAIL_FROM to an "
            "address such as Daypass <daypass@example.com>."
        ),
    ),
    # AWS.
    "endpoint_invalid": check(
        60, N_("{setting} is not a valid URL. Set {setting} to https:// followed by a host and, if necessary, a path.")
    ),
    "endpoint_without_tls": check(61, N_("{setting} connects to {host} without TLS. Start the URL with https://.")),
    "profiles_not_distinct": check(
        62,
        N_(
            "DAYPASS_ISSUER_PROFILE, DAYPASS_WORKER_PROFILE and DAYPASS_BUILDER_PROFILE are not three different "
            "profiles. Set these three settings to three different profiles."
        ),
    ),
}
# What to do, as part of the sentences about keys.
PHRASES = {
    "key_remedy": Phrase(N_("To generate a key, run: python -c 'import secrets; print(secrets.token_urlsafe(48))'.")),
    "encryption_key_remedy": Phrase(
        N_(
            "To generate a key, run: python -c 'import base64, os; "
            "print(base64.urlsafe_b64encode(os.urandom(32)).decode())'."
        )
    ),
}

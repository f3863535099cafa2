"""Which values of single sign-on, of branding and of a demo Daypass refuses to start with."""

from access.texts.settings import check
from access.texts.template import N_, N_many

TEMPLATES = {
    # Single sign-on.
    "sso_domain_invalid": check(
        70,
        N_(
            "DAYPASS_SSO_EMAIL_DOMAINS contains {domain}, which is not a complete domain. List complete "
            "domains, such as example.com."
        ),
    ),
    "sso_origin_invalid": check(
        71,
        N_(
            "DAYPASS_SSO_ORIGINS contains {origin}, which is not a complete origin. List complete "
            "origins, each starting with https://."
        ),
    ),
    "sso_group_invalid": check(
        72,
        N_(
            "DAYPASS_SSO_ADMIN_GROUPS or DAYPASS_SSO_APPROVER_GROUPS contains an empty name or a wildcard. List the "
            "exact names of groups."
        ),
    ),
    "sso_domains_missing": check(
        73,
        N_(
            "DAYPASS_SSO_EMAIL_DOMAINS is not set. Set it to the email domains of internal users, such as"
            " example.com,example.org."
        ),
    ),
    "sso_value_empty": check(
        74, N_("{setting} is empty. Set it to the value that is registered with the identity provider.")
    ),
    "sso_metadata_unreadable": check(
        75,
        N_("DAYPASS_SAML_METADATA points to {file}, which cannot be read. Correct the path or the file's permissions."),
    ),
    "sso_address_without_tls": check(76, N_("{setting} does not start with https://. Set it to an https:// URL.")),
    # Branding.
    "branding_text_invalid": check(
        90,
        N_many(
            "{setting} has more than {longest} character, or contains a control character such as a line break. Set "
            "{setting} to a single line that is short enough.",
            "{setting} has more than {longest} characters, or contains a control character such as a line break. Set "
            "{setting} to a single line that is short enough.",
        ),
        count="longest",
    ),
    "branding_contact_invalid": check(
        91,
        N_(
            "DAYPASS_CONTACT is not an email address or an https:// URL. Set DAYPASS_CONTACT to an email address or "
            "an https:// URL, or remove the setting."
        ),
    ),
    "branding_logo_invalid": check(
        92,
        N_(
            "DAYPASS_LOGO points to {file}, which is not a readable PNG or SVG image of at most {kilobytes} "
            "kB. Set DAYPASS_LOGO to the path of such a file."
        ),
    ),
    # A demo.
    "demo_not_installed": check(
        80,
        N_("DAYPASS_DEMO is enabled, but this installation does not contain the demo. Set DAYPASS_DEMO to false."),
    ),
    "demo_url_not_local": check(
        81,
        N_(
            "DAYPASS_DEMO is enabled and DAYPASS_URL is {url}, but a demo prints its passwords, so it can"
            " run only at http://localhost. Set DAYPASS_DEMO to false."
        ),
    ),
    "demo_host_not_local": check(
        82,
        N_(
            "DAYPASS_DEMO is enabled and ALLOWED_HOSTS contains {host}, but a demo prints its passwords, "
            "so it can run only at http://localhost. Set DAYPASS_DEMO to false."
        ),
    ),
    "demo_secrets_here": check(
        83,
        N_(
            "{file} contains the secrets of a demo, but DAYPASS_DEMO is not enabled. Set DAYPASS_VAR_DIR to another "
            "directory."
        ),
    ),
}

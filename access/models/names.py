"""The names and descriptions that a role can have, according to IAM and because of overflow roles."""

import re

from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _

# Overflow roles have the names <name>-2, <name>-3 and so on. So no other name can end like this, and every name must
# leave space for the number.
BASE_NAME_MAX_LENGTH = 60
OVERFLOW_NAME = re.compile(r"-[0-9]+\Z")
role_name_validator = RegexValidator(
    r"\A[A-Za-z0-9_+=,.@-]{1,64}\Z",
    _("An IAM role name has 1 to 64 characters: A to Z, a to z, 0 to 9 and _ + = , . @ -"),
)
# [IAM API reference, CreateRole, Description]
role_description_validator = RegexValidator(
    r"\A[\x20-\x7e\xa1-\xff]*\Z",
    _("IAM accepts only Western European characters in a description. Remove long dashes and curly quotes."),
)
role_path_validator = RegexValidator(
    r"\A/(?:[A-Za-z0-9_+=,.@-]+/)*\Z", _("An IAM path must begin and end with a slash.")
)

"""The names and descriptions that a role can have, according to IAM and because of overflow roles."""

import re

from django.core.validators import RegexValidator
from django.utils.functional import lazystr

from access.texts.text import Text

# Overflow roles have the names <name>-2, <name>-3 and so on. So no other name can end like this, and every name must
# leave space for the number.
BASE_NAME_MAX_LENGTH = 60
OVERFLOW_NAME = re.compile(r"-[0-9]+\Z")


def coded_pattern(pattern: str, code: str) -> RegexValidator:
    """Return the validator that refuses what does not match, with the sentence of a code."""
    return RegexValidator(pattern, lazystr(Text(code)), code)


role_name_validator = coded_pattern(r"\A[A-Za-z0-9_+=,.@-]{1,64}\Z", "role_name_invalid")
# [IAM API reference, CreateRole, Description]
role_description_validator = coded_pattern(r"\A[\x20-\x7e\xa1-\xff]*\Z", "role_description_invalid")
role_path_validator = coded_pattern(r"\A/(?:[A-Za-z0-9_+=,.@-]+/)*\Z", "role_path_invalid")

"""Conditions of policies in words. The key and every value are always named."""

from access.texts.template import Phrase

# Keys that have a name; others are named as they are written.
KEYS = {
    "aws:sourceip": "the caller's address",
    "aws:currenttime": "the time",
    "aws:epochtime": "the time",
    "aws:requestedregion": "the region",
    "aws:principalorgid": "the caller's organisation",
    "aws:principalarn": "the calling identity",
    "aws:principalaccount": "the caller's account",
    "aws:resourceaccount": "the account that owns the resource",
    "s3:resourceaccount": "the account that owns the bucket",
    "aws:resourceorgid": "the organisation that owns the resource",
    "aws:multifactorauthage": "the age of the second factor in seconds",
    "aws:userid": "the caller's unique ID",
    "aws:sourcevpc": "the VPC of the call",
    "aws:sourcevpce": "the VPC endpoint of the call",
    "sts:externalid": "the external ID",
    "sts:rolesessionname": "the session name",
    "sts:sourceidentity": "the source identity",
    "iam:passedtoservice": "the service that the role is passed to",
    "s3:prefix": "the listed prefix",
}
# What a test asks of a key.
_TESTS = {
    "after": "{key} is after {values}",
    "before": "{key} is before {values}",
    "in": "{key} is in {values}",
    "is": "{key} is {values}",
    "is_in_any_case": "{key} is {values}, ignoring case",
    "less_than": "{key} is less than {values}",
    "matches": "{key} matches {values}",
    "at_least": "{key} is at least {values}",
    "at_most": "{key} is at most {values}",
    "more_than": "{key} is more than {values}",
    "not": "{key} is not {values}",
    "not_after": "{key} is not after {values}",
    "not_before": "{key} is not before {values}",
    "not_in": "{key} is not in {values}",
    "not_in_any_case": "{key} is not {values}, ignoring case",
    "not_matches": "{key} does not match {values}",
    # The same of several values, of which none may be it.
    "not_several": "{key} is neither {values}",
    "not_in_several": "{key} is in neither {values}",
    "not_in_any_case_several": "{key} is neither {values}, ignoring case",
    "not_matches_several": "{key} matches neither {values}",
    "other": "{key} {operator} {values}",
}
_WHOLE = {
    "handed_over": "the bucket owner becomes the owner of the object ({key} is {value})",
    "key_absent": "{key} is absent",
    "key_present": "{key} is present",
    "key_either": "{key} is present or absent (Null {values})",
    "aws:multifactorauthpresent true": "there is a second factor ({key} is {value})",
    "aws:multifactorauthpresent false": "there is no second factor ({key} is {value})",
    "aws:securetransport true": "the call is over TLS ({key} is {value})",
    "aws:securetransport false": "the call is without TLS ({key} is {value})",
    "aws:viaawsservice true": "an AWS service makes the call for the session ({key} is {value})",
    "aws:viaawsservice false": "the session makes the call itself ({key} is {value})",
    "or_absent": "{test}, or this key is absent",
    "or_absent_beside": "{test} (or this key is absent)",  # beside other tests, to which the "or" does not belong
    "or_none": "{test}, or the key has no values",
    "or_none_beside": "{test} (or the key has no values)",
    "no_value": "nothing",
    "each_value": "each value of {key}",
    "some_value": "at least one value of {key}",
}
TEMPLATES: dict[str, Phrase] = {
    **{f"key_{key}": Phrase(f"{words} ({{key}})") for key, words in KEYS.items()},
    **{f"test_{code}": Phrase(english) for code, english in _TESTS.items()},
    **{code: Phrase(english) for code, english in _WHOLE.items()},
}

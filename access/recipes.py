"""Build permissions policies for common tasks from a few typed values. Pure: no Django, no AWS.

Each value is checked exactly and in ASCII, so that no value can contain a wildcard, a policy variable or a part of
another ARN. A folder always ends with a slash: the folder `a` does not include objects of the folder `ab`.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from typing import Any

from access import uploads
from access.texts.text import CodedError

Document = dict[str, Any]
FOLDER_MAX_LENGTH = 900  # S3 keys have at most 1,024 bytes

# [S3 User Guide, "General purpose bucket naming rules"]
_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]\Z", re.ASCII)
_ADDRESS = re.compile(r"[0-9]{1,3}(?:\.[0-9]{1,3}){3}\Z", re.ASCII)
_RESERVED_STARTS = ("xn--", "sthree-", "amzn-s3-demo-")
_RESERVED_ENDS = ("-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3")
_FOLDER = re.compile(r"(?!\.{1,2}(?:/|\Z))[A-Za-z0-9_.-]+(?:/(?!\.{1,2}(?:/|\Z))[A-Za-z0-9_.-]+)*/?\Z", re.ASCII)
# [Tagging AWS Resources User Guide, "Tag naming limits and requirements"]
_TAG = r"[A-Za-z0-9_.:/=+@-](?:[A-Za-z0-9 _.:/=+@-]{0,%d}[A-Za-z0-9_.:/=+@-])?\Z"
_TAG_KEY = re.compile("(?!(?i:aws:))" + _TAG % 126, re.ASCII)
_TAG_VALUE = re.compile(_TAG % 254, re.ASCII)
# [CloudWatch Logs API reference, CreateLogGroup, logGroupName]
_LOG_GROUP = re.compile(r"(?!aws/)[A-Za-z0-9_./#-]{1,512}\Z", re.ASCII)
_REGION = re.compile(r"[a-z]{2}(?:-[a-z]{1,20}){1,2}-[0-9]\Z", re.ASCII)
_ACCOUNT = re.compile(r"[0-9]{12}\Z", re.ASCII)
_PARTITION = re.compile(r"aws(?:-us-gov|-cn)?\Z", re.ASCII)
_REGIONS_OF = {"aws-cn": "cn-", "aws-us-gov": "us-gov-"}


class Recipe(StrEnum):
    """The tasks that there is a recipe for."""

    UPLOAD_ONLY = "upload-only"
    READ_ONLY = "read-only"
    UPLOAD_AND_LIST = "upload-and-list"
    ONE_FOLDER = "one-folder"
    START_AND_STOP = "start-and-stop"
    READ_LOGS = "read-logs"


class RecipeError(CodedError):
    """A typed value cannot be used; `field` names the value."""


@dataclass(frozen=True, slots=True)
class Place:
    """The account of the role."""

    partition: str
    account_id: str


@dataclass(frozen=True, slots=True)
class Values:
    """What was typed, exactly. Each recipe reads its own values and ignores the others.

    With `in_account`, the bucket has to belong to the account of the role, so that nobody else can take over its name.
    With `must_own`, each upload has to make the bucket's owner the owner of the object. With `describes_instances`,
    the role can also list all instances of the region, which IAM cannot limit to a tag.
    """

    bucket: str = ""
    folder: str = ""
    in_account: bool = False
    must_own: bool = False
    region: str = ""
    tag_key: str = ""
    tag_value: str = ""
    describes_instances: bool = False
    log_group: str = ""


def policy(recipe: Recipe, values: Values, place: Place) -> Document:
    """Return the permissions policy of a recipe; raise RecipeError for the first value that cannot be used."""
    for error in errors_in(recipe, values, place):
        raise error
    return {"Version": "2012-10-17", "Statement": _BUILDERS[recipe](values, place)}


def errors_in(recipe: Recipe, values: Values, place: Place) -> Iterator[RecipeError]:
    """Yield an error for each value of a recipe that cannot be used, one for each field."""
    if not (_PARTITION.match(place.partition) and _ACCOUNT.match(place.account_id)):
        yield RecipeError("recipe_account_invalid")
    for name in _NEEDED[recipe]:
        error = _error_in(name, str(getattr(values, name)), place)
        if error is not None:
            yield error
    if recipe in USES_FOLDER and recipe is not Recipe.ONE_FOLDER and values.folder:
        error = _error_in("folder", values.folder, place)
        if error is not None:
            yield error


def _error_in(name: str, value: str, place: Place) -> RecipeError | None:
    if not value:
        return RecipeError("recipe_value_missing", field=name)
    check, refusal = _CHECKS[name]
    if not check(value):
        return refusal(field=name)
    if name == "region" and not _is_of(place.partition, value):
        return RecipeError("recipe_region_elsewhere", field=name, region=value, partition=place.partition)
    return None


def _is_bucket(name: str) -> bool:
    is_reserved = name.startswith(_RESERVED_STARTS) or name.endswith(_RESERVED_ENDS)
    return bool(_BUCKET.match(name)) and ".." not in name and not _ADDRESS.match(name) and not is_reserved


def _is_folder(name: str) -> bool:
    return len(name) <= FOLDER_MAX_LENGTH and bool(_FOLDER.match(name))


def _is_of(partition: str, region: str) -> bool:
    """Return whether a region belongs to the partition, by its name."""
    other = [start for start in _REGIONS_OF.values() if region.startswith(start)]
    return other == ([_REGIONS_OF[partition]] if partition in _REGIONS_OF else [])


_CHECKS: Mapping[str, tuple[Callable[[str], Any], Callable[..., RecipeError]]] = {
    "bucket": (_is_bucket, partial(RecipeError, "recipe_bucket_invalid")),
    "folder": (_is_folder, partial(RecipeError, "recipe_folder_invalid")),
    "region": (_REGION.match, partial(RecipeError, "recipe_region_invalid")),
    "tag_key": (_TAG_KEY.match, partial(RecipeError, "recipe_tag_key_invalid")),
    "tag_value": (_TAG_VALUE.match, partial(RecipeError, "recipe_tag_value_invalid")),
    "log_group": (_LOG_GROUP.match, partial(RecipeError, "recipe_log_group_invalid")),
}
_NEEDED: Mapping[Recipe, Sequence[str]] = {
    Recipe.UPLOAD_ONLY: ("bucket",),
    Recipe.READ_ONLY: ("bucket",),
    Recipe.UPLOAD_AND_LIST: ("bucket",),
    Recipe.ONE_FOLDER: ("bucket", "folder"),
    Recipe.START_AND_STOP: ("region", "tag_key", "tag_value"),
    Recipe.READ_LOGS: ("region", "log_group"),
}
USES_FOLDER = {Recipe.UPLOAD_ONLY, Recipe.READ_ONLY, Recipe.UPLOAD_AND_LIST, Recipe.ONE_FOLDER}


def _upload_only(values: Values, place: Place) -> list[Document]:
    """Return the statements with which sessions can upload objects, and neither read nor list nor delete them."""
    document = uploads.upload_policy(
        values.bucket, prefix=_prefix(values), must_belong_to_us=values.must_own, partition=place.partition
    )
    return [_owned(statement, values, place) for statement in document["Statement"]]


def _read_only(values: Values, place: Place) -> list[Document]:
    reading = _allow("s3:GetObject", f"{_bucket_arn(values, place)}/{_prefix(values)}*")
    return [_owned(reading, values, place), _listing(values, place)]


def _upload_and_list(values: Values, place: Place) -> list[Document]:
    return [*_upload_only(values, place), _listing(values, place)]


def _one_folder(values: Values, place: Place) -> list[Document]:
    """Return the statements with which sessions can upload, read and list the objects of a folder, and not delete."""
    return [*_upload_only(values, place), *_read_only(values, place)]


def _listing(values: Values, place: Place) -> Document:
    """Return the statement for ListBucket; s3:prefix is what the caller asks to list. [S3 User Guide, "Bucket policy
    examples using condition keys"]
    """
    statement, prefix = _allow("s3:ListBucket", _bucket_arn(values, place)), _prefix(values)
    limited = statement | ({"Condition": {"StringLike": {"s3:prefix": f"{prefix}*"}}} if prefix else {})
    return _owned(limited, values, place)


def _owned(statement: Document, values: Values, place: Place) -> Document:
    """Return the statement for a bucket of the role's own account, if that was chosen."""
    if not values.in_account:
        return statement
    conditions: Document = statement.get("Condition", {})
    equal = conditions.get("StringEquals", {}) | {"aws:ResourceAccount": place.account_id}
    return statement | {"Condition": conditions | {"StringEquals": equal}}


def _start_and_stop(values: Values, place: Place) -> list[Document]:
    """Return the statements for the instances that have the tag now; the role cannot change tags."""
    instances = f"arn:{place.partition}:ec2:{values.region}:{place.account_id}:instance/*"
    tag = {"StringEquals": {f"aws:ResourceTag/{values.tag_key}": values.tag_value}}
    allowed = _allow(["ec2:StartInstances", "ec2:StopInstances"], instances) | {"Condition": tag}
    region = {"StringEquals": {"aws:RequestedRegion": values.region}}
    described = _allow("ec2:DescribeInstances", "*") | {"Condition": region}
    return [allowed, described] if values.describes_instances else [allowed]


def _read_logs(values: Values, place: Place) -> list[Document]:
    """Return the statement for one log group; these actions need the ARN with `:*` at its end. [CloudWatch Logs User
    Guide, "CloudWatch Logs resources and operations"]
    """
    group = f"arn:{place.partition}:logs:{values.region}:{place.account_id}:log-group:{values.log_group}:*"
    return [_allow(["logs:DescribeLogStreams", "logs:FilterLogEvents", "logs:GetLogEvents"], group)]


def _prefix(values: Values) -> str:
    """Return the folder with exactly one slash at its end, or nothing for the whole bucket."""
    return f"{values.folder.removesuffix('/')}/" if values.folder else ""


def _bucket_arn(values: Values, place: Place) -> str:
    return f"arn:{place.partition}:s3:::{values.bucket}"


def _allow(actions: str | list[str], resource: str) -> Document:
    return {"Effect": "Allow", "Action": actions, "Resource": resource}


_BUILDERS: Mapping[Recipe, Callable[[Values, Place], list[Document]]] = {
    Recipe.UPLOAD_ONLY: _upload_only,
    Recipe.READ_ONLY: _read_only,
    Recipe.UPLOAD_AND_LIST: _upload_and_list,
    Recipe.ONE_FOLDER: _one_folder,
    Recipe.START_AND_STOP: _start_and_stop,
    Recipe.READ_LOGS: _read_logs,
}

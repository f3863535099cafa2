"""The portal's own AWS identities: each with no more than it needs, in the file of the process that needs it."""

import configparser
import contextlib
import json
from pathlib import Path
from typing import Any

from django.conf import settings

from access import workload_identities
from demo import cast


def make(iam: Any, account_id: str) -> str:
    """Make the boundary, worker, builder and issuer, write their keys to the credentials files, and return the issuer's
    ARN.
    """
    put_policy(iam, account_id, workload_identities.BOUNDARY_NAME, workload_identities.boundary())
    worker, builder, issuer = settings.WORKER_PROFILE, settings.BUILDER_PROFILE, settings.ISSUER_PROFILE
    home = workload_identities.Home("aws", account_id)
    workers = {worker: workload_identities.worker(home), builder: workload_identities.builder(home)}
    _write_profiles(_worker_file(), iam, workers)
    _write_profiles(_worker_file().with_name("web.credentials"), iam, {issuer: workload_identities.issuer("aws")})
    return str(iam.get_user(UserName=issuer)["User"]["Arn"])


def worker_keys() -> dict[str, str]:
    """Return the worker's access key as boto3 takes it; KeyError when the demo was not made yet."""
    keys = _read_profiles(_worker_file())[settings.WORKER_PROFILE]
    return {f"aws_{name}": value for name, value in keys.items()}


def _worker_file() -> Path:
    return Path(settings.VAR_DIR) / "aws" / "worker.credentials"


def put_policy(iam: Any, account_id: str, name: str, document: dict[str, Any]) -> str:
    """Make a customer-managed policy under our path unless it is there, and give its ARN."""
    with contextlib.suppress(iam.exceptions.EntityAlreadyExistsException):
        iam.create_policy(PolicyName=name, Path=cast.ROLE_PATH, PolicyDocument=json.dumps(document))
    return f"arn:aws:iam::{account_id}:policy{cast.ROLE_PATH}{name}"


def working_keys(iam: Any, name: str, known: dict[str, str] | None) -> dict[str, str]:
    """Return an access key of the user: the known one while IAM still has it, else a new one in place of all others."""
    listed = [key["AccessKeyId"] for key in iam.list_access_keys(UserName=name)["AccessKeyMetadata"]]
    if known and known.get("access_key_id") in listed:
        return known
    for key in listed:
        iam.delete_access_key(UserName=name, AccessKeyId=key)
    made = iam.create_access_key(UserName=name)["AccessKey"]
    return {"access_key_id": made["AccessKeyId"], "secret_access_key": made["SecretAccessKey"]}


def _write_profiles(file: Path, iam: Any, users: dict[str, dict[str, Any]]) -> None:
    kept = _read_profiles(file)
    lines = []
    for name, policy in users.items():
        with contextlib.suppress(iam.exceptions.EntityAlreadyExistsException):
            iam.create_user(UserName=name, Path=cast.ROLE_PATH)
        iam.put_user_policy(UserName=name, PolicyName=name, PolicyDocument=json.dumps(policy))
        keys = working_keys(iam, name, kept.get(name))
        lines += [f"[{name}]", f"aws_access_key_id = {keys['access_key_id']}"]
        lines += [f"aws_secret_access_key = {keys['secret_access_key']}", ""]
    cast.write_private(file, "\n".join(lines))


def _read_profiles(file: Path) -> dict[str, dict[str, str]]:
    parser = configparser.ConfigParser(interpolation=None)
    parser.read(file)
    names = ("access_key_id", "secret_access_key")
    return {section: {name: parser[section][f"aws_{name}"] for name in names} for section in parser.sections()}

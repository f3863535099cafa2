"""Messages as somebody would make them who can write to Redis."""

import json
import secrets
from typing import Any


def forgeries() -> list[str]:
    """Give messages that are whole, none of them one of ours."""
    return [
        json.dumps({**message("access.tasks.sweep", []), "headers": {}}),
        json.dumps(message("access.tasks.no_such_task", [1])),
        json.dumps(message("access.tasks.reconcile_role", ["arn:aws:iam::111111111111:role/daypass/any"])),
        json.dumps(message("access.tasks.reconcile_role", [999_999_999])),
        json.dumps(message("access.tasks.reconcile_role", [])),
        json.dumps(message("celery.backend_cleanup", [])),
        json.dumps({**message("access.tasks.sweep", []), "content-type": "application/x-python-serialize"}),
        json.dumps({**message("access.tasks.sweep", []), "body": "{"}),
    ]


def message(task: str, arguments: list[object]) -> dict[str, Any]:
    """Give a message in the form that Celery reads."""
    body = [arguments, {}, {"callbacks": None, "errbacks": None, "chain": None, "chord": None}]
    delivery = {"routing_key": "default", "exchange": ""}
    return {
        "body": json.dumps(body),
        "content-encoding": "utf-8",
        "content-type": "application/json",
        "headers": {"lang": "py", "task": task, "id": "forged", "root_id": "forged", "retries": 0},
        "properties": {"delivery_info": delivery, "delivery_tag": secrets.token_hex(8), "body_encoding": "utf-8"},
    }

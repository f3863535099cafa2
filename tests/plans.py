"""How PostgreSQL reads what a function asks for: by an index, or from end to end."""

import json
from collections.abc import Callable, Iterator
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext


def scans_of(read: Callable[[], object], *tables: str) -> list[str]:
    """Return which of these tables are read from end to end, each with the query; names can be beginnings."""
    with CaptureQueriesContext(connection) as queries:
        read()
    asked = [query["sql"] for query in queries if any(table in query["sql"] for table in tables)]
    assert asked
    return [line for sql in asked for line in _scanned(sql, tables)]


def _scanned(sql: str, tables: tuple[str, ...]) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}")
        (plans,) = cursor.fetchone()
    found = plans if isinstance(plans, list) else json.loads(plans)
    return [
        f"{node['Relation Name']}: {sql}"
        for plan in found
        for node in _nodes(plan["Plan"])
        if node["Node Type"] in {"Seq Scan", "Parallel Seq Scan"} and node["Relation Name"].startswith(tables)
    ]


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for child in plan.get("Plans", []):
        yield from _nodes(child)

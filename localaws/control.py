"""`/_local/…`: the switches that only the local AWS has."""

import json
from collections.abc import Callable
from dataclasses import asdict, fields
from typing import Any

from localaws.answers import Refused, Response, as_json
from localaws.calls import CURRENT, Call
from localaws.inside import MODULES
from localaws.options import Settings
from localaws.requests import Request
from localaws.state import State
from localaws.world import World

REGION = "us-east-1"


class Control:
    """Answers the control endpoints; loopback is their only guard."""

    def __init__(self, world: World, state: State) -> None:
        self._world = world
        self._state = state
        self._routes: dict[tuple[str, str], Callable[[Request], Any]] = {
            ("GET", "clock"): lambda _: self._offset(),
            ("POST", "clock"): self._move_clock,
            ("GET", "calls"): lambda request: {"calls": world.calls.since(int(request.form.get("since", "0")))},
            ("DELETE", "calls"): lambda _: world.calls.clear(),
            ("GET", "faults"): lambda _: {"faults": world.faults.listed()},
            ("POST", "faults"): lambda request: asdict(world.faults.add(json.loads(request.body))),
            ("DELETE", "faults"): lambda _: world.faults.clear(),
            ("GET", "settings"): lambda _: asdict(world.settings),
            ("POST", "settings"): self._change_settings,
            ("GET", "state"): lambda _: {"fresh": state.fresh, "id": state.id},
            ("GET", "secrets"): lambda _: {"secrets": list(world.secrets)},
            ("POST", "judge"): self._judge,
            ("POST", "reset"): lambda _: state.reset(),
        }

    def handle(self, request: Request) -> Response:
        """Return the JSON answer; an unknown path is 404, a wrong value 400 with a sentence."""
        route = self._routes.get((request.method, request.path.removeprefix("/_local/").strip("/")))
        if route is None:
            return as_json({"error": f"no {request.method} {request.path} here"}, 404)
        try:
            return as_json(route(request) or {})
        except Refused as refusal:
            return as_json({"error": refusal.message}, 400)
        except (ValueError, TypeError, AttributeError) as mistake:
            return as_json({"error": str(mistake)}, 400)

    def _offset(self) -> dict[str, Any]:
        return {"offset": self._world.clock.offset, "now": self._world.clock.now().isoformat()}

    def _move_clock(self, request: Request) -> dict[str, Any]:
        self._world.clock.offset = float(request.form["offset"]) if "offset" in request.form else 0.0
        self._world.dirty = True
        return self._offset()

    def _judge(self, request: Request) -> dict[str, Any]:
        """Return whether an access key may do something that the local AWS does not offer, and why not; `context` holds
        condition keys of the call, such as the tags of its resource.
        """
        asked = json.loads(request.body)
        service, named, _ = asked["action"].partition(":")
        if not named:
            raise Refused("BadAction", "an action is service:Name")
        call = Call(service, asked["action"], caller="", account="", params={})
        CURRENT.set(call)
        enforce = MODULES["evaluator"].enforce
        resource, region = asked.get("resource", "*"), asked.get("region", REGION)
        context = {name.lower(): value for name, value in asked.get("context", {}).items()}
        refusal = enforce(asked["access_key"], asked["action"], service, region, resource, context)
        return {"allowed": refusal is None, "reason": call.reason or getattr(refusal, "message", "")}

    def _change_settings(self, request: Request) -> dict[str, Any]:
        wanted = json.loads(request.body)
        known = {field.name for field in fields(Settings)}
        if not isinstance(wanted, dict) or not set(wanted) <= known:
            raise Refused("BadSettings", f"settings are {', '.join(sorted(known))}")
        for name, value in wanted.items():
            setattr(self._world.settings, name, int(value))
        return asdict(self._world.settings)

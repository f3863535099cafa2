"""The server: the layer in front, ministack behind, one process on the loopback address."""

import asyncio
import signal
import socket
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

from hypercorn.asyncio import serve
from hypercorn.config import Config

from localaws import hooks
from localaws.answers import Response, as_json
from localaws.calls import CURRENT, Call
from localaws.console import Console
from localaws.control import Control
from localaws.faults import Fault
from localaws.federation import Federation
from localaws.iam import mark_used
from localaws.inside import APP
from localaws.options import Options
from localaws.requests import Answer, Receive, Request, Scope, Send, answer, read
from localaws.state import State
from localaws.world import World, world_from

Respond = Callable[[Answer], Awaitable[None]]
READING = ("Get", "List", "Head", "Simulate", "Generate")
MINISTACK_OWN = ("/_ministack/", "/_localstack/", "/_aws/")


class Server:
    """The ASGI application."""

    def __init__(self, world: World, state: State) -> None:
        self._world = world
        self._control = Control(world, state)
        self._federation = Federation(world)
        self._console = Console(self._federation, self)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        request = await read(scope, receive)
        own = await self._own(request)
        if own is not None:
            await answer(Answer(send, skew_seconds=self._world.settings.date_skew_seconds), own)
        elif request.path == "/federation":
            call = self._federation.call(request)
            await self._logged(call, send, lambda out: answer(out, self._federation.handle(request)))
        else:
            await self._logged(request.call(), send, lambda out: APP(scope, request.replay(), out))

    async def _own(self, request: Request) -> Response | None:
        """Return the answer to what is not AWS's API, or None."""
        if request.path.startswith("/_local/"):
            return self._control.handle(request)
        if request.path == "/oauth" or (request.path == "/federation" and request.form.get("Action") == "login"):
            return self._federation.handle(request)
        if request.path == "/console" or request.path.startswith("/console/"):
            return await self._console.handle(request)
        if request.path.startswith(MINISTACK_OWN):
            return as_json({"error": "not offered by the local AWS"}, 404)
        return None

    async def _logged(self, call: Call, send: Send, respond: Respond) -> None:
        """Answer a call to AWS, under the fault that meets it, and log it."""
        call.at = self._world.clock.now().isoformat(timespec="milliseconds")
        CURRENT.set(call)
        if call.account:
            self._world.accounts.add(call.account)
        try:
            await self._apply(call, send, respond, self._world.faults.draw(call))
        finally:
            self._log(call)

    def _log(self, call: Call) -> None:
        """Log a call, once: before its answer leaves, so that nobody knows of a call that is not in the log."""
        if call.is_logged:
            return
        call.is_logged = True
        self._world.calls.add(call)
        mark_used(call.caller, call.at)
        if call.outcome == "ok" and not call.action.startswith(READING):
            self._world.dirty = True

    def _conclude(self, call: Call, out: Answer) -> None:
        call.outcome, call.status = out.outcome, out.status
        self._log(call)

    async def _apply(self, call: Call, send: Send, respond: Respond, fault: Fault | None) -> None:
        skew = self._world.settings.date_skew_seconds
        out = Answer(send, skew_seconds=skew, before_end=partial(self._conclude, call))
        kind = fault.kind if fault is not None else None
        if fault is not None and kind in {"throttle", "error"}:
            await answer(out, fault.answer(call))
        elif fault is not None and kind == "lost":
            true = Answer(send, swallow=True)
            await respond(true)
            call.outcome, call.status = true.outcome, true.status
            await asyncio.sleep(fault.seconds)
            await answer(Answer(send, skew_seconds=skew), fault.answer(call))
            return
        else:
            await asyncio.sleep(fault.seconds if fault is not None else 0)
            await respond(out)


async def _serve(options: Options, listener: socket.socket) -> None:
    world = world_from(options)
    state = State(world, options)
    state.load()
    hooks.install(world, state.propagation)
    stopping = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    keeper = asyncio.create_task(state.keep())
    application: Any = Server(world, state)
    if not options.quiet:
        print(f"localaws ready on {options.url}", flush=True)
    try:
        await serve(application, _config(listener), shutdown_trigger=stopping.wait)
    finally:
        keeper.cancel()
        state.save()


def _listen(options: Options) -> socket.socket:
    """Return a listening socket; calls that come before the server is up wait in its queue."""
    family = socket.AF_INET6 if ":" in options.host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((options.host, options.port))
    except OSError as problem:
        raise SystemExit(f"localaws: cannot listen on {options.host}:{options.port}: {problem.strerror}") from problem
    listener.listen(1024)
    return listener


def _config(listener: socket.socket) -> Config:
    config = Config()
    config.bind = [f"fd://{listener.fileno()}"]
    config.backlog = 1024
    config.include_date_header = config.include_server_header = False
    config.keep_alive_timeout = 75
    config.keep_alive_max_requests = 1_000_000
    config.loglevel = "WARNING"
    config.graceful_timeout = 1.0
    return config


def run(options: Options) -> None:
    """Serve until SIGTERM or SIGINT; the state is saved on the way out."""
    asyncio.run(_serve(options, _listen(options)))

"""Save the state: everything in IAM, S3 and STS, and the layer's own part, in one file that is replaced as a whole."""

import asyncio
import json
import shutil
import time
import uuid
from pathlib import Path
from typing import Any

from ministack.core import persistence

from localaws.inside import MODULES, SESSIONS, part
from localaws.options import Options
from localaws.propagation import Propagation
from localaws.world import World, world_from

PAUSE_SECONDS = 0.5  # between two checks whether something changed
SHARE = 20  # saving takes at most 1/SHARE of the time
_default = part(persistence, "_json_default")
_hook = part(persistence, "_json_object_hook")
_iam, _sts, _s3 = MODULES["iam"], MODULES["sts"], MODULES["s3"]
_IAM_STORES = {name: part(_iam, f"_{name}") for name in _iam.get_state()}


class State:
    """The saved state of one server; without a directory nothing is kept."""

    def __init__(self, world: World, options: Options) -> None:
        self._world = world
        self.propagation = Propagation(world.settings)
        self._options = options
        self._file: Path | None = options.state_file
        self.id = str(uuid.uuid4())
        self.fresh = True

    def load(self) -> None:
        """Take up what an earlier process left; a file that cannot be read ends the start with a sentence."""
        if self._file is None or not self._file.exists():
            self._world.dirty = True  # the id is kept from the first moment on
            return
        try:
            self._take_up(json.loads(self._file.read_text(), object_hook=_hook))
        except (ValueError, KeyError, TypeError) as problem:
            raise SystemExit(
                f"localaws: {self._file} cannot be read ({problem!r}); remove it to start empty"
            ) from problem

    def _take_up(self, saved: dict[str, Any]) -> None:
        self.id, self.fresh = saved["id"], False
        self._world.accounts |= set(saved["accounts"])
        self._world.signins |= saved["signins"]
        self._world.consoles |= saved["consoles"]
        _iam.load_persisted_state(saved["iam"])
        _s3.load_persisted_state(saved["s3"])
        SESSIONS.update(saved["sessions"])

    def save(self) -> None:
        """Write everything to one file beside the old one, then put it in its place."""
        self._world.dirty = False
        if self._file is None:
            return
        self._file.parent.mkdir(parents=True, exist_ok=True)
        beside = self._file.with_suffix(".new")
        beside.write_text(json.dumps(self._content(), default=_default))
        beside.replace(self._file)

    def _content(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "accounts": sorted(self._world.accounts),
            "signins": self._world.signins,
            "consoles": self._world.consoles,
            "iam": _IAM_STORES,
            "s3": _s3.get_state(),
            "sessions": SESSIONS,
        }

    async def keep(self) -> None:
        """Save whenever something changed, for as long as the server runs."""
        took = 0.0
        while True:
            await asyncio.sleep(max(PAUSE_SECONDS, took * SHARE))
            if self._world.dirty:
                began = time.monotonic()
                self.save()
                took = time.monotonic() - began

    def reset(self) -> dict[str, str]:
        """Forget everything, as if the server had been started for the first time; return the new id."""
        for module in (_iam, _sts, _s3):
            module.reset()
        if self._options.state_dir is not None:
            shutil.rmtree(self._options.state_dir / "objects", ignore_errors=True)
        new = world_from(self._options)
        world = self._world
        world.accounts, world.signins, world.consoles, world.clock.offset = new.accounts, {}, {}, 0.0
        self.propagation.forget()
        world.settings.__dict__.update(vars(new.settings))
        world.faults.clear()
        world.calls.clear()
        self.id, self.fresh, world.dirty = str(uuid.uuid4()), True, True
        return {"id": self.id}

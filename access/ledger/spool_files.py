"""The files of the spool: one line of JSON for each event. Every process writes them, and the worker reads them.

All processes append to `audit.jsonl`. The worker renames the file before it reads it, so that no process appends to a
file that is being read.
"""

import fcntl
import os
import stat
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import TypeVar

import structlog
from django.conf import settings

log = structlog.get_logger(__name__)
Prepare = Callable[[Sequence[str]], Sequence[str]]

OPEN, TAKEN, CHAINED, ASIDE, ACKNOWLEDGED = "audit.jsonl", "taken", "chained", "aside", "acknowledged"
SECONDS = 5  # that a page or a sweep waits for a disk or for the lock of a file
LARGEST = 256 * 1024 * 1024  # bytes of a file that is read
Answer = TypeVar("Answer")
# Opening a pipe or a device could wait forever, and a link leads to another file.
CAREFULLY = os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK
_waiting: dict[str, threading.Thread] = {}  # the threads that wait for the disk, by the name of their step


def directory() -> Path:
    """Return the directory of the spool files."""
    return Path(settings.SPOOL_DIR)


def write(lines: Sequence[str], *, file: Path | None = None, prepare: Prepare = list) -> bool:
    """Append lines to a file, by default the spool file, and wait some seconds until they are on the disk.

    `prepare` gets the lines while the file is locked, and returns the lines to write. Return whether they are on the
    disk. An error is only logged.
    """
    into, written = file or directory() / OPEN, threading.Event()
    # Use a separate thread, because a call that waits for a disk cannot be interrupted.
    thread = threading.Thread(target=_write, args=(into, list(lines), prepare, written), name="audit-file", daemon=True)
    thread.start()
    thread.join(SECONDS)
    if thread.is_alive():
        log.error("audit.file_slow", file=into.name, seconds=SECONDS, lines=len(lines))
    return written.is_set()


def _write(file: Path, lines: Sequence[str], prepare: Prepare, written: threading.Event) -> None:
    try:
        append(file, lines, prepare=prepare)
    except OSError as error:
        log.error("audit.file_failed", file=file.name, reason=type(error).__name__, code=error.errno, lines=len(lines))
    else:
        written.set()


def append(file: Path, lines: Sequence[str], *, prepare: Prepare = list) -> None:
    """Append lines to a file that only its owner can read, and force them to the disk; raises OSError."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    is_written = False
    while not is_written:
        number = os.open(file, os.O_RDWR | os.O_CREAT | os.O_APPEND | CAREFULLY, 0o600)
        try:
            check_regular(number)
            fcntl.flock(number, fcntl.LOCK_EX)
            is_written = _is_at(file, number)  # and was not renamed in the meantime
            if is_written:
                _write_whole(number, "".join(f"{line}\n" for line in prepare(lines)).encode())
                os.fsync(number)
        finally:
            os.close(number)
    _sync(file.parent)


def in_time(name: str, act: Callable[[], Answer]) -> Answer:
    """Return the result of `act`; raises its error, and OSError if it takes longer than SECONDS.

    `act` runs in a separate thread and can continue there. Until it has ended, no other call with this name begins. So
    a disk that does not respond, or a locked file, delays a sweep or a page only once. `act` must not use the database.
    """
    answers, errors = list[Answer](), list[Exception]()

    def run() -> None:
        try:
            answers.append(act())
        except Exception as error:
            errors.append(error)

    if name in _waiting and _waiting[name].is_alive():
        raise OSError("the disk has not answered yet")
    _waiting[name] = thread = threading.Thread(target=run, name=name, daemon=True)
    thread.start()
    thread.join(SECONDS)
    if errors:
        raise errors[0]
    if not answers:
        log.error("audit.file_slow", step=name, seconds=SECONDS)
        raise OSError("the disk does not answer")
    return answers[0]


def read(file: Path, *, most: int = LARGEST) -> bytes:
    """Return the content of a file; raises OSError, also if it is not a regular file or has more than `most` bytes."""
    number = os.open(file, os.O_RDONLY | CAREFULLY)
    with os.fdopen(number, "rb") as opened:
        check_regular(number)
        if os.fstat(number).st_size > most:
            raise OSError("too large")
        return opened.read(most)


def taken() -> list[Path]:
    """Return the files that a worker has taken and not put away; raises OSError."""
    return sorted(directory().glob(f"{TAKEN}-*.jsonl"))


def take(*, now: datetime) -> None:
    """Rename the open file, if there is one; raises OSError."""
    here = directory()
    with suppress(FileNotFoundError):
        number = os.open(here / OPEN, os.O_RDONLY | CAREFULLY)
        try:
            check_regular(number)
            fcntl.flock(number, fcntl.LOCK_EX)  # no line is half written
            if _is_at(here / OPEN, number):
                (here / OPEN).rename(here / f"{TAKEN}-{now:%Y%m%dT%H%M%S%f}.jsonl")
        finally:
            os.close(number)


def put_away(file: Path, word: str) -> None:
    """Rename a taken file according to the result, CHAINED or ASIDE, and keep it."""
    with suppress(FileNotFoundError):  # another worker was faster
        file.rename(file.with_name(file.name.replace(TAKEN, word, 1)))


def aside() -> list[Path]:
    """Return the files with a line that could not be added to the chain, and that nobody has acknowledged.

    Raises OSError.
    """
    return sorted(directory().glob(f"{ASIDE}-*.jsonl"))


def settle_aside(file: Path, word: str) -> None:
    """Rename a file that was set aside, to TAKEN or ACKNOWLEDGED, and keep it; raises OSError."""
    file.rename(file.with_name(file.name.replace(ASIDE, word, 1)))


def waiting() -> bool:
    """Return whether a file has not been read yet. If the directory cannot be read, return True."""
    here = directory()
    try:
        return in_time("look", lambda: (here / OPEN).exists() or any(here.glob(f"{TAKEN}-*.jsonl")))
    except OSError:
        return True


def set_aside() -> int:
    """Return how many files have a line that could not be added to the chain.

    If the directory cannot be read, return 0.
    """
    try:
        return in_time("count", lambda: len(aside()))
    except OSError:
        return 0


def _write_whole(number: int, text: bytes) -> None:
    size = os.fstat(number).st_size
    # If a full disk cut off a line, the next entry must still begin on a new line.
    if size and os.pread(number, 1, size - 1) != b"\n":
        text = b"\n" + text
    while text:
        text = text[os.write(number, text) :]


def check_regular(number: int) -> None:
    if not stat.S_ISREG(os.fstat(number).st_mode):
        raise OSError("not a regular file")


def _is_at(file: Path, number: int) -> bool:
    try:
        return os.path.samestat(file.stat(), os.fstat(number))
    except FileNotFoundError:
        return False


def _sync(directory: Path) -> None:
    number = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)

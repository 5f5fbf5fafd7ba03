"""Have a photo decoded by a confined child process; trust nothing that comes back.

Each photo gets its own process (reports.photo_child) without environment, files, network or
credentials, under hard limits. Whatever goes wrong there ends in PhotoUndecodable: no derivative,
no public photo. Why it is built this way: docs/decisions/photo-sandbox.md.
"""

import atexit
import json
import logging
import os
import selectors
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import cache
from importlib.util import find_spec
from io import BytesIO, FileIO, RawIOBase
from pathlib import Path
from typing import Any, BinaryIO, Literal

from django.conf import settings

from reports import photos
from reports.forbidden_samples import FORBIDDEN_SAMPLES
from reports.heic_header import is_heic
from reports.photos import Derivative, Derivatives, Effort, Mask

logger = logging.getLogger(__name__)

FailureCode = Literal[
    "decode_failed", "timeout", "memory", "crashed", "too_many_pixels", "mask_outside_picture"
]
_TOLD_BY_CHILD: dict[str, FailureCode] = {
    "decode_failed": "decode_failed",
    "too_many_pixels": "too_many_pixels",
    "memory": "memory",
    "mask_outside_picture": "mask_outside_picture",
}
_MAX_ANSWER = 16 * 1024 * 1024
_PIECE = 64 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """What a child may use. Seconds of CPU and wall clock; bytes of address space and file size.

    `threads`: the decoder of HEIC starts one whatever is asked; children for the others may not.
    """

    cpu_seconds: int = 10
    wall_seconds: float = 20.0
    memory_bytes: int = 1024 * 1024 * 1024
    file_bytes: int = 32 * 1024 * 1024
    open_files: int = 32
    threads: bool = False

    def as_resources(self) -> dict[str, int]:
        """Names and values for setrlimit."""
        return {
            "as": self.memory_bytes,
            "cpu": self.cpu_seconds,
            "fsize": self.file_bytes,
            "nofile": self.open_files,
            "core": 0,
        }


_ORDINARY = Limits()


class PhotoUndecodable(Exception):
    """The photo gets no derivatives; `code` is stable, `detail` is for the log.

    `effort` is what the child used until it ended, None where it had to be stopped.
    """

    def __init__(self, code: FailureCode, detail: str = "") -> None:
        super().__init__(f"{code} {detail}".strip())
        self.code = code
        self.detail = detail
        self.effort: Effort | None = None

    @property
    def worth_retrying(self) -> bool:
        """Whether a busy machine can be the cause too; the other failures lie in the file."""
        return self.code in {"timeout", "memory", "crashed"}


class SandboxUnavailable(Exception):
    """No confined child could be started: says nothing about the photo, try again later."""


def derive(
    original: bytes | BinaryIO,
    *,
    sizes: Sequence[int] = photos.SIZES,
    masks: Sequence[Mask] = (),
    limits: Limits = _ORDINARY,
) -> Derivatives:
    """Make the derivatives of a photo, with the masks burned in.

    Raises PhotoUndecodable, or SandboxUnavailable if no photo at all can be decoded here.
    """
    content = original if isinstance(original, bytes) else original.read(photos.MAX_BYTES + 1)
    if len(content) > photos.MAX_BYTES:
        raise PhotoUndecodable("decode_failed", "TooManyBytes")
    if _formats() and is_heic(content):
        limits = replace(limits, threads=True)
    try:
        return _decode(_request(content, sizes, masks), sizes, limits)
    except PhotoUndecodable as failure:
        logger.warning("photo undecodable: %s %s", failure.code, failure.detail)
        raise


def _request(content: bytes, sizes: Sequence[int], masks: Sequence[Mask]) -> bytes:
    order = {
        "sizes": list(sizes),
        "masks": [(m.shape, m.style, m.left, m.top, m.right, m.bottom) for m in masks],
        "max_pixels": photos.MAX_PIXELS,
    }
    header = json.dumps(order).encode()
    return struct.pack(">I", len(header)) + header + content


def _decode(request: bytes, sizes: Sequence[int], limits: Limits) -> Derivatives:
    effort = None
    with _lock:
        try:
            answer, exit_code, effort = _ask_child(request, limits)
            return _read_answer(_confined_part(exit_code, answer), sizes, effort)
        except PhotoUndecodable as failure:
            failure.effort = effort
            if failure.worth_retrying:
                # The next child gets a new memory layout: no second guess at the same one.
                _stop_server()
            raise
        except BaseException:
            # Interrupted in the middle of a conversation: the next one must not hear its end.
            _stop_server()
            raise


# The fork server: Pillow is imported once, yet each photo has its own process

_PROGRAM = (
    "import sys; sys.path += sys.argv[2:]; from reports.photo_child import main; main(sys.argv[1])"
)
_ENDING = struct.Struct(">idq")


class _ForkServer:
    def __init__(self) -> None:
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603 - our own program and paths
                [sys.executable, "-I", "-S", "-c", _PROGRAM, _formats(), *_import_paths()],
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                cwd="/",
                env={},
                start_new_session=True,
            )

    def is_alive(self) -> bool:
        return self._process.poll() is None

    def fork(self, limits: Limits, source: int, sink: int) -> None:
        """Have a child forked that reads from `source` and writes to `sink`."""
        order = {"limits": limits.as_resources(), "threads": limits.threads}
        message = json.dumps(order).encode()
        socket.send_fds(self._control, [message], [source, sink])

    def ending(self, deadline: float) -> tuple[int, Effort]:
        """How the child ended, negative for a signal. Raises OSError if the server is gone."""
        self._control.settimeout(_seconds_left(deadline))
        ending = self._control.recv(_ENDING.size)
        if not ending:
            raise ConnectionError("the fork server is gone")
        exit_code, cpu_seconds, peak_bytes = _ENDING.unpack(ending)
        return exit_code, Effort(cpu_seconds, peak_bytes)

    def stop(self) -> None:
        """End the server and its child, if any: they are one process group."""
        if self.is_alive():
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._control.close()


_lock = threading.Lock()
_server: _ForkServer | None = None


def _running_server() -> _ForkServer:
    global _server
    if _server is None or not _server.is_alive():
        _stop_server()
        _server = _ForkServer()
    return _server


def _stop_server() -> None:
    global _server
    if _server is not None:
        _server.stop()
        _server = None


def _forget_server() -> None:
    """A forked worker starts its own: the server belongs to the process it was started by."""
    global _server, _lock
    _server = None
    _lock = threading.Lock()


os.register_at_fork(after_in_child=_forget_server)
atexit.register(_stop_server)


def _formats() -> str:
    """ "heic" where that format is accepted beside the three others."""
    return "heic" if getattr(settings, "HEIC", False) else ""


@cache
def _import_paths() -> tuple[str, str]:
    """Where Pillow and this package lie, found without importing Pillow into this process."""
    pillow = find_spec("PIL")
    if pillow is None or pillow.origin is None:
        raise SandboxUnavailable("Pillow is not installed")
    return str(Path(pillow.origin).parents[1]), str(Path(__file__).parents[1])


# Talking to a child


def _ask_child(request: bytes, limits: Limits) -> tuple[bytes, int, Effort]:
    """Have one child live from fork to exit; return all it wrote, and how it ended."""
    deadline = time.monotonic() + limits.wall_seconds
    try:
        server = _running_server()
        with ExitStack() as ours, ExitStack() as theirs:
            child_source, sink = _pipe(reader=theirs, writer=ours)
            source, child_sink = _pipe(reader=ours, writer=theirs)
            server.fork(limits, child_source.fileno(), child_sink.fileno())
            theirs.close()
            answer = _converse(source, sink, request, deadline)
            return answer, *server.ending(deadline)
    except TimeoutError:
        raise PhotoUndecodable("timeout", "WallClock") from None
    except OSError as error:
        raise SandboxUnavailable(str(error)) from error


def _pipe(*, reader: ExitStack, writer: ExitStack) -> tuple[RawIOBase, RawIOBase]:
    read_end, write_end = os.pipe()
    return (
        reader.enter_context(FileIO(read_end, "rb")),
        writer.enter_context(FileIO(write_end, "wb")),
    )


def _converse(source: RawIOBase, sink: RawIOBase, request: bytes, deadline: float) -> bytes:
    """Write the request and collect the answer side by side, blocking at neither."""
    answer = bytearray()
    unsent = memoryview(request)
    os.set_blocking(sink.fileno(), False)
    with selectors.DefaultSelector() as selector:
        selector.register(source, selectors.EVENT_READ)
        selector.register(sink, selectors.EVENT_WRITE)
        while len(answer) <= _MAX_ANSWER:
            ready = {key.fileobj for key, _ in selector.select(_seconds_left(deadline))}
            if sink in ready:
                unsent = unsent[_write_some(sink, unsent) :]
                if not unsent:
                    selector.unregister(sink)
                    sink.close()
            if source in ready:
                piece = source.read(_PIECE)
                if not piece:
                    return bytes(answer)
                answer += piece
    raise PhotoUndecodable("crashed", "AnswerTooLong")


def _write_some(sink: RawIOBase, unsent: memoryview) -> int:
    try:
        return sink.write(unsent[:_PIECE]) or 0
    except BrokenPipeError:
        # The child is gone; how it ended tells more than the broken pipe.
        return len(unsent)


def _seconds_left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


def _confined_part(exit_code: int, answer: bytes) -> bytes:
    """Judge how the child ended; the first byte of its answer says that it was confined."""
    if answer[:1] not in {b"+", b"-"}:
        raise SandboxUnavailable(f"the child ended with {exit_code} before it was confined")
    if answer[:1] == b"-":
        _note_missing_namespace()
    if exit_code == -signal.SIGXCPU:
        raise PhotoUndecodable("timeout", "CpuTime")
    if exit_code == -signal.SIGKILL:
        # From the kernel: out of memory, or a second after the CPU limit.
        raise PhotoUndecodable("memory", "Killed")
    if exit_code != 0:
        raise PhotoUndecodable("crashed", f"Exit{exit_code}")
    return answer[1:]


@cache
def _note_missing_namespace() -> None:
    logger.warning(
        "photo child runs without a network namespace of its own; "
        "the system call filter alone keeps it from the network"
    )


# Reading the answer


def _read_answer(answer: bytes, sizes: Sequence[int], effort: Effort) -> Derivatives:
    """Check every claim of the child against the bytes it sent."""
    try:
        (length,) = struct.unpack(">I", answer[:4])
        manifest = json.loads(answer[4 : 4 + length])
        if "refused" in manifest:
            raise _refusal(manifest)
        files = tuple(_read_files(manifest["files"], answer[4 + length :]))
        _require([(file.size, file.format) for file in files] == _expected(sizes))
        width, height = int(manifest["width"]), int(manifest["height"])
        _require(0 < width * height <= max(photos.MAX_PIXELS.values()))
        return Derivatives(width, height, files, effort)
    except _CONTRADICTIONS as error:
        raise PhotoUndecodable("crashed", f"Answer{type(error).__name__}") from error


_CONTRADICTIONS = (
    *(ValueError, TypeError, KeyError, IndexError, AttributeError),
    *(OverflowError, RecursionError, struct.error),
)


def _require(holds: bool) -> None:
    if not holds:
        raise ValueError("the answer of the photo child contradicts itself")


def _refusal(manifest: Mapping[str, Any]) -> PhotoUndecodable:
    code = _TOLD_BY_CHILD[manifest["refused"]]
    detail = str(manifest["detail"])[:40]
    return PhotoUndecodable(code, detail if detail.isidentifier() else "")


def _expected(sizes: Sequence[int]) -> list[tuple[int, str]]:
    return [(size, name) for size in sorted(sizes, reverse=True) for name in ("WEBP", "JPEG")]


def _read_files(claims: Sequence[Mapping[str, Any]], blobs: bytes) -> Iterator[Derivative]:
    at = 0
    for claim in claims:
        length = int(claim["bytes"])
        data = blobs[at : at + length]
        at += length
        file = Derivative(
            int(claim["size"]), claim["format"], int(claim["width"]), int(claim["height"]), data
        )
        _require(length > 0 and max(file.width, file.height) <= file.size)
        _require(_header_agrees(file) and photos.carries_only_pixels(data, file.format))
        yield file
    _require(at == len(blobs))


def _header_agrees(file: Derivative) -> bool:
    try:
        facts = photos.inspect(BytesIO(file.data))
    except photos.PhotoRejected:
        return False
    return (facts.format, facts.width, facts.height) == (file.format, file.width, file.height)


# Start-up assertion


def assert_allow_list() -> None:
    """Prove at start-up that a child decodes a JPEG, PNG and WebP and nothing else.

    Feeds one sample of each forbidden format, some 60 ms in all; call it once per media worker.
    Raises SandboxUnavailable.
    """
    derive(_one_white_pixel(), sizes=(1,))
    for name, sample in FORBIDDEN_SAMPLES.items():
        if not (name == "HEIC" and _formats()) and _decodes(sample):
            raise SandboxUnavailable(f"the photo child decodes {name}")


def _decodes(sample: bytes) -> bool:
    try:
        _decode(_request(sample, (1,), ()), (1,), _ORDINARY)
    except PhotoUndecodable as failure:
        return failure.detail != "UnidentifiedImageError"
    return True


def _one_white_pixel() -> bytes:
    chunks = (
        (b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0)),
        (b"IDAT", zlib.compress(b"\0\xff\xff\xff")),
        (b"IEND", b""),
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        for name, body in chunks
    )

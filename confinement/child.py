"""How a child process that reads hostile bytes gives up whatever it does not need.

Used by programs that are started as children (reports.photo_child, detection.child); imports the
standard library only. Why it is built this way: docs/decisions/photo-sandbox.md.
"""

import ctypes
import os
import resource
import signal
import struct
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple


def leave_network() -> bool:
    """Move to a network namespace without interfaces, where the system grants one to us."""
    return bool(ctypes.CDLL(None).unshare(_CLONE_NEWUSER | _CLONE_NEWNET) == 0)


def die_first() -> None:
    """If the machine runs out of memory, a photo goes before a worker or the database."""
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000")


def confine(limits: dict[str, int], *, threads: bool = False) -> None:
    """Give up rights and resources for good; with `threads`, starting those is left.

    `limits` are names of setrlimit in lower case, without RLIMIT_. Raises OSError where a limit or
    the system call filter cannot be set: then nothing may be decoded.
    """
    for name, most in limits.items():
        # A CPU limit tells itself apart (SIGXCPU) only where the hard one comes later (SIGKILL).
        hard = most + 1 if name == "cpu" else most
        resource.setrlimit(getattr(resource, f"RLIMIT_{name.upper()}"), (most, hard))
    libc = ctypes.CDLL(None, use_errno=True)
    _prctl(libc, _PR_SET_PDEATHSIG, signal.SIGKILL)
    _prctl(libc, _PR_SET_NO_NEW_PRIVS, 1)
    program = b"".join(_system_call_filter(os.uname().machine, threads=threads))
    code = ctypes.create_string_buffer(program, len(program))
    filter_program = _FilterProgram(len(program) // 8, ctypes.addressof(code))
    _prctl(libc, _PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.addressof(filter_program))


_PR_SET_PDEATHSIG = 1
_PR_SET_SECCOMP = 22
_PR_SET_NO_NEW_PRIVS = 38
_SECCOMP_MODE_FILTER = 2
_CLONE_NEWUSER = 0x10000000
_CLONE_NEWNET = 0x40000000


class _FilterProgram(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_void_p))


def _prctl(libc: ctypes.CDLL, option: int, first: int, second: int = 0) -> None:
    words = [ctypes.c_ulong(value) for value in (first, second, 0, 0)]
    if libc.prctl(option, *words) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"prctl {option}: {os.strerror(number)}")


class _SystemCalls(NamedTuple):
    """What decoding in memory needs, and no more: no open, socket, exec, fork, kill, prctl."""

    architecture: int
    mapping: tuple[int, ...]  # allowed unless the memory would be executable
    harmless: tuple[int, ...]
    clone: int = -1  # allowed for threads only


# harmless: read write close fstat lseek munmap brk mremap madvise rt_sigreturn futex exit
# exit_group clock_gettime getrandom. Everything else fails with EPERM.
_SYSTEM_CALLS = {
    "x86_64": _SystemCalls(
        0xC000003E, (9,), (0, 1, 3, 5, 8, 11, 12, 25, 28, 15, 202, 60, 231, 228, 318)
    ),
    "aarch64": _SystemCalls(
        0xC00000B7, (222,), (63, 64, 57, 80, 62, 215, 214, 216, 233, 139, 98, 93, 94, 113, 278)
    ),
}
# What a thread needs besides: mprotect; rt_sigprocmask gettid sched_getaffinity set_robust_list
# rseq; clone.
_FOR_THREADS = {
    "x86_64": _SystemCalls(0, (10,), (14, 186, 204, 273, 334), 56),
    "aarch64": _SystemCalls(0, (226,), (135, 178, 123, 99, 293), 220),
}
# The same on both. Its flags lie where a filter cannot look, so the C library is sent to clone.
_CLONE3 = 435
# How pthread_create calls clone: the same memory, files, signals; no new process, no namespace.
_CLONE_AS_THREAD = 0x3D0F00


def _allowed_calls(machine: str, *, threads: bool) -> _SystemCalls:
    """Raises OSError for a machine whose system call numbers are not listed."""
    calls = _SYSTEM_CALLS.get(machine)
    if calls is None:
        raise OSError(f"no system call filter for {machine}")
    if not threads:
        return calls
    more = _FOR_THREADS[machine]
    return _SystemCalls(
        calls.architecture,
        calls.mapping + more.mapping,
        calls.harmless + more.harmless,
        more.clone,
    )


def _system_call_filter(machine: str, *, threads: bool) -> Iterator[bytes]:
    """Yield a seccomp filter in classic BPF: instructions of code, jump true, jump false, operand.

    Raises OSError for a machine whose system call numbers are not listed.
    """
    calls = _allowed_calls(machine, threads=threads)
    load, equal, any_bit, leave = 0x20, 0x15, 0x45, 0x06
    allow, deny, unknown, kill = 0x7FFF0000, 0x00050001, 0x00050026, 0x80000000
    number_at, architecture_at, flags_at, protection_at, executable = 0, 4, 16, 32, 4
    instruction = struct.Struct("=HBBI").pack
    yield instruction(load, 0, 0, architecture_at)
    yield instruction(equal, 1, 0, calls.architecture)
    yield instruction(leave, 0, 0, kill)
    yield instruction(load, 0, 0, number_at)
    for number in calls.harmless:
        yield instruction(equal, 0, 1, number)
        yield instruction(leave, 0, 0, allow)
    for number in calls.mapping:
        yield instruction(equal, 0, 4, number)
        yield instruction(load, 0, 0, protection_at)
        yield instruction(any_bit, 1, 0, executable)
        yield instruction(leave, 0, 0, allow)
        yield instruction(leave, 0, 0, deny)
    if threads:
        yield instruction(equal, 0, 1, _CLONE3)
        yield instruction(leave, 0, 0, unknown)
        yield instruction(equal, 0, 3, calls.clone)
        yield instruction(load, 0, 0, flags_at)
        yield instruction(equal, 0, 1, _CLONE_AS_THREAD)
        yield instruction(leave, 0, 0, allow)
    yield instruction(leave, 0, 0, deny)

"""A small IMAP server (RFC 3501) for tests: one user, a few folders, and it can die on command."""

import re
import socket
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

USER, PASSWORD = "meldungen@heilbronn.example", "geheim"


@dataclass
class Mailbox:
    """Folders with their mails by UID, flags of deleted ones, and what the server shall break."""

    folders: dict[str, dict[int, bytes]] = field(default_factory=lambda: {"INBOX": {}})
    deleted: set[int] = field(default_factory=set)
    next_uid: int = 1
    dies_before: str = ""
    said: list[str] = field(default_factory=list)

    def put(self, raw: bytes) -> int:
        """Deliver a mail into the inbox."""
        uid, self.next_uid = self.next_uid, self.next_uid + 1
        self.folders["INBOX"][uid] = raw
        return uid


class _Died(Exception):
    pass


class _Session(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        self.folder = ""
        self._say("* OK ready")
        try:
            while line := self.rfile.readline():
                tag, _blank, command = line.decode().strip().partition(" ")
                self._answer(tag, command)
        except (_Died, ConnectionError):
            self.connection.shutdown(socket.SHUT_RDWR)

    @property
    def box(self) -> Mailbox:
        return self.server.box  # type: ignore[attr-defined]

    def _say(self, text: str) -> None:
        self.wfile.write(text.encode() + b"\r\n")

    def _answer(self, tag: str, command: str) -> None:
        self.box.said.append(command.partition(" ")[0].upper())
        word = command.upper()
        if self.box.dies_before and word.startswith(self.box.dies_before):
            self.box.dies_before = ""
            raise _Died
        known = {
            "CAPABILITY": self._capability,
            "LOGIN": self._login,
            "SELECT": self._select,
            "UID SEARCH": self._search,
            "UID FETCH": self._fetch,
            "UID COPY": self._copy,
            "UID STORE": self._store,
            "CREATE": self._create,
            "EXPUNGE": self._expunge,
            "LOGOUT": self._logout,
        }
        for name, act in known.items():
            if word.startswith(name):
                self._say(f"{tag} {act(command[len(name) :].strip())} done")
                return
        self._say(f"{tag} BAD unknown")

    def _capability(self, rest: str) -> str:
        self._say("* CAPABILITY IMAP4rev1")
        return "OK"

    def _login(self, rest: str) -> str:
        return "OK" if rest == f'{USER} "{PASSWORD}"' else "NO refused"

    def _select(self, rest: str) -> str:
        self.folder = rest.strip('"')
        if self.folder not in self.box.folders:
            return "NO no such folder"
        self._say(f"* {len(self.box.folders[self.folder])} EXISTS")
        return "OK [READ-WRITE]"

    def _search(self, rest: str) -> str:
        uids = [uid for uid in self.box.folders[self.folder] if uid not in self.box.deleted]
        self._say(f"* SEARCH {' '.join(map(str, sorted(uids)))}".rstrip())
        return "OK"

    def _fetch(self, rest: str) -> str:
        uid = int(rest.split()[0])
        raw = self.box.folders[self.folder].get(uid)
        if raw is None:
            return "OK"
        if "RFC822.SIZE" in rest:
            self._say(f"* 1 FETCH (UID {uid} RFC822.SIZE {len(raw)})")
            return "OK"
        part = re.search(r"<(\d+)\.(\d+)>", rest)
        sent = raw[int(part[1]) : int(part[1]) + int(part[2])] if part else raw
        self.wfile.write(f"* 1 FETCH (UID {uid} BODY[] {{{len(sent)}}}\r\n".encode() + sent)
        self._say(")")
        return "OK"

    def _copy(self, rest: str) -> str:
        uid, folder = rest.split(maxsplit=1)
        folder = folder.strip('"')
        if folder not in self.box.folders:
            return "NO [TRYCREATE] no such folder"
        self.box.folders[folder][int(uid)] = self.box.folders[self.folder][int(uid)]
        return "OK"

    def _store(self, rest: str) -> str:
        self.box.deleted.add(int(rest.split()[0]))
        return "OK"

    def _create(self, rest: str) -> str:
        self.box.folders[rest.strip('"')] = {}
        return "OK"

    def _expunge(self, rest: str) -> str:
        for uid in self.box.deleted:
            self.box.folders[self.folder].pop(uid, None)
        self.box.deleted.clear()
        return "OK"

    def _logout(self, rest: str) -> str:
        self._say("* BYE")
        return "OK"


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = daemon_threads = True


@contextmanager
def imap_server() -> Iterator[tuple[int, Mailbox]]:
    """Run the server on a free loopback port; yields the port and the mailbox."""
    with _Server(("127.0.0.1", 0), _Session) as server:
        server.box = Mailbox()  # type: ignore[attr-defined]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield server.server_address[1], server.box  # type: ignore[attr-defined]
        finally:
            server.shutdown()
            thread.join()

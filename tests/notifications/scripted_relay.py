"""A relay that answers by a script, for phases a well-behaved SMTP server never gets wrong."""

import contextlib
import socket
import threading
from collections.abc import Mapping
from typing import BinaryIO

ANSWERS = {
    "greeting": "220 ready",
    "EHLO": "250 fine",
    "HELO": "250 fine",
    "RSET": "250 fine",
    "MAIL": "250 fine",
    "RCPT": "250 fine",
    "DATA": "354 go on",
    "content": "",
    "end": "250 kept",
    "QUIT": "221 bye",
}


class ScriptedRelay:
    """`answers` replaces replies by step; None hangs up at that step."""

    def __init__(
        self, answers: Mapping[str, str | None], *, mails_per_connection: int | None = None
    ) -> None:
        self.mails = 0
        self._answers = ANSWERS | dict(answers)
        self._mails_per_connection = mails_per_connection
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._serve, daemon=True)

    @property
    def port(self) -> int:
        """Where it listens."""
        port: int = self._listener.getsockname()[1]
        return port

    def __enter__(self) -> "ScriptedRelay":
        self._thread.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(5)

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _address = self._listener.accept()
                with client, client.makefile("rwb") as stream, contextlib.suppress(OSError):
                    self._talk(stream)

    def _talk(self, stream: BinaryIO) -> None:
        mails = 0
        alive = self._say(stream, "greeting")
        while alive and (line := stream.readline()):
            step = line[:4].decode().strip().upper()
            alive = self._say(stream, step)
            if alive and step == "DATA" and self._answers["DATA"] == ANSWERS["DATA"]:
                alive = self._take_content(stream)
                mails += 1
            alive = alive and step != "QUIT" and mails != self._mails_per_connection

    def _take_content(self, stream: BinaryIO) -> bool:
        if self._answers["content"] is None:
            stream.readline()
            return False
        while (line := stream.readline()) and line != b".\r\n":
            pass
        self.mails += 1
        return self._say(stream, "end")

    def _say(self, stream: BinaryIO, step: str) -> bool:
        answer = self._answers[step]
        if answer is None:
            return False
        stream.write(answer.encode() + b"\r\n")
        stream.flush()
        return True

"""The client under test: a process that is asked in lines of JSON on its stdin and answers on its stdout."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import tempfile
from collections.abc import Sequence
from typing import Any

from capsule.feeds.errors import CapsuleError

LINE_BYTES = 16 << 20
LOG_BYTES = 2000
LEAVE_SECONDS = 0.5
START_SECONDS = 30.0  # a compiler or a virtual machine may come first


class CandidateError(CapsuleError):
    """The client under test could not be started, ended, was silent, or answered something that is no JSON object."""

    code = "CANDIDATE"


class Candidate:
    """One run of the command. `send` and `receive` are apart, so that something can happen while it works."""

    def __init__(self, process: asyncio.subprocess.Process, log: Any, patience: float) -> None:
        self._process = process
        self._log = log
        self._patience = patience
        self._answered = False

    @classmethod
    async def start(cls, command: Sequence[str], patience: float) -> Candidate:
        """Start the command; its stderr is kept for the report. Raises CandidateError."""
        log = tempfile.TemporaryFile()  # noqa: SIM115 - closed by `stop`
        try:
            process = await asyncio.create_subprocess_exec(
                *command,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=log,
                limit=LINE_BYTES,
                start_new_session=True,  # so that what a wrapper (npm, a shell) started can be stopped with it
            )
        except OSError as error:
            log.close()
            raise CandidateError(f"The client cannot be started: {error}.") from error
        return cls(process, log, patience)

    async def stop(self) -> None:
        """End it: politely by the end of its stdin, then for good."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            async with asyncio.timeout(LEAVE_SECONDS):
                await self._process.wait()
        except TimeoutError:
            with contextlib.suppress(ProcessLookupError):  # it ended just now
                os.killpg(self._process.pid, signal.SIGKILL)
            await self._process.wait()
        self._log.close()

    async def send(self, request: dict[str, Any]) -> None:
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps(request).encode() + b"\n")
            await self._process.stdin.drain()
        except ConnectionError:
            pass  # it has ended; `receive` says so, with its last words

    async def receive(self) -> dict[str, Any]:
        """Its next answer. Raises CandidateError."""
        assert self._process.stdout is not None
        seconds = self._patience if self._answered else max(self._patience, START_SECONDS)
        try:
            async with asyncio.timeout(seconds):
                line = await self._process.stdout.readline()
        except TimeoutError:
            raise CandidateError(f"no answer for {seconds:g} seconds{self._last_words()}") from None
        except ValueError:
            raise CandidateError(f"an answer of more than {LINE_BYTES} bytes") from None
        if not line:
            raise CandidateError(f"the client ended{self._last_words()}")
        try:
            answer = json.loads(line)
        except ValueError:
            answer = None
        if not isinstance(answer, dict):
            raise CandidateError(f"the answer is no JSON object: {line[:200]!r}")
        self._answered = True
        return answer

    async def ask(self, request: dict[str, Any]) -> dict[str, Any]:
        await self.send(request)
        return await self.receive()

    def _last_words(self) -> str:
        size = self._log.seek(0, os.SEEK_END)
        self._log.seek(max(0, size - LOG_BYTES))
        words = self._log.read().decode(errors="replace").strip()
        return f"; its stderr ends:\n{words}" if words else ""

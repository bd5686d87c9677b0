"""How hard one system may be asked: a token bucket per second and a limit of requests at once, shared by all callers."""

from __future__ import annotations

import asyncio
import time


class Quota:
    """``requests_per_s`` 0 means no limit per second. A pause (``Retry-After``) holds everybody back."""

    def __init__(self, requests_per_s: float, concurrency: int) -> None:
        self._rate = requests_per_s
        self._burst = max(requests_per_s, 1.0)
        self._tokens = self._burst
        self._filled_at = time.monotonic()
        self._paused_until = 0.0
        self._gate = asyncio.Semaphore(max(concurrency, 1))

    async def enter(self) -> None:
        """Wait until one more request may be sent; :meth:`leave` follows it."""
        await self._gate.acquire()
        try:
            while (wait_s := self._wait_s()) > 0:
                await asyncio.sleep(wait_s)
        except BaseException:
            self._gate.release()
            raise

    def leave(self) -> None:
        self._gate.release()

    def pause(self, seconds: float) -> None:
        """Hold every request back for this long."""
        self._paused_until = max(self._paused_until, time.monotonic() + min(seconds, 30.0))

    def _wait_s(self) -> float:
        """0 when a token was taken, else how long to wait before asking again."""
        now = time.monotonic()
        if now < self._paused_until:
            return self._paused_until - now
        if not self._rate:
            return 0.0
        self._tokens = min(self._burst, self._tokens + (now - self._filled_at) * self._rate)
        self._filled_at = now
        if self._tokens >= 1.0:
            self._tokens -= 1.0
            return 0.0
        return (1.0 - self._tokens) / self._rate

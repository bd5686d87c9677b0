from typing import Any
class SystemSender:
    def __init__(self, *a: Any, **k: Any) -> None: pass
    async def send(self, *a: Any) -> None: pass

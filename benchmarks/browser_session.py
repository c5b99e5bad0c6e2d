"""A browser session without a browser: what Streamlit's page says to its server, and hears."""

import asyncio
import time
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Self

import websockets
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState

_PATIENCE = 180.0


@dataclass
class Session:
    """One tab. heard: bytes of every message since it was last emptied."""

    socket: Any
    heard: bytearray = field(default_factory=bytearray)
    page: str = ""
    polled: dict[str, float] = field(default_factory=dict)
    elements: dict[str, list[Any]] = field(default_factory=dict)
    exceptions: int = 0

    @classmethod
    async def open(cls, port: int) -> Self:
        socket = await websockets.connect(
            f"ws://127.0.0.1:{port}/_stcore/stream",
            subprotocols=[websockets.Subprotocol("streamlit")],
            max_size=None,
            open_timeout=_PATIENCE,
            ping_interval=None,
        )
        return cls(socket)

    async def go_to(self, page: str, query: str = "") -> float:
        """Open a page; seconds until all of it was there."""
        self.page, self.polled = page, {}
        message = BackMsg()
        message.rerun_script.page_name = page
        message.rerun_script.query_string = query
        return await self._run(message)

    async def change(self, widgets: list[WidgetState]) -> float:
        """The page anew with these widgets as they are now; seconds until it was there."""
        message = BackMsg()
        message.rerun_script.page_name = self.page
        message.rerun_script.widget_states.widgets.extend(widgets)
        return await self._run(message)

    async def rest(self, seconds: float) -> int:
        """Read the page for so long; its fragments ask for news as they would. How often."""
        end, polls = time.monotonic() + seconds, 0
        due = {fragment: time.monotonic() + every for fragment, every in self.polled.items()}
        while (now := time.monotonic()) < end:
            for fragment in [one for one, at in due.items() if at <= now]:
                message = BackMsg()
                message.rerun_script.page_name = self.page
                message.rerun_script.fragment_id = fragment
                message.rerun_script.is_auto_rerun = True
                await self._run(message)
                polls += 1
                due[fragment] = time.monotonic() + self.polled.get(fragment, seconds)
            await asyncio.sleep(max(0.0, min([end, *due.values()]) - time.monotonic()))
        return polls

    def widget(self, kind: str, label: str) -> Any:
        """The element of a kind and label on the page as it is now."""
        return next(one for one in self.elements.get(kind, []) if one.label.endswith(label))

    async def close(self) -> None:
        with suppress(websockets.WebSocketException, OSError):
            await self.socket.close()

    async def _run(self, message: BackMsg) -> float:
        start = time.monotonic()
        fragment = message.rerun_script.fragment_id
        if not fragment:
            self.elements = {}
        await self.socket.send(message.SerializeToString())
        wanted = (
            ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY
            if fragment
            else ForwardMsg.FINISHED_SUCCESSFULLY
        )
        while True:
            said = await asyncio.wait_for(self.socket.recv(), _PATIENCE)
            self.heard += said
            heard = ForwardMsg.FromString(said)
            match heard.WhichOneof("type"):
                case "delta" if heard.delta.WhichOneof("type") == "new_element":
                    element = heard.delta.new_element
                    kind = element.WhichOneof("type") or ""
                    if kind == "exception":
                        self.exceptions += 1
                        print(f"{self.page}: {element.exception.type}: {element.exception.message}")
                    self.elements.setdefault(kind, []).append(getattr(element, kind, None))
                case "auto_rerun":
                    self.polled[heard.auto_rerun.fragment_id] = heard.auto_rerun.interval
                case "script_finished" if heard.script_finished == wanted:
                    return time.monotonic() - start


def text_of(widget: Any, value: str) -> WidgetState:
    return WidgetState(id=widget.id, string_value=value)


def press_of(widget: Any) -> WidgetState:
    return WidgetState(id=widget.id, trigger_value=True)

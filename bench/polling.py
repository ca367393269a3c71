"""Browsers with an open chat: each asks for news on a kept-alive line, at the intervals of the product's own script."""

import asyncio
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from bench.load import END_OF_HEAD, NotAnswered
from bench.stage import ROOT

SCRIPT: Final = ROOT / "src/palier/interfaces/portal/static/portal/chat.js"
MARK: Final = re.compile(rb'data-after="(\d+)" data-mark="([0-9a-z.]+)"')


@dataclass(frozen=True, slots=True)
class Intervals:
    """Seconds between two questions: ``fast`` after news, ``growth`` times longer each time without, ``slowest`` in the
    end."""

    fast: float
    slowest: float
    growth: float


def intervals() -> Intervals:
    """As they are written in the script.

    :raises ValueError: when they are written in another way.
    """
    text = SCRIPT.read_text(encoding="utf-8")
    found = [re.search(pattern, text) for pattern in (r"FAST_MS = (\d+)", r"SLOWEST_MS = (\d+)", r"wait \* ([\d.]+)")]
    fast, slowest, growth = (float(each[1]) for each in found if each)
    return Intervals(fast / 1000, slowest / 1000, growth)


@dataclass(slots=True)
class Chat:
    """One open chat: where its news is, whose session asks, what it knows already, and how long it waits now."""

    path: str
    cookie: str
    wait: float
    after: str = "0"
    mark: str = ""


@dataclass(slots=True)
class Heard:
    """How many questions there were, how many of them had an answer, and the seconds that each took."""

    polls: int
    news: int
    seconds: list[float]


def poll(port: int, chats: Sequence[Chat], *, seconds: float) -> Heard:
    """All chats for so long. Each begins at a moment of its own within its interval, as people do."""
    pace = intervals()
    heard = Heard(0, 0, [])
    end = time.perf_counter() + seconds

    async def all_of_them() -> None:
        async with asyncio.TaskGroup() as group:
            for place, chat in enumerate(chats):
                group.create_task(_watch(port, chat, place / len(chats), pace, heard, end))

    asyncio.run(all_of_them())
    return heard


async def _watch(port: int, chat: Chat, phase: float, pace: Intervals, heard: Heard, end: float) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        await asyncio.sleep(min(chat.wait * phase, end - time.perf_counter()))
        while (started := time.perf_counter()) < end:
            came = await _ask(port, chat, reader, writer)
            heard.polls += 1
            heard.news += came
            heard.seconds.append(time.perf_counter() - started)
            chat.wait = pace.fast if came else min(chat.wait * pace.growth, pace.slowest)
            await asyncio.sleep(max(0, min(chat.wait, end - time.perf_counter())))
    finally:
        writer.close()


async def _ask(port: int, chat: Chat, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
    """Whether something was new; the chat knows it then."""
    path = f"{chat.path}?after={chat.after}&mark={chat.mark}&seen=1"
    wish = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nCookie: {chat.cookie}\r\nX-Chat: panel\r\n\r\n"
    writer.write(wish.encode())
    head = await reader.readuntil(END_OF_HEAD)
    if head.startswith(b"HTTP/1.1 204"):
        return False
    fields = dict(field.lower().split(b": ", 1) for field in head.split(b"\r\n")[1:-2])
    body = await reader.readexactly(int(fields[b"content-length"]))
    found = MARK.search(body)
    if not head.startswith(b"HTTP/1.1 200") or found is None:
        raise NotAnswered(head.decode(errors="replace") + body[:500].decode(errors="replace"))
    chat.after, chat.mark = found[1].decode(), found[2].decode()
    return True

"""Two hundred open chats: what their polling costs of one core, of the web server and of the database."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from django.conf import settings
from django.db import connection, connections
from django.test import Client
from django.test.utils import CaptureQueriesContext

from bench import seeds, stage
from bench.load import load
from bench.polling import Chat, Heard, intervals, poll
from bench.processes import cpu_seconds
from bench.report import Measure, at_most, figure
from bench.stage import Stage
from palier.apps.accounts.models import Operator
from palier.apps.chat.models import Conversation
from palier.flows.conversations import converse
from palier.flows.conversations.converse import Context
from palier.kit import clock, ids
from tests import world

OPEN: Final = 200
TALKING: Final = 20
"""Of the 200: the team answers each of them every ``ANSWER_SECONDS``; the others wait."""

ANSWER_SECONDS: Final = 10.0
CYCLES: Final = 1
"""Of the slowest interval: each idle chat asks so many times."""

TARGET_PERCENT: Final = 25.0
CONSTANT_SECONDS: Final = 2.0


@dataclass(frozen=True, slots=True)
class Cost:
    """Of one stretch of time: how long it was, processor seconds of both programs, and what was asked."""

    seconds: float
    web: float
    database: float
    heard: Heard

    @property
    def web_percent(self) -> float:
        return 100 * self.web / self.seconds

    @property
    def database_percent(self) -> float:
        return 100 * self.database / self.seconds


def measures(staged: Stage, people: world.Cast) -> list[Measure]:
    """All idle; then a tenth of them talking; and one question beside a constant answer."""
    conversations, chats = _opened(people)
    team = world.operator("chats@seller.example", now=clock.now())
    statements = _statements(chats[0], conversations[0], team)
    with stage.serving(staged) as web:
        poll(web.port, chats, seconds=2 * intervals().fast)  # each learns how its conversation stands
        constant = _constant(web, chats[0].cookie)
        for chat in chats:
            chat.wait = intervals().slowest
        seconds = CYCLES * intervals().slowest
        idle = _cost(staged, web, lambda: poll(web.port, chats, seconds=seconds))
        for chat in chats[:TALKING]:
            chat.wait = intervals().fast
        for chat in chats[TALKING:]:
            chat.wait = intervals().slowest
        with _team_answers(team, conversations[:TALKING]):
            mixed = _cost(staged, web, lambda: poll(web.port, chats, seconds=seconds))
    return [*statements, *_told(idle, mixed, constant)]


def _told(idle: Cost, mixed: Cost, constant: float) -> Iterator[Measure]:
    name = f"{OPEN} open chats"
    each = idle.web / idle.heard.polls
    yield at_most(f"{name}, idle: web server", idle.web_percent, TARGET_PERCENT, "% of one core")
    yield Measure(f"{name}, idle: database", f"{figure(idle.database_percent)} % of one core")
    yield Measure(
        f"{name}, idle: questions", f"{figure(idle.heard.polls / idle.seconds)}/s, {idle.heard.news} with news"
    )
    yield Measure(
        "one idle question: CPU of the web server",
        f"{figure(each * 1000)} ms, {figure(each / constant)} times a constant answer",
    )
    name += f", {TALKING} of them talking"
    yield at_most(f"{name}: web server", mixed.web_percent, TARGET_PERCENT, "% of one core")
    yield Measure(f"{name}: database", f"{figure(mixed.database_percent)} % of one core")
    yield Measure(f"{name}: questions", f"{figure(mixed.heard.polls / mixed.seconds)}/s, {mixed.heard.news} with news")


def _opened(people: world.Cast) -> tuple[list[Conversation], list[Chat]]:
    """So many members of as many accounts, each with a conversation and a session."""
    made = seeds.buyers(people, OPEN)
    conversations, chats = [], []
    for place in made.next(OPEN):
        member = seeds.member(made, place)
        message = converse.write(
            member,
            "Why is the first line prorated?",
            conversation=None,
            context=Context(screen="/settings/billing/plans/"),
            files=(),
            key=str(ids.new_id()),
            language="en",
            now=clock.now(),
        )
        browser = Client()
        browser.force_login(member.user, backend=settings.AUTHENTICATION_BACKENDS[0])
        cookie = f"{settings.SESSION_COOKIE_NAME}={browser.cookies[settings.SESSION_COOKIE_NAME].value}"
        conversations.append(message.conversation)
        chats.append(Chat(f"/chat/{message.conversation.public_id}/news/", cookie, intervals().fast))
    return conversations, chats


def _statements(chat: Chat, conversation: Conversation, team: Operator) -> list[Measure]:
    """Of one question, without news and with."""
    browser = Client(headers={"X-Chat": "panel"})
    browser.cookies[settings.SESSION_COOKIE_NAME] = chat.cookie.partition("=")[2]
    first = browser.get(chat.path, {"after": "0", "mark": "", "seen": "1"})
    mark = first.content.partition(b'data-mark="')[2].partition(b'"')[0].decode()
    counted = []
    for answered, status in ((False, 204), (True, 200)):
        if answered:
            _answer(team, conversation)
        with CaptureQueriesContext(connection) as heard:
            answer = browser.get(chat.path, {"after": "0", "mark": mark, "seen": "1"})
        if answer.status_code != status:
            raise RuntimeError(f"{chat.path} answered {answer.status_code}, not {status}")
        counted.append(len(heard))
    idle, news = counted
    return [
        Measure("statements: an open chat asks, nothing new", str(idle), "<= 3", idle / 3, idle <= 3),
        Measure("statements: the same with news", str(news), "<= 8", news / 8, news <= 8),
    ]


def _constant(web: stage.Serving, cookie: str) -> float:
    """Processor seconds of one answer that says nothing, by the same server behind the same middleware."""
    load(web.port, "/constant/", cookie, customers=1, seconds=CONSTANT_SECONDS / 4)  # warm
    before = cpu_seconds(web.pid)
    heard = load(web.port, "/constant/", cookie, customers=1, seconds=CONSTANT_SECONDS)
    return (cpu_seconds(web.pid) - before) / len(heard.seconds)


def _cost(staged: Stage, web: stage.Serving, run: Callable[[], Heard]) -> Cost:
    started = time.perf_counter()
    web_before, database_before = cpu_seconds(web.pid), cpu_seconds(staged.postmaster)
    heard = run()
    spent = time.perf_counter() - started
    return Cost(spent, cpu_seconds(web.pid) - web_before, cpu_seconds(staged.postmaster) - database_before, heard)


@contextmanager
def _team_answers(team: Operator, conversations: Sequence[Conversation]) -> Iterator[None]:
    """Meanwhile each of these conversations gets an answer every ``ANSWER_SECONDS``, one after the other."""
    over = threading.Event()

    def answers() -> None:
        place = 0
        while not over.wait(ANSWER_SECONDS / len(conversations)):
            _answer(team, conversations[place % len(conversations)])
            place += 1
        connections.close_all()

    thread = threading.Thread(target=answers)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _answer(team: Operator, conversation: Conversation) -> None:
    converse.answer(team, conversation, "Because of the days left.", files=(), key=str(ids.new_id()), now=clock.now())

"""The statements of one run through the product, as the database receives them, with the ends of its transactions."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.db import connection
from psycopg import ClientCursor


@dataclass(slots=True)
class Recorded:
    """The texts in order, values included, with BEGIN and COMMIT around what belongs together."""

    texts: list[str] = field(default_factory=list)
    _block: object | None = None

    def _note(self, sql: str, params: Any) -> None:
        blocks = connection.atomic_blocks
        block = blocks[0] if blocks else None
        if block is not self._block:
            self._leave()
            if block is not None:
                self.texts.append("BEGIN")
            self._block = block
        self.texts.append(ClientCursor(connection.connection).mogrify(sql, params) if params else sql)

    def _leave(self) -> None:
        if self._block is not None:
            self.texts.append("COMMIT")
        self._block = None


@contextmanager
def recorded() -> Iterator[Recorded]:
    """Records what this thread's connection executes."""
    heard = Recorded()

    def listen(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        heard._note(sql, params)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(listen):
        yield heard
    heard._leave()

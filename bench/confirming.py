"""One confirm as the product does it, and the process that many of them run in.

``python -m bench.confirming`` reads lines of JSON (threads, quotes) and answers each with the seconds of every confirm.
"""

import json
import os
import sys
import threading
import time
from collections.abc import Sequence

import django

CONNECTIONS = 4
"""How many are let in at a time by one process, like the threads of a web server; the others wait in front."""


def confirm(quote_id: int) -> None:
    """Pay is pressed, and the worker settles: everything of ours, while the gateway answers in no time."""
    from django.db import connection

    from palier.apps.catalogue.versions import remembered
    from palier.apps.gateways.contract import Succeeded
    from palier.apps.orders.models import Quote
    from palier.apps.payments import actions as payments
    from palier.apps.payments.models import Payment
    from palier.flows import order, settle
    from palier.kit import clock
    from tests.world import evidence

    kept = Quote.objects.select_related("account", "member").get(pk=quote_id)  # the address of the page
    with remembered():  # as around every web request
        placed = order.place(kept, member=kept.member, card="saved", evidence=evidence(), now=clock.now())
    connection.close()  # the request is over: back to the pool
    payment = Payment.objects.select_related("method").get(order=placed)
    payments.mark_sent(payment, now=clock.now())
    said = (payment.public_id, payment.amount_minor, payment.currency, payment.method.token)
    answer = Succeeded(f"ch_{payment.public_id}", *said)
    settle.payment(payment.id, answer, now=clock.now())
    connection.close()


def all_of(quotes: Sequence[int], threads: int) -> list[float]:
    """Every quote confirmed once, by so many customers at a time; the seconds of each."""
    waiting = iter(quotes)
    taking = threading.Lock()
    admitted = threading.BoundedSemaphore(CONNECTIONS)
    seconds: list[float] = []

    def customer() -> None:
        while True:
            with taking:
                quote_id = next(waiting, None)
            if quote_id is None:
                return
            started = time.perf_counter()
            with admitted:
                confirm(quote_id)
            seconds.append(time.perf_counter() - started)

    customers = [threading.Thread(target=customer) for _ in range(threads)]
    for one in customers:
        one.start()
    for one in customers:
        one.join()
    return seconds


def main() -> None:
    """Serve until the input ends."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bench.settings")
    django.setup()
    print("ready", flush=True)
    for line in sys.stdin:
        wish = json.loads(line)
        print(json.dumps(all_of(wish["quotes"], wish["threads"])), flush=True)


if __name__ == "__main__":
    main()

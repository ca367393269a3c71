"""What time does to the reference account: baskets close, periods renew, debts are pursued, unpaid ones end."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from tests.model.calendar_days import day_of, end_after, half_up, midnight, next_day, share
from tests.model.reference import OTHER, RANKS, Account, Charged, Contract, Debt, No, Wish, renewed, with_tax

RETRY_DAYS = (1, 3, 5, 7)
GRACE_DAYS = 10
GIVE_UP_DAYS = 30
DAY = timedelta(days=1)
ORDER = ("basket", "renewal", "retry", "suspend", "give_up")


@dataclass
class Wallet:
    """The card on file and what banks have refused for good. Cards are "good", "declined" or "lost"."""

    card: str = ""
    refused: set[str] = field(default_factory=set)


def pass_time(account: Account, wallet: Wallet, until: datetime) -> None:
    """Everything that falls due up to an instant, each thing at its own."""
    while event := min(_events(account, until), default=None, key=lambda found: found[:3]):
        at, _order, _number, kind, subject = event
        if isinstance(subject, Debt):
            _pursue(account, wallet, kind, subject, at)
        elif kind == "basket":
            close_basket(account, wallet, subject, at)
        else:
            _renew(account, wallet, subject, at)


def _events(account: Account, until: datetime) -> Iterator[tuple[datetime, int, int, str, Contract | Debt]]:
    found: list[tuple[datetime, str, Contract | Debt]] = []
    for each in account.held.values():
        found.append((each.due or midnight(each.end), "renewal", each))
        if each.basket is not None:
            found.append((midnight(next_day(each.basket)), "basket", each))
    for debt in account.debts:
        if debt.state == "open" and debt.gives_up is not None:
            found.append((debt.gives_up, "give_up", debt))
            if not debt.suspended and notice_of(debt, GRACE_DAYS) < debt.gives_up:
                found.append((notice_of(debt, GRACE_DAYS), "suspend", debt))
            if debt.next_try is not None:
                found.append((debt.next_try, "retry", debt))
    for number, (at, kind, subject) in enumerate(found):
        if at <= until:
            yield at, ORDER.index(kind), number, kind, subject


def _renew(account: Account, wallet: Wallet, each: Contract, at: datetime) -> None:
    if each.state != "active":
        each.due = at + DAY
        return
    blocked = _blocked(account, each)
    after = renewed(each, account.prices, blocked=blocked)
    if after is None:
        _end(account, each, "canceled")
        return
    del account.held[each.interval]
    for debt in account.debts:
        if debt.contract is each:
            debt.contract = after
    account.held[after.interval] = after
    if blocked:  # a lower plan waits for the end of the year
        year = account.held.get("year", after)
        last = after.end if "cancel" in year.waiting and year.end <= each.end else year.end
        for kept in account.held.values():
            if "plan" in kept.waiting:
                kept.waiting["plan"] = (kept.waiting["plan"][0], last)
    _owe(account, wallet, after, sum(line.amount for line in after.lines), at, further=False)


def _blocked(account: Account, each: Contract) -> bool:
    """Whether the lower plan that is due at a renewal goes on waiting. Where the other contract is on it already, there
    is nothing left to ask."""
    plan, day = each.waiting.get("plan", (each.plan, each.end))
    due = day <= each.end and RANKS[str(plan)] < RANKS[each.plan]
    return due and plan not in account.plans and account.exceeds(str(plan))


def close_basket(account: Account, wallet: Wallet, each: Contract, at: datetime) -> None:
    """The seats of a day become one invoice, as of that day."""
    assert each.basket is not None
    cut = next_day(each.basket)
    amount = half_up(each.full("plan", each.seats - each.paid) * share(each.start, each.end, cut))
    each.lines.append(Charged("plan", min(cut, each.end), each.end, amount))
    each.paid, each.basket = each.seats, None
    _owe(account, wallet, each, amount, at, further=True)


def take(account: Account, interval: str, seats: int, now: datetime) -> None:
    """Seats in use at once, billed when the day ends."""
    if account.charging == "at_once":
        raise No("seats.paid_first")
    each = account.held[interval]
    if account.seats - each.seats + seats < account.holding(now):
        raise No("schedule.seats_still_held")
    stays = sum(other.seats_later for other in account.renewing if other is not each)
    if 0 < stays + (seats if each in account.renewing else 0) < account.holding(now):
        raise No("schedule.seats_still_held")
    if seats < each.paid:
        raise No("seats.below_paid")
    if seats == each.seats:
        raise No("quote.nothing_changes")
    if seats > each.seats:
        if account.unpaid:
            raise No("quote.invoice_open")
        if "cancel" in each.waiting:
            raise No("quote.cancellation_waits")
    if seats > each.seats:
        each.waiting.pop("seats", None)
    each.seats = seats
    each.basket = None if seats == each.paid else each.basket or day_of(now)


def step_down(account: Account, wish: Wish, now: datetime) -> None:
    """What costs less waits for the end of the paid period."""
    if account.unpaid:
        raise No("quote.invoice_open")
    if len(account.plans) > 1:
        raise No("quote.plans_differ")
    if not account.held or not account.waits(wish):
        raise No("schedule.nothing_to_schedule")
    canceled = [each for each in account.held.values() if each not in account.renewing]
    if any(not account.renewing or _alters(account, wish, each) for each in canceled):
        raise No("quote.cancellation_waits")
    if RANKS[wish.plan] > RANKS[account.plan] or (wish.units or 0) > account.units:
        raise No("schedule.up_and_down")
    if not account.mixed and wish.other:
        raise No("schedule.no_split")
    for interval, code in (("month", "schedule.shorter_interval_while_mixed"), ("year", "schedule.up_and_down")):
        if account.mixed and wish.by_interval[interval] > account.held[interval].seats:
            raise No(code)
    if 0 < seats_left(account, wish) < account.holding(now):
        raise No("schedule.seats_still_held")
    if RANKS[wish.plan] < RANKS[account.plan] and account.exceeds(wish.plan):
        raise No("schedule.plan_exceeded")
    last = (account.held.get("year") or account.first).end
    for interval, each in account.held.items():
        seats = wish.by_interval[interval] if account.mixed else wish.total
        if not seats:
            each.waiting["cancel"] = (True, each.end)
            continue
        if wish.plan != each.plan:
            each.waiting["plan"] = (wish.plan, last)
        if not account.mixed and wish.interval != interval:
            each.waiting["interval"] = (wish.interval, each.end)
        if seats != each.seats:
            each.waiting["seats"] = (seats, each.end)
        if less := _units_less(account, wish, each):
            each.waiting["units"] = (max(0, each.units - less), each.end)


def seats_left(account: Account, wish: Wish) -> int:
    """The seats that renew after a step down; what waits for a contract that it leaves alone goes on waiting."""
    left = 0
    for each in account.renewing:
        seats = wish.by_interval[each.interval] if account.mixed else wish.total
        left += each.seats_later if seats == each.seats else seats
    return left


def _units_less(account: Account, wish: Wish, each: Contract) -> int:
    """How many add-ons fewer one of the contracts has to bear: the wish's own interval goes first."""
    less = 0 if wish.units is None else account.units - wish.units
    if account.mixed and each.interval != wish.interval:
        less -= account.held[wish.interval].units
    return max(0, less) if each.units else 0


def _alters(account: Account, wish: Wish, each: Contract) -> bool:
    """Whether a step down takes seats or add-ons from one of the contracts; a lower plan covers both of them."""
    return wish.by_interval[each.interval] != each.seats or bool(_units_less(account, wish, each))


def leave(account: Account, licence: str, now: datetime) -> None:
    """Somebody goes; their licence is kept for another one, or reduced at the renewal: of the month if it goes on."""
    account.people -= 1
    if licence == "keep":
        return
    try:
        each = account.leading
        fewer(account, each, each.seats_later - 1, now)
    except No:
        account.people += 1
        raise


def fewer(account: Account, each: Contract, seats: int, now: datetime) -> None:
    """So many seats on one contract from its renewal on."""
    other = account.held.get(OTHER[each.interval])
    if not seats and other is None:
        raise No("quote.seats_below_minimum")
    wish = Wish(each.plan, each.interval, seats, other.seats if other else 0)
    step_down(account, wish if seats or other is None else Wish(each.plan, other.interval, other.seats), now)


def give_up_unused(account: Account, now: datetime) -> None:
    """No more seats than people and invitations from the renewal on; the monthly ones go first. All or nothing."""
    left = account.free(now)
    if not left:
        raise No("seats.none_unused")
    before = [(each, dict(each.waiting)) for each in account.held.values()]
    try:
        for each in account.renewing or [*account.held.values()]:
            if given := min(left, each.seats_later):
                left -= given
                fewer(account, each, each.seats_later - given, now)
    except No:
        for each, waiting in before:
            each.waiting = waiting
        raise


def come_back(account: Account, now: datetime) -> None:
    """Somebody returns to a free seat."""
    if account.read_only:
        raise No("account.read_only")
    if not account.free(now):
        raise No("member.no_free_seat")
    account.people += 1


def cancel(account: Account, interval: str | None, now: datetime) -> None:
    """Ends when the paid period does."""
    ending = [each for each in account.held.values() if interval in (None, each.interval)]
    if not ending:
        raise No("cancel.nothing_to_cancel")
    if account.unpaid:
        raise No("cancel.invoice_open")
    if all("cancel" in each.waiting for each in ending):
        raise No("cancel.already_canceled")
    stays = sum(each.seats_later for each in account.renewing if each not in ending)
    if 0 < stays < account.holding(now):
        raise No("schedule.seats_still_held")
    for each in ending:
        each.waiting["cancel"] = (True, each.end)


def withdraw(account: Account, interval: str, kind: str, now: datetime) -> None:
    """A lower plan in mixed billing goes with its twin, and stays where that has taken effect."""
    each = account.held[interval]
    stays = each.seats_later + sum(other.seats_later for other in account.renewing if other is not each)
    if kind == "cancel" and stays < account.holding(now):
        raise No("schedule.seats_still_held")
    if kind == "plan" and each.waiting["plan"][0] in account.plans:
        raise No("quote.plans_differ")
    plan = each.waiting.pop(kind)
    for each in account.held.values():
        if kind == "plan" and each.waiting.get("plan", (None,))[0] == plan[0]:
            del each.waiting["plan"]


def replace_card(account: Account, wallet: Wallet, card: str, at: datetime) -> None:
    """A new card is charged for what is open at once."""
    if card in wallet.refused:
        raise No("order.card_refused_for_good")
    wallet.card = card
    for debt in account.debts:
        if debt.state == "open":
            _charge(account, wallet, debt, card, at)


def pay(account: Account, wallet: Wallet, debt: Debt, card: str, at: datetime) -> None:
    """The customer pays an open invoice, with the card on file or another."""
    if card in wallet.refused:
        raise No("order.card_refused_for_good")
    if debt.state != "open":
        raise No("invoice.not_open")
    _charge(account, wallet, debt, card, at)


def _owe(account: Account, wallet: Wallet, each: Contract, net: int, at: datetime, *, further: bool) -> None:
    total = with_tax(net)
    if not total:
        account.invoices.append(0)
        return
    debt = Debt(total, each, further)
    account.debts.append(debt)
    if wallet.card in wallet.refused:
        _open(debt, at)
    else:
        _charge(account, wallet, debt, wallet.card, at)


def _open(debt: Debt, at: datetime) -> None:
    debt.opened, each = at, debt.contract
    ends = midnight(end_after(each.anchor, each.interval, each.end) if debt.further else each.end)
    calendar = notice_of(debt, GIVE_UP_DAYS)
    debt.gives_up = min(calendar, ends) if ends > at else calendar
    each.state = "past_due"


def _charge(account: Account, wallet: Wallet, debt: Debt, card: str, at: datetime) -> None:
    if card == "good":
        debt.state, debt.next_try = "paid", None
        wallet.card = card
        if not any(other.contract is debt.contract and other.state == "open" for other in account.debts):
            debt.contract.state = "active"
            if midnight(debt.contract.end) <= at:
                debt.contract.due = at
        return
    if debt.opened is None:
        _open(debt, at)
    if card == "lost":
        wallet.refused.add(card)
    ahead = (notice_of(debt, days) for days in RETRY_DAYS)
    assert debt.gives_up is not None
    debt.next_try = None if card == "lost" else next((day for day in ahead if at < day < debt.gives_up), None)


def _pursue(account: Account, wallet: Wallet, kind: str, debt: Debt, at: datetime) -> None:
    if kind == "retry":
        debt.next_try = None
        if wallet.card not in wallet.refused:
            _charge(account, wallet, debt, wallet.card, at)
    elif kind == "suspend":
        debt.suspended = True
        debt.contract.state = "suspended"
    else:
        _give_up(account, debt)


def _give_up(account: Account, debt: Debt) -> None:
    debt.state = "uncollectible"
    if debt.contract in account.held.values():
        _end(account, debt.contract, "unpaid")


def _end(account: Account, each: Contract, reason: str) -> None:
    del account.held[each.interval]
    each.state = "ended"
    account.ended.append(reason)
    account.plan_before = each.plan


def notice_of(debt: Debt, days: int) -> datetime:
    """A day of the pursuit's calendar."""
    assert debt.opened is not None
    return debt.opened + timedelta(days=days)

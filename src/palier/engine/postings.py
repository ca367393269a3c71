"""Double entry for what a draft or a payment does to the books; every set of postings sums to zero."""

from dataclasses import dataclass

RECEIVABLE, REVENUE, TAX, CASH, BAD_DEBT = "receivable", "revenue", "tax", "cash", "bad_debt"


@dataclass(frozen=True, slots=True)
class Posting:
    """One entry: minor units, positive for debit."""

    account: str
    amount_minor: int


def invoice_entries(*, net_minor: int, tax_minor: int) -> tuple[Posting, ...]:
    """Issuing an invoice: the customer owes the total; revenue and tax stand against it. Zero entries are left out."""
    entries = (Posting(RECEIVABLE, net_minor + tax_minor), Posting(REVENUE, -net_minor), Posting(TAX, -tax_minor))
    return tuple(entry for entry in entries if entry.amount_minor)


def payment_entries(*, amount_minor: int) -> tuple[Posting, ...]:
    """Money arrived (negative: went back): cash stands against what the customer owed."""
    entries = (Posting(CASH, amount_minor), Posting(RECEIVABLE, -amount_minor))
    return tuple(entry for entry in entries if entry.amount_minor)


def write_off_entries(*, amount_minor: int) -> tuple[Posting, ...]:
    """A debt given up: a loss stands against what the customer owed (negative: it came in after all)."""
    entries = (Posting(BAD_DEBT, amount_minor), Posting(RECEIVABLE, -amount_minor))
    return tuple(entry for entry in entries if entry.amount_minor)

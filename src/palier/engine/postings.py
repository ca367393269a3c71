"""Double entry for what a draft or a payment does to the books; every set of postings sums to zero."""

from dataclasses import dataclass

RECEIVABLE, REVENUE, TAX, CASH = "receivable", "revenue", "tax", "cash"


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

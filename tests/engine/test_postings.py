"""What an invoice, a payment and a debt given up do to the books: the entries of each sum to zero."""

from palier.engine.postings import Posting, invoice_entries, payment_entries, write_off_entries


def test_an_invoice_is_owed_and_earned() -> None:
    assert invoice_entries(net_minor=5000, tax_minor=1000) == (
        Posting("receivable", 6000),
        Posting("revenue", -5000),
        Posting("tax", -1000),
    )
    assert invoice_entries(net_minor=5000, tax_minor=0) == (Posting("receivable", 5000), Posting("revenue", -5000))


def test_a_payment_takes_the_place_of_what_was_owed() -> None:
    assert payment_entries(amount_minor=6000) == (Posting("cash", 6000), Posting("receivable", -6000))
    assert payment_entries(amount_minor=-6000) == (Posting("cash", -6000), Posting("receivable", 6000))


def test_a_debt_given_up_is_a_loss() -> None:
    assert write_off_entries(amount_minor=6000) == (Posting("bad_debt", 6000), Posting("receivable", -6000))


def test_nothing_leaves_no_entry() -> None:
    assert invoice_entries(net_minor=0, tax_minor=0) == ()
    assert payment_entries(amount_minor=0) == write_off_entries(amount_minor=0) == ()

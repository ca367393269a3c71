"""The test cards: well-known numbers, and what each of them does."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class TestCard:
    """A number, its behaviour and one sentence for the account page.

    Behaviours: "accept"; "decline:<reason>"; "slow"; "ask:accept" (3-D Secure on the first payment only),
    "ask_always:accept", "ask_always:decline:<reason>" (confirmed, then declined), "ask_always:silent" (no answer).
    Accepted with the customer present (``on_session``) and otherwise without them: "decline_later:<reason>",
    "decline_twice_later:<reason>" (from the third such charge on it is accepted) and "ask_later:accept".
    """

    __test__ = False

    number: str
    behaviour: str
    sentence: str


TEST_CARDS: Final = (
    TestCard("4242424242424242", "accept", "Visa: accepted."),
    TestCard("4111111111111111", "accept", "Visa: accepted."),
    TestCard("4012888888881881", "accept", "Visa: accepted."),
    TestCard("4000056655665556", "accept", "Visa debit: accepted."),
    TestCard("5555555555554444", "accept", "Mastercard: accepted."),
    TestCard("2223003122003222", "accept", "Mastercard of the 2 series: accepted."),
    TestCard("5105105105105100", "accept", "Mastercard: accepted."),
    TestCard("5200828282828210", "accept", "Mastercard debit: accepted."),
    TestCard("378282246310005", "accept", "American Express, with a code of 4 digits: accepted."),
    TestCard("371449635398431", "accept", "American Express: accepted."),
    TestCard("4000000000000002", "decline:declined", "Declined without a reason."),
    TestCard("4000000000009995", "decline:insufficient_funds", "Declined: insufficient funds."),
    TestCard("4000000000009987", "decline:lost_card", "Declined: the card was reported lost."),
    TestCard("4000000000009979", "decline:stolen_card", "Declined: the card was reported stolen."),
    TestCard("4000000000000069", "decline:expired_card", "Declined: the bank says that the card has expired."),
    TestCard("4000000000000127", "decline:incorrect_cvc", "Declined: the security code is not right."),
    TestCard("4000000000000119", "decline:processing_error", "Declined: the bank could not handle it just now."),
    TestCard("4000002500003155", "ask:accept", "3-D Secure on the first payment, then accepted without."),
    TestCard("4000002760003184", "ask_always:accept", "3-D Secure on every payment, then accepted."),
    TestCard("4000008400001629", "ask_always:decline:authentication_failed", "3-D Secure: confirming fails."),
    TestCard("4000008260003178", "ask_always:decline:insufficient_funds", "3-D Secure, then insufficient funds."),
    TestCard("4000000000003063", "ask_always:silent", "3-D Secure whose bank never answers: abandoned."),
    TestCard("4000000000000341", "decline_later:insufficient_funds", "Accepted; without the customer, no funds."),
    TestCard("4000000000000259", "decline_later:lost_card", "Accepted; without the customer, reported lost."),
    TestCard(
        "4000000000000226", "decline_twice_later:insufficient_funds", "Accepted; alone, no funds twice, then paid."
    ),
    TestCard("4000003800000446", "ask_later:accept", "Accepted; without the customer, 3-D Secure."),
    TestCard("4000000000006603", "slow", "Accepted after some seconds (--slow-seconds)."),
)

BEHAVIOURS: Final = {card.number: card.behaviour for card in TEST_CARDS}

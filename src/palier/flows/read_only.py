"""What an account may not do while it is read-only: suspended for an unpaid invoice, or after the end."""

from datetime import datetime

from palier.apps.accounts.models import Account
from palier.apps.entitlements import standing
from palier.kit.refusals import Refusal


class AccountReadOnly(Refusal):
    code = "account.read_only"
    en = (
        "Your account is read-only: its subscription has ended, or an invoice is not paid. Nothing was changed; buy a "
        "plan or pay the open invoice under Plans & billing, then do this again."
    )
    fr = (
        "Votre compte est en lecture seule\u202f: son abonnement a pris fin, ou une facture n’est pas réglée. Rien n’a "
        "changé\u202f; achetez un plan ou réglez la facture ouverte sous Plans et facturation, puis recommencez."
    )


def refuse(account: Account, *, now: datetime) -> None:
    """Raise AccountReadOnly where the account may only read; buying, paying, leaving and exporting never ask."""
    if standing.of_account(account, now=now).access.read_only:
        raise AccountReadOnly

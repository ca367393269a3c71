from django.apps import AppConfig


class LedgerConfig(AppConfig):
    name = "palier.apps.ledger"
    label = "ledger"

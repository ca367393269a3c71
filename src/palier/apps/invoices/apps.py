from django.apps import AppConfig


class InvoicesConfig(AppConfig):
    name = "palier.apps.invoices"
    label = "invoices"

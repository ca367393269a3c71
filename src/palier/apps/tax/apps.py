from django.apps import AppConfig


class TaxConfig(AppConfig):
    name = "palier.apps.tax"
    label = "tax"

from django.apps import AppConfig


class PaymentsConfig(AppConfig):
    name = "palier.apps.payments"
    label = "payments"

from django.apps import AppConfig


class OrdersConfig(AppConfig):
    name = "palier.apps.orders"
    label = "orders"

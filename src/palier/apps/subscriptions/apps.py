from django.apps import AppConfig


class SubscriptionsConfig(AppConfig):
    name = "palier.apps.subscriptions"
    label = "subscriptions"

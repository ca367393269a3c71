from django.apps import AppConfig


class EntitlementsConfig(AppConfig):
    name = "palier.apps.entitlements"
    label = "entitlements"

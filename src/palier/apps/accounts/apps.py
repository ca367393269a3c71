from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "palier.apps.accounts"
    label = "accounts"

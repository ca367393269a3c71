"""Addresses of the host's pages, of the plans and of the members."""

from django.urls import path

from palier.interfaces.portal import (
    add_ons,
    ask,
    cancel,
    changes,
    clock,
    close_account,
    home,
    overview,
    plans,
    seats,
    take_along,
    trial,
    usage,
)

urlpatterns = [
    path("", home.page, name="home"),
    path("settings/", home.settings_page, name="settings"),
    path("settings/clock/", clock.page, name="clock"),
    path("settings/clock/progress/", clock.progress, name="clock-progress"),
    path("settings/billing/", overview.page, name="billing-overview"),
    path("settings/billing/usage/", usage.page, name="billing-usage"),
    path("settings/billing/plans/", plans.page, name="plans"),
    path("settings/billing/trial/", trial.start, name="trial-start"),
    path("settings/billing/quotes/", plans.make_quote, name="quote-create"),
    path("settings/billing/schedule/", changes.schedule_change, name="schedule-change"),
    path("settings/billing/changes/<str:change_id>/withdraw/", changes.withdraw, name="change-withdraw"),
    path("settings/billing/seats/", seats.page, name="billing-seats"),
    path("settings/billing/add-ons/", add_ons.page, name="billing-add-ons"),
    path("settings/billing/cancel/", cancel.page, name="billing-cancel"),
    path("settings/billing/export/", take_along.page, name="billing-export"),
    path("settings/close/", close_account.page, name="account-close"),
    path("settings/billing/preview/", plans.preview, name="preview"),
    path("settings/billing/ask/", ask.send, name="ask"),
]

"""Addresses of the host's pages, of the plans and of the members."""

from django.urls import path

from palier.interfaces.portal import ask, home, members, overview, plans

urlpatterns = [
    path("", home.page, name="home"),
    path("settings/", home.settings_page, name="settings"),
    path("settings/members/", members.page, name="members"),
    path("settings/members/invitations/<str:invitation_id>/withdraw/", members.withdraw, name="invitation-withdraw"),
    path("invitations/<str:token>/", members.invitation, name="invitation"),
    path("settings/billing/", overview.page, name="billing-overview"),
    path("settings/billing/plans/", plans.page, name="plans"),
    path("settings/billing/quotes/", plans.make_quote, name="quote-create"),
    path("settings/billing/preview/", plans.preview, name="preview"),
    path("settings/billing/ask/", ask.send, name="ask"),
]

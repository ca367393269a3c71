"""Addresses from the promise of a price to the invoice."""

from django.urls import path

from palier.interfaces.portal import checkout, details, explanations, invoices, orders, payment_method, terms

urlpatterns = [
    path("checkout/<str:quote_id>/", checkout.page, name="checkout"),
    path("checkout/<str:quote_id>/explanation.json", explanations.as_json, name="explanation"),
    path("orders/<str:order_id>/", orders.page, name="order"),
    path("orders/<str:order_id>/status/", orders.status, name="order-status"),
    path("orders/<str:order_id>/return/", orders.back_from_bank, name="order-return"),
    path("orders/<str:order_id>/withdraw/", orders.withdraw, name="order-withdraw"),
    path("settings/billing/payment-method/", payment_method.page, name="payment-method"),
    path("settings/billing/invoices/", invoices.listing, name="invoices"),
    path("settings/billing/invoices/<str:invoice_id>.pdf", invoices.pdf, name="invoice-pdf"),
    path("settings/billing/invoices/<str:invoice_id>/", invoices.page, name="invoice"),
    path("settings/billing/details/", details.page, name="billing-details"),
    path("terms/<str:version>/", terms.page, name="terms"),
]

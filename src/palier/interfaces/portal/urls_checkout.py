"""Addresses from the promise of a price to the invoice."""

from django.urls import path

from palier.interfaces.portal import (
    checkout,
    confirm,
    details,
    explanations,
    invoices,
    orders,
    pay_invoice,
    payment_method,
    terms,
)

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
    path("settings/billing/invoices/<str:invoice_id>/pay/", pay_invoice.pay, name="invoice-pay"),
    path("settings/billing/invoices/<str:invoice_id>/status/", pay_invoice.status, name="invoice-status"),
    path("settings/billing/invoices/<str:invoice_id>/return/", pay_invoice.back_from_bank, name="invoice-return"),
    path("settings/billing/invoices/<str:invoice_id>/withdraw/", pay_invoice.withdraw, name="invoice-withdraw"),
    path("pay/<str:token>/", confirm.page, name="confirm-payment"),
    path("pay/<str:token>/status/", confirm.status, name="confirm-payment-status"),
    path("pay/<str:token>/return/", confirm.back_from_bank, name="confirm-payment-return"),
    path("settings/billing/details/", details.page, name="billing-details"),
    path("terms/<str:version>/", terms.page, name="terms"),
]

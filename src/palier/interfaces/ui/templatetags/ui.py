"""Tags that every template may load: money, dates, icons, states of messages."""

import re
from datetime import date, datetime
from typing import Final

from django import forms, template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from palier.apps.catalogue import current
from palier.interfaces.ui.icons import PATHS
from palier.kit import formats

register = template.Library()

FRACTION: Final = re.compile(r"[.,]\d+(?=\D*$)")
KINDS: Final = {"success": "good", "warning": "care", "error": "bad", "info": "note", "debug": "note", "": "note"}


def language() -> str:
    """The reader's language."""
    return get_language() or "en"


@register.simple_tag
def money(minor: int, currency: str, style: str = "") -> SafeString:
    """A sum in minor units as the reader's language writes it, its cents smaller: ``{% money 1296000 "EUR" %}``."""
    text = formats.money(minor, currency, language())
    cents = FRACTION.search(text) if formats.decimal_of(1, currency) != 1 else None
    classes = f"money {style}".strip()
    if cents is None:
        return format_html('<span class="{}">{}</span>', classes, text)
    return format_html(
        '<span class="{}">{}<span class="cents">{}</span>{}</span>',
        classes,
        text[: cents.start()],
        cents.group(),
        text[cents.end() :],
    )


@register.simple_tag
def money_text(minor: int, currency: str) -> str:
    """The same sum as plain text, for a button, a title or a sentence."""
    return formats.money(minor, currency, language())


@register.filter
def day(at: date | datetime) -> str:
    """``22 Nov 2027``, in the seller's zone."""
    return formats.day(at, language(), zone_for(at))


@register.filter
def long_day(at: date | datetime) -> str:
    """``22 November 2027``, in the seller's zone."""
    return formats.long_day(at, language(), zone_for(at))


@register.filter
def time_of_day(at: datetime) -> str:
    """``14:32``, in the seller's zone."""
    return formats.time_of_day(at, language(), zone())


@register.filter
def whole(value: int) -> str:
    """``12,500``."""
    return formats.whole_number(value, language())


@register.filter
def percent(ppm: int) -> str:
    """Parts per million as a percentage."""
    return formats.percent(ppm, language())


@register.simple_tag
def icon(name: str) -> SafeString:
    """A drawn icon. It never speaks alone: the words stand beside it."""
    return format_html(
        '<svg class="icon" width="20" height="20" viewBox="0 0 24 24" aria-hidden="true"><path d="{}"/></svg>',
        PATHS[name],
    )


@register.simple_tag
def alert_kind(kind: str) -> str:
    """The class of a message: good, care, bad or note, from our words or those of django.contrib.messages."""
    return KINDS.get(kind, kind)


@register.simple_tag
def alert_icon(kind: str) -> SafeString:
    """The icon of a message."""
    drawn = {"good": "good", "care": "alert", "bad": "care", "note": "note"}
    return SafeString(icon(drawn[alert_kind(kind)]))


@register.filter
def plain(field: forms.BoundField) -> forms.BoundField:
    """The field without a placeholder: the label and the hint say it, and stay when one types."""
    field.field.widget.attrs.pop("placeholder", None)
    return field


@register.filter
def is_checkbox(field: forms.BoundField) -> bool:
    """Whether a form field is a box to tick, whose label stands after it."""
    return isinstance(field.field.widget, forms.CheckboxInput)


def zone_for(at: date | datetime) -> str:
    """The seller's zone for an instant; a calendar day has none, so the catalogue is not asked for it."""
    return zone() if isinstance(at, datetime) else ""


def zone() -> str:
    """The seller's time zone, in which dates are shown."""
    return current().policy.zone

"""Tags that every template may load: money, dates, icons, states of messages."""

import re
from datetime import date, datetime
from typing import Final

from django import forms, template
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from palier.apps.catalogue import current
from palier.apps.help import library
from palier.apps.help.library import Article
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
def last_instant(end: datetime) -> datetime:
    """Of what ends then: ``|last_instant|long_day`` is its last day."""
    return formats.last_instant(end)


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


@register.simple_tag(takes_context=True)
def help_link(context: template.Context, screen: str = "", *, apart: bool = False) -> SafeString:
    """Beside a screen's title, the way to its article, by the name of its URL: ``Help: Invoices and VAT``.

    ``apart`` opens a tab of its own: on screens where something is typed, which must not be lost.
    """
    match = getattr(context.get("request"), "resolver_match", None)
    name = screen or (match.url_name if match else "") or ""
    return _titled(library.for_screen(name, language()), apart=apart)


@register.simple_tag
def help_about(code: str, *, apart: bool = True) -> SafeString:
    """The same, to the article about a refusal or a declined payment, by its code."""
    return _titled(library.for_code(code, language()), apart=apart)


@register.simple_tag
def said(sentence: object, code: str = "") -> SafeString:
    """A sentence that may tell a refusal: with its code in the markup, and the way to the article that explains it."""
    code = code or getattr(sentence, "code", "")
    text = conditional_escape(str(sentence))
    return format_html('<span data-code="{}">{}</span>{}', code, text, why(code)) if code else text


@register.simple_tag
def why(code: str, *, kept: bool = False) -> SafeString:
    """After a sentence, the short way to the article about its code, in a tab of its own; nothing without one.

    ``kept``: where there is none, a hidden place for the link that a script may need later.
    """
    found = library.for_code(code, language())
    if found is None and not kept:
        return SafeString("")
    return format_html(
        ' <a class="why-link" href="{}" target="_blank" rel="noopener"{}>{}{}</a>',
        found.path if found else "/help/",
        "" if found else SafeString(" hidden"),
        _("Why?"),
        _in_a_new_tab(),
    )


def _titled(found: Article | None, *, apart: bool) -> SafeString:
    if found is None:
        return SafeString("")
    return format_html(
        '<p class="screen-help"><a href="{}"{}>{}<span>{}{}</span></a></p>',
        found.path,
        SafeString(' target="_blank" rel="noopener"' if apart else ""),
        icon("help"),
        _("Help: %(title)s") % {"title": found.title},
        _in_a_new_tab() if apart else "",
    )


def _in_a_new_tab() -> SafeString:
    """What a link says to those who do not see where it opens."""
    return format_html(' <span class="visually-hidden">{}</span>', _("(opens in a new tab)"))


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

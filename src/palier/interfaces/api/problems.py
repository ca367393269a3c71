"""A no for a machine: a problem document (RFC 9457) with the refusal's stable code, in the caller's language."""

import json
from typing import Final

from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language_from_request

from palier.apps.catalogue import versions
from palier.flows import articles, snapshot, usage
from palier.kit.refusals import Refusal

CONTENT_TYPE: Final = "application/problem+json"


class NoKeyHere(Refusal):
    code = "api.no_key_configured"
    en = "The interface is closed: PALIER_API_KEY is not set. Nothing was changed; set it and start again."
    fr = (
        "L’interface est fermée\u202f: PALIER_API_KEY n’est pas définie. Rien n’a changé\u202f; "
        "définissez-la et relancez."
    )


class WrongKey(Refusal):
    code = "api.wrong_key"
    en = "The key is missing or wrong. Nothing was changed; send it as “Authorization: Bearer …”."
    fr = (
        "La clé manque ou est fausse. Rien n’a changé\u202f; "
        "envoyez-la ainsi\u202f: «\u202fAuthorization: Bearer …\u202f»."
    )


class WrongMethod(Refusal):
    code = "api.wrong_method"
    en = "This address does not take {method}. Nothing was changed; send {allowed}."
    fr = "Cette adresse n’accepte pas {method}. Rien n’a changé\u202f; envoyez {allowed}."


class AccountUnknown(Refusal):
    code = "api.account_unknown"
    en = "There is no account {account}. Nothing was changed; account ids look like acc_0123456789abc."
    fr = "Il n’existe pas de compte {account}. Rien n’a changé\u202f; un identifiant ressemble à acc_0123456789abc."


class BodyTooLarge(Refusal):
    code = "api.body_too_large"
    en = "The body is larger than {most} bytes. Nothing was changed; send only the number."
    fr = "Le corps dépasse {most} octets. Rien n’a changé\u202f; n’envoyez que le nombre."


class BodyUnreadable(Refusal):
    code = "api.body_unreadable"
    en = "The body is not a JSON object with “used”. Nothing was changed; send one such as {example}."
    fr = (
        "Le corps n’est pas un objet JSON avec «\u202fused\u202f». Rien n’a changé\u202f; "
        "envoyez par exemple {example}."
    )
    field = "used"


class MoreNotANumber(Refusal):
    code = "api.more_not_a_number"
    en = "“more” must be a whole number, 0 or more. Nothing was changed; leave it out for 1."
    fr = "«\u202fmore\u202f» doit être un nombre entier, 0 ou davantage. Rien n’a changé\u202f; sans lui, c’est 1."
    field = "more"


class Unavailable(Refusal):
    code = "api.unavailable"
    en = (
        "The database does not answer, so it is not known whether what you sent was kept. Send it again in a few "
        "seconds: the same may be sent twice."
    )
    fr = (
        "La base de données ne répond pas\u202f: on ne sait pas si ce que vous avez envoyé a été gardé. Renvoyez-le "
        "dans quelques secondes\u202f; la même demande peut être envoyée deux fois."
    )


STATUS: Final[dict[type[Refusal], int]] = {
    NoKeyHere: 503,
    Unavailable: 503,
    versions.NoCatalogue: 503,
    versions.CatalogueUnreadable: 503,
    snapshot.SnapshotKeyMissing: 503,
    WrongKey: 401,
    WrongMethod: 405,
    AccountUnknown: 404,
    usage.UsageKeyUnknown: 404,
    BodyTooLarge: 413,
    BodyUnreadable: 400,
}
"""Any other refusal is 422: understood, and not to be had."""

UNPROCESSABLE: Final = 422


def answer(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    """The refusal as a problem document."""
    language = get_language_from_request(request)
    status = STATUS.get(type(refusal), UNPROCESSABLE)
    article = articles.about(refusal.code, language)
    document = {
        "type": f"urn:palier:problem:{refusal.code}",
        "title": refusal.text(language),
        "status": status,
        "code": refusal.code,
        "detail": {"en": refusal.text("en"), "fr": refusal.text("fr")},
        **({"field": refusal.field} if refusal.field else {}),
        **({"help": article[1]} if article else {}),
    }
    response = HttpResponse(json.dumps(document, ensure_ascii=False), content_type=CONTENT_TYPE, status=status)
    response["Content-Language"] = language
    response["Vary"] = "Accept-Language"
    return response

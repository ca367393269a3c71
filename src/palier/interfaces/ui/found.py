"""What an address names."""

from django.http import Http404

from palier.kit import ids


def identity(prefix: str, public_id: str) -> int:
    """The identity behind a public id of this kind, which need not exist; or Http404."""
    try:
        return ids.parse(prefix, public_id)
    except ids.UnknownId as error:
        raise Http404 from error

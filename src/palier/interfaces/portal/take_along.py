"""Taking one's data along."""

from contextlib import ExitStack
from tempfile import SpooledTemporaryFile
from typing import Final

from django.http import HttpResponseBase
from django.shortcuts import render
from django.utils.text import slugify
from django.views.decorators.http import require_http_methods

from palier.flows.exports import export
from palier.interfaces.portal.access import MemberRequest, buyer_required
from palier.interfaces.ui.downloads import download

MEMORY: Final = 8 * 1024 * 1024
"""Bytes of an archive beyond which it is written to the folder for temporary files."""


@require_http_methods(["GET", "HEAD", "POST"])
@buyer_required
def page(request: MemberRequest) -> HttpResponseBase:
    """What the export holds; the button answers with the ZIP."""
    if request.method != "POST":
        return render(request, "portal/export.html")
    with ExitStack() as unless_sent:
        archive = unless_sent.enter_context(SpooledTemporaryFile(MEMORY))
        export.of_account(request.account, request.member, archive, now=request.now)
        archive.seek(0)
        unless_sent.pop_all()
    name = f"{slugify(request.account.name) or request.account.public_id}-{request.now:%Y-%m-%d}.zip"
    return download(archive, "application/zip", name)

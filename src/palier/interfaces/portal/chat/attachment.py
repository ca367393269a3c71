"""A file that came with a message."""

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from palier.interfaces.portal.access import MemberRequest, any_member_required
from palier.interfaces.portal.chat.found import own_attachment
from palier.interfaces.ui.downloads import download as handed_out


@require_safe
@any_member_required
def download(request: MemberRequest, attachment_id: str) -> HttpResponse:
    """The file, by everything that a browser knows of as a download."""
    file = own_attachment(request, attachment_id)
    return handed_out(file.content, file.content_type, file.name)

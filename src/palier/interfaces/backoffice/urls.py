"""Addresses of the operator's team."""

from django.urls import path

from palier.interfaces.backoffice import canned, conversation, hours, inbox, opinions

urlpatterns = [
    path("", inbox.page, name="inbox"),
    path("conversations/<str:conversation_id>/", conversation.page, name="desk-conversation"),
    path("conversations/<str:conversation_id>/news/", conversation.poll, name="desk-news"),
    path("conversations/<str:conversation_id>/typing/", conversation.typing, name="desk-typing"),
    path("attachments/<str:attachment_id>/", conversation.attachment, name="desk-attachment"),
    path("answers/", canned.listing, name="desk-answers"),
    path("answers/<str:answer_id>/", canned.page, name="desk-answer"),
    path("hours/", hours.page, name="desk-hours"),
    path("help/", opinions.page, name="desk-help"),
]

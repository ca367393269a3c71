"""Addresses of the chat."""

from django.urls import path

from palier.interfaces.portal.chat import attachment, conversation, ending, news, page, suggest

urlpatterns = [
    path("", page.page, name="chat"),
    path("unread/", news.unread, name="chat-unread"),
    path("suggest/", suggest.suggest, name="chat-suggest"),
    path("attachments/<str:attachment_id>/", attachment.download, name="chat-attachment"),
    path("<str:conversation_id>/", conversation.page, name="chat-conversation"),
    path("<str:conversation_id>/news/", news.news, name="chat-news"),
    path("<str:conversation_id>/typing/", news.typing, name="chat-typing"),
    path("<str:conversation_id>/satisfaction/", ending.satisfaction, name="chat-satisfaction"),
]

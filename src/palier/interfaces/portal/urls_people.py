"""Addresses of the people of an account and of their seats."""

from django.urls import path

from palier.interfaces.portal import join, member, member_seats, members, seat_requests

urlpatterns = [
    path("invitations/<str:token>/", join.page, name="invitation"),
    path("settings/members/", members.page, name="members"),
    path("settings/members/invitations/<str:invitation_id>/withdraw/", members.withdraw, name="invitation-withdraw"),
    path("settings/members/invitations/<str:invitation_id>/resend/", members.resend, name="invitation-resend"),
    path("settings/members/seats/buy/", member_seats.buy, name="seats-buy"),
    path("settings/members/seats/reduce/", member_seats.reduce, name="seats-reduce"),
    path("settings/members/seats/ask/", member_seats.ask, name="seat-ask"),
    path("settings/members/requests/<str:request_id>/", seat_requests.page, name="seat-request"),
    path("settings/members/<str:member_id>/", member.page, name="member"),
    path("settings/members/<str:member_id>/role/", member.role, name="member-role"),
    path("settings/members/<str:member_id>/deactivate/", member.deactivate, name="member-deactivate"),
    path("settings/members/<str:member_id>/reactivate/", member.reactivate, name="member-reactivate"),
    path("settings/members/<str:member_id>/remove/", member.remove, name="member-remove"),
    path("settings/members/<str:member_id>/ownership/", member.ownership, name="ownership"),
]

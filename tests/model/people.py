"""What people do, in both: they come, go and change roles; seats are asked for, given and given up; usage is told."""

from datetime import timedelta

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from palier.apps.accounts.models import Member
from palier.flows import seat_requests, unused_seats, usage
from palier.flows.people import invite, members
from tests import world
from tests.flows.test_invitations import link_of
from tests.model import life
from tests.model.agreement import answer
from tests.model.driver import Program
from tests.model.reference import OTHER, No, Offer, SeatRequest, Wish
from tests.model.rules import Shared

MOST_FAILURES = 6
"""Of payments in a day; after some more, cards are turned away (``flows.attempts``)."""

anybody = st.integers(0, 9)


class People(Shared):
    """One account, twice, with its people."""

    program: Program
    guests = 0

    @property
    def owner(self) -> Member:
        return self.program.cast.owner

    def somebody(self, which: int, *, active: bool = True) -> Member:
        people = self.program.others(active=active)
        return people[which % len(people)]

    # Coming and going

    @precondition(lambda self: self.model.held)
    @rule(many=st.integers(1, 3))
    def invites(self, many: int) -> None:
        now = self.program.now
        emails = [f"guest{self.guests + number}@lumiere.example" for number in range(many)]
        self.guests += many

        def invited() -> None:
            if self.model.read_only:
                raise No("account.read_only")
            if self.model.free(now) < many:
                raise No("invitation.no_free_seat")
            self.model.invited += [now + timedelta(days=14)] * many

        self.both(invited, lambda: invite.people(self.program.account, self.owner, emails, now=now))

    @precondition(lambda self: self.model.held and any(until > self.program.now for until in self.model.invited))
    @rule(accepts=st.booleans())
    def answers_an_invitation(self, accepts: bool) -> None:
        now, invitation = self.program.now, self.program.open_invitations()[0]
        until = min(end for end in self.model.invited if end > now)

        def answered() -> None:
            if accepts and self.model.read_only:
                raise No("account.read_only")
            if accepts and self.model.people >= self.model.seats:
                raise No("invitation.no_seat_left")
            self.model.invited.remove(until)
            self.model.people += accepts

        def really() -> Member | None:
            if not accepts:
                invite.withdraw(invitation, self.owner, now=now)
                return None
            token = link_of(invitation.email)
            return invite.accept(token, name="Nora New", password=world.PASSWORD, language="en", now=now)

        self.both(answered, really)

    @precondition(lambda self: self.model.held and any(until > self.program.now for until in self.model.invited))
    @rule()
    def sends_an_invitation_again(self) -> None:
        now, invitation = self.program.now, self.program.open_invitations()[0]

        def again() -> None:
            if self.model.read_only:
                raise No("account.read_only")
            self.model.invited.remove(min(end for end in self.model.invited if end > now))
            self.model.invited.append(now + timedelta(days=14))

        self.both(again, lambda: invite.again(invitation, self.owner, now=now))

    @precondition(lambda self: self.model.held and self.model.people > 1)
    @rule(licence=st.sampled_from(["keep", "reduce"]), which=anybody, for_good=st.booleans())
    def somebody_leaves(self, licence: str, which: int, for_good: bool) -> None:
        now, who = self.program.now, self.somebody(which)
        leave = members.remove if for_good else members.deactivate

        def left() -> None:
            life.leave(self.model, licence, now)
            self.model.away.add(who.pk)

        self.both(left, lambda: leave(who, self.owner, licence=licence, now=now))

    @precondition(lambda self: self.model.held and self.program.others(active=False))
    @rule(which=anybody)
    def somebody_returns(self, which: int) -> None:
        now, who = self.program.now, self.somebody(which, active=False)

        def returned() -> None:
            life.come_back(self.model, now)
            self.model.away.discard(who.pk)
            if self.model.plan == "team":
                self.model.roles[who.pk] = "member"

        self.both(returned, lambda: members.reactivate(who, self.owner, now=now))

    @precondition(lambda self: self.program.others(active=False))
    @rule(which=anybody)
    def who_left_is_removed(self, which: int) -> None:
        now, who = self.program.now, self.somebody(which, active=False)
        self.both(lambda: None, lambda: members.remove(who, self.owner, licence="reduce", now=now))

    @precondition(lambda self: self.model.people > 1)
    @rule(which=anybody, role=st.sampled_from(["billing_admin", "billing_admin", "member"]))
    def gets_another_role(self, which: int, role: str) -> None:
        now, who = self.program.now, self.somebody(which)
        before = self.model.roles.get(who.pk, who.role)

        def given() -> None:
            if role == "billing_admin" and (not self.model.held or self.model.plan == "team"):
                raise No("member.role_needs_plan")
            if role == before:
                raise No("member.stands_otherwise")
            self.model.roles[who.pk] = role

        self.both(given, lambda: members.change_role(who, self.owner, role, now=now))

    # Seats that are asked for

    @precondition(lambda self: self.model.people > 1)
    @rule(which=anybody)
    def somebody_asks_for_a_seat(self, which: int) -> None:
        now, who = self.program.now, self.somebody(which)

        def asked() -> None:
            own = [each for each in self.model.requests if each.member == who.pk]
            if self.model.roles.get(who.pk) == "billing_admin":
                raise No("seat_request.buyer")
            if not self.model.held:
                raise No("seat_request.no_seats_counted")
            if own and own[-1].state == "waiting":
                raise No("seat_request.already_waits")
            if own and own[-1].asked_at > now - timedelta(hours=1):
                raise No("request.already_sent")
            self.model.requests.append(SeatRequest(who.pk, now))

        self.both(asked, lambda: seat_requests.ask(who, now=now))

    @precondition(lambda self: self.asked and self.wallet.card == "good")
    @rule()
    def buys_the_seat_that_is_asked_for(self) -> None:
        now, asked = self.program.now, self.program.request
        if self.program.failures_today() >= MOST_FAILURES:
            return
        code, found = answer(self._one_seat_more)
        real, kept = answer(lambda: seat_requests.promise(asked, self.owner, now=now))
        assert real == code, (real, code)
        if found is not None and kept is not None:
            wish, offered = found
            assert kept.total_minor == offered.total
            assert self.program.buy_for(asked).state == "settled"
            self.model.settle(offered, wish)
            self.asked[0].state = "approved"
        self.program.check(self.model)

    def _one_seat_more(self) -> tuple[Wish, Offer]:
        now = self.program.now
        if not self.model.held:
            raise No("cancel.nothing_to_cancel")
        if not self._missing():
            raise No("seat_request.not_missing")
        leading = self.model.leading
        beside = self.model.held.get(OTHER[leading.interval])
        wish = Wish(leading.plan, leading.interval, leading.seats + 1, beside.seats if beside else 0)
        return wish, self.model.offer(wish, now)

    @precondition(lambda self: self.asked)
    @rule(gives=st.booleans())
    def answers_a_request(self, gives: bool) -> None:
        now, asked = self.program.now, self.program.request

        def answered() -> None:
            if gives and self.model.held and not self.model.free(now):
                raise No("seat_request.no_free_seat" if self._missing() else "seat_request.not_missing")
            self.asked[0].state = "approved" if gives else "declined"

        reply = seat_requests.give if gives else seat_requests.decline
        self.both(answered, lambda: reply(asked, self.owner, now=now))

    def _missing(self) -> bool:
        """Whether one person more needs a seat that is not paid for."""
        return self.model.holding(self.program.now) >= self.model.seats

    @property
    def asked(self) -> list[SeatRequest]:
        """The requests that wait for an answer."""
        return [each for each in self.model.requests if each.state == "waiting"]

    @rule()
    def gives_up_unused_seats(self) -> None:
        now = self.program.now
        self.both(
            lambda: life.give_up_unused(self.model, now),
            lambda: unused_seats.reduce(self.program.account, self.owner, now=now),
        )

    # What is used

    @rule(used=st.sampled_from([5, 15, 16, 150, 151]))
    def the_product_reports(self, used: int) -> None:
        def reported() -> None:
            self.model.custom_fields = used

        self.both(reported, lambda: usage.report(self.program.account, "custom_fields", used, now=self.program.now))

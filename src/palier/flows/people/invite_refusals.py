"""Why nobody was invited, or why an invitation leads nowhere."""

from palier.kit.refusals import Refusal


class NotAllowedToInvite(Refusal):
    code = "invitation.not_allowed"
    en = "Only the owner or an admin can invite people. Nobody was invited; ask one of them."
    fr = (
        "Seuls le propriétaire ou un administrateur peuvent inviter. Personne n’a été invité\u202f; demandez à "
        "l’un d’eux."
    )


class AddressesMissing(Refusal):
    code = "invitation.no_address"
    en = "Enter at least one e-mail address. Nobody was invited."
    fr = "Saisissez au moins une adresse e-mail. Personne n’a été invité."
    field = "emails"


class AddressMalformed(Refusal):
    code = "invitation.address_malformed"
    en = "“{address}” is not an e-mail address. Nobody was invited; correct it and send again."
    fr = "«\u202f{address}\u202f» n’est pas une adresse e-mail. Personne n’a été invité\u202f; corrigez-la et renvoyez."
    field = "emails"


class AddressTooLong(Refusal):
    code = "invitation.address_too_long"
    en = (
        "“{address}…” is longer than {most} characters, which no e-mail address may be. Nobody was invited; "
        "correct it and send again."
    )
    fr = (
        "«\u202f{address}…\u202f» dépasse {most} caractères, ce qu’aucune adresse e-mail ne peut faire. Personne n’a "
        "été invité\u202f; corrigez-la et renvoyez."
    )
    field = "emails"


class AlreadyHere(Refusal):
    code = "invitation.already_here"
    en = "{address} already has a place or an invitation. Nobody was invited; remove that address and send again."
    fr = (
        "{address} a déjà une place ou une invitation. Personne n’a été invité\u202f; retirez cette adresse et "
        "renvoyez."
    )
    field = "emails"


class NoFreeSeat(Refusal):
    code = "invitation.no_free_seat"
    en = (
        "Free seats: {free}. Addresses entered: {wanted}. Nobody was invited; buy or ask for the missing seats first, "
        "or withdraw an invitation that waits."
    )
    fr = (
        "Places libres\u202f: {free}. Adresses saisies\u202f: {wanted}. Personne n’a été invité\u202f; achetez ou "
        "demandez d’abord les places manquantes, ou retirez une invitation en attente."
    )
    field = "emails"

    def __init__(self, *, free: int, wanted: int) -> None:
        super().__init__(free=free, wanted=wanted)
        self.wanted = wanted


class TooManyWaiting(Refusal):
    code = "invitation.too_many_waiting"
    en = (
        "No more than {most} invitations can wait at the same time. Nobody was invited; wait until some are "
        "accepted, or withdraw them."
    )
    fr = (
        "Pas plus de {most} invitations en attente à la fois. Personne n’a été invité\u202f; attendez que certaines "
        "soient acceptées, ou retirez-en."
    )
    field = "emails"


class TooManyToday(Refusal):
    code = "invitation.too_many_today"
    en = "No more than {most} invitations leave an account in 24 hours. Nobody was invited; try again tomorrow."
    fr = "Pas plus de {most} invitations par compte en 24 heures. Personne n’a été invité\u202f; réessayez demain."
    field = "emails"


class NotAllowedToWithdraw(Refusal):
    code = "invitation.withdrawal_not_allowed"
    en = "Only the owner or an admin can withdraw an invitation. Nothing was changed; ask one of them."
    fr = (
        "Seuls le propriétaire ou un administrateur peuvent retirer une invitation. Rien n’a changé\u202f; demandez à "
        "l’un d’eux."
    )


class NothingToWithdraw(Refusal):
    code = "invitation.nothing_to_withdraw"
    en = (
        "The invitation for {address} no longer waits: it was accepted or withdrawn, or has expired. Nothing was "
        "changed; the list shows how things stand now."
    )
    fr = (
        "L’invitation pour {address} n’est plus en attente\u202f: elle a été acceptée ou retirée, ou elle a expiré. "
        "Rien n’a changé\u202f; la liste montre où en sont les choses."
    )


class InvitationGone(Refusal):
    code = "invitation.gone"
    en = (
        "This invitation was already used or withdrawn, has expired, or does not exist. Ask the person who invited "
        "you for a new one."
    )
    fr = (
        "Cette invitation a déjà servi, a été retirée, a expiré ou n’existe pas. Demandez-en une nouvelle à la "
        "personne qui vous a invité."
    )


class NoSeatLeft(Refusal):
    code = "invitation.no_seat_left"
    en = (
        "{company} has no free seat at the moment, so you have not joined yet. Ask {inviter} to add users under "
        "Plans & billing, then open this link again."
    )
    fr = (
        "{company} n’a plus de place libre pour le moment, vous n’avez donc pas encore rejoint l’équipe. Demandez à "
        "{inviter} d’ajouter des utilisateurs dans Plans et facturation, puis rouvrez ce lien."
    )


class AddressTaken(Refusal):
    code = "invitation.address_taken"
    en = (
        "There already is a log-in for {address}. Nothing was changed; log in with it, or ask for an invitation "
        "to another address."
    )
    fr = (
        "Un accès existe déjà pour {address}. Rien n’a changé\u202f; connectez-vous avec lui, ou demandez une "
        "invitation pour une autre adresse."
    )

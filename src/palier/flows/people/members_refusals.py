"""Why a member stays as they are, in both languages. Raised by ``flows.people.members``, ``flows.people.roles`` and
``flows.people.ownership``."""

from palier.kit.refusals import Refusal


class NotAllowedToManage(Refusal):
    code = "member.not_allowed"
    en = "Only the owner or an admin can change people’s roles and access. Nothing was changed; ask one of them."
    fr = (
        "Seuls le propriétaire ou un administrateur peuvent changer les rôles et les accès. Rien n’a changé\u202f; "
        "demandez à l’un d’eux."
    )


class OwnerStays(Refusal):
    code = "member.owner_stays"
    en = (
        "{name} owns the account, and an owner cannot be demoted, deactivated or removed. Nothing was changed; "
        "transfer the ownership first."
    )
    fr = (
        "{name} est propriétaire du compte\u202f: un propriétaire ne peut être ni rétrogradé, ni désactivé, ni retiré. "
        "Rien n’a changé\u202f; transférez d’abord la propriété."
    )


class NotOneself(Refusal):
    code = "member.not_oneself"
    en = "Nobody changes their own role or access. Nothing was changed; ask the owner or another admin."
    fr = (
        "Personne ne change son propre rôle ni son propre accès. Rien n’a changé\u202f; demandez au propriétaire ou à "
        "un autre administrateur."
    )


class StandsOtherwise(Refusal):
    code = "member.stands_otherwise"
    en = "{name} is so already, or somebody else was faster. Nothing was changed; the list shows how things stand now."
    fr = (
        "C’est déjà le cas de {name}, ou quelqu’un d’autre a été plus rapide. Rien n’a changé\u202f; la liste montre "
        "où en sont les choses."
    )


class RoleUnknown(Refusal):
    code = "member.role_unknown"
    en = "This role does not exist or cannot be given. Nothing was changed; choose one of those shown."
    fr = "Ce rôle n’existe pas ou ne peut pas être donné. Rien n’a changé\u202f; choisissez l’un de ceux proposés."
    field = "role"


class RoleNeedsPlan(Refusal):
    code = "member.role_needs_plan"
    en = (
        "Billing admin is a custom role, which your plan does not include. Nothing was changed; choose another role, "
        "or a plan with custom roles."
    )
    fr = (
        "Administrateur de facturation est un rôle personnalisé, que votre plan ne comprend pas. Rien n’a "
        "changé\u202f; choisissez un autre rôle, ou un plan avec des rôles personnalisés."
    )
    field = "role"


class OnlyOwnerGivesBilling(Refusal):
    code = "member.only_owner_gives_billing"
    en = "Only the owner gives or takes away the right to buy. Nothing was changed; ask the owner."
    fr = "Seul le propriétaire donne ou retire le droit d’acheter. Rien n’a changé\u202f; demandez-lui."
    field = "role"


class LicenceUnknown(Refusal):
    code = "member.licence_unknown"
    en = "Choose whether the licence is kept or reduced. Nothing was changed."
    fr = "Choisissez si la licence est gardée ou réduite. Rien n’a changé."
    field = "licence"


class NoLicence(Refusal):
    code = "member.no_licence"
    en = "Your account pays for no licence, so none can be reduced. Nothing was changed; deactivate without reducing."
    fr = (
        "Votre compte ne paie aucune licence\u202f: aucune ne peut être réduite. Rien n’a changé\u202f; désactivez "
        "sans réduire."
    )
    field = "licence"


class NotAllowedToReduce(Refusal):
    code = "member.reduction_not_allowed"
    en = (
        "Only the owner or a billing admin can reduce what is paid for. Nothing was changed; keep the licence, and "
        "tell them that it is free."
    )
    fr = (
        "Seuls le propriétaire ou un administrateur de facturation peuvent réduire ce qui est payé. Rien n’a "
        "changé\u202f; gardez la licence, et dites-leur qu’elle est libre."
    )
    field = "licence"


class NoSeatToReturnTo(Refusal):
    code = "member.no_free_seat"
    en = (
        "There is no free seat, so {name} stays deactivated. Nothing was changed or taken; buy a seat below, or free "
        "one."
    )
    fr = (
        "Il n’y a pas de place libre\u202f: {name} reste désactivé(e). Rien n’a changé et rien n’a été prélevé\u202f; "
        "achetez une place ci-dessous, ou libérez-en une."
    )


class NotTheOwner(Refusal):
    code = "ownership.not_the_owner"
    en = "Only the owner can transfer the ownership. Nothing was changed; ask the owner."
    fr = "Seul le propriétaire peut transférer la propriété. Rien n’a changé\u202f; demandez-lui."


class NotAnActiveAdmin(Refusal):
    code = "ownership.not_an_active_admin"
    en = "Ownership passes only to an active admin, and {name} is none. Nothing was changed; make them an admin first."
    fr = (
        "La propriété ne passe qu’à un administrateur actif, ce que {name} n’est pas. Rien n’a changé\u202f; faites-en "
        "d’abord un administrateur."
    )

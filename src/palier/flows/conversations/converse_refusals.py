"""Why nothing came of what was written, closed or answered in a conversation."""

from palier.kit.refusals import Refusal


class NothingWritten(Refusal):
    code = "chat.empty"
    en = "There is nothing to send yet. Write a few words or attach a file."
    fr = "Il n’y a encore rien à envoyer. Écrivez quelques mots ou joignez un fichier."
    field = "text"


class SentBefore(Refusal):
    """Another text, or other files, under a key that was used: the browser never heard that the first had arrived."""

    code = "chat.sent_before"
    en = "What you sent first has arrived; what stands here now was not sent. If it is still needed, send it again."
    fr = (
        "Votre premier envoi est arrivé\u202f; ce qui est écrit ici n’est pas parti. Si c’est encore utile, "
        "envoyez-le de nouveau."
    )
    field = "text"


class MessageTooLong(Refusal):
    code = "chat.too_long"
    en = "The message is longer than {most} characters. Nothing was sent; please send it in two parts."
    fr = "Le message dépasse {most} caractères. Rien n’a été envoyé\u202f; envoyez-le en deux fois."
    field = "text"


class NoPlace(Refusal):
    code = "chat.no_place"
    en = "Your place in this account has ended, so nothing was sent. Somebody who is still there can write for you."
    fr = (
        "Votre place dans ce compte a pris fin\u202f: rien n’a été envoyé. Quelqu’un qui y est encore peut écrire pour "
        "vous."
    )


class NotOfTheTeam(Refusal):
    code = "chat.not_of_the_team"
    en = "Your place in the team has ended, so nothing was sent or changed."
    fr = "Votre place dans l’équipe a pris fin\u202f: rien n’a été envoyé ni modifié."


class SaidMeanwhile(Refusal):
    code = "chat.said_meanwhile"
    en = "Something was said here while you had the page before you. Nothing was changed; read it first."
    fr = "On a écrit ici pendant que vous aviez la page sous les yeux. Rien n’a été modifié\u202f; lisez d’abord."


class WordTooLong(Refusal):
    code = "chat.word_too_long"
    en = "Your word is longer than {most} characters. Nothing was sent; please shorten it."
    fr = "Votre mot dépasse {most} caractères. Rien n’a été envoyé\u202f; raccourcissez-le."
    field = "word"


class NotSolvedYet(Refusal):
    code = "chat.not_solved_yet"
    en = "This conversation is open again, so your answer was not kept. You can give it once the team has closed it."
    fr = (
        "Cette conversation est de nouveau ouverte\u202f: votre réponse n’a pas été enregistrée. Vous pourrez la "
        "donner quand l’équipe l’aura close."
    )


class UnknownColleague(Refusal):
    code = "chat.unknown_colleague"
    en = "This person is not of the team, or no longer. The conversation stays where it is; choose somebody else."
    fr = (
        "Cette personne n’est pas, ou plus, de l’équipe. La conversation reste où elle est\u202f; choisissez quelqu’un."
    )

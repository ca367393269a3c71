"""What a refusal says keeps its code, wherever Django carries it."""

import copy

from django import forms
from django.utils.translation import override

from palier.kit.refusals import Refusal, Sentence


class TooMany(Refusal):
    code = "thing.too_many"
    en = "There are {number} too many. Nothing was changed; take some away."
    fr = "Il y en a {number} de trop. Rien n’a changé\u202f; retirez-en."
    field = "number"


class AForm(forms.Form):
    number = forms.CharField()


def test_it_is_the_text_and_knows_the_code() -> None:
    said = TooMany(number=3).text("en")
    assert said == "There are 3 too many. Nothing was changed; take some away."
    for same in (said, str(said), copy.deepcopy(said)):
        assert isinstance(same, Sentence)
        assert same.code == "thing.too_many"


def test_the_error_of_a_forms_field_knows_it_too() -> None:
    with override("fr"):
        form = AForm({"number": "7"})
        form.add_error("number", TooMany(number=3).text("fr"))
        (error,) = form["number"].errors
    assert isinstance(error, Sentence)
    assert (error.code, error[:8]) == ("thing.too_many", "Il y en ")

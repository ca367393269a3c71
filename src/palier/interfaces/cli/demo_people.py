"""The three companies of the demonstration. Names and addresses are made up; the VAT number only checks."""

from dataclasses import dataclass
from typing import Final

PASSWORD: Final = "palier-demo-2026"  # noqa: S105 - printed at every start of a demonstration


@dataclass(frozen=True, slots=True)
class Person:
    """Someone who can log in."""

    name: str
    email: str
    role: str


@dataclass(frozen=True, slots=True)
class Company:
    """An account; the first of its people is the owner."""

    name: str
    country: str
    language: str
    people: tuple[Person, ...]


TEAM: Final = Person("Camille Renard", "team@talentea.example", "team")
"""Who answers the three companies."""

LUMIERE: Final = Company(
    "Cabinet Lumière",
    "FR",
    "fr",
    (
        Person("Claire Fontaine", "claire.fontaine@cabinet-lumiere.example", "owner"),
        Person("Karim Benali", "karim.benali@cabinet-lumiere.example", "admin"),
        Person("Élodie Marchand", "elodie.marchand@cabinet-lumiere.example", "member"),
        Person("Thomas Lefèvre", "thomas.lefevre@cabinet-lumiere.example", "member"),
        Person("Inès Rousseau", "ines.rousseau@cabinet-lumiere.example", "member"),
        Person("Julien Garnier", "julien.garnier@cabinet-lumiere.example", "member"),
        Person("Aïcha Diallo", "aicha.diallo@cabinet-lumiere.example", "member"),
        Person("Mathilde Perrin", "mathilde.perrin@cabinet-lumiere.example", "member"),
    ),
)
NORTHGATE: Final = Company(
    "Northgate Talent",
    "IE",
    "en",
    (
        Person("Grace Kavanagh", "grace.kavanagh@northgate-talent.example", "owner"),
        Person("Owen Byrne", "owen.byrne@northgate-talent.example", "billing_admin"),
        Person("Priya Nair", "priya.nair@northgate-talent.example", "admin"),
        Person("Daniel Walsh", "daniel.walsh@northgate-talent.example", "member"),
    ),
)
NORTHGATE_DETAILS: Final = {
    "kind": "company",
    "name": "Northgate Talent Limited",
    "address": "14 Northgate Quay",
    "postcode": "D02 X285",
    "city": "Dublin",
    "region": "Co. Dublin",
    "country": "IE",
    "vat_number": "IE1234567T",
    "email": "accounts@northgate-talent.example",
    "po_number": "",
}
NORTHGATE_SEATS: Final = 5
RHEINBLICK: Final = Company(
    "Rheinblick Personal",
    "DE",
    "en",
    (
        Person("Jonas Weber", "jonas.weber@rheinblick-personal.example", "owner"),
        Person("Lena Hoffmann", "lena.hoffmann@rheinblick-personal.example", "billing_admin"),
        Person("Emre Yilmaz", "emre.yilmaz@rheinblick-personal.example", "admin"),
        Person("Clara Brandt", "clara.brandt@rheinblick-personal.example", "member"),
    ),
)
RHEINBLICK_DETAILS: Final = {
    "kind": "company",
    "name": "Rheinblick Personal GmbH",
    "address": "Rheinuferstraße 21",
    "postcode": "50668",
    "city": "Köln",
    "region": "",
    "country": "DE",
    "vat_number": "DE136695976",
    "email": "buchhaltung@rheinblick-personal.example",
    "po_number": "PO-2041",
}

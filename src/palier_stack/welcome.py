"""What `make demo` says when everything runs."""

from pathlib import Path

from palier_stack.program_set import Addresses

PEOPLE = "people.txt"
"""In the demonstration's folder: who may log in, as `palier demo-data` printed it."""

TEST_CARDS = (
    ("4242 4242 4242 4242", "accepted"),
    ("4000 0000 0000 9995", "declined: insufficient funds"),
    ("4000 0027 6000 3184", "asks for 3-D Secure on every payment"),
    ("4000 0000 0000 6603", "accepted, slowly"),
)


def show(addresses: Addresses, folder: Path, *, seconds: float) -> None:
    """Prints the addresses, the people and the test cards."""
    people = folder / PEOPLE
    print(
        "\n".join(
            [
                "",
                f"  Palier runs (started in {seconds:.1f} s). Open",
                "",
                f"    {addresses.web:<36}  the product",
                f"    {addresses.mail:<36}  the mails it sends",
                f"    {addresses.sandbox:<36}  the payment service's own book",
                "",
                *(_indented(people.read_text()) if people.exists() else []),
                "  Test cards (any date in the future, any code):",
                "",
                *(f"    {number:<36}  {meaning}" for number, meaning in TEST_CARDS),
                "",
                f"  Logs: {folder / 'logs'}",
                "  Ctrl-C stops everything; the next `make demo` finds it again; `make demo RESET=1` starts anew.",
                "",
            ]
        ),
        flush=True,
    )


def _indented(text: str) -> list[str]:
    return [f"  {line}".rstrip() for line in text.splitlines()] + [""]

"""What the harness cannot show, said in the report itself."""

from typing import Final

LIMITS: Final = (
    "One machine: no network lies between two database servers, and no replica takes over.",
    "SIGKILL keeps what the system has cached for the disk: a power cut is not shown. That PostgreSQL waits for the "
    "disk is checked as a setting.",
    "The bank, its page and its confirmation are those of the sandbox, which keeps its own book in its own process. "
    "What a real payment service forgets, repeats or says late is played by its faults; none is spoken to.",
    "A letter may arrive twice when the sender dies between the mail server's word and our note of it: this is "
    "counted, and never concerns money.",
    "The steps of the reference model that are computed in memory know prices, periods, seats, what waits and what "
    "renews, but no database, cards, debts and people. Those of the whole program know these too, and are far fewer. "
    "No process is killed in either: that is done to flows and lives of their own.",
    "A test run kills each flow at ten of its points at the most, the same each time: the first, the last, beside "
    "commits and around each request that moves money. A night plays all of them.",
    "A night's renewals whose workers are shot are run by one worker after another.",
    "A report shows what its own size did. A test run proves none of the floors of a night or of a release.",
    "A disk is full where a small one may be mounted; elsewhere its test says that it could not be. A process meets "
    "its limits of memory and files; the kernel's own killer for lack of memory is not called.",
    "Two versions of the program on one database (F31) are not played. The product sends no webhooks of its own yet, "
    "so that F33 and F34 have no place.",
    "Disputes of a charge at the customer's bank are not handled: where the gateway's book says that it keeps less, "
    "the examination finds that both books differ (I04), and a person sees to the rest.",
    "Walls between accounts stand in the program's questions to the database, not in PostgreSQL's row security "
    "(decision 0026). Each address is tried with what is another account's, and no row refers to one of another (I22).",
    "Card numbers are looked for in texts: tables, jobs, letters, logs and files of text. Pictures and PDFs that "
    "customers attach are not read.",
    "The sums alone are changed, expression by expression, to see which no test would miss (`make mutants`); of flows "
    "the planted bugs are chosen ones.",
)

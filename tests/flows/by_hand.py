"""Somebody with all rights at the database's own prompt."""

from django.db import connection


def by_hand(statement: str) -> None:
    """What somebody with all rights types into the database, guards or no guards."""
    table = statement.split()[{"UPDATE": 1, "DELETE": 2, "INSERT": 2}[statement.split()[0]]]
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(
            "SELECT tgname, CASE tgenabled WHEN 'A' THEN 'ALWAYS' WHEN 'R' THEN 'REPLICA' ELSE '' END"
            " FROM pg_trigger WHERE tgrelid = to_regclass(%s) AND NOT tgisinternal",
            [table],
        )
        guards = cursor.fetchall()
        cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        cursor.execute(statement)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for name, how in guards:
            cursor.execute(f"ALTER TABLE {table} ENABLE {how} TRIGGER {name}")

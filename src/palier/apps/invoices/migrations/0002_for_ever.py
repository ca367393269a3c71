from django.db import migrations

from palier.kit.triggers import fire_always


class Migration(migrations.Migration):
    dependencies = [("invoices", "0001_initial")]

    operations = [
        fire_always("invoices_invoicedocument", "pgtrigger_unalterable_e209a"),
        fire_always("invoices_invoiceline", "pgtrigger_unalterable_d161a"),
        fire_always("invoices_invoice", "pgtrigger_unalterable_1c89e", "pgtrigger_undeletable_10092"),
    ]

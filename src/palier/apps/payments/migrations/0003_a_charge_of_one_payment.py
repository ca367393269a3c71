from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0005_parking"),
        ("invoices", "0003_lean"),
        ("orders", "0002_seat_request"),
        ("payments", "0002_lean"),
    ]

    operations = [
        migrations.AddConstraint(
            model_name="payment",
            constraint=models.UniqueConstraint(
                condition=models.Q(("gateway_id", ""), _negated=True),
                fields=("gateway_id",),
                name="a_charge_is_of_one_payment",
            ),
        ),
    ]

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("clients", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="client",
            name="tls_client_certificate_bound_access_tokens",
            field=models.BooleanField(
                default=True,
                help_text="Off is for profiles that let a token go unbound.",
                verbose_name="bind tokens to the certificate",
            ),
        ),
    ]

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("clients", "0002_client_tls_client_certificate_bound_access_tokens")]

    operations = [
        migrations.AddField(
            model_name="participant",
            name="notification_url",
            field=models.URLField(
                blank=True,
                db_default="",
                default="",
                help_text="Where its own server is told that an answer is there,"
                " instead of polling.",
                verbose_name="notification endpoint",
            ),
        ),
    ]

from typing import Any

from django.db import migrations, models

from authserver.storage.encryption import SecretElsewhere, sealed, unsealed


def encrypt(apps: Any, schema_editor: Any) -> None:
    """In place: a server of the release before reads the column until it is replaced."""
    servers = apps.get_model("clients", "ResourceServer").objects.using(
        schema_editor.connection.alias
    )
    for server in servers.exclude(encrypted_account_source_token=""):
        server.encrypted_account_source_token = sealed(
            server.encrypted_account_source_token, destination=server.account_source_url
        )
        server.save(update_fields=["encrypted_account_source_token"])


def decrypt(apps: Any, schema_editor: Any) -> None:
    servers = apps.get_model("clients", "ResourceServer").objects.using(
        schema_editor.connection.alias
    )
    for server in servers.exclude(encrypted_account_source_token=""):
        try:
            token = unsealed(
                server.encrypted_account_source_token, destination=server.account_source_url
            )
        except SecretElsewhere:
            token = ""
        server.encrypted_account_source_token = token
        server.save(update_fields=["encrypted_account_source_token"])


class Migration(migrations.Migration):
    dependencies = [("clients", "0003_participant_notification_url")]

    operations = [
        migrations.AlterField(
            model_name="resourceserver",
            name="account_source_token",
            field=models.TextField(
                blank=True, db_column="account_source_token", default="", editable=False
            ),
        ),
        migrations.RenameField(
            model_name="resourceserver",
            old_name="account_source_token",
            new_name="encrypted_account_source_token",
        ),
        migrations.RunPython(encrypt, decrypt),
    ]

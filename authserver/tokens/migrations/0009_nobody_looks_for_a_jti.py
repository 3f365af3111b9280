from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('tokens', '0008_indexes_that_are_asked'),
    ]

    operations = [
        migrations.AlterField(
            model_name='accesstoken',
            name='jti',
            field=models.CharField(help_text='Random: nobody looks for it.', max_length=43),
        ),
    ]

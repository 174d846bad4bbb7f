from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("vision_chat", "0033_stop_across_processes")]
    operations = [
        migrations.CreateModel(
            name="Lease",
            fields=[
                ("name", models.CharField(max_length=40, primary_key=True, serialize=False)),
                ("holder", models.CharField(max_length=32)),
                ("expires_at", models.DateTimeField()),
            ],
        ),
        migrations.AddField(
            model_name="setuptoken",
            name="salt",
            field=models.CharField(db_default="", default="", max_length=32),
        ),
        migrations.AddField(
            model_name="site",
            name="key_fingerprint",
            field=models.CharField(db_default="", default="", max_length=64),
        ),
        migrations.AddField(
            model_name="site",
            name="earlier_fingerprint",
            field=models.CharField(db_default="", default="", max_length=64),
        ),
    ]

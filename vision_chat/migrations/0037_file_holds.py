import uuid

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("vision_chat", "0036_endpoint_states_and_fallbacks")]
    operations = [
        migrations.CreateModel(
            name="FileHold",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ("until", models.DateTimeField()),
            ],
        ),
    ]

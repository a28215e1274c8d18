from django.apps import AppConfig


class DeskConfig(AppConfig):
    name = "touchline.desk"
    label = "desk"
    verbose_name = "the desk"
    default_auto_field = "django.db.models.BigAutoField"

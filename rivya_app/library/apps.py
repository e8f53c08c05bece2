from django.apps import AppConfig


class LibraryConfig(AppConfig):
    name = "rivya_app.library"
    verbose_name = "Library"

from django.apps import AppConfig


class CampaignsConfig(AppConfig):
    name = "rivya_app.campaigns"
    verbose_name = "Campaigns"

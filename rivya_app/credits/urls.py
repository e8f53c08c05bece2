"""Addresses under credits/, each list beside its views."""

from rivya_app.credits import cockpit_urls

app_name = "credits"
urlpatterns = [*cockpit_urls.urlpatterns]

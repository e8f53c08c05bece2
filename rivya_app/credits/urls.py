"""Addresses of the credit pages, each part in a file of its own."""

from rivya_app.credits import gate_urls

app_name = "credits"
urlpatterns = [*gate_urls.urlpatterns]

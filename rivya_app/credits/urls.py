"""Addresses of the credit pages; each part of them names its own."""

from rivya_app.credits import report_urls

app_name = "credits"
urlpatterns = [*report_urls.urlpatterns]

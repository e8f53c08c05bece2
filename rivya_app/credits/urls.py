"""Addresses of everything about credits, put together from the parts that own them."""

from rivya_app.credits import cockpit_urls, gate_urls, limit_urls, report_urls

app_name = "credits"
urlpatterns = [
    *cockpit_urls.urlpatterns,
    *gate_urls.urlpatterns,
    *limit_urls.urlpatterns,
    *report_urls.urlpatterns,
]

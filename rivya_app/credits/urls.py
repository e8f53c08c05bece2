"""Addresses of everything about credits, put together from the parts that own them."""

from rivya_app.credits import limit_urls, report_urls

app_name = "credits"
urlpatterns = [*limit_urls.urlpatterns, *report_urls.urlpatterns]

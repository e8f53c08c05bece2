from django.urls import path

from rivya_app.handoff import leaving_urls, temporary_views

app_name = "handoff"
urlpatterns = [
    path("<uuid:public_id>/", temporary_views.show_package, name="show-package"),
    *leaving_urls.urlpatterns,
]

"""What opens by a link, for everybody who has one."""

from django.urls import path

from rivya_app.handoff import share_views

urlpatterns = [
    path("<str:token>/", share_views.shared_package, name="shared-package"),
    path("<str:token>/package.zip", share_views.shared_zip, name="shared-zip"),
    path("<str:token>/files/<uuid:public_id>/", share_views.shared_file, name="shared-file"),
]

from django.urls import path

from rivya_app.handoff import leaving_urls, views

app_name = "handoff"
urlpatterns = [
    *leaving_urls.urlpatterns,
    path("", views.index, name="index"),
    path("new/", views.new_package, name="new-package"),
    path("<uuid:public_id>/", views.show_package, name="show-package"),
    path("<uuid:public_id>/live/", views.show_live, name="show-live"),
    path("<uuid:public_id>/again/", views.try_again, name="try-again"),
    path("<uuid:public_id>/words/", views.change_words, name="change-words"),
    path("<uuid:public_id>/files/<uuid:packed_id>/", views.packed_file, name="packed-file"),
    path("<uuid:public_id>/files/<uuid:packed_id>/crop/", views.adjust_crop, name="adjust-crop"),
    path(
        "<uuid:public_id>/files/<uuid:packed_id>/answer/",
        views.override_check,
        name="override-check",
    ),
]

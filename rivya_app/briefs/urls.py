"""Addresses of the brief pages; the first page of each role is included beside them."""

from django.urls import path

from rivya_app.briefs import views

app_name = "briefs"
urlpatterns = [
    path("", views.index, name="index"),
    path("new/", views.new, name="new"),
    path("new/kind/", views.new_kind, name="new-kind"),
    path("new/controls/", views.new_controls, name="new-controls"),
    path("new/prompt/", views.preview_prompt, name="preview-prompt"),
    path("new/price/", views.preview_price, name="preview-price"),
    path("of-job/<uuid:job_id>/", views.of_job, name="of-job"),
    path("<uuid:public_id>/", views.show, name="show-brief"),
    path("<uuid:public_id>/live/", views.show_live, name="show-live"),
    path("<uuid:public_id>/resume/", views.resume, name="resume"),
    path("<uuid:public_id>/drafts/<int:position>/attempts/", views.new_attempt, name="new-attempt"),
]

"""Addresses of the brief pages; the first page of each role is included beside them."""

from django.urls import path

from rivya_app.briefs import attempt_views, chain_views, views

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
    path("<uuid:public_id>/chain/", chain_views.show_chain, name="show-chain"),
    path("<uuid:public_id>/chain.csv", chain_views.chain_csv, name="chain-csv"),
    path("<uuid:public_id>/resume/", views.resume, name="resume"),
    path("of-job/<uuid:job_id>/again/", attempt_views.attempt_of_job, name="attempt-of-job"),
    path(
        "<uuid:public_id>/drafts/<int:position>/attempts/",
        attempt_views.new_attempt,
        name="new-attempt",
    ),
    path(
        "<uuid:public_id>/drafts/<int:position>/attempts/controls/",
        attempt_views.attempt_controls,
        name="attempt-controls",
    ),
    path(
        "<uuid:public_id>/drafts/<int:position>/attempts/price/",
        attempt_views.attempt_price,
        name="attempt-price",
    ),
    path(
        "<uuid:public_id>/drafts/<int:position>/attempts/wishes/",
        attempt_views.attempt_wishes,
        name="attempt-wishes",
    ),
    path(
        "<uuid:public_id>/drafts/<int:position>/attempts/text/",
        attempt_views.attempt_text,
        name="attempt-text",
    ),
]

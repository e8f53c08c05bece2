"""Addresses of the pages about where credits went."""

from django.urls import path

from rivya_app.credits import report_views as views

urlpatterns = [
    path("where/", views.where, name="where"),
    path("where/csv/", views.where_csv, name="where-csv"),
    path("entries/", views.entries, name="entries"),
    path("kept/", views.kept, name="kept"),
    path("statement/", views.statement, name="statement"),
    path("mine/", views.mine, name="mine"),
]

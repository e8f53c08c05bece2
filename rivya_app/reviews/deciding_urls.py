"""Addresses of the page of one review, included into those of the queue."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []

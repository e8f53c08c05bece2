from django.urls import path

from rivya_app.core.styleguide import views

urlpatterns = [path("", views.show, name="styleguide")]

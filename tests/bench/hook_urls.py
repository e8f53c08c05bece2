"""The product's addresses, and a view beside its webhook door that answers and does nothing."""

from django.http import HttpRequest, HttpResponse
from django.urls import include, path
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from rivya_app.core.guard import public


@public
@csrf_exempt
@require_POST
def nothing(_request: HttpRequest) -> HttpResponse:
    return HttpResponse(status=202)


urlpatterns = [path("", include("rivya_app.urls")), path("nothing/", nothing, name="nothing")]

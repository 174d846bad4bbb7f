from django.contrib import admin
from django.urls import include, path

handler500 = "vision_chat.views.failures.failed"
urlpatterns = [
    path("admin/", admin.site.urls),
    path("", include("vision_chat.urls")),
]

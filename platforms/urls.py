from django.urls import path

from platforms import views

app_name = "platforms"

urlpatterns = [
    path("", views.PlatformList.as_view(), name="platform_list"),
    path("<slug:slug>/", views.PlatformDetail.as_view(), name="platform_detail"),
]

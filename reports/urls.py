from django.urls import path

from reports import views

app_name = "reports"

urlpatterns = [
    path("", views.rates, name="rates"),
    path("episodes/", views.episodes, name="episodes"),
    path("episodes.csv", views.episodes_csv, name="rates_csv"),
    path("takedown-rate.pdf", views.rates_pdf, name="rates_pdf"),
    path("chart/<str:counts>.svg", views.chart, name="chart"),
    path("method/", views.methodology, name="methodology"),
]

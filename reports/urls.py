from django.urls import path

from reports.views import claims, rates

app_name = "reports"

urlpatterns = [
    path("", rates.rates, name="rates"),
    path("episodes/", rates.episodes, name="episodes"),
    path("episodes.csv", rates.episodes_csv, name="rates_csv"),
    path("takedown-rate.pdf", rates.rates_pdf, name="rates_pdf"),
    path("chart/<str:counts>.svg", rates.chart, name="chart"),
    path("claims/", claims.claims, name="claims"),
    path("claims/public/", claims.public_claims, name="public_claims"),
    path("method/", rates.methodology, name="methodology"),
]

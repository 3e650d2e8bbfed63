"""What everybody may read, without signing in."""

from django.urls import path

from reports.figure_files import FORMS
from reports.views import transparency

app_name = "transparency"

urlpatterns = [
    path("", transparency.newest, name="newest"),
    path("method/", transparency.method, name="method"),
    path("<str:reference>/", transparency.edition, name="edition"),
    path("<str:reference>/figures.json", transparency.document, name="document"),
    path("<str:reference>/report.pdf", transparency.pdf, name="pdf"),
    path("<str:reference>/annual-table.csv", transparency.annual_table, name="annual_table"),
    *(
        path(f"<str:reference>/figures.{form}", transparency.figures, {"form": form}, name=form)
        for form in FORMS
    ),
]

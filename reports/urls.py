from django.urls import path, register_converter

from notices.typesetting import Variant
from reports.figure_files import FORMS
from reports.figures_pages import PAGES
from reports.views import (
    article_22,
    briefing,
    claims,
    edition_verbs,
    editions,
    figure_files,
    figures_pages,
    jobs,
    printing,
    rates,
    records,
    schedules,
    series_breaks,
)

app_name = "reports"

READ, KEPT = Variant.ACCESSIBLE, Variant.ARCHIVE

register_converter(edition_verbs.EditionVerbConverter, "edition_verb")

urlpatterns = [
    path("", rates.rates, name="rates"),
    path("episodes/", rates.episodes, name="episodes"),
    *(path(f"{kind}/", records.records, {"kind": kind}, name=kind) for kind in records.KINDS),
    path("episodes.csv", rates.episodes_csv, name="rates_csv"),
    path("takedown-rate.pdf", printing.rates_pdf, {"variant": READ}, name="rates_pdf"),
    path("takedown-rate.archive.pdf", printing.rates_pdf, {"variant": KEPT}, name="rates_archive"),
    *(
        path(f"takedown-rate.{form}", figure_files.scope_file, {"form": form}, name=f"figures_{form}")
        for form in FORMS
    ),
    *(path(f"{slug}/", figures_pages.figures_page, {"slug": slug}, name=slug) for slug in PAGES),
    path("platforms/<slug:slug>/briefing/", briefing.briefing_page, name="briefing"),
    path("platforms/<slug:slug>/briefing.pdf", briefing.briefing_pdf, name="briefing_pdf"),
    path("chart/<str:token>.svg", figures_pages.chart, name="chart"),
    path("chart/<str:token>.csv", figures_pages.chart_csv, name="chart_csv"),
    path("article-22/", article_22.annual_table, name="article_22"),
    *(
        path(f"article-22.{form}", article_22.annual_file, {"form": form}, name=f"article_22_{form}")
        for form in FORMS
    ),
    path("article-22.pdf", article_22.annual_pdf, name="article_22_pdf"),
    path("claims/", claims.claims, name="claims"),
    path("claims/public/", claims.public_claims, name="public_claims"),
    path("method/", rates.methodology, name="methodology"),
    path("takedown-rate/print/", printing.rates_print, name="rates_print"),
    path("episodes/export/", rates.export_start, name="export_start"),
    path("editions/", editions.EditionList.as_view(), name="edition_list"),
    path("editions/prepare/", editions.edition_prepare, name="edition_prepare"),
    path("editions/compare/", editions.edition_compare, name="edition_compare"),
    path("editions/<str:reference>/", editions.edition_detail, name="edition_detail"),
    path("editions/<str:reference>/figures.json", editions.edition_document, name="edition_document"),
    path("editions/<str:reference>/public.json", editions.edition_public, name="edition_public"),
    path("editions/<str:reference>/report.pdf", printing.edition_pdf, {"variant": READ}, name="edition_pdf"),
    path(
        "editions/<str:reference>/report.archive.pdf",
        printing.edition_pdf,
        {"variant": KEPT},
        name="edition_archive",
    ),
    *(
        path(
            f"editions/<str:reference>/report.{form}",
            figure_files.edition_file,
            {"form": form},
            name=f"edition_{form}",
        )
        for form in FORMS
    ),
    path("editions/<str:reference>/print/", printing.edition_print, name="edition_print"),
    path("editions/<str:reference>/compute/", editions.edition_compute, name="edition_compute"),
    path("editions/<str:reference>/rerun/", editions.edition_rerun, name="edition_rerun"),
    path(
        "editions/<str:reference>/make-public/",
        edition_verbs.MakePublic.as_view(),
        name="edition_make_public",
    ),
    path("editions/<str:reference>/revise/", edition_verbs.Revise.as_view(), name="edition_revise"),
    path(
        "editions/<str:reference>/<edition_verb:verb>/",
        edition_verbs.EditionVerb.as_view(),
        name="edition_verb",
    ),
    path("schedules/", schedules.ScheduleList.as_view(), name="schedule_list"),
    path("schedules/add/", schedules.ScheduleAdd.as_view(), name="schedule_add"),
    path("schedules/<int:pk>/stop/", schedules.schedule_stop, name="schedule_stop"),
    path("series-breaks/", series_breaks.SeriesBreakList.as_view(), name="series_break_list"),
    path("series-breaks/add/", series_breaks.SeriesBreakAdd.as_view(), name="series_break_add"),
    path(
        "series-breaks/<int:pk>/withdraw/",
        series_breaks.SeriesBreakWithdraw.as_view(),
        name="series_break_withdraw",
    ),
    path("jobs/", jobs.JobList.as_view(), name="job_list"),
    path("jobs/<int:pk>/", jobs.job_detail, name="job_detail"),
    path("jobs/<int:pk>/cancel/", jobs.job_cancel, name="job_cancel"),
    path("jobs/<int:pk>/file/", jobs.job_file, name="job_file"),
]

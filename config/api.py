"""Every address of the API, under `/api/v1/`."""

from django.urls import include, path, re_path, register_converter
from drf_spectacular.views import SpectacularJSONAPIView
from rest_framework.routers import SimpleRouter

from accounts.api import Me, Tokens
from casework.api.cases import Cases, Categories, Grounds
from casework.api.checking import Checkers, CheckJobs, VisitDecisions
from casework.api.files import Blobs, Exhibits, Imports, Sha256Converter
from casework.api.items import Items
from casework.api.network import OwnerAccounts, Selectors
from casework.api.readings import Aliases, Rereadings
from config.nowhere import Nowhere
from notices.api import Dispatches, Notices
from notices.contact_api import ContactChanges, Contacts
from notices.hook_api import AnswerByWebhook
from notices.ladder_api import Chasers, Ladders, Notifications
from notices.letters_api import Letters
from notices.link_api import AnswerLinks
from notices.mail_api import IncomingMails
from platforms.api import Platforms
from reports.api.editions import Editions, Jobs
from reports.api.figures import Statistics
from reports.api.schedules import Schedules
from reports.figure_files import FormConverter

register_converter(FormConverter, "report_form")
register_converter(Sha256Converter, "sha256")
router = SimpleRouter(use_regex_path=False)
for prefix, endpoint in (
    ("tokens", Tokens),
    ("platforms", Platforms),
    ("cases", Cases),
    ("categories", Categories),
    ("grounds", Grounds),
    ("items", Items),
    ("owner-accounts", OwnerAccounts),
    ("selectors", Selectors),
    ("rereadings", Rereadings),
    ("aliases", Aliases),
    ("imports", Imports),
    ("evidence", Exhibits),
    ("check-jobs", CheckJobs),
    ("checkers", Checkers),
    ("visit-decisions", VisitDecisions),
    ("notices", Notices),
    ("answer-links", AnswerLinks),
    ("dispatches", Dispatches),
    ("incoming-mail", IncomingMails),
    ("contacts", Contacts),
    ("contact-changes", ContactChanges),
    ("editions", Editions),
    ("schedules", Schedules),
    ("jobs", Jobs),
):
    router.register(prefix, endpoint)
router.register("blobs", Blobs, basename="blob")
router.register("letters", Letters, basename="letter")
router.register("ladders", Ladders, basename="ladder")  # of platforms, as the directory is
router.register("chasers", Chasers, basename="chaser")
router.register("notifications", Notifications, basename="notification")

first_version = [
    path("me/", Me.as_view({"get": "show"}), name="me"),
    path("figures/", Statistics.as_view({"get": "figures"}), name="figures"),
    path("figures/report.<report_form:form>", Statistics.as_view({"get": "report"}), name="figures-report"),
    path(
        "editions/<str:reference>/report.<report_form:form>",
        Editions.as_view({"get": "report"}),
        name="edition-report",
    ),
    path("platforms/<str:slug>/briefing/", Statistics.as_view({"get": "briefing"}), name="briefing"),
    path("claims/check/", Statistics.as_view({"get": "check_claim"}), name="check-claim"),
    path("episodes/", Statistics.as_view({"get": "episodes"}), name="episodes"),
    path("answers/<str:platform>/", AnswerByWebhook.as_view(), name="answer-webhook"),
    path("notices/<str:reference>/letter.pdf", Notices.as_view({"get": "letter"}), name="notice-letter"),
    path(
        "notices/<str:reference>/lines.csv", Notices.as_view({"get": "line_table"}), name="notice-line-table"
    ),
    path(
        "notices/<str:reference>/lines.xlsx", Notices.as_view({"get": "line_sheet"}), name="notice-line-sheet"
    ),
    path("schema/", SpectacularJSONAPIView.as_view(), name="schema"),
    *router.urls,
]

app_name = "api"
urlpatterns = [
    path("v1/", include(first_version)),
    re_path("", Nowhere.as_view(), name="nowhere"),
]

from django.urls import path, register_converter

from casework.views import (
    aliases,
    bulk,
    cases,
from casework.views import (
    items,
    looks,
    s,
)
    network,
    paste,
    rereadings,
    verbs,
)

app_name = "casework"

register_converter(verbs.ItemVerbConverter, "item_verb")

urlpatterns = [
    path("cases/", cases.CaseList.as_view(), name="case_list"),
    path("cases/open/", cases.CaseOpen.as_view(), name="case_open"),
    path("cases/<str:reference>/", cases.CaseDetail.as_view(), name="case_detail"),
    path("cases/<str:reference>/paste/", paste.Paste.as_view(), name="paste"),
    path("cases/<str:reference>/paste/saved/", paste.PasteSaved.as_view(), name="paste_saved"),
    path("cases/<str:reference>/import/", imports.ImportStart.as_view(), name="import_start"),
    path("cases/<str:reference>/close/", cases.CaseClose.as_view(), name="case_close"),
    path("imports/<int:pk>/", imports.ImportDetail.as_view(), name="import_detail"),
    path("imports/<int:pk>/run/", imports.import_run, name="import_run"),
    path("imports/<int:pk>/cancel/", imports.import_cancel, name="import_cancel"),
    path("imports/<int:pk>/errors.csv", imports.import_errors, name="import_errors"),
    path("items/", items.ItemList.as_view(), name="item_list"),
    path("items/bulk/", bulk.items_bulk, name="items_bulk"),
    path("items/read-anew/", rereadings.RereadingList.as_view(), name="rereading_list"),
    path("items/read-anew/<int:pk>/accept/", rereadings.AcceptReading.as_view(), name="rereading_accept"),
    path("items/read-anew/<int:pk>/refuse/", rereadings.RefuseReading.as_view(), name="rereading_refuse"),
    path("items/<str:reference>/", items.ItemDetail.as_view(), name="item_detail"),
    path("items/<str:reference>/assess/", verbs.Assess.as_view(), name="item_assess"),
    path("items/<str:reference>/correct/", verbs.Correct.as_view(), name="item_correct"),
    path("items/<str:reference>/check/", verbs.RecordCheck.as_view(), name="item_check"),
    path("items/<str:reference>/looks/compare/", looks.looks_compare, name="looks_compare"),
    path("items/<str:reference>/looks/<int:pk>/", looks.look_detail, name="look_detail"),
    path("items/<str:reference>/evidence/hand-over/", verbs.HandOver.as_view(), name="evidence_hand_over"),
    path("items/<str:reference>/evidence/", verbs.AttachEvidence.as_view(), name="item_evidence"),
    path("items/<str:reference>/hold/", verbs.PlaceHold.as_view(), name="item_hold"),
    path("items/<str:reference>/reject/", verbs.Reject.as_view(), name="item_reject"),
    path("items/<str:reference>/revoke/", verbs.Revoke.as_view(), name="item_revoke"),
    path("items/<str:reference>/duplicate/", verbs.MarkDuplicate.as_view(), name="item_duplicate"),
    path("items/<str:reference>/alias/", aliases.RecordAlias.as_view(), name="item_alias"),
    path("aliases/<int:pk>/withdraw/", aliases.WithdrawAlias.as_view(), name="alias_withdraw"),
    path("items/<str:reference>/<item_verb:verb>/", verbs.ItemVerb.as_view(), name="item_verb"),
    path("checkers/", checkers.CheckerList.as_view(), name="checker_list"),
    path("checkers/add/", checkers.CheckerAdd.as_view(), name="checker_add"),
    path("checkers/<int:pk>/token/", checkers.checker_renew, name="checker_renew"),
    path("checkers/<int:pk>/stop/", checkers.checker_stop, name="checker_stop"),
    path(
        "checkers/visits/<str:slug>/<str:country>/<str:how>/",
        checkers.VisitDecide.as_view(),
        name="visit_decide",
    ),
    path("network/", network.SelectorList.as_view(), name="network"),
    path("network/accounts/", network.AccountList.as_view(), name="account_list"),
    path("network/selectors/<int:pk>/", network.SelectorDetail.as_view(), name="selector_detail"),
    path("network/accounts/<int:pk>/", network.AccountDetail.as_view(), name="account_detail"),
    path("evidence/<int:pk>/", evidence.evidence_file, name="evidence_file"),
    path("evidence/<int:pk>/picture/", evidence.evidence_picture, name="evidence_picture"),
    path("evidence/original/<str:link>/", evidence.evidence_original, name="evidence_original"),
    path("evidence/<int:pk>/thumbnail/", evidence.evidence_thumbnail, name="evidence_thumbnail"),
]

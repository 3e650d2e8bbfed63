from django.urls import path, register_converter

from notices.views import (
    answer_files,
    answers,
    by_link,
    drafting,
    ladder,
    links,
    mail,
    notices,
    secrets,
    verbs,
)

app_name = "notices"

register_converter(verbs.NoticeVerbConverter, "notice_verb")

urlpatterns = [
    path("notices/", notices.NoticeList.as_view(), name="notice_list"),
    path("notices/draft/", drafting.NoticeDraft.as_view(), name="notice_draft"),
    path("notices/<str:reference>/", notices.NoticeDetail.as_view(), name="notice_detail"),
    path("notices/<str:reference>/edit/", drafting.NoticeEdit.as_view(), name="notice_edit"),
    path("notices/<str:reference>/lines/<int:position>/remove/", drafting.line_remove, name="line_remove"),
    path("notices/<str:reference>/letter.pdf", notices.notice_letter, name="notice_letter"),
    path("notices/<str:reference>/lines.csv", notices.notice_lines_csv, name="notice_lines_csv"),
    path("notices/<str:reference>/lines.xlsx", notices.notice_lines_xlsx, name="notice_lines_xlsx"),
    path("notices/<str:reference>/acknowledge/", verbs.Acknowledge.as_view(), name="notice_acknowledge"),
    path("notices/<str:reference>/bounce/", verbs.Bounce.as_view(), name="notice_bounce"),
    path("notices/<str:reference>/received/", verbs.Received.as_view(), name="notice_received"),
    path("notices/<str:reference>/escalate/", ladder.Escalate.as_view(), name="notice_escalate"),
    path("notices/<str:reference>/tell/", verbs.Told.as_view(), name="notice_told"),
    path("notices/<str:reference>/answer/", answers.NoticeAnswer.as_view(), name="notice_answer"),
    path("notices/<str:reference>/answer/file/", answer_files.AnswerFile.as_view(), name="answer_file"),
    path("notices/<str:reference>/answer/file/save/", answer_files.answer_file_save, name="answer_file_save"),
    path("notices/<str:reference>/links/", links.NoticeLinks.as_view(), name="notice_links"),
    path("notices/<str:reference>/object/", verbs.Object.as_view(), name="notice_object"),
    path("notices/<str:reference>/<notice_verb:verb>/", verbs.NoticeVerb.as_view(), name="notice_verb"),
    path("channels/<int:pk>/secret/", secrets.WebhookSecret.as_view(), name="webhook_secret"),
    path("platforms/<slug:slug>/ladder/", ladder.LadderChange.as_view(), name="ladder"),
    path("dispatches/<int:pk>/resolve/", verbs.DispatchResolve.as_view(), name="dispatch_resolve"),
    path("dispatches/<int:pk>/replay/", verbs.dispatch_replay, name="dispatch_replay"),
    path("answer-links/<int:pk>/revoke/", links.link_revoke, name="link_revoke"),
    path("link/<str:token>/", by_link.LinkPage.as_view(), name="link"),
    path("link/<str:token>/answer/", by_link.LinkAnswer.as_view(), name="link_answer"),
    path("link/<str:token>/acknowledge/", by_link.LinkAcknowledge.as_view(), name="link_acknowledge"),
    path("link/<str:token>/ask/", by_link.LinkAsk.as_view(), name="link_ask"),
    path("link/<str:token>/object/", by_link.LinkObject.as_view(), name="link_object"),
    path("link/<str:token>/file/", by_link.LinkFile.as_view(), name="link_file"),
    path("link/<str:token>/file/save/", by_link.LinkFileSave.as_view(), name="link_file_save"),
    path("link/<str:token>/letter.pdf", by_link.LinkDownload.as_view(), name="link_letter"),
    path("link/<str:token>/lines.csv", by_link.LinkDownload.as_view(), name="link_csv"),
    path("link/<str:token>/lines.xlsx", by_link.LinkDownload.as_view(), name="link_xlsx"),
    path("mail/", mail.mail_list, name="mail_list"),
    path("mail/<str:name>/", mail.mail_detail, name="mail_detail"),
    path("mail/<str:name>/<int:number>/", mail.mail_attachment, name="mail_attachment"),
]

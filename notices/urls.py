from django.urls import path, register_converter

from notices.views import answer_files, answers, drafting, ladder, mail, notices, secrets, verbs

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
    path("notices/<str:reference>/<notice_verb:verb>/", verbs.NoticeVerb.as_view(), name="notice_verb"),
    path("channels/<int:pk>/secret/", secrets.WebhookSecret.as_view(), name="webhook_secret"),
    path("platforms/<slug:slug>/ladder/", ladder.LadderChange.as_view(), name="ladder"),
    path("dispatches/<int:pk>/resolve/", verbs.DispatchResolve.as_view(), name="dispatch_resolve"),
    path("dispatches/<int:pk>/replay/", verbs.dispatch_replay, name="dispatch_replay"),
    path("mail/", mail.mail_list, name="mail_list"),
    path("mail/<str:name>/", mail.mail_detail, name="mail_detail"),
    path("mail/<str:name>/<int:number>/", mail.mail_attachment, name="mail_attachment"),
]

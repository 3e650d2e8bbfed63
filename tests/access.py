"""Who may use which address, and by which method: one row for every route of the URLconf.

`tests/test_access.py` walks the URLconf and the API schema, and fails on a route that has no row here.
"""

from dataclasses import dataclass

OFFICER, REVIEWER, LIAISON = "officer", "reviewer", "liaison"
MANAGER, AUDITOR, ADMINISTRATOR = "manager", "auditor", "administrator"
EVERYBODY = frozenset({OFFICER, REVIEWER, LIAISON, MANAGER, AUDITOR, ADMINISTRATOR})
DESK = frozenset({OFFICER, REVIEWER})
SECOND = frozenset({REVIEWER})
CASEWORK = DESK | {MANAGER, AUDITOR}
READERS = CASEWORK | {LIAISON}
ANSWERING = DESK | {LIAISON}
RUNNING = frozenset({ADMINISTRATOR})
NOBODY: frozenset[str] = frozenset()

READ = frozenset({"GET", "HEAD", "OPTIONS"})
SAFE = frozenset({"GET", "HEAD"})  # a function that takes nothing else
FORM = READ | {"POST"}
POST = frozenset({"POST"})
METHODS = ("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE")


@dataclass(frozen=True)
class Row:
    """`who` may use it by which `methods`; `public` pages need no sign-in."""

    who: frozenset[str]
    methods: frozenset[str]
    public: bool = False
    keyed: bool = False  # a form that comes without the key of its page is refused, whoever sends it


PAGES: dict[str, Row] = {
    "home": Row(EVERYBODY, SAFE),
    "healthz": Row(EVERYBODY, frozenset(METHODS), public=True),
    "accounts:sign_in": Row(EVERYBODY, FORM, public=True),
    "accounts:sign_out": Row(EVERYBODY, frozenset({"POST", "OPTIONS"})),
    "accounts:password_change": Row(EVERYBODY, FORM),
    "accounts:password_changed": Row(EVERYBODY, READ),
    "accounts:tokens": Row(EVERYBODY, READ),
    "accounts:token_issue": Row(EVERYBODY, FORM),
    "accounts:token_revoke": Row(frozenset({OFFICER, ADMINISTRATOR}), POST),
    "accounts:people": Row(frozenset({ADMINISTRATOR}), READ),
    "accounts:person_add": Row(frozenset({ADMINISTRATOR}), FORM),
    "accounts:person_change": Row(frozenset({ADMINISTRATOR}), FORM),
    "platforms:platform_list": Row(EVERYBODY, READ),
    "platforms:platform_detail": Row(EVERYBODY, READ),
    "casework:case_list": Row(CASEWORK, READ),
    "casework:case_open": Row(DESK | {MANAGER}, FORM),
    "casework:case_detail": Row(CASEWORK, READ),
    "casework:case_close": Row(frozenset({REVIEWER, MANAGER}), FORM),
    "casework:paste": Row(DESK, FORM),
    "casework:paste_saved": Row(DESK, READ),
    "casework:import_start": Row(DESK, FORM),
    "casework:import_detail": Row(CASEWORK, READ),
    "casework:import_run": Row(DESK, POST),
    "casework:import_cancel": Row(DESK, POST),
    "casework:import_errors": Row(CASEWORK, SAFE),
    "casework:item_list": Row(CASEWORK, READ),
    "casework:items_bulk": Row(DESK, POST),
    "casework:item_detail": Row(CASEWORK, READ),
    "casework:item_assess": Row(DESK, FORM),
    "casework:item_check": Row(DESK, FORM),
    "casework:item_correct": Row(DESK, FORM),
    "casework:item_evidence": Row(DESK, FORM),
    "casework:item_hold": Row(DESK, FORM),
    "casework:item_reject": Row(DESK, FORM),
    "casework:item_revoke": Row(SECOND, FORM),
    "casework:item_duplicate": Row(DESK, FORM),
    "casework:item_alias": Row(DESK, FORM),
    "casework:alias_withdraw": Row(DESK, FORM),
    "casework:rereading_list": Row(CASEWORK, READ),
    "casework:rereading_accept": Row(SECOND, FORM),
    "casework:rereading_refuse": Row(SECOND, FORM),
    "casework:item_verb claim": Row(DESK, FORM),
    "casework:item_verb ask": Row(DESK, FORM),
    "casework:item_verb inform": Row(DESK, FORM),
    "casework:item_verb approve": Row(SECOND, FORM),
    "casework:item_verb reconsider": Row(SECOND, FORM),
    "casework:item_verb release": Row(DESK, FORM),
    "casework:item_verb close_gone": Row(DESK, FORM),
    "casework:item_verb give_up": Row(frozenset({MANAGER}), FORM),
    "casework:item_verb withdraw": Row(SECOND, FORM),
    "casework:item_verb reopen": Row(frozenset({MANAGER}), FORM),
    "casework:item_verb undo_duplicate": Row(DESK, FORM),
    "casework:checker_list": Row(CASEWORK | RUNNING, READ),
    "casework:checker_add": Row(RUNNING, FORM),
    "casework:checker_renew": Row(RUNNING, POST),
    "casework:checker_stop": Row(RUNNING, POST),
    "casework:visit_decide": Row(RUNNING, FORM),
    "casework:network": Row(CASEWORK, READ),
    "casework:account_list": Row(CASEWORK, READ),
    "casework:selector_detail": Row(CASEWORK, READ),
    "casework:account_detail": Row(CASEWORK, READ),
    "casework:evidence_file": Row(CASEWORK, SAFE),
    "casework:evidence_thumbnail": Row(CASEWORK, SAFE),
    "casework:evidence_picture": Row(CASEWORK, SAFE),
    "casework:evidence_original": Row(EVERYBODY, SAFE, public=True),
    "casework:evidence_hand_over": Row(frozenset({REVIEWER, MANAGER}), FORM),
    "casework:item_original": Row(CASEWORK, frozenset({"GET", "HEAD", "POST"})),
    "casework:look_detail": Row(CASEWORK, SAFE),
    "casework:looks_compare": Row(CASEWORK, SAFE),
    "notices:notice_list": Row(READERS, READ),
    "notices:notice_draft": Row(DESK, FORM),
    "notices:notice_detail": Row(READERS, READ),
    "notices:notice_edit": Row(DESK, FORM),
    "notices:line_remove": Row(DESK, POST),
    "notices:notice_letter": Row(READERS, SAFE),
    "notices:notice_lines_csv": Row(READERS, SAFE),
    "notices:notice_lines_xlsx": Row(READERS, SAFE),
    "notices:notice_items": Row(READERS, SAFE),
    "notices:notice_withdrawal": Row(DESK, FORM),
    "notices:notice_correct": Row(DESK, FORM),
    "notices:notice_preserve": Row(DESK, FORM),
    "notices:dispute_draft": Row(DESK, FORM),
    "notices:letter_list": Row(CASEWORK | {ADMINISTRATOR}, SAFE),
    "notices:letter_detail": Row(CASEWORK | {ADMINISTRATOR}, READ),
    "notices:letter_new": Row(frozenset({MANAGER, ADMINISTRATOR}), FORM),
    "notices:letter_change": Row(frozenset({MANAGER, ADMINISTRATOR}), FORM),
    "notices:letter_approve": Row(frozenset({MANAGER, ADMINISTRATOR}), FORM),
    "notices:letter_retire": Row(frozenset({MANAGER, ADMINISTRATOR}), FORM),
    "notices:list_keys": Row(EVERYBODY, SAFE, public=True),
    "notices:notice_acknowledge": Row(ANSWERING, FORM),
    "notices:notice_answer": Row(ANSWERING, FORM),
    "notices:answer_file": Row(ANSWERING, FORM),
    "notices:answer_file_save": Row(ANSWERING, POST),
    "notices:notice_bounce": Row(DESK, FORM),
    "notices:notice_received": Row(DESK, FORM),
    "notices:notice_escalate": Row(DESK, FORM),
    "notices:notice_object": Row(ANSWERING, FORM),
    "notices:notice_links": Row(DESK, FORM),
    "notices:link_revoke": Row(DESK, POST),
    **{
        f"notices:link_{name}": Row(EVERYBODY, SAFE | POST, public=True, keyed=True)
        for name in ("answer", "acknowledge", "ask", "object", "file")
    },
    **{f"notices:link{name}": Row(EVERYBODY, SAFE, public=True) for name in ("", "_letter", "_csv", "_xlsx")},
    "notices:link_file_save": Row(EVERYBODY, POST, public=True, keyed=True),
    "notices:hook": Row(frozenset({ADMINISTRATOR}), FORM),
    "notices:hook_messages": Row(CASEWORK, READ),
    "notices:hook_message": Row(CASEWORK, READ),
    "notices:hook_message_read": Row(DESK, POST),
    "notices:webhook_secret": Row(frozenset({ADMINISTRATOR}), FORM),
    "notices:ladder": Row(frozenset({MANAGER}), FORM),
    "notices:automatic_list": Row(CASEWORK | RUNNING, SAFE),
    "notices:steps": Row(frozenset({MANAGER}), FORM),
    "notices:contact_list": Row(READERS, SAFE),
    "notices:contact_add": Row(DESK | {LIAISON, MANAGER}, FORM),
    "notices:contact_edit": Row(DESK | {LIAISON, MANAGER}, FORM),
    "notices:contact_confirm": Row(DESK | {LIAISON, MANAGER}, POST),
    "notices:change_decide": Row(DESK | {MANAGER}, FORM),
    "notices:notification_list": Row(DESK, SAFE),
    "notices:notifications_read": Row(DESK, POST),
    "notices:daily_mail": Row(DESK | {LIAISON}, FORM),
    "notices:chaser_list": Row(CASEWORK, SAFE),
    "notices:chaser_send": Row(DESK, POST),
    "notices:notice_told": Row(DESK, FORM),
    "notices:notice_verb discard": Row(DESK, FORM),
    "notices:notice_verb submit": Row(DESK, FORM),
    "notices:notice_verb return": Row(SECOND, FORM),
    "notices:notice_verb approve": Row(SECOND, FORM),
    "notices:notice_verb queue": Row(DESK, FORM),
    "notices:notice_verb clarify": Row(frozenset({LIAISON}), FORM),
    "notices:notice_verb reply": Row(DESK, FORM),
    "notices:notice_verb close": Row(frozenset({REVIEWER, MANAGER}), FORM),
    "notices:notice_verb withdraw": Row(SECOND, FORM),
    "notices:dispatch_resolve": Row(DESK, FORM),
    "notices:dispatch_replay": Row(DESK, POST),
    "notices:incoming_list": Row(CASEWORK, READ),
    "notices:incoming_detail": Row(CASEWORK, READ),
    "notices:incoming_raw": Row(CASEWORK, SAFE),
    "notices:incoming_part": Row(CASEWORK, SAFE),
    "notices:incoming_attach": Row(DESK, FORM),
    "notices:incoming_answers": Row(DESK, FORM),
    "notices:incoming_receipt": Row(DESK, FORM),
    "notices:incoming_question": Row(DESK, FORM),
    "notices:incoming_file": Row(DESK, FORM),
    "notices:incoming_set_aside": Row(DESK, POST),
    "notices:incoming_take_up": Row(DESK, POST),
    "notices:incoming_detach": Row(DESK, POST),
    "notices:mail_list": Row(CASEWORK, SAFE),
    "notices:mail_detail": Row(CASEWORK, SAFE),
    "notices:mail_attachment": Row(CASEWORK, SAFE),
}
PAGES |= {
    "reports:rates": Row(CASEWORK, SAFE),
    "reports:episodes": Row(CASEWORK, SAFE),
    "reports:items": Row(CASEWORK, SAFE),
    "reports:looks": Row(CASEWORK, SAFE),
    "reports:collateral": Row(CASEWORK, SAFE),
    "reports:chasers": Row(CASEWORK, SAFE),
    "reports:rates_csv": Row(frozenset({MANAGER, AUDITOR}), SAFE),
    "reports:briefing": Row(CASEWORK, SAFE),
    "reports:briefing_pdf": Row(frozenset({MANAGER, AUDITOR}), SAFE),
    "reports:rates_pdf": Row(frozenset({MANAGER, AUDITOR}), SAFE),
    "reports:rates_print": Row(frozenset({MANAGER, AUDITOR}), POST),
    "reports:rates_archive": Row(frozenset({MANAGER, AUDITOR}), SAFE),
    **{
        f"reports:figures_{form}": Row(frozenset({MANAGER, AUDITOR}), SAFE) for form in ("csv", "ods", "xlsx")
    },
    "reports:chart": Row(CASEWORK, SAFE),
    "reports:chart_csv": Row(CASEWORK, SAFE),
    **{
        f"reports:{slug}": Row(CASEWORK, SAFE)
        for slug in (
            "overview",
            "times",
            "responses",
            "refusals",
            "durability",
            "own-speed",
            "comparison",
            "quality",
        )
    },
    "reports:article_22": Row(CASEWORK, SAFE),
    **{
        f"reports:article_22_{form}": Row(frozenset({MANAGER, AUDITOR}), SAFE)
        for form in ("csv", "ods", "xlsx", "pdf")
    },
    "reports:claims": Row(CASEWORK, SAFE),
    "reports:public_claims": Row(CASEWORK, SAFE),
    "reports:methodology": Row(CASEWORK, SAFE),
}

MANAGERS, OVERSIGHT = frozenset({MANAGER}), frozenset({MANAGER, AUDITOR})
PAGES |= {
    "reports:export_start": Row(OVERSIGHT, POST),
    "reports:edition_list": Row(CASEWORK, READ),
    "reports:edition_prepare": Row(MANAGERS, SAFE | POST),
    "reports:edition_compare": Row(CASEWORK, SAFE),
    "reports:edition_detail": Row(CASEWORK, SAFE),
    "reports:edition_document": Row(CASEWORK, SAFE),
    "reports:edition_public": Row(CASEWORK, SAFE),
    "reports:edition_pdf": Row(OVERSIGHT, SAFE),
    "reports:edition_print": Row(OVERSIGHT, POST),
    "reports:edition_archive": Row(OVERSIGHT, SAFE),
    **{f"reports:edition_{form}": Row(OVERSIGHT, SAFE) for form in ("csv", "ods", "xlsx")},
    "reports:edition_compute": Row(MANAGERS, POST),
    "reports:edition_rerun": Row(OVERSIGHT, POST),
    "reports:edition_revise": Row(MANAGERS, FORM),
    "reports:edition_make_public": Row(MANAGERS, FORM),
    "reports:edition_verb approve": Row(MANAGERS, FORM),
    "reports:edition_verb publish": Row(MANAGERS, FORM),
    "reports:edition_verb withdraw": Row(MANAGERS, FORM),
    "reports:edition_verb discard": Row(MANAGERS, FORM),
    "reports:schedule_list": Row(OVERSIGHT, READ),
    "reports:schedule_add": Row(MANAGERS, FORM),
    "reports:schedule_stop": Row(MANAGERS, POST),
    "reports:series_break_list": Row(CASEWORK, READ),
    "reports:series_break_add": Row(MANAGERS, FORM),
    "reports:series_break_withdraw": Row(MANAGERS, FORM),
    "reports:job_list": Row(OVERSIGHT, READ),
    "reports:job_detail": Row(OVERSIGHT, SAFE),
    "reports:job_cancel": Row(OVERSIGHT, POST),
    "reports:job_file": Row(OVERSIGHT, SAFE),
}
PAGES |= {
    f"transparency:{name}": Row(EVERYBODY, SAFE, public=True)
    for name in ("newest", "method", "edition", "document", "pdf", "annual_table", "csv", "ods", "xlsx")
}

# The API: who may read and who may write; what is in neither is refused (403), hidden (404) or an empty list.
READING, WRITING = frozenset({"GET"}), frozenset({"POST"})


@dataclass(frozen=True)
class Endpoint:
    readers: frozenset[str] = NOBODY
    writers: frozenset[str] = NOBODY
    methods: frozenset[str] = READING
    public: bool = False
    signed: bool = False  # no sign-in lets anybody in, only a signature


API: dict[str, Endpoint] = {
    "api:me": Endpoint(EVERYBODY),
    "api:figures": Endpoint(CASEWORK),
    "api:figures-report": Endpoint(OVERSIGHT),
    "api:edition-report": Endpoint(OVERSIGHT),
    "api:episodes": Endpoint(CASEWORK),
    "api:briefing": Endpoint(CASEWORK),
    "api:check-claim": Endpoint(CASEWORK),
    "api:edition-list": Endpoint(CASEWORK, MANAGERS, READING | WRITING),
    "api:edition-detail": Endpoint(CASEWORK),
    "api:edition-make-public": Endpoint(NOBODY, MANAGERS, WRITING),
    "api:edition-revise": Endpoint(NOBODY, MANAGERS, WRITING),
    "api:edition-figures": Endpoint(CASEWORK),
    "api:edition-public": Endpoint(CASEWORK),
    "api:edition-revisions": Endpoint(CASEWORK),
    "api:edition-rerun": Endpoint(NOBODY, OVERSIGHT, WRITING),
    "api:edition-events": Endpoint(OVERSIGHT),
    "api:schedule-list": Endpoint(OVERSIGHT, MANAGERS, READING | WRITING),
    "api:schedule-detail": Endpoint(OVERSIGHT),
    "api:schedule-stop": Endpoint(NOBODY, MANAGERS, WRITING),
    "api:job-list": Endpoint(OVERSIGHT),
    "api:job-detail": Endpoint(OVERSIGHT),
    "api:job-cancel": Endpoint(NOBODY, OVERSIGHT, WRITING),
    "api:schema": Endpoint(EVERYBODY, public=True),  # says how to ask, and holds nothing
    "api:token-list": Endpoint(EVERYBODY, EVERYBODY, READING | WRITING),
    "api:token-detail": Endpoint(frozenset({OFFICER, ADMINISTRATOR})),
    "api:token-revoke": Endpoint(NOBODY, frozenset({OFFICER, ADMINISTRATOR}), WRITING),
    "api:platform-list": Endpoint(EVERYBODY),
    "api:platform-detail": Endpoint(EVERYBODY),
    "api:category-list": Endpoint(CASEWORK),
    "api:category-detail": Endpoint(CASEWORK),
    "api:ground-list": Endpoint(CASEWORK),
    "api:ground-detail": Endpoint(CASEWORK),
    "api:case-list": Endpoint(CASEWORK, DESK | {MANAGER}, READING | WRITING),
    "api:case-detail": Endpoint(CASEWORK),
    "api:case-close": Endpoint(NOBODY, frozenset({REVIEWER, MANAGER}), WRITING),
    "api:item-list": Endpoint(CASEWORK, DESK, READING | WRITING),
    "api:item-preview": Endpoint(NOBODY, DESK, WRITING),
    "api:item-detail": Endpoint(CASEWORK),
    "api:item-assess": Endpoint(NOBODY, DESK, WRITING),
    "api:item-correct": Endpoint(NOBODY, DESK, WRITING),
    "api:item-checks": Endpoint(CASEWORK, DESK, READING | WRITING),
    "api:item-events": Endpoint(CASEWORK),
    "api:item-evidence": Endpoint(CASEWORK, DESK, READING | WRITING),
    "api:item-hold": Endpoint(NOBODY, DESK, WRITING),
    "api:item-mark-duplicate": Endpoint(NOBODY, DESK, WRITING),
    "api:item-reject": Endpoint(NOBODY, DESK, WRITING),
    "api:item-revoke": Endpoint(NOBODY, SECOND, WRITING),
    "api:account-list": Endpoint(CASEWORK),
    "api:account-detail": Endpoint(CASEWORK),
    "api:selector-list": Endpoint(CASEWORK),
    "api:selector-detail": Endpoint(CASEWORK),
    "api:item-aliases": Endpoint(CASEWORK, DESK, READING | WRITING),
    "api:alias-list": Endpoint(CASEWORK),
    "api:alias-detail": Endpoint(CASEWORK),
    "api:alias-withdraw": Endpoint(NOBODY, DESK, WRITING),
    "api:rereading-list": Endpoint(CASEWORK),
    "api:rereading-detail": Endpoint(CASEWORK),
    "api:rereading-accept": Endpoint(NOBODY, SECOND, WRITING),
    "api:rereading-refuse": Endpoint(NOBODY, SECOND, WRITING),
    "api:itemimport-list": Endpoint(CASEWORK, DESK, READING | WRITING),
    "api:itemimport-detail": Endpoint(CASEWORK),
    "api:itemimport-cancel": Endpoint(NOBODY, DESK, WRITING),
    "api:checkjob-lease": Endpoint(NOBODY, NOBODY, WRITING),
    "api:checkjob-extend": Endpoint(NOBODY, NOBODY, WRITING),
    "api:checkjob-hand-back": Endpoint(NOBODY, NOBODY, WRITING),
    "api:checkjob-findings": Endpoint(NOBODY, NOBODY, WRITING),
    "api:checker-list": Endpoint(CASEWORK | RUNNING, RUNNING, READING | WRITING),
    "api:checker-detail": Endpoint(CASEWORK | RUNNING),
    "api:checker-renew-token": Endpoint(NOBODY, RUNNING, WRITING),
    "api:checker-stop": Endpoint(NOBODY, RUNNING, WRITING),
    "api:visitdecision-list": Endpoint(CASEWORK | RUNNING, RUNNING, READING | WRITING),
    "api:visitdecision-legal-note": Endpoint(CASEWORK | RUNNING),
    "api:evidence-detail": Endpoint(CASEWORK),
    "api:evidence-file": Endpoint(CASEWORK),
    "api:blob-detail": Endpoint(methods=frozenset({"PUT"})),
    "api:blob-many": Endpoint(methods=frozenset({"PUT"})),
    "api:notice-list": Endpoint(READERS, DESK, READING | WRITING),
    "api:notice-preview": Endpoint(NOBODY, DESK, WRITING),
    "api:notice-detail": Endpoint(READERS),
    "api:notice-letter": Endpoint(READERS),
    "api:letter-list": Endpoint(
        CASEWORK | {ADMINISTRATOR}, frozenset({MANAGER, ADMINISTRATOR}), READING | WRITING
    ),
    "api:letter-detail": Endpoint(CASEWORK | {ADMINISTRATOR}),
    "api:letter-approve": Endpoint(NOBODY, frozenset({MANAGER, ADMINISTRATOR}), WRITING),
    "api:letter-retire": Endpoint(NOBODY, frozenset({MANAGER, ADMINISTRATOR}), WRITING),
    "api:notice-withdrawal": Endpoint(NOBODY, DESK, WRITING),
    "api:notice-correction": Endpoint(NOBODY, DESK, WRITING),
    "api:notice-preservation": Endpoint(NOBODY, DESK, WRITING),
    "api:notice-dispute": Endpoint(NOBODY, DESK, WRITING),
    "api:notice-line-table": Endpoint(READERS),
    "api:notice-line-sheet": Endpoint(READERS),
    "api:notice-lines": Endpoint(READERS),
    "api:notice-events": Endpoint(CASEWORK),
    "api:answer-webhook": Endpoint(methods=WRITING, signed=True),
    "api:notice-object-to": Endpoint(NOBODY, ANSWERING, WRITING),
    "api:answerlink-list": Endpoint(DESK, DESK, READING | WRITING),
    "api:answerlink-detail": Endpoint(DESK),
    "api:answerlink-openings": Endpoint(DESK),
    "api:answerlink-revoke": Endpoint(NOBODY, DESK, WRITING),
    "api:notice-acknowledge": Endpoint(NOBODY, ANSWERING, WRITING),
    "api:notice-bounce": Endpoint(NOBODY, DESK, WRITING),
    "api:notice-received": Endpoint(NOBODY, DESK, WRITING),
    "api:notice-escalate": Endpoint(NOBODY, DESK, WRITING),
    "api:notice-tell": Endpoint(NOBODY, DESK, WRITING),
    "api:notice-answers": Endpoint(READERS, ANSWERING, READING | WRITING),
    "api:notice-answer-file": Endpoint(NOBODY, ANSWERING, WRITING),
    "api:notice-remove-line": Endpoint(NOBODY, DESK, WRITING),
    "api:notice-sender": Endpoint(NOBODY, DESK, WRITING),
    "api:ladder-list": Endpoint(CASEWORK),
    "api:ladder-detail": Endpoint(CASEWORK),
    "api:ladder-steps": Endpoint(CASEWORK, frozenset({MANAGER}), READING | WRITING),
    "api:contact-list": Endpoint(READERS, DESK | {LIAISON, MANAGER}, READING | WRITING),
    "api:contact-detail": Endpoint(READERS),
    "api:contact-change": Endpoint(NOBODY, DESK | {LIAISON, MANAGER}, WRITING),
    "api:contact-confirm": Endpoint(NOBODY, DESK | {LIAISON, MANAGER}, WRITING),
    "api:contactchange-list": Endpoint(READERS),
    "api:contactchange-detail": Endpoint(READERS),
    "api:contactchange-decide": Endpoint(NOBODY, DESK | {MANAGER}, WRITING),
    "api:notification-list": Endpoint(DESK),
    "api:notification-read": Endpoint(NOBODY, DESK, WRITING),
    "api:chaser-list": Endpoint(CASEWORK, DESK, READING | WRITING),
    "api:ladder-change": Endpoint(NOBODY, frozenset({MANAGER}), WRITING),
    "api:incomingmail-list": Endpoint(NOBODY, frozenset({ADMINISTRATOR}), WRITING),
    "api:dispatch-list": Endpoint(CASEWORK),
    "api:dispatch-detail": Endpoint(CASEWORK),
    "api:dispatch-resolve": Endpoint(NOBODY, DESK, WRITING),
    "api:dispatch-replay": Endpoint(NOBODY, DESK, WRITING),
    **{  # the verbs that need a reason at most are the same as on the pages
        name.replace("casework:item_verb", "api:item-verb")
        .replace("notices:notice_verb", "api:notice-verb")
        .replace("reports:edition_verb", "api:edition-verb"): Endpoint(NOBODY, row.who, WRITING)
        for name, row in PAGES.items()
        if "_verb " in name
    },
}

# Addresses about one thing: what a person who may use the page, but not see this thing, is told (404, never 403).
HIDDEN: dict[str, frozenset[str]] = {
    "accounts:token_revoke": EVERYBODY - {OFFICER, ADMINISTRATOR},  # the sample token is an officer's
}

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
NOBODY: frozenset[str] = frozenset()

READ = frozenset({"GET", "HEAD", "OPTIONS"})
SAFE = frozenset({"GET", "HEAD"})  # a function that takes nothing else
FORM = READ | {"POST"}
POST = frozenset({"POST"})
METHODS = ("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE")


@dataclass(frozen=True)
class Row:
    """`public` pages need no sign-in; `sample` names which of the world's addresses fill in the parameters."""

    who: frozenset[str]
    methods: frozenset[str]
    public: bool = False


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
    "casework:item_evidence": Row(DESK, FORM),
    "casework:item_hold": Row(DESK, FORM),
    "casework:item_reject": Row(DESK, FORM),
    "casework:item_revoke": Row(SECOND, FORM),
    "casework:item_duplicate": Row(DESK, FORM),
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
    "casework:evidence_file": Row(CASEWORK, SAFE),
    "casework:evidence_thumbnail": Row(CASEWORK, SAFE),
    "notices:notice_list": Row(READERS, READ),
    "notices:notice_draft": Row(DESK, FORM),
    "notices:notice_detail": Row(READERS, READ),
    "notices:notice_edit": Row(DESK, FORM),
    "notices:line_remove": Row(DESK, POST),
    "notices:notice_letter": Row(READERS, SAFE),
    "notices:notice_lines_csv": Row(READERS, SAFE),
    "notices:notice_acknowledge": Row(ANSWERING, FORM),
    "notices:notice_answer": Row(ANSWERING, FORM),
    "notices:notice_verb submit": Row(DESK, FORM),
    "notices:notice_verb return": Row(SECOND, FORM),
    "notices:notice_verb approve": Row(SECOND, FORM),
    "notices:notice_verb queue": Row(DESK, FORM),
    "notices:notice_verb clarify": Row(frozenset({LIAISON}), FORM),
    "notices:notice_verb reply": Row(DESK, FORM),
    "notices:notice_verb close": Row(frozenset({REVIEWER, MANAGER}), FORM),
    "notices:notice_verb withdraw": Row(SECOND, FORM),
    "notices:dispatch_resolve": Row(DESK, FORM),
    "notices:mail_list": Row(CASEWORK, SAFE),
    "notices:mail_detail": Row(CASEWORK, SAFE),
    "notices:mail_attachment": Row(CASEWORK, SAFE),
}
# Addresses about one thing: what a person who may use the page, but not see this thing, is told (404, never 403).
HIDDEN: dict[str, frozenset[str]] = {
    "accounts:token_revoke": EVERYBODY - {OFFICER, ADMINISTRATOR},  # the sample token is an officer's
}

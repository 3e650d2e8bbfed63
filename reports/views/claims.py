"""The claim check's page, and the public claims."""

import tomllib
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.guards import allow
from accounts.models import User
from accounts.pages import person
from accounts.roles import Permission
from reports import events
from reports.claim_forms import ClaimForm, SentenceForm, names_here
from reports.claim_words import read_claim
from reports.claims import CANNOT_BE_SAID, NOT_SUPPORTED, SUPPORTED, Verdict, check
from reports.editions import frozen_document
from reports.models import Edition
from reports.views.shown import places

PUBLIC = tomllib.loads((Path(__file__).parent.parent / "public_claims.toml").read_text(encoding="utf-8"))[
    "claim"
]
TONES = {SUPPORTED: "success", NOT_SUPPORTED: "error", CANNOT_BE_SAID: "warning"}


@allow(Permission.SEE_FIGURES)
@require_safe
def claims(request: HttpRequest) -> HttpResponse:
    """A sentence, or its fields, and whether our figures support it; all of it in the address."""
    given, user = request.GET, person(request)
    context: dict[str, Any] = {"sentence_form": SentenceForm(person=user), "places": places(request)}
    if not given:
        return render(request, "reports/claims.html", context)
    form: SentenceForm | ClaimForm
    if "sentence" in given:
        form = context["sentence_form"] = SentenceForm(given, person=user)
    else:
        form = context["fields"] = ClaimForm(given, person=user)
    if not form.is_valid():
        return render(request, "reports/claims.html", {**context, "form": form}, status=form.status)
    claim = form.claim() if isinstance(form, ClaimForm) else form.cleaned_data["sentence"]
    edition = form.cleaned_data["edition"]
    verdict = check(claim, _opened(edition, user), names=names_here())
    return render(request, "reports/claims.html", {**context, **_shown(verdict, edition, user)})


def _opened(edition: Edition | None, user: User) -> dict[str, Any] | None:
    """The frozen figures of the edition, if one is asked; who reads some before their release is noted."""
    if edition is None:
        return None
    events.note_opening(edition, by=user)
    return frozen_document(edition.reference, Edition.objects.visible_to(user))[1]


def _shown(verdict: Verdict, edition: Edition | None, user: User) -> dict[str, Any]:
    """The verdict, and the fields as they were read, to be altered."""
    read = {**verdict.claim.__dict__, "edition": edition}
    return {
        "verdict": verdict,
        "tone": TONES[verdict.verdict],
        "fields": ClaimForm(initial=read, person=user),
    }


@allow(Permission.SEE_FIGURES)
@require_safe
def public_claims(request: HttpRequest) -> HttpResponse:
    """What was said in public, and what it leaves open."""
    rows = [
        {
            **entry,
            "left_open": _left_open(entry["words"]),
            "url": f"{reverse('reports:claims')}?{urlencode({'sentence': entry['words']})}",
        }
        for entry in PUBLIC
    ]
    return render(request, "reports/public_claims.html", {"rows": rows})


def _left_open(words: str) -> list[str]:
    reading = read_claim(words)
    claim = reading.claim
    open_points = {
        "the period": not claim.first,
        "the as-at": not claim.as_at,
        "what is counted": not claim.statistic,
        "the window": claim.statistic == "S04" and not claim.window,
        "words that were not read": bool(reading.unread or reading.problems),
    }
    return [name for name, is_open in open_points.items() if is_open]

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
from accounts.roles import Permission
from reports.claim_forms import ClaimForm, SentenceForm, names_here
from reports.claim_words import read_claim
from reports.claims import CANNOT_BE_SAID, NOT_SUPPORTED, SUPPORTED, Verdict, check
from reports.views.shown import places

PUBLIC = tomllib.loads((Path(__file__).parent.parent / "public_claims.toml").read_text(encoding="utf-8"))[
    "claim"
]
UNPROCESSABLE = 422
TONES = {SUPPORTED: "success", NOT_SUPPORTED: "error", CANNOT_BE_SAID: "warning"}


@allow(Permission.SEE_FIGURES)
@require_safe
def claims(request: HttpRequest) -> HttpResponse:
    """A sentence, or its fields, and whether our figures support it; all of it in the address."""
    given = request.GET
    context: dict[str, Any] = {"sentence_form": SentenceForm(), "places": places(request)}
    if "sentence" in given:
        asked = SentenceForm(given)
        context["sentence_form"] = asked
        if not asked.is_valid():
            return render(request, "reports/claims.html", {**context, "form": asked}, status=UNPROCESSABLE)
        verdict = check(asked.cleaned_data["sentence"], names=names_here())
        return render(request, "reports/claims.html", {**context, **_shown(verdict)})
    form = ClaimForm(given or None)
    if not given:
        return render(request, "reports/claims.html", context)
    if not form.is_valid():
        return render(
            request, "reports/claims.html", {**context, "form": form, "fields": form}, status=UNPROCESSABLE
        )
    return render(request, "reports/claims.html", {**context, **_shown(check(form.claim()))})


def _shown(verdict: Verdict) -> dict[str, Any]:
    """The verdict, and the fields as they were read, to be altered."""
    return {
        "verdict": verdict,
        "tone": TONES[verdict.verdict],
        "fields": ClaimForm(initial={**verdict.claim.__dict__}),
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

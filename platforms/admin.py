"""The directory as an administrator keeps it. A channel is retired, not deleted: notices went through it."""

from datetime import date

from django import forms
from django.contrib import admin
from django.db import models
from django.http import HttpRequest
from django.utils import timezone

from platforms.models import Channel, Commitment, Contact, Platform, PolicyClause


class Kept(admin.TabularInline):
    """Rows that other records may point at."""

    extra = 0
    can_delete = False


class ChannelInline(Kept):
    """Without the numbers of secrets, which are changed on a page of their own."""

    model = Channel
    exclude = ("secret_number", "old_secret_until")


class VersionForm(forms.ModelForm):
    """A notice's time to answer never changes afterwards: a version begins today or later."""

    class Meta:
        model = Commitment
        fields = (
            "severity", "item_kind", "category", "amount", "unit", "calendar", "zone", "opens", "closes", "source",
            "valid_from",
        )  # fmt: skip

    def clean_valid_from(self) -> date:
        begins: date = self.cleaned_data["valid_from"]
        if begins < timezone.localdate():
            raise forms.ValidationError("Begin today or later: what was promised before stays as it was.")
        return begins


class ClauseInline(Kept):
    model = PolicyClause
    formfield_overrides = {models.URLField: {"assume_scheme": "https"}}


class ContactInline(admin.TabularInline):
    """To read: contacts are kept on a page of their own, where every change is in their history."""

    model = Contact
    extra = 0
    can_delete = False
    readonly_fields = ("policy_link",)

    def has_add_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False


class CommitmentInline(Kept):
    """What was promised stays; a change is a new version, from today on at the earliest."""

    model = Commitment
    form = VersionForm

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False


@admin.register(Platform)
class PlatformAdmin(admin.ModelAdmin):
    list_display = ("name", "slug", "is_active", "confirm_hours", "watch_days")
    list_filter = ("is_active",)
    search_fields = ("name", "slug")
    readonly_fields = ("slug",)
    filter_horizontal = ("liaisons",)
    inlines = (ChannelInline, ContactInline, CommitmentInline, ClauseInline)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """A platform comes with its rules file (CONTRIBUTING)."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

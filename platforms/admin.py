"""The directory as an administrator keeps it. A channel is retired, not deleted: notices went through it."""

from django.contrib import admin
from django.http import HttpRequest

from platforms.models import Channel, Commitment, Contact, Platform, PolicyClause


class Kept(admin.TabularInline):
    """Rows that other records may point at."""

    extra = 0
    can_delete = False


class ChannelInline(Kept):
    """Without the numbers of secrets, which are changed on a page of their own."""

    model = Channel
    exclude = ("secret_number", "old_secret_until")


class ClauseInline(Kept):
    model = PolicyClause


class ContactInline(admin.TabularInline):
    model = Contact
    extra = 0


class CommitmentInline(admin.TabularInline):
    model = Commitment
    extra = 0


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

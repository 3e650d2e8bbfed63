"""People in the admin site: to look up; adding and changing is done on the desk's own pages."""

from django.contrib import admin
from django.http import HttpRequest

from accounts.models import Token, User


class ReadOnly(admin.ModelAdmin):
    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False


@admin.register(User)
class UserAdmin(ReadOnly):
    list_display = ("name", "email", "role", "is_active")
    list_filter = ("role", "is_active")
    search_fields = ("name", "email")
    exclude = ("password",)


@admin.register(Token)
class TokenAdmin(ReadOnly):
    list_display = ("name", "user", "hint", "created_at", "expires_at", "revoked_at")
    list_select_related = ("user",)

from django.contrib.auth.views import LogoutView
from django.urls import path

from accounts import views
from accounts.guards import allow

app_name = "accounts"

urlpatterns = [
    path("sign-in/", views.SignIn.as_view(), name="sign_in"),
    path("sign-out/", allow()(LogoutView.as_view()), name="sign_out"),
    path("password/", views.PasswordChange.as_view(), name="password_change"),
    path("password/changed/", views.PasswordChanged.as_view(), name="password_changed"),
    path("tokens/", views.TokenList.as_view(), name="tokens"),
    path("tokens/issue/", views.TokenIssue.as_view(), name="token_issue"),
    path("tokens/<int:pk>/revoke/", views.token_revoke, name="token_revoke"),
    path("people/", views.PeopleList.as_view(), name="people"),
    path("people/add/", views.PersonAdd.as_view(), name="person_add"),
    path("people/<int:pk>/", views.PersonChange.as_view(), name="person_change"),
]

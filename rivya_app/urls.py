"""Every address of the product. Each app names its own; who may use them is said on the views."""

from allauth.account import views as account
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as recovery_codes
from allauth.mfa.totp import views as totp
from django.urls import include, path, re_path

from rivya_app.briefs.views import home, home_live
from rivya_app.core.closed import closed
from rivya_app.desk import staff
from rivya_app.gateway.webhook_views import rivya_hook
from rivya_app.workspaces.views import choose_language, demo_sign_in

# The sign-in package's own list offers sign-up and e-mail changes too; only these are wanted.
accounts = [
    path("login/", account.login, name="account_login"),
    path("logout/", account.logout, name="account_logout"),
    path("inactive/", account.account_inactive, name="account_inactive"),
    path("reauthenticate/", account.reauthenticate, name="account_reauthenticate"),
    path("password/change/", account.password_change, name="account_change_password"),
    path("password/reset/", account.password_reset, name="account_reset_password"),
    path("password/reset/done/", account.password_reset_done, name="account_reset_password_done"),
    re_path(
        r"^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        account.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path(
        "password/reset/key/done/",
        account.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
    # The package links to these by name even where they are not offered.
    path("signup/", closed, name="account_signup"),
    path("email/", closed, name="account_email"),
    path("password/set/", closed, name="account_set_password"),
]
two_step = [
    path("", mfa.index, name="mfa_index"),
    path("authenticate/", mfa.authenticate, name="mfa_authenticate"),
    path("reauthenticate/", mfa.reauthenticate, name="mfa_reauthenticate"),
    path("totp/activate/", totp.activate_totp, name="mfa_activate_totp"),
    path("totp/deactivate/", totp.deactivate_totp, name="mfa_deactivate_totp"),
    path("codes/", recovery_codes.view_recovery_codes, name="mfa_view_recovery_codes"),
    path(
        "codes/generate/",
        recovery_codes.generate_recovery_codes,
        name="mfa_generate_recovery_codes",
    ),
    path(
        "codes/download/",
        recovery_codes.download_recovery_codes,
        name="mfa_download_recovery_codes",
    ),
]

urlpatterns = [
    path("hooks/rivya/<uuid:public_id>/", rivya_hook, name="rivya-hook"),
    path("", include("rivya_app.core.urls")),
    path("accounts/", include(accounts)),
    path("accounts/2fa/", include(two_step)),
    path("accounts/demo/", demo_sign_in, name="demo-sign-in"),
    path("language/", choose_language, name="set_language"),
    path("styleguide/", include("rivya_app.core.styleguide.urls")),
    path("profile/", include("rivya_app.workspaces.urls")),
    path("team/", include("rivya_app.workspaces.team_urls")),
    path("invitations/", include("rivya_app.workspaces.invitation_urls")),
    path("notifications/", include("rivya_app.notices.urls")),
    path("", home, name="home"),
    path("live/", home_live, name="home-live"),
    path("briefs/", include("rivya_app.briefs.urls")),
    path("jobs/", include("rivya_app.generations.urls")),
    path("assistant/", include("rivya_app.chat.urls")),
    path("", include("rivya_app.library.urls")),
    path("keys/", include("rivya_app.gateway.urls")),
    path("models/", include("rivya_app.gateway.model_urls")),
    path("credits/", include("rivya_app.credits.urls")),
    path("pause/", include("rivya_app.workspaces.pause_urls")),
    path("campaigns/", include("rivya_app.campaigns.urls")),
    path("reviews/", include("rivya_app.reviews.urls")),
    path("handoff/", include("rivya_app.handoff.urls")),
    path("shared/", include("rivya_app.handoff.share_urls")),
    path("workflows/", include("rivya_app.workflows.urls")),
    path("webhooks/", include("rivya_app.gateway.webhook_urls")),
    path("desk/", include("rivya_app.desk.urls")),
    path("admin/", staff.site.urls),
]

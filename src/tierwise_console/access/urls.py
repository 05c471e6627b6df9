"""Addresses of signing in and out, and of one's own account."""

from django.urls import path

from tierwise_console.access import views

app_name = "access"
urlpatterns = [
    path("sign-in", views.SignIn.as_view(), name="sign_in"),
    path("first/<str:key>", views.first_owner, name="first_owner"),
    path("sign-out", views.sign_out, name="sign_out"),
    path("", views.account, name="account"),
    path("second-factor", views.set_up_second_factor, name="second_factor"),
    path("second-factor/off", views.turn_off_second_factor, name="second_factor_off"),
    path("session/<int:pk>/end", views.end_session, name="end_session"),
]

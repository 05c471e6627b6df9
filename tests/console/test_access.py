"""Who may come in, and who may do what: as a table, and with guesses slowed down."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.utils import timezone
from django_otp.oath import totp

from tierwise.errors import TierwiseError
from tierwise_console.access import second_factor, services, throttle
from tierwise_console.access.models import OpenSession, User
from tierwise_console.access.permissions import ALLOWED, Permission, Role
from tierwise_console.audit.models import AuditEntry
from tierwise_console.audit.protection import SQLITE
from tierwise_console.audit.services import record, verify

PASSWORD = "correct horse battery"


def test_only_the_owner_may_everything_and_the_viewer_sees_figures_alone() -> None:
    assert ALLOWED[Role.OWNER] == frozenset(Permission)
    assert ALLOWED[Role.VIEWER] == {Permission.RESULTS_VIEW}
    assert Permission.CUSTOMERS_ALL not in ALLOWED[Role.SALES]


def _try(client: Client, password: str, code: str = "") -> int:
    form = {"username": "owner", "password": password, "code": code}
    return client.post("/account/sign-in", form).status_code


def test_guessing_is_refused_after_ten_even_with_the_right_password(make_user: Callable[..., User]) -> None:
    make_user(Role.OWNER)
    client = Client()
    for _ in range(throttle.MOST_BY_NAME):
        assert _try(client, "wrong") == 200
    assert _try(client, PASSWORD) == 200
    assert AuditEntry.objects.filter(action="session.refused").count() == throttle.MOST_BY_NAME + 1


def test_the_second_factor_is_asked_for_and_each_spare_code_works_once(make_user: Callable[..., User]) -> None:
    user = make_user(Role.OWNER)
    device = second_factor.begin(user)
    codes = second_factor.confirm(user, f"{totp(device.bin_key):06d}")
    assert codes is not None and len(codes) == second_factor.SPARE_CODES
    assert _try(Client(), PASSWORD) == 200
    assert _try(Client(), PASSWORD, codes[0]) == 302
    assert _try(Client(), PASSWORD, codes[0]) == 200


def test_after_a_wrong_code_the_right_one_is_put_off_and_the_page_says_so(make_user: Callable[..., User]) -> None:
    user, client = make_user(Role.OWNER), Client(HTTP_ACCEPT_LANGUAGE="en")
    client.force_login(user)
    page = "/account/second-factor"
    right = f"{totp(second_factor.begin(user).bin_key):06d}"
    wrong = f"{(int(right) + 500_000) % 1_000_000:06d}"
    assert "The code is wrong" in client.post(page, {"code": wrong}).content.decode()
    device = second_factor.begin(user)
    device.throttling_failure_timestamp = timezone.now() + timedelta(hours=1)  # however slow this machine is
    device.save()
    assert "was not looked at" in client.post(page, {"code": right}).content.decode()
    device.throttling_failure_timestamp = timezone.now() - timedelta(hours=1)
    device.save()
    assert "Keep these codes" in client.post(page, {"code": right}).content.decode()


def test_an_ended_session_ends_at_once(make_user: Callable[..., User], signed_in: Callable[..., Client]) -> None:
    owner, other = signed_in(Role.OWNER), signed_in(Role.SALES)
    assert other.get("/").status_code == 200
    session = OpenSession.objects.get(user__username="sales")
    assert owner.post(f"/settings/session/{session.pk}/end").status_code == 302
    assert other.get("/").status_code == 302


def test_the_last_owner_stays_and_others_may_not_manage(make_user: Callable[..., User]) -> None:
    owner, analyst = make_user(Role.OWNER), make_user(Role.ANALYST)
    with pytest.raises(TierwiseError, match="last owner"):
        services.change_user(owner, owner.pk, Role.VIEWER, True)
    with pytest.raises(PermissionDenied):
        services.change_user(analyst, owner.pk, Role.VIEWER, True)
    with pytest.raises(TierwiseError, match="already"):
        services.add_user(owner, "ANALYST", Role.VIEWER, PASSWORD)


def test_a_user_or_role_that_is_not_there_is_not_found(signed_in: Callable[..., Client]) -> None:
    client = signed_in(Role.OWNER)
    assert client.post("/settings/user/1", {}).status_code == 404
    assert client.post("/settings/user/1", {"role": "emperor"}).status_code == 404
    assert client.post("/settings/user/999999", {"role": "viewer"}).status_code == 404


def test_the_chain_holds_and_shows_what_was_changed(db: None) -> None:
    for number in range(5):
        record("test.done", subject_id=number, detail={"名": "值"})
    assert verify().sound and verify().entries == 5
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("DROP TRIGGER audit_no_update")
        else:
            cursor.execute("ALTER TABLE audit_auditentry DISABLE TRIGGER audit_append_only")
        cursor.execute("UPDATE audit_auditentry SET actor = 'somebody else' WHERE number = 3")
    assert verify().broken_at == 3


@pytest.mark.parametrize("statement", ["UPDATE audit_auditentry SET actor = 'x'", "DELETE FROM audit_auditentry"])
def test_the_database_refuses_to_change_or_remove_entries(db: None, statement: str) -> None:
    record("test.done")
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(SQLITE["audit_no_delete"])  # taken away for the suite: see conftest
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            cursor.execute(statement)
        if connection.vendor == "sqlite":
            cursor.execute("DROP TRIGGER audit_no_delete")


def test_an_owner_helps_out_who_forgot_the_password_or_lost_the_phone(
    make_user: Callable[..., User], signed_in: Callable[..., Client]
) -> None:
    client, sales = signed_in(Role.OWNER), make_user(Role.SALES)
    client.cookies["django_language"] = "en"
    other = Client()
    other.force_login(sales)
    assert second_factor.confirm(sales, f"{totp(second_factor.begin(sales).bin_key):06d}")

    def rescue(step: str, own: str = PASSWORD, password: str = "") -> str:
        form = {"user": sales.pk, "step": step, "own": own, "password": password}
        return client.post("/settings/rescue", form, follow=True).content.decode()

    assert "password or the code is wrong" in rescue("second_factor", own="guessed")
    assert second_factor.has_second_factor(sales)
    assert "signs in without a code now" in rescue("second_factor")
    assert not second_factor.has_second_factor(sales)
    assert "has another password" not in rescue("password", password="short")
    assert "has another password" in rescue("password", password="a wholly new password")
    sales.refresh_from_db()
    assert sales.check_password("a wholly new password")
    assert other.get("/").status_code == 302, "who had the old password is out"
    assert (
        client.post("/settings/rescue", {"user": "999", "own": PASSWORD, "password": "a wholly new one"}).status_code
        == 404
    )
    assert signed_in(Role.ANALYST).post("/settings/rescue", {"user": sales.pk}).status_code == 403

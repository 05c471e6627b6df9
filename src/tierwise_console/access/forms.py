"""Forms of signing in and of one's own account."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib.auth.forms import AuthenticationForm, SetPasswordForm
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django_otp import match_token

from tierwise.language import Text
from tierwise_console.access import throttle
from tierwise_console.access.models import User
from tierwise_console.access.permissions import ROLE_NAMES, Role
from tierwise_console.access.second_factor import has_second_factor
from tierwise_console.access.sessions import address_of
from tierwise_console.shell.language import say, words


def _label(form: forms.BaseForm, **labels: Text) -> None:
    """Name the fields of a form in the language of the request: a form is made anew for each."""
    for name, label in labels.items():
        form.fields[name].label = words(label)


class SignInForm(AuthenticationForm):
    """Name, password, and the code of the second factor where one is set up; guessing is slowed down."""

    code = forms.CharField(required=False, max_length=16, strip=True)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _label(
            self,
            username=Text("User name", "用户名"),
            password=Text("Password", "密码"),
            code=Text("Code of your authenticator, if you use one", "动态验证码（如已启用）"),
        )
        self.fields["code"].widget.attrs |= {"inputmode": "numeric", "autocomplete": "one-time-code"}

    def clean(self) -> dict[str, Any]:
        """Refuse without looking when too many tries failed; else check password and code as one."""
        name, address = str(self.cleaned_data.get("username", "")), address_of(self.request) if self.request else ""
        if throttle.refused(name, address):
            raise ValidationError(
                say(
                    "Too many wrong tries. Wait a quarter of an hour, or ask an owner for a new password.",
                    "错误次数过多。请等待十五分钟，或请负责人重设密码。",
                ),
                code="throttled",
            )
        try:
            cleaned = super().clean()
            self._check_code()
        except ValidationError:
            throttle.failed(name, address)
            raise
        throttle.succeeded(name)
        return cleaned

    def _check_code(self) -> None:
        user, code = self.get_user(), self.cleaned_data.get("code") or ""
        if isinstance(user, User) and has_second_factor(user) and not (code and match_token(user, code)):
            raise ValidationError(say("The code of your authenticator is missing or wrong.", "动态验证码缺失或错误。"))


class FirstOwnerForm(forms.Form):
    """Who starts: name and password; validated as any other user's."""

    username = forms.RegexField(r"^[\w.@+-]+$", max_length=150)
    full_name = forms.CharField(max_length=150, required=False)
    password = forms.CharField(widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}))
    again = forms.CharField(widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _label(
            self,
            username=Text("User name", "用户名"),
            full_name=Text("Your name, as colleagues see it", "姓名（同事可见）"),
            password=Text("Password", "密码"),
            again=Text("Password again", "再次输入密码"),
        )
        self.fields["username"].widget.attrs |= {"autocomplete": "username", "autofocus": True}
        self.fields["password"].help_text = say("at least 12 characters", "至少 12 个字符")

    def clean(self) -> dict[str, Any]:
        """Both passwords are one, and none that is guessed at once."""
        found: dict[str, Any] = super().clean() or {}
        if found.get("password") and found.get("again") and found["password"] != found["again"]:
            self.add_error("again", say("The two passwords differ.", "两次输入的密码不一致。"))
        elif found.get("password"):
            try:
                validate_password(found["password"], User(username=found.get("username", "")))
            except ValidationError as error:
                self.add_error("password", error)
        return found


class UserForm(forms.Form):
    """A new user."""

    username = forms.RegexField(r"^[\w.@+-]+$", max_length=150)
    full_name = forms.CharField(max_length=150, required=False)
    role = forms.ChoiceField()
    person_id = forms.CharField(max_length=200, required=False)
    password = forms.CharField(widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _label(
            self,
            username=Text("User name", "用户名"),
            full_name=Text("Name", "姓名"),
            role=Text("Role", "角色"),
            person_id=Text("Name in the data (owner of customers)", "数据中的名称（客户负责人）"),
            password=Text("First password", "初始密码"),
        )
        self.fields["role"].choices = [(role.value, words(ROLE_NAMES[role])) for role in Role]  # type: ignore[attr-defined]

    def clean_password(self) -> str:
        """Hold the password against the rules."""
        password = str(self.cleaned_data["password"])
        validate_password(password)
        return password


if TYPE_CHECKING:
    PasswordForm = SetPasswordForm[User]
else:
    PasswordForm = SetPasswordForm


class OwnPasswordForm(PasswordForm):
    """A new password for oneself, by the old one."""

    old_password = forms.CharField(widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}))
    field_order = ("old_password", "new_password1", "new_password2")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _label(
            self,
            old_password=Text("Present password", "当前密码"),
            new_password1=Text("New password", "新密码"),
            new_password2=Text("New password again", "再次输入新密码"),
        )

    def clean_old_password(self) -> str:
        """The old password must be right."""
        password = str(self.cleaned_data["old_password"])
        if not self.user.check_password(password):
            raise ValidationError(say("This is not your present password.", "当前密码不正确。"))
        return password

"""`tierwise console user`: make a user, or give one a new password, at the machine itself."""

from __future__ import annotations

import click

from tierwise_console.command.group import say
from tierwise_console.command.prepare import prepare

ROLES = ("owner", "analyst", "marketing", "sales", "service", "viewer")


@click.command("user", help=say("Make a user, or give one a new password.", "新建用户，或重设其密码。"))
@click.argument("name")
@click.option(
    "--role", type=click.Choice(ROLES), help=say("role [default for a new one: owner]", "角色 [新用户默认 owner]")
)
@click.password_option(
    prompt=say("Password", "密码"),
    confirmation_prompt=say("Password again", "再次输入密码"),
    help=say("password; asked for where it is not given", "密码；未给出时会提示输入"),
)
def user(name: str, role: str | None, password: str) -> None:
    """Make the user, or change password (and role, if one is given) of the one there is."""
    prepare()
    from django.core.exceptions import ValidationError

    from tierwise_console.access.services import set_user

    try:
        made = set_user(name, password, role)
    except ValidationError as error:
        raise click.ClickException(" ".join(error.messages)) from error
    click.echo(
        say(f"{name} was made.", f"已新建用户 {name}。")
        if made
        else say(f"{name} was changed.", f"已修改用户 {name}。")
    )

"""What the demo's people have begun, so that no page of the demo is empty: tasks, a tag, a view, drafts that are all off."""

from __future__ import annotations

from datetime import date, timedelta

from django.conf import settings
from django.db import transaction

from tierwise_console.access.models import User
from tierwise_console.crm.filters import CustomerFilter
from tierwise_console.crm.models import Customer, TakeOver, Task
from tierwise_console.crm.models.take_over import TakeOverState
from tierwise_console.crm.services.tags import put_tag
from tierwise_console.crm.services.views import save_view
from tierwise_console.crm.services.work import add_note, add_task
from tierwise_console.strategy.services import generate_actions

OWNER, MARKETING, SALES, SERVICE = "lin", "zhao", "wang", "liu"
TASKS = (
    (OWNER, 2, "查看重点客户名单 · Go through the most important customers"),
    (MARKETING, 5, "准备挽回优惠 · Prepare an offer to win back"),
    (SALES, 1, "电话回访，了解近况 · Call and ask how they are"),
    (SERVICE, -1, "跟进上次投诉 · Follow up the last complaint"),
)
"""Who, in how many days, what: in both languages, as free text is not translated."""
TAG = "重点回访 · call back"
VIEW = "重要保持 · Important, gone quiet"


def notice_demo_shop() -> None:
    """In the demo, once its customers are there and nobody has begun anything: begin."""
    if settings.DEMO and not Task.objects.exists() and TakeOver.objects.filter(state=TakeOverState.DONE).exists():
        begin_work()


@transaction.atomic
def begin_work() -> None:
    """Give tasks about the best customers, tag these, save a view, and draft the actions of the first model."""
    people = {user.username: user for user in User.objects.filter(username__in=[who for who, *_ in TASKS])}
    if len(people) < len(TASKS):
        return
    best = Customer.objects.order_by("-monetary").values_list("customer_id", flat=True)
    own = best.filter(owner=people[SALES])
    for place, (who, days, title) in enumerate(TASKS):
        customer = (own if who == SALES else best)[place : place + 1]
        due = (date.today() + timedelta(days=days)).isoformat()
        add_task(people[who], title, customer[0] if customer else "", due_on=due)
    for customer_id in best[:3]:
        put_tag(people[MARKETING], customer_id, TAG)
    if first := best.first():
        add_note(people[SERVICE], first, "喜欢电话联系，下午方便。Likes to be called, in the afternoon.")
    save_view(people[OWNER], VIEW, CustomerFilter(tiers={"rfm": ("important_keep",)}), shared=True)
    generate_actions(people[OWNER], ["rfm"])

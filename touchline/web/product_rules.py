"""What people go on to do: which event of a product shows what, and which programs may state it."""

from datetime import timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from touchline.core.signals.product_event import EARLIEST, NAME
from touchline.desk.models import ApiToken, ProductEvent, ProductRule, Topic
from touchline.web.access import owners_only
from touchline.web.around import offer, show
from touchline.web.forms import Form
from touchline.web.request import Request

MOST_SHOWN = 200


class NewRule(Form):
    event = forms.CharField(max_length=80)
    topic = forms.ChoiceField(required=False)
    words = forms.CharField(max_length=200)
    within_days = forms.IntegerField(min_value=1, max_value=3650, initial=60)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        topics = Topic.objects.filter(put_away_at=None).order_by("name").values_list("key", "name")
        self.fields["topic"].choices = [("", _("Whatever it was about")), *topics]  # type: ignore[attr-defined]

    def clean_event(self) -> str:
        return event_name(self.cleaned_data["event"])


class NewToken(Form):
    name = forms.CharField(max_length=100)
    events = forms.CharField(max_length=4000)

    def clean_events(self) -> list[str]:
        return [event_name(each) for each in self.cleaned_data["events"].replace(",", " ").split()]


def event_name(words: str) -> str:
    name = words.strip()
    if NAME.fullmatch(name):
        return name
    else:
        told = _(
            "“%(name)s” is no name of an event. It looks like shop.published: small letters, figures, dots, dashes, underscores."
        )
        raise ValidationError(told % {"name": name[:80]})


@require_safe
@owners_only
def rules(request: Request) -> HttpResponse:
    """Every rule and every token; an event that came without a rule can be given one, with `event`."""
    return _page(request, rule=NewRule(initial={"event": request.GET.get("event", "")[:80]}))


@require_POST
@owners_only
def say(request: Request) -> HttpResponse:
    """A rule, or other words for one that there is."""
    form = NewRule(request.POST)
    if form.is_valid():
        told = form.cleaned_data
        rule = ProductRule.say(
            told["event"],
            topic=told["topic"],
            words=told["words"],
            within_days=told["within_days"],
            by=request.teammate,
            at=request.at,
        )
        offer(request, _("This is kept."), undo=reverse("put_away_rule", args=[rule.pk]))
        return redirect("product_rules")
    else:
        return _page(request, rule=form, status=422)


@require_POST
@owners_only
def put_away(request: Request, id: int) -> HttpResponse:
    """The rule shows nothing more; with `again`, it does."""
    rule = ProductRule.objects.filter(pk=id).first()
    if rule is None:
        raise Http404
    elif request.POST.get("again"):
        rule.bring_back()
        offer(request, _("The rule holds again."))
    else:
        rule.put_away(at=request.at)
        told = _("From now on, %(event)s shows nothing by this rule. What it showed stays.") % {"event": rule.event}
        offer(request, told, undo=reverse("put_away_rule", args=[rule.pk]), fields={"again": "1"})
    return redirect("product_rules")


@require_http_methods(["POST"])
@owners_only
def make_token(request: Request) -> HttpResponse:
    """A token. The page that answers is the only one that ever shows it, so it is no redirect."""
    form = NewToken(request.POST)
    if form.is_valid():
        told = form.cleaned_data
        token, words = ApiToken.make(name=told["name"], events=told["events"], by=request.teammate, at=request.at)
        return _page(request, made=token, made_words=words)
    else:
        return _page(request, token=form, status=422)


@require_POST
@owners_only
def revoke(request: Request, id: int) -> HttpResponse:
    token = ApiToken.objects.valid().filter(pk=id).first()
    if token is None:
        raise Http404
    token.revoke(at=request.at)
    offer(request, _("“%(name)s” is let in no more.") % {"name": token.name})
    return redirect("product_rules")


def _page(request: Request, *, rule: NewRule | None = None, token: NewToken | None = None, **more: Any) -> HttpResponse:
    topics = dict(Topic.objects.values_list("key", "name"))
    standing = ProductRule.objects.standing().select_related("by").order_by("event", "topic")[:MOST_SHOWN]
    return show(
        request,
        "product_rules.html",
        here="settings",
        rules=[(each, topics.get(each.topic, each.topic)) for each in standing],
        unmapped=ProductEvent.objects.without_a_rule(request.at - EARLIEST)[:MOST_SHOWN],
        tokens=ApiToken.objects.valid().select_related("by").order_by("name", "id")[:MOST_SHOWN],
        rule=rule or NewRule(),
        token=token or NewToken(),
        address=request.build_absolute_uri(reverse("product_event")),
        last=timedelta(days=90),
        **{"made": None, "made_words": "", **more},
    )

"""The page of sender rules: who is spam, who never is, and through whom a person writes."""

from django import forms
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from touchline.desk.models import Mailbox, SenderRule
from touchline.web.access import signed_in
from touchline.web.around import offer, show
from touchline.web.forms import Form, id_in
from touchline.web.request import Request

MOST_SHOWN = 500


class NewRule(Form):
    pattern = forms.CharField(max_length=320)
    kind = forms.ChoiceField(choices=SenderRule.Kind.choices)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def senders(request: Request) -> HttpResponse:
    """Every rule, with who made it and when; and a form for one more."""
    form = NewRule(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            rule = SenderRule.say(form.cleaned_data["pattern"], form.cleaned_data["kind"], by=request.teammate, at=request.at)
        except ValidationError as trouble:
            form.add_error("pattern", trouble)
        else:
            offer(request, _("This is kept."), undo=reverse("remove_sender", args=[rule.pk]))
            return redirect("senders")
    rules = SenderRule.objects.select_related("by", "mailbox").order_by("pattern", "id")
    return show(
        request,
        "senders.html",
        here="settings",
        form=form,
        rules=[
            (words, [rule for rule in rules[:MOST_SHOWN] if rule.kind == kind])
            for kind, words in (
                (SenderRule.Kind.BLOCK, _("Spam")),
                (SenderRule.Kind.ALLOW, _("Never spam")),
                (SenderRule.Kind.PERSON, _("A person writes through this")),
            )
        ],
        status=422 if form.is_bound else 200,
    )


@require_POST
@signed_in
def remove(request: Request, id: int) -> HttpResponse:
    """The rule holds no longer. What it did stays as it is; undoing says the same again."""
    rule = SenderRule.objects.filter(pk=id).first()
    if rule is None:
        raise Http404
    rule.delete()
    fields = {"pattern": rule.pattern, "kind": rule.kind, "mailbox": rule.mailbox_id or ""}
    offer(
        request,
        _("The rule for %(sender)s holds no longer.") % {"sender": rule.pattern},
        undo=reverse("say_sender"),
        fields=fields,
    )
    return redirect("senders")


@require_POST
@signed_in
def say(request: Request) -> HttpResponse:
    """A rule by its `pattern` and `kind`, and a `mailbox` where it holds for one: how another page makes one, or takes a removal back."""
    mailbox = Mailbox.objects.open().filter(pk=id_in(request.POST, "mailbox") or 0).first()
    kind = request.POST.get("kind", "")
    if kind not in SenderRule.Kind.values:
        raise Http404
    try:
        SenderRule.say(request.POST.get("pattern", ""), kind, by=request.teammate, at=request.at, mailbox=mailbox)
    except ValidationError as trouble:
        offer(request, " ".join(trouble.messages))
    else:
        offer(request, _("This is kept."))
    return redirect("senders")

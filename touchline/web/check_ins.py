"""What teammates say of check-ins: of one that is planned, of a person, and of all of them in the settings."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from touchline.desk.models import AskRule, CheckIn, Mailbox, Topic
from touchline.desk.models.ask_rule import LINK, CannotBeAsked, asking_words, default_words, refuse_bad_words
from touchline.web import lists
from touchline.web.access import conversation_for, owners_only, person_for, signed_in
from touchline.web.around import offer, show
from touchline.web.figures import span
from touchline.web.forms import Form
from touchline.web.outcomes import to
from touchline.web.request import Request


@signed_in
@require_POST
def planned(request: Request, number: int) -> HttpResponse:
    """Of what will be asked about this conversation's blocker: `line` in these words; `leave_out`; or `ask` after all."""
    opened = conversation_for(request.teammate, number)
    blocker = opened.blocker
    address = f"{reverse('conversation', args=[opened.number])}?{lists.Where.of(request).query}"
    if blocker is None or not blocker.moved_at:
        offer(request, _("It is in the way again, so nothing will be asked."))
    elif "leave_out" in request.POST:
        CheckIn.leave_out(blocker, at=request.at)
        undo = f"{reverse('check_in_planned', args=[opened.number])}?{lists.Where.of(request).query}"
        offer(request, _("Left out: nothing will be asked about this."), undo=undo, fields={"ask": "1"})
    elif "ask" in request.POST:
        CheckIn.ask_after_all(blocker)
        offer(request, _("It will be asked after all."))
    else:
        CheckIn.say(blocker, request.POST.get("line", ""))
        offer(request, _("This is kept."))
    return to(request, address)


@signed_in
@require_POST
def of_person(request: Request, id: int) -> HttpResponse:
    """Whether a person may be asked how it went: `never` or not."""
    person = person_for(request.teammate, id).now()
    if "never" in request.POST:
        person.do_not_ask(at=request.at)
        offer(request, _("%(name)s will not be asked whether something worked.") % {"name": person.called})
    else:
        person.may_be_asked()
        offer(request, _("%(name)s may be asked again whether something worked.") % {"name": person.called})
    return redirect("person", person.pk)


class HowWeAsk(Form):
    """One rule: when, whom by chance, and in which words. The quiet hours stand beside that for all."""

    after_hours = forms.BooleanField(required=False)
    after_days = forms.BooleanField(required=False)
    after_weeks = forms.BooleanField(required=False)
    share = forms.FloatField(min_value=0, max_value=100)
    words = forms.CharField(max_length=AskRule.MOST_WORDS, required=False, strip=True)

    def __init__(self, *args: Any, rule: AskRule | None, **kwargs: Any) -> None:
        known = {
            "after_hours": bool(rule and rule.after_hours),
            "after_days": bool(rule and rule.after_days),
            "after_weeks": bool(rule and rule.after_weeks),
            "share": f"{(rule.random_share if rule else 0) * 100:g}",
            "words": (rule.words if rule else "") or default_words(),
        }
        super().__init__(*args, initial=known, **kwargs)

    def clean_words(self) -> str:
        """Empty where they are our own, so that these can be put better later."""
        words = str(self.cleaned_data["words"]).replace("\r\n", "\n").strip()
        if words in ("", default_words()):
            return ""
        try:
            refuse_bad_words(words)
        except CannotBeAsked as trouble:
            raise ValidationError(str(trouble)) from None
        return words

    def keep(self, rule: AskRule) -> None:
        told = self.cleaned_data
        rule.after_hours, rule.after_days, rule.after_weeks = told["after_hours"], told["after_days"], told["after_weeks"]
        rule.random_share = told["share"] / 100
        rule.words = told["words"]
        rule.save()


class Whose(Form):
    """For which mailbox and topic another rule is made; nothing is all of them."""

    mailbox = forms.ChoiceField(required=False)
    topic = forms.ChoiceField(required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        mailboxes = [(str(each.pk), each.address) for each in Mailbox.objects.open().order_by("address")]
        topics = [(each.key, each.name) for each in Topic.objects.filter(put_away_at=None).order_by("name")]
        self.fields["mailbox"].choices = [("", _("every mailbox")), *mailboxes]
        self.fields["topic"].choices = [("", _("every topic")), *topics]

    def clean(self) -> dict[str, Any]:
        told = super().clean() or {}
        told["mailbox"] = int(told["mailbox"]) if told.get("mailbox") else None
        told["topic"] = told.get("topic", "")
        if told["mailbox"] is None and not told["topic"]:
            raise ValidationError(_("Please choose a mailbox or a topic: what holds for all stands above."))
        elif AskRule.objects.filter(**told).exists():
            raise ValidationError(_("There is a rule for these already."))
        return told


@require_http_methods(["GET", "HEAD", "POST"])
@owners_only
def check_ins(request: Request) -> HttpResponse:
    """When people are asked: for all, and the exceptions. `apart` makes another rule; `preview` shows the words and keeps nothing."""
    for_all = AskRule.objects.filter(mailbox=None, topic="").first()
    apart = "apart" in request.POST
    form = HowWeAsk(request.POST if request.method == "POST" and not apart else None, rule=for_all)
    whose = Whose(request.POST if apart else None)
    previews = "preview" in request.POST
    if whose.is_bound and whose.is_valid():
        rule = AskRule.objects.create(
            mailbox_id=whose.cleaned_data["mailbox"],
            topic=whose.cleaned_data["topic"],
            **({"words": for_all.words} if for_all else {}),
        )
        return redirect("check_ins_rule", rule.pk)
    elif form.is_bound and form.is_valid() and not previews:
        form.keep(for_all or AskRule())
        offer(request, _("This is kept."))
        return redirect("check_ins")
    status = 422 if (form.is_bound and form.errors) or whose.is_bound else 200
    return _show(request, form, rule=None, whose=whose, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@owners_only
def rule(request: Request, id: int) -> HttpResponse:
    """What holds for a mailbox or a topic. `remove`: what holds for all holds here too."""
    found = AskRule.objects.select_related("mailbox").filter(pk=id).exclude(mailbox=None, topic="").first()
    if found is None:
        raise Http404
    if "remove" in request.POST:
        found.delete()
        offer(request, _("Removed: here the rule for all holds."))
        return redirect("check_ins")
    form = HowWeAsk(request.POST or None, rule=found)
    if form.is_bound and form.is_valid() and "preview" not in request.POST:
        form.keep(found)
        offer(request, _("This is kept."))
        return redirect("check_ins")
    return _show(request, form, rule=found, whose=None, status=422 if form.is_bound and form.errors else 200)


def _show(request: Request, form: HowWeAsk, *, rule: AskRule | None, whose: Whose | None, status: int) -> HttpResponse:
    words = form.cleaned_data.get("words", "") if form.is_bound and form.is_valid() else form.initial["words"]
    example = asking_words(
        words or default_words(), person="Nora", teammate=request.teammate.first_name, line=_("I can’t sign in")
    )
    horizons = request.desk.horizons
    return show(
        request,
        "check_ins.html",
        here="settings",
        status=status,
        form=form,
        rule=rule,
        whose=whose,
        name=name_of(rule) if rule else "",
        rules=[(each, name_of(each), _in_words(each)) for each in _apart()],
        after={name: span(getattr(horizons, name)) for name in ("hours", "days", "weeks")},
        example=example.text.replace(LINK, "https://…"),
        previewed="preview" in request.POST,
        most=AskRule.MOST_WORDS,
    )


def _apart() -> list[AskRule]:
    return list(AskRule.objects.exclude(mailbox=None, topic="").select_related("mailbox").order_by("topic", "id"))


def name_of(rule: AskRule) -> str:
    """For whom it holds, in words."""
    topic = Topic.objects.filter(key=rule.topic).first() if rule.topic else None
    about = topic.name if topic else rule.topic
    if rule.mailbox and about:
        return _("%(topic)s, at %(mailbox)s") % {"topic": about, "mailbox": rule.mailbox.address}
    else:
        return rule.mailbox.address if rule.mailbox else about


def _in_words(rule: AskRule) -> str:
    asked = {"hours": _("after hours"), "days": _("after days"), "weeks": _("after weeks")}
    told = [words for name, words in asked.items() if name in rule.as_value().asks]
    if rule.random_share:
        told.append(_("%(share)s %% by chance") % {"share": f"{rule.random_share * 100:g}"})
    return ", ".join(told) or _("nobody is asked")

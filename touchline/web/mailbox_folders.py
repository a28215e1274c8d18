"""Which folders of a mailbox are read, and what happens there to a mail once we have it."""

import threading
from collections.abc import Mapping
from queue import Empty, SimpleQueue
from typing import Any

from django import forms
from django.db import connection
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from touchline.desk.models import Mailbox
from touchline.desk.models.mailbox import After
from touchline.desk.models.mailbox_signing_in import CannotReach
from touchline.web.access import mailbox_for, owners_only
from touchline.web.around import offer, show
from touchline.web.forms import Form, in_our_words
from touchline.web.request import Request

AFTER = (
    (After.MARK, gettext_lazy("Mark it as read.")),
    (After.LEAVE, gettext_lazy("Leave it as it is: nothing is changed there.")),
    (After.MOVE, gettext_lazy("Mark it as read and move it to another folder.")),
    (After.DELETE, gettext_lazy("Delete it there. We keep the only copy.")),
)


class Folders(Form):
    """What is read, and what is done. `places`: the folders that the server has; what is set now can be kept in any case."""

    first = forms.ChoiceField()
    more = forms.MultipleChoiceField(required=False)
    spam = forms.ChoiceField(required=False)
    after = forms.ChoiceField(choices=AFTER)
    move_to = forms.ChoiceField(required=False)
    make = forms.CharField(max_length=200, required=False)
    idle = forms.BooleanField(required=False)

    def __init__(self, *args: Any, mailbox: Mailbox, places: Mapping[str, bool], **kwargs: Any) -> None:
        more = [name for name in mailbox.other_folders if name != mailbox.imap_spam_folder]
        known = {"first": mailbox.imap_folder, "more": more, "spam": mailbox.imap_spam_folder, "idle": mailbox.imap_idle}
        super().__init__(*args, initial=known | {"after": mailbox.imap_after, "move_to": mailbox.imap_move_to}, **kwargs)
        set_now = [mailbox.imap_folder, *mailbox.other_folders, mailbox.imap_move_to]
        names = list(dict.fromkeys(name for name in [*places, *set_now] if name))
        self.spam_of_server = next((name for name, spam in places.items() if spam), "")
        self.fields["first"].choices = self.fields["more"].choices = [(name, name) for name in names]  # type: ignore[attr-defined]
        none_or = [("", _("none")), *((name, self._named(name)) for name in names)]
        self.fields["spam"].choices = none_or  # type: ignore[attr-defined]
        self.fields["move_to"].choices = [("", _("none")), *((name, name) for name in names)]  # type: ignore[attr-defined]
        for field in self.fields.values():
            in_our_words(field)

    def _named(self, name: str) -> str:
        return _("%(folder)s (the server’s own folder of spam)") % {"folder": name} if name == self.spam_of_server else name

    def clean_make(self) -> str:
        return str(self.cleaned_data["make"]).strip()

    def clean(self) -> dict[str, Any]:
        told = super().clean() or {}
        target = told.get("make") or told.get("move_to")
        if told.get("after") == After.MOVE and not target:
            self.add_error("move_to", _("To which folder? Choose one, or name a new one below."))
        elif told.get("after") == After.MOVE and target in {told.get("first"), told.get("spam"), *told.get("more", ())}:
            self.add_error("move_to", _("This folder is read. Choose one that is not, or mail would go in a circle."))
        if told.get("spam") and told.get("spam") == told.get("first"):
            self.add_error("spam", _("This is the folder that mail comes in by."))
        return told

    def told(self) -> dict[str, Any]:
        """What was told, by the names that `Mailbox.be_reached` takes."""
        told = self.cleaned_data
        return {
            "imap_folder": told["first"],
            "imap_more_folders": "\n".join(name for name in told["more"] if name not in (told["first"], told["spam"])),
            "imap_spam_folder": told["spam"],
            "imap_after": told["after"],
            "imap_move_to": (told["make"] or told["move_to"]) if told["after"] == After.MOVE else "",
            "imap_idle": told["idle"],
        }


@require_http_methods(["GET", "HEAD", "POST"])
@owners_only
def folders(request: Request, id: int) -> HttpResponse:
    """The folders as the server has them now. Where it does not answer, what is set can still be changed."""
    mailbox = mailbox_for(request.teammate, id)
    if not mailbox.can_fetch:
        return redirect("mailbox", mailbox.pk)
    places, trouble = asked(mailbox)
    form = Folders(request.POST or None, mailbox=mailbox, places=places)
    if request.method == "POST" and form.is_valid():
        try:
            if form.told()["imap_move_to"] not in {"", mailbox.imap_move_to, *places}:
                mailbox.make_folder(form.told()["imap_move_to"])
        except CannotReach as not_now:
            form.add_error("make", str(not_now))
        else:
            mailbox.be_reached(form.told(), at=request.at)
            offer(request, _("This is kept."))
            return redirect("mailbox", mailbox.pk)
    status = 422 if form.is_bound else 200
    return show(request, "mailbox_folders.html", here="settings", mailbox=mailbox, form=form, trouble=trouble, status=status)


def asked(mailbox: Mailbox, seconds: float = 15.0) -> tuple[Mapping[str, bool], str]:
    """The folders at the server, and why there are none, if it does not tell us in so many seconds: a page is being waited for."""
    answer: SimpleQueue[tuple[Mapping[str, bool], str]] = SimpleQueue()

    def ask() -> None:
        try:
            answer.put((mailbox.folders(), ""))
        except CannotReach as trouble:
            answer.put(({}, str(trouble)))
        finally:
            connection.close()

    threading.Thread(target=ask, name="ask for folders", daemon=True).start()
    try:
        return answer.get(timeout=seconds)
    except Empty:
        return {}, _("It did not answer within %(seconds)d seconds.") % {"seconds": seconds}

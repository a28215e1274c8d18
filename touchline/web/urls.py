"""Every address of the product, on one page."""

from django.urls import path

from touchline.web import aside, assets, conversations, deliveries, first_run, impact, mail, mailboxes, outcomes, own, people, sessions, teammates, today, writing

urlpatterns = [
    path("", today.today, name="today"),
    # Lists of conversations
    path("waiting/", conversations.waiting, name="waiting"),
    path("with-me/", conversations.with_me, name="with_me"),
    path("came-back/", conversations.came_back, name="came_back"),
    path("everything/", conversations.everything, name="everything"),
    # One conversation. `?in=` names the list it was opened from.
    path("conversations/<int:number>/", conversations.conversation, name="conversation"),
    path("conversations/<int:number>/present/", conversations.present, name="present"),
    path("conversations/<int:number>/write/", writing.write, name="write"),
    path("conversations/<int:number>/draft/", writing.draft, name="draft"),
    path("conversations/<int:number>/upload/", writing.upload, name="upload"),
    path("conversations/<int:number>/take/", outcomes.take, name="take"),
    path("conversations/<int:number>/give/", outcomes.give, name="give"),
    path("conversations/<int:number>/moved/", outcomes.moved, name="moved"),
    path("conversations/<int:number>/nothing-to-answer/", outcomes.nothing_to_answer, name="nothing_to_answer"),
    path("conversations/<int:number>/open-again/", outcomes.open_again, name="open_again"),
    path("conversations/<int:number>/nothing-in-the-way/", outcomes.nothing_in_the_way, name="nothing_in_the_way"),
    path("conversations/<int:number>/in-the-way/", outcomes.name_blocker, name="name_blocker"),
    path("conversations/<int:number>/messages/<int:id>/means/", outcomes.means, name="means"),
    path("conversations/<int:number>/participants/<int:id>/add/", outcomes.add_participant, name="add_participant"),
    path("activities/<int:id>/undo/", outcomes.undo, name="undo"),
    # Words and files as they came
    path("messages/<int:id>/take-back/", writing.take_back, name="take_back"),
    path("messages/<int:id>/as-it-came/", mail.as_it_came, name="as_it_came"),
    path("messages/<int:id>/raw/", mail.raw, name="raw"),
    path("files/<int:id>", mail.file, name="file"),
    # What did not go as it should
    path("set-aside/", aside.set_aside, name="set_aside"),
    path("set-aside/<int:id>/", aside.one, name="set_aside_one"),
    path("set-aside/<int:id>/raw/", aside.raw, name="set_aside_raw"),
    path("set-aside/<int:id>/again/", aside.again, name="set_aside_again"),
    path("set-aside/<int:id>/dismiss/", aside.dismiss, name="set_aside_dismiss"),
    path("not-sent/", deliveries.not_sent, name="not_sent"),
    path("not-sent/<int:id>/again/", deliveries.again, name="not_sent_again"),
    path("not-sent/<int:id>/put-away/", deliveries.put_away, name="not_sent_put_away"),
    # People, and how they fared
    path("people/", people.people, name="people"),
    path("people/<int:id>/", people.person, name="person"),
    path("people-helped/", impact.people_helped, name="people_helped"),
    path("people-helped/who/", impact.who, name="who"),
    # How the desk is set up
    path("settings/", own.settings, name="settings"),
    path("settings/me/", own.me, name="me"),
    path("settings/theme/", own.theme, name="theme"),
    path("settings/desk/", own.desk, name="desk"),
    path("settings/mailboxes/", mailboxes.mailboxes, name="mailboxes"),
    path("settings/mailboxes/add/", mailboxes.add, name="add_mailbox"),
    path("settings/mailboxes/<int:id>/", mailboxes.mailbox, name="mailbox"),
    path("settings/mailboxes/<int:id>/check/", mailboxes.check, name="check_mailbox"),
    path("settings/teammates/", teammates.teammates, name="teammates"),
    path("settings/teammates/add/", teammates.add, name="add_teammate"),
    path("settings/teammates/<int:id>/deactivate/", teammates.deactivate, name="deactivate_teammate"),
    # Coming in
    path("set-up/", first_run.set_up, name="set_up"),
    path("sign-in/", sessions.sign_in, name="sign_in"),
    path("sign-out/", sessions.sign_out, name="sign_out"),
    path("forgot/", sessions.forgot, name="forgot"),
    path("new-password/<str:uid>/<str:token>/", sessions.new_password, name="new_password"),
    path("assets/<str:digest>/<path:name>", assets.asset, name="asset"),
]

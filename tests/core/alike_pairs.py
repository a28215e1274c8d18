"""Sixty pairs of mails of ours in six languages: thirty of the same blocker that is back, thirty of something else by the same person.

Each is two mails, subject and words. The other ones are near on purpose: the same greeting, the same shop, often the same part of it.
"""

from typing import NamedTuple


class Pair(NamedTuple):
    language: str
    first: str
    second: str
    same: bool


_SAME = {
    "en": (
        ("I can't sign in. Since the update it says that my password has expired, and the reset link does nothing.",
         "Password again. Hello, it worked for a while, but this morning my password has expired again and I cannot sign in."),
        ("Domain does not resolve. I pointed the domain bakery-nora.example at my shop and the DNS still shows the old page.",
         "Old page is showing. Hi Kay, customers of ours tell me the domain bakery-nora.example goes to the old page. Is it the DNS?"),
        ("Invoices have the wrong VAT. All invoices since January are printed with 19 % VAT instead of 7 %.",
         "VAT on the invoices. Good morning, I am sorry, the invoices of this week are printed with the wrong VAT."),
        ("Printer prints blank labels. When I print shipping labels from the orders page, the label printer gives blank labels.",
         "Blank labels. The label printer gives out blank labels when I print more than one order."),
        ("Export stops at row 500. The CSV export of our members stops at row 500, although there are 812 members.",
         "Members missing in CSV. Dear team, the CSV export of members is cut at row 500 once more."),
    ),
    "de": (
        ("Anmeldung geht nicht. Seit dem Update heißt es, mein Passwort sei abgelaufen, und der Link zum Zurücksetzen tut nichts.",
         "Wieder das Passwort. Guten Tag, heute früh war mein Passwort abermals abgelaufen, die Anmeldung geht nicht."),
        ("Rechnungen mit falscher Mehrwertsteuer. Seit Januar stehen auf allen Rechnungen 19 % Mehrwertsteuer statt 7 %.",
         "Mehrwertsteuer. Hallo Kay, auf den Rechnungen dieser Woche steht erneut die falsche Mehrwertsteuer."),
        ("Etiketten bleiben leer. Beim Druck der Versandetiketten kommen aus dem Etikettendrucker nur leere Etiketten.",
         "Leere Versandetiketten. Der Etikettendrucker gibt bei mehreren Bestellungen wieder leere Etiketten aus."),
        ("Newsletter kommt doppelt. Unsere Mitglieder bekommen den Newsletter jeden Freitag doppelt.",
         "Doppelter Newsletter. Liebes Team, am Freitag haben etliche Mitglieder den Newsletter doppelt bekommen."),
        ("Kalender zeigt falsche Uhrzeit. Im Kalender stehen alle Termine aus Outlook eine Stunde zu früh.",
         "Termine verschoben. Seit gestern stehen die Termine aus Outlook im Kalender wieder eine Stunde zu früh."),
    ),
    "fr": (
        ("Connexion impossible. Depuis la mise à jour, mon mot de passe est expiré et le lien de réinitialisation ne fait rien.",
         "Mot de passe. Bonjour, ce matin mon mot de passe est de nouveau expiré et la connexion est impossible."),
        ("Factures avec une mauvaise TVA. Toutes les factures de janvier portent une TVA de 20 % au lieu de 5,5 %.",
         "TVA. Bonjour Kay, les factures de cette semaine portent encore la mauvaise TVA."),
        ("Étiquettes blanches. L'imprimante sort des étiquettes blanches quand j'imprime les commandes.",
         "Encore des étiquettes blanches. Chère équipe, l'imprimante sort des étiquettes blanches dès qu'il y a deux commandes."),
        ("Calendrier décalé. Les rendez-vous importés d'Outlook sont décalés d'une heure dans le calendrier.",
         "Rendez-vous. Depuis hier les rendez-vous d'Outlook sont à nouveau décalés d'une heure."),
        ("Paiement refusé. Le terminal refuse toutes les cartes de la banque postale avec l'erreur 51.",
         "Cartes refusées. Le terminal refuse les cartes de la banque postale, erreur 51 toujours."),
    ),
    "es": (
        ("No puedo entrar. Desde la actualización dice que mi contraseña ha caducado y el enlace para cambiarla no hace nada.",
         "Contraseña. Buenos días, esta mañana la contraseña ha caducado otra vez y no puedo entrar."),
        ("Facturas con IVA equivocado. Todas las facturas de enero salen con el 21 % de IVA en vez del 10 %.",
         "IVA. Hola Kay, las facturas de esta semana salen de nuevo con el IVA equivocado."),
        ("Etiquetas en blanco. La impresora saca etiquetas en blanco cuando imprimo los pedidos.",
         "Otra vez etiquetas en blanco. La impresora saca etiquetas en blanco en cuanto hay dos pedidos."),
        ("La exportación se corta. La exportación de socios en CSV se corta en la fila 500.",
         "Faltan socios. Querido equipo, en la exportación en CSV faltan socios, se corta en la fila 500."),
        ("Fotos giradas. Las fotos que subo desde el móvil aparecen giradas en la tienda.",
         "Fotos. Desde ayer las fotos que subo con el móvil vuelven a aparecer giradas."),
    ),
    "pl": (
        ("Nie mogę się zalogować. Od aktualizacji pisze, że moje hasło wygasło, a link do zmiany hasła nic nie robi.",
         "Znowu hasło. Dzień dobry, dziś rano hasło znowu wygasło i nie mogę się zalogować."),
        ("Faktury ze złym VAT. Na wszystkich fakturach od stycznia jest stawka VAT 23 % zamiast 8 %.",
         "Stawka VAT. Cześć Kay, na fakturach z tego tygodnia jest znowu zła stawka VAT."),
        ("Puste etykiety. Drukarka drukuje puste etykiety, kiedy drukuję zamówienia.",
         "Puste etykiety z drukarki. Drukarka znowu drukuje puste etykiety, gdy są dwa zamówienia."),
        ("Podwójny biuletyn. Nasi członkowie dostają biuletyn w każdy piątek podwójnie.",
         "Biuletyn. Drogi zespole, w piątek wielu członków dostało biuletyn podwójnie."),
        ("Eksport się urywa. Eksport członków do CSV urywa się na wierszu 500.",
         "Brakuje członków. W eksporcie do CSV brakuje członków, urywa się na wierszu 500."),
    ),
    "ja": (
        ("ログインできません。更新後、パスワードの有効期限が切れたと表示され、再設定リンクも動きません。",
         "パスワードの件。おはようございます。今朝またパスワードの有効期限が切れたと表示され、ログインできません。"),
        ("請求書の消費税が違います。一月からの請求書がすべて消費税十パーセントで印刷されます。",
         "消費税について。お世話になっております。今週の請求書も消費税が違います。"),
        ("ラベルが白紙になります。注文を印刷するとラベルプリンターから白紙のラベルが出ます。",
         "また白紙のラベル。二件以上の注文を印刷するとラベルプリンターから白紙が出ます。"),
        ("カレンダーの時刻がずれます。Outlookの予定がカレンダーで一時間早く表示されます。",
         "予定の時刻。昨日からOutlookの予定がまた一時間早く表示されます。"),
        ("会員の書き出しが途中で止まります。会員のCSV書き出しが五百行で止まります。",
         "会員が足りません。CSV書き出しが五百行で止まり、会員が足りません。"),
    ),
}  # fmt: skip

_OTHER = {
    "en": (
        ("I can't sign in. Since the update it says that my password has expired, and the reset link does nothing.",
         "Newsletter. Hello, since the update our members get the newsletter twice every Friday."),
        ("Domain does not resolve. I pointed the domain bakery-nora.example at my shop and the DNS still shows the old page.",
         "Opening hours. Hi Kay, how do I change the opening hours that are shown on the first page of my shop?"),
        ("Invoices have the wrong VAT. All invoices since January are printed with 19 % VAT instead of 7 %.",
         "A second till. Good morning, can we have a second till from January, and what does it cost?"),
        ("Printer prints blank labels. When I print shipping labels from the orders page, the label printer gives blank labels.",
         "Refund. An order was paid twice. How do I give the money back from the orders page?"),
        ("Export stops at row 500. The CSV export of our members stops at row 500, although there are 812 members.",
         "New member. Dear team, one of our members has moved. Where do I change her address?"),
    ),
    "de": (
        ("Anmeldung geht nicht. Seit dem Update heißt es, mein Passwort sei abgelaufen, und der Link zum Zurücksetzen tut nichts.",
         "Fotos verdreht. Guten Tag, seit dem Update erscheinen meine Fotos vom Handy verdreht."),
        ("Rechnungen mit falscher Mehrwertsteuer. Seit Januar stehen auf allen Rechnungen 19 % Mehrwertsteuer statt 7 %.",
         "Zweite Kasse. Hallo Kay, was kostet uns ab Januar eine zweite Kasse?"),
        ("Etiketten bleiben leer. Beim Druck der Versandetiketten kommen aus dem Etikettendrucker nur leere Etiketten.",
         "Erstattung. Eine Bestellung wurde zweimal bezahlt. Wie zahle ich das Geld zurück?"),
        ("Newsletter kommt doppelt. Unsere Mitglieder bekommen den Newsletter jeden Freitag doppelt.",
         "Neue Adresse. Liebes Team, ein Mitglied ist umgezogen. Wo trage ich die neue Adresse ein?"),
        ("Kalender zeigt falsche Uhrzeit. Im Kalender stehen alle Termine aus Outlook eine Stunde zu früh.",
         "Öffnungszeiten. Wie ändere ich die Öffnungszeiten, die auf der ersten Seite stehen?"),
    ),
    "fr": (
        ("Connexion impossible. Depuis la mise à jour, mon mot de passe est expiré et le lien de réinitialisation ne fait rien.",
         "Photos. Bonjour, depuis la mise à jour mes photos prises au téléphone sont tournées."),
        ("Factures avec une mauvaise TVA. Toutes les factures de janvier portent une TVA de 20 % au lieu de 5,5 %.",
         "Deuxième caisse. Bonjour Kay, combien coûte une deuxième caisse à partir de janvier ?"),
        ("Étiquettes blanches. L'imprimante sort des étiquettes blanches quand j'imprime les commandes.",
         "Remboursement. Une commande a été payée deux fois. Comment rendre l'argent ?"),
        ("Calendrier décalé. Les rendez-vous importés d'Outlook sont décalés d'une heure dans le calendrier.",
         "Horaires. Comment changer les horaires d'ouverture sur la première page ?"),
        ("Paiement refusé. Le terminal refuse toutes les cartes de la banque postale avec l'erreur 51.",
         "Bulletin. Chère équipe, nos membres reçoivent le bulletin deux fois chaque vendredi."),
    ),
    "es": (
        ("No puedo entrar. Desde la actualización dice que mi contraseña ha caducado y el enlace para cambiarla no hace nada.",
         "Boletín. Buenos días, desde la actualización los socios reciben el boletín dos veces."),
        ("Facturas con IVA equivocado. Todas las facturas de enero salen con el 21 % de IVA en vez del 10 %.",
         "Segunda caja. Hola Kay, ¿cuánto cuesta una segunda caja desde enero?"),
        ("Etiquetas en blanco. La impresora saca etiquetas en blanco cuando imprimo los pedidos.",
         "Devolución. Un pedido se pagó dos veces. ¿Cómo devuelvo el dinero?"),
        ("La exportación se corta. La exportación de socios en CSV se corta en la fila 500.",
         "Dirección nueva. Querido equipo, una socia se ha mudado. ¿Dónde cambio su dirección?"),
        ("Fotos giradas. Las fotos que subo desde el móvil aparecen giradas en la tienda.",
         "Horario. ¿Cómo cambio el horario que aparece en la primera página de la tienda?"),
    ),
    "pl": (
        ("Nie mogę się zalogować. Od aktualizacji pisze, że moje hasło wygasło, a link do zmiany hasła nic nie robi.",
         "Zdjęcia. Dzień dobry, od aktualizacji zdjęcia z telefonu są obrócone."),
        ("Faktury ze złym VAT. Na wszystkich fakturach od stycznia jest stawka VAT 23 % zamiast 8 %.",
         "Druga kasa. Cześć Kay, ile kosztuje druga kasa od stycznia?"),
        ("Puste etykiety. Drukarka drukuje puste etykiety, kiedy drukuję zamówienia.",
         "Zwrot. Jedno zamówienie zapłacono dwa razy. Jak zwrócić pieniądze?"),
        ("Podwójny biuletyn. Nasi członkowie dostają biuletyn w każdy piątek podwójnie.",
         "Nowy adres. Drogi zespole, jedna osoba się przeprowadziła. Gdzie zmienić adres?"),
        ("Eksport się urywa. Eksport członków do CSV urywa się na wierszu 500.",
         "Godziny otwarcia. Jak zmienić godziny otwarcia na pierwszej stronie?"),
    ),
    "ja": (
        ("ログインできません。更新後、パスワードの有効期限が切れたと表示され、再設定リンクも動きません。",
         "写真の向き。おはようございます。更新後、携帯で撮った写真が横向きに表示されます。"),
        ("請求書の消費税が違います。一月からの請求書がすべて消費税十パーセントで印刷されます。",
         "レジの追加。お世話になっております。一月からレジを追加するといくらですか。"),
        ("ラベルが白紙になります。注文を印刷するとラベルプリンターから白紙のラベルが出ます。",
         "返金の方法。注文が二回支払われました。返金はどうすればよいですか。"),
        ("カレンダーの時刻がずれます。Outlookの予定がカレンダーで一時間早く表示されます。",
         "営業時間。お店の最初のページの営業時間を変えたいです。"),
        ("会員の書き出しが途中で止まります。会員のCSV書き出しが五百行で止まります。",
         "住所変更。会員が引っ越しました。どこで住所を変えますか。"),
    ),
}  # fmt: skip

PAIRS = tuple(
    Pair(language, first, second, same)
    for same, pairs in ((True, _SAME), (False, _OTHER))
    for language, both in pairs.items()
    for first, second in both
)

"""Words by which automatic mail gives itself away, as data. Openers count only at the start of a subject (rule 31)."""

# Openers of absence notes and automatic answers.
ABSENCE = (
    # English
    "automatic reply", "automated reply", "auto reply", "auto-reply", "autoreply", "auto response", "auto-response", "autoresponse", "automated response",
    "out of office", "out-of-office", "out of the office", "away from the office", "ooo:", "on vacation", "vacation reply", "vacation:", "i am out of", "i'm out of",
    "i am away", "away from my mail", "away:", "absence:", "on leave", "auto:", "[auto-reply]", "[autoreply]", "autoresponder",
    # German, Dutch, Scandinavian
    "automatische antwort", "automatische rückantwort", "automatische mitteilung", "automatisch generierte", "abwesenheitsnotiz", "abwesenheit", "abwesend",
    "abwesenheitsassistent", "nicht im büro", "nicht im haus", "urlaub", "automatisch antwoord", "automatische beantwoording", "afwezig", "niet aanwezig",
    "autosvar", "autosvar:", "automatiskt svar", "automatisk svar", "frånvaro", "fraværende", "fravær", "ute af kontoret", "ikke til stede", "automaattinen vastaus",
    "poissaoloilmoitus", "poissa toimistosta",
    # Romance
    "réponse automatique", "reponse automatique", "absence du bureau", "absent", "absente", "en dehors du bureau", "message d'absence", "respuesta automática",
    "respuesta automatica", "fuera de la oficina", "fuera de oficina", "ausente", "risposta automatica", "risponditore automatico", "fuori ufficio", "fuori sede",
    "assente", "assenza", "resposta automática", "resposta automatica", "fora do escritório", "ausência", "ausencia", "răspuns automat", "în afara biroului",
    "resposta automàtica", "fora de l'oficina",
    # Slavic, Baltic, Hungarian, Greek, Turkish
    "automatyczna odpowiedź", "odpowiedź automatyczna", "autoodpowiedź", "poza biurem", "nieobecność", "automatická odpověď", "automatická odpoveď", "mimo kancelář",
    "nepřítomnost", "автоответ", "автоматический ответ", "автоматична відповідь", "автовідповідь", "вне офиса", "отсутствие", "автоматичен отговор", "извън офиса",
    "automatski odgovor", "samodejni odgovor", "automaatvastus", "automātiskā atbilde", "automatinis atsakymas", "automatikus válasz", "házon kívül", "irodán kívül",
    "αυτόματη απάντηση", "εκτός γραφείου", "otomatik yanıt", "otomatik cevap", "ofis dışında",
    # Asian and Semitic
    "自動返信", "自動応答", "不在通知", "不在のお知らせ", "自动回复", "自動回覆", "自动答复", "外出", "자동 회신", "자동회신", "자동 응답", "부재중", "부재 중", "رد تلقائي", "الرد التلقائي",
    "خارج المكتب", "תשובה אוטומטית", "מענה אוטומטי", "מחוץ למשרד", "trả lời tự động", "tự động trả lời", "ตอบกลับอัตโนมัติ", "balasan otomatis", "balasan automatik",
    "स्वचालित उत्तर", "پاسخ خودکار",
)  # fmt: skip

# Names and local parts that mail servers send from.
SERVERS = ("mailer-daemon", "mailer_daemon", "postmaster", "post_master", "mail-daemon", "maildaemon", "mdaemon", "majordomo-owner", "mail delivery", "mail administrator",
           "delivery subsystem", "system administrator", "mailsystem", "mail system", "mail deliver system", "mailer daemon", "bounce@", "double-bounce", "mailerdaemon")  # fmt: skip

# What such a mail is about when something was not delivered.
FAILED = (
    "undeliver", "delivery status notification", "delivery failure", "delivery failed", "failure notice", "returned mail", "mail delivery failed", "delivery report",
    "mail delivery failure", "mail delivery system", "non-delivery", "nondeliverable", "could not be delivered", "delivery notification", "undelivered mail",
    "returned to sender", "return to sender", "message you sent blocked", "warning: message", "delivery problem", "not delivered", "failed delivery", "delivery delayed", "delayed mail",
    "delivery error", "message status", "mail system error", "rejected", "error sending", "mail returned", "unzustellbar", "nicht zugestellt", "zustellung", "fehlgeschlagen",
    "non remis", "échec de la remise", "non distribuable", "retour à l'expéditeur", "no se puede entregar", "devuelto", "no entregado", "mancato recapito", "mancata consegna", "impossibile recapitare",
    "onbestelbaar", "niet bezorgd", "não entregue", "devolvida", "falha na entrega", "nie dostarczono", "niedostarczon", "zwrot", "недостав", "не доставлено", "не может быть доставлено", "недоставленное",
    "配信できません", "送信できません", "failure delivery", "mail failed", "delivery status", "user unknown", "配信不能", "配信エラー", "配信失敗", "送信エラー", "メール送信", "未配達", "退信", "退回", "无法投递", "無法傳遞", "系统退信", "배달되지", "반송", "iletilemedi", "ei voitu toimittaa", "kunde inte levereras", "olevererbart", "kunne ikke leveres",
    "failed mail", "mail failure", "delivery warning", "delivery problem", "failed recipients", "error during delivery", "投递失败", "发送失败", "投遞失敗", "传送失败", "邮件传输失败", "nedoručiteln", "kézbesíthetetlen", "μη παραδοτέο",
)  # fmt: skip

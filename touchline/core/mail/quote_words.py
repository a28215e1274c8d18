"""How mail clients of the world announce what was said before, as data: one table a kind, the languages side by side."""

# "wrote", as it stands in "On Monday Kay wrote:". Those in front of a name count as well ("schrieb Kay:").
WROTE = (
    "wrote", "writes", "has written", "said", "says", "schrieb", "schreibt", "schriebst", "hat geschrieben", "geschrieben", "a écrit", "a ecrit", "écrivait", "ecrivait", "à écrit",
    "escribió", "escribio", "escribe", "ha escrito", "ha scritto", "scrisse", "scrive", "ha escrit", "va escriure", "escreveu", "escreva", "escribiu", "schreef", "heeft geschreven",
    "heeft het volgende geschreven", "geschreven", "skrev", "skrev följande", "skrev følgende", "skrifaði", "kirjoitti", "kirjutas", "napisał", "napisała", "napisał(a)", "napisali", "pisze", "napsal",
    "napsala", "napsal(a)", "napísal", "napísala", "napísal(a)", "napisao", "napisala", "je napisao", "je napisala", "je pisao", "je napisal", "je napisal/a", "piše", "написал", "написала", "написал(а)",
    "пишет", "писал", "писала", "пише", "написав", "написала", "пишете", "написа", "рече", "a scris", "írta", "ezt írta", "írt", "rašė", "parašė", "rakstīja", "έγραψε", "έγραφε", "yazdı", "yazmış",
    "şunu yazdı", "şunları yazdı", "menulis", "menulis:", "tulis", "đã viết", "viết", "เขียนว่า", "เขียน", "כתב", "כתב/ה", "כתבה", "כתב:", "מאת", "كتب", "كتبت", "كتب/ت", "كتب:", "تمت كتابة ما يلي بواسطة", "نوشت", "نوشته", "ने लिखा", "लिखा",
    "写道", "寫道", "寫到", "写到", "さんは書きました", "のメール", "が書きました", "wrote on", "님이 작성", "님이 작성함", "작성", "님의 말", "님이 씀", "idatzi zuen", "ha scritto il", "shkroi", "skrieb", "schreev",
    "napsal/a", "napisao/la", "je napisao/la", "napisao je", "napisala je", "је написао", "је написала", "је написао/ла", "написао", "написао је", "napisal", "napisal(a)", "napísal/a", "написав(-ла)", "написав(ла)", "написал(-а)", "написал/а", "napisana przez", "написано от", "提到", "提及", "說道", "说道", "쓴 글", "이(가) 쓴 글", "님이 쓴 글", "님이 작성한 메시지", "さんが書きました", "さんの発言", "のメッセージ", "kirjutas kasutaja", "rakstīja:", "missatge de", "escreveu o seguinte", "hat folgendes geschrieben", "het volgende geschreven", "a écrit ce qui suit", "escribió lo siguiente", "ha scritto quanto segue", "skrev detta", "je pisala", "је писао", "γράφει", "bunu yazdı", "tarafından yazıldı", "เขียนเมื่อ", "đã gửi", "menuliskan", "כתב/ה:", "كتب ما يلي", "نوشته است", "लिखते हैं",
)  # fmt: skip

# How a line begins that says when: "On Monday …", "Am Montag …". Only used together with a date or a clock.
ON = (
    "on", "am", "den", "le", "el", "em", "il", "il giorno", "op", "a", "dňa", "dne", "dnia", "w dniu", "po", "út", "st", "čt", "pá", "so", "ne", "pon", "wt", "śr", "czw", "pt", "sob", "niedz",
    "в", "у", "на", "от", "pe", "la", "în data de", "ons", "tors", "fre", "man", "tir", "lør", "søn", "mån", "tis", "lör", "sön", "ma", "ti", "ke", "to", "la", "su", "στις", "την", "vào", "vào lúc", "pada",
    "tarihinde", "ב", "בתאריך", "ביום", "في", "فى", "بتاريخ", "در", "today", "yesterday", "il", "dana", "u", "dne", "kuupäeval", "mon", "tue", "wed", "thu", "fri", "sat", "sun", "at", "í", "þann", "en", "date:",
    "no dia", "în", "az", "kl", "klo", "kell", "dňa:", "дана", "дне", "пн", "вт", "ср", "чт", "пт", "сб", "вс", "нд", "понедельник", "вторник", "среда", "четверг", "пятница", "суббота", "воскресенье", "понеділок", "вівторок", "середа", "четвер", "п’ятниця", "субота", "неділя", "luni", "marți", "miercuri", "joi", "vineri", "sâmbătă", "duminică", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday", "v", "ob", "ngày", "lúc", "tanggal", "pada tanggal", "เมื่อ", "ในวันที่", "在", "於", "于", "del dia", "dins", "do dia", "às", "kuupäev",
)  # fmt: skip

# "Original Message", between dashes or alone above a block of headers.
ORIGINAL = (
    "original message", "original appointment", "reply message", "reply separator", "original email", "original mail", "ursprüngliche nachricht",
    "original-nachricht", "originalnachricht", "ursprüngliche mail", "originalmeldung", "originaltermin", "message original", "message d'origine", "message d’origine", 
    "mensaje original", "cita original", "messaggio originale", "mensagem original", "oorspronkelijk bericht", "origineel bericht", 
    "oorspronkelijk e-mailbericht", "ursprungligt meddelande", "originalmeddelande", "oprindelig meddelelse", "oprindelig besked", "opprinnelig e-post", "wiadomość pierwotna", "originalt meddelande", "oryginalny e-mail", "original meddelelse", "opprinnelig melding", "originalmelding", 
    "alkuperäinen viesti", "upprunaleg skilaboð", "wiadomość oryginalna", "oryginalna wiadomość", "původní zpráva", "původní e-mail", "pôvodná správa", "eredeti üzenet", "mesaj original", "mesajul original",
    "исходное сообщение", "оригинальное сообщение", "вихідне повідомлення", "оригінальне повідомлення", "оригинално съобщение", "izvorna poruka", "originalna poruka",
    "izvorno sporočilo", "algne kiri", "algsõnum", "sākotnējais ziņojums", "pradinis pranešimas", "αρχικό μήνυμα", "orijinal mesaj", "özgün ileti", "özgün mesaj", "orijinal ileti", "pesan asli", "mesej asal",
    "thư gốc", "tin nhắn gốc", "ข้อความต้นฉบับ", "ข้อความเดิม", "הודעה מקורית", "ההודעה המקורית", "الرسالة الأصلية", "رسالة أصلية", "الرسالة الاصلية", "پیام اصلی", "मूल संदेश", "原始邮件", "原邮件", "邮件原件", "原始郵件", "原始訊息", "回复的原邮件",
    "回复邮件", "元のメッセージ", "元のメール", "original message follows", "원본 메시지", "원본 메일", "원본메일", "missatge original",
    "mensagem original recebida", "mensagem de origem", "eredeti e-mail", "eredeti levél", "původní e-mailová zpráva", "pôvodný e-mail", "mensaje de origen", "missatge d'origen", "tin nhắn ban đầu", "email gốc", "ข้อความต้นฉบับเดิม", "پیغام اصلی", "پیام اولیه", "upprunalegt skeyti", "originale nachricht", "original e-mail", "originale meddelelse", "původní zpráva dne", "исходное письмо", "первоначальное сообщение", "вихідний лист", "първоначално съобщение", "оригинална порука", "originalno sporočilo", "prvotno sporočilo", "pranešimo originalas", "originalus laiškas", "sākotnējā ziņa", "originālais ziņojums", "esialgne kiri",
)  # fmt: skip

# The same for mail that is passed on: what follows is what the sender wants us to read.
FORWARDED = (
    "forwarded message", "begin forwarded message", "forwarded mail", "forwarded by", "fwd message", "weitergeleitete nachricht", "anfang der weitergeleiteten nachricht", "anfang der weitergeleiteten e-mail", "weitergeleitete e-mail", "weitergeleitet von", "message transféré", "message transmis", "début du message transféré", "début du message réexpédié",
    "début du courriel transféré", "courriel transféré", "mensaje reenviado", "inicio del mensaje reenviado", "messaggio inoltrato", "inizio messaggio inoltrato", "mensagem encaminhada", "mensagem reencaminhada", "início da mensagem encaminhada", "início da mensagem reencaminhada", "missatge reenviat", "inici del missatge reenviat", "mensaxe reenviada",
    "doorgestuurd bericht", "begin doorgestuurd bericht", "doorgezonden bericht", "vidarebefordrat meddelande", "vidarebefordrat mejl", "vidarebefordrat brev", "videresendt melding", "videresendt e-post", "videresendt meddelelse", "videresendt besked", "start på videresendt besked", "start på videresendt melding", "framsend skilaboð",
    "välitetty viesti", "välitetty viesti alkaa", "edelleenlähetetty viesti", "edasi saadetud kiri", "edastatud sõnum", "edastatud kiri", "pārsūtīta ziņa", "pārsūtīts ziņojums", "persiųstas laiškas", "persiųsta žinutė", "wiadomość przekazana", "przekazana wiadomość", "treść przekazanej wiadomości", "początek przekazywanej wiadomości",
    "początek przekazanej wiadomości", "wiadomość przesłana dalej", "e-mail przekazany", "przesłana wiadomość", "přeposlaná zpráva", "začátek přeposílané zprávy", "začátek přeposlané zprávy", "preposlaná správa", "začiatok preposlanej správy", "továbbított üzenet", "továbbított levél", "továbbított levél kezdete", "továbbított üzenet kezdete",
    "mesaj redirecționat", "mesaj redirecţionat", "mesaj retrimis", "începe mesajul redirecționat", "începe mesajul redirecţionat", "proslijeđena poruka", "započni proslijeđenu poruku", "prosleđena poruka", "прослеђена порука", "posredovano sporočilo", "začetek posredovanega sporočila", "препратено съобщение", "начало на препратеното съобщение",
    "пересылаемое сообщение", "пересланное сообщение", "перенаправленное сообщение", "переадресованное сообщение", "начало переадресованного сообщения", "начало пересылаемого сообщения", "начало пересланного сообщения", "пересланное письмо", "переслане повідомлення", "перенаправлене повідомлення", "початок листа, що пересилається", "початок пересланого повідомлення",
    "προωθημένο μήνυμα", "έναρξη προωθημένου μηνύματος", "αρχή προωθημένου μηνύματος", "iletilen mesaj", "iletilmiş mesaj", "iletilen ileti", "iletilmiş ileti", "yönlendirilmiş mesaj", "iletilen e-posta", "i̇letilen mesaj", "i̇letilmiş mesaj", "i̇letilen ileti", "i̇leti başlangıcı", "ileti başlangıcı", "הודעה שהועברה", "הודעה שהועברה מאת", "תחילת ההודעה שהועברה", "رسالة معاد توجيهها",
    "رسالة تمت إعادة توجيهها", "بداية الرسالة المعاد توجيهها", "الرسالة المحولة", "رسالة محولة", "پیام هدایت شده", "پیام فوروارد شده", "پیام بازارسالی", "转发邮件信息", "转发的邮件", "轉寄的郵件", "轉寄郵件", "转发邮件", "开始转发的邮件", "以下是转发的邮件", "開始轉寄郵件", "開始轉寄訊息", "轉寄訊息", "转发的信息", "転送されたメッセージ", "転送メッセージ", "転送されたメール", "メッセージを転送", "転送メール",
    "전달된 메시지", "전달된 메일", "전달한 메시지", "시작된 전달 메시지", "전달된 메시지 시작", "thư được chuyển tiếp", "thư đã chuyển tiếp", "tin nhắn được chuyển tiếp", "bắt đầu thư được chuyển tiếp", "ข้อความที่ส่งต่อ", "ข้อความที่ถูกส่งต่อ", "เริ่มข้อความที่ส่งต่อ", "pesan terusan", "pesan yang diteruskan", "pesan diteruskan", "mulai pesan yang diteruskan", "mesej dimajukan", "अग्रेषित संदेश", "आगे भेजा गया संदेश",
)  # fmt: skip

# The names of headers, as clients translate them above what they quote.
FROM = (
    "from", "von", "de", "da", "van", "från", "fra", "lähettäjä", "od", "feladó", "de la", "от", "від", "отправитель", "od kogo", "kimden", "gönderen", "από", "nguồn", "từ", "dari", "daripada", "จาก", "מאת", "من", "از", "प्रेषक", "差出人", "送信者", "发件人",
    "發件人", "寄件者", "寄件人", "发自", "보낸 사람", "보낸사람", "발신", "expéditeur", "remitente", "mittente", "remetente", "afzender", "absender", "avsändare", "afsender", "avsender", "saatja", "kelleltä", "no", "nuo", "pošiljatelj", "šalje", "frá", "auteur",
    "expeditorul", "expeditor", "від кого", "от кого", "nadawca", "送信元", "寄信人", "发送人", "발신자", "보낸이", "보낸 이", "người gửi", "pengirim", "השולח", "المرسل", "فرستنده", "αποστολέας", "siuntėjas", "sūtītājs", "odesílatel", "odosielateľ", "pošiljalec", "подател", "expedidor", "remitent", "kimdən", "sendandi", "de parte de", "ส่งจาก",
    "од", "nork", "bidaltzailea",
)  # fmt: skip
SENT = (
    "sent", "date", "message du", "gesendet", "gesendet am", "datum", "envoyé", "envoye", "date d'envoi", "enviado", "enviado el", "enviada em", "enviado em", "fecha", "data", "inviato", "verzonden", "skickat", "sendt", "dato", "lähetetty", "päivämäärä", "päiväys", "pvm",
    "wysłano", "odesláno", "odoslané", "dátum", "elküldve", "küldve", "küldési dátum", "trimis", "trimis la", "отправлено", "дата", "надіслано", "відправлено", "изпратено", "poslano", "poslato", "saadetud", "kuupäev", "nosūtīts", "datums", "išsiųsta", "στάλθηκε", "ημερομηνία", "gönderilen", "gönderme tarihi",
    "gönderildi", "tarih", "tanggal", "terkirim", "dikirim", "ngày", "đã gửi", "thời gian", "ส่ง", "ส่งเมื่อ", "วันที่", "נשלח", "תאריך", "تاريخ", "التاريخ", "تم الإرسال", "أُرسلت", "تاریخ", "दिनांक", "送信日時", "日付", "日時", "发送时间", "发送日期", "日期", "发送", "時間", "傳送日期", "寄件日期", "已傳送", "寄件时间", "时间", "보낸 날짜", "날짜",
    "보낸 시간", "sendt den", "sent at", "sent on", "received", "data d'enviament", "sendingartími", "dags",
    "dată", "data trimiterii", "trimis pe", "data wysłania", "utworzono", "送信日", "送信時刻", "作成日", "발송일", "보낸날짜", "받은 날짜", "보낸 일시", "日 期", "发件时间", "寄送日期", "傳送時間", "传送时间", "thời gian gửi", "ngày gửi", "gửi lúc", "gửi vào", "dikirimkan", "вiдправлено", "надійшло", "получено", "изпратен", "послато", "датум", "data e hora", "enviada", "enviat", "data d’enviament", "enviado a", "fecha de envío", "spedito", "verstuurd", "verzonden op", "datum/tijd", "skickades", "sendt dato", "lähetysaika", "ημερομηνία αποστολής", "εστάλη", "gönderim tarihi", "gönderilme tarihi", "נשלח ב", "ส่งวันที่", "تاريخ الإرسال", "تم الإرسال في", "ارسال", "zeitpunkt", "envoyé le",
    "bidalia", "dihantar", "भेजा गया",
)  # fmt: skip
TO = (
    "to", "an", "à", "a", "para", "per a", "aan", "till", "til", "vastaanottaja", "kenelle", "do", "komu", "pre", "címzett", "către", "la", "кому", "до", "za", "prima", "saaja", "kam", "kam:", "προς", "kime", "alıcı", "kepada", "untuk", "đến", "tới", "ถึง", "אל", "עבור", "إلى", "الى", "به", "प्राप्तकर्ता", "प्रति", "宛先",
    "收件人", "收件者", "받는 사람", "받는사람", "수신", "copie à", "destinataire", "destinatario", "destinatário", "geadresseerde", "empfänger", "mottagare", "modtager", "mottaker", "emner for", "cc", "bcc", "kopie", "copie", "kopia", "kopi", "kopio", "dw", "udw", "másolat", "копия", "копія", "κοιν", "bilgi", "抄送", "副本", "참조",
    "destinatarul", "destinatari", "destinatarios", "destinatários", "pour", "adresat", "odbiorca", "do kogo", "送信先", "受信者", "至", "받는이", "받는 이", "수신자", "người nhận", "penerima", "הנמען", "لـ", "المرسل إليه", "گیرنده", "αποδέκτης", "gavėjas", "saņēmējs", "příjemce", "príjemca", "prejemnik", "получател", "primatelj", "primalac", "viðtakandi", "till/to", "reply-to", "responder a", "respuesta a", "répondre à", "antwort an", "antwoord aan", "svar til", "svara till", "vastaus", "odpověď na", "odpovedať-pre", "odpowiedź-do", "válaszcím", "rispondi a", "răspuns către", "ответ-кому", "кому відповісти", "yanıt adresi", "odgovori na", "kopie (cc)", "másolatot kap", "kópia", "kópia (cc)", "copia", "cópia", "còpia", "kopi til", "kopija", "cc/kopie", "bcc/blindkopie", "ccn", "cci", "anlagen", "attachments", "pièces jointes", "kk",
    "nori", "adressaat",
)  # fmt: skip
SUBJECT = (
    "subject", "sujet", "betreff", "objet", "asunto", "oggetto", "assunto", "onderwerp", "ämne", "ärende", "emne", "aihe", "temat", "předmět", "predmet", "tárgy", "subiect", "subiectul", "тема", "тема:", "относно", "zadeva", "naslov", "teema", "tēma", "temats", "tema", "θέμα", "konu", "perihal", "subjek", "subyek", "chủ đề", "tiêu đề",
    "เรื่อง", "หัวข้อ", "נושא", "הנדון", "الموضوع", "موضوع", "विषय", "件名", "主题", "主旨", "主題", "标题", "제목", "assumpte", "efni", "importance", "priority",
    "題目", "主 题", "标 题", "件 名", "題名", "제 목", "tiêu đề thư", "pavadinimas", "priekšmets", "тема письма", "موضوع الرسالة", "mövzu",
    "gaia",
)  # fmt: skip

# Lines that apps and phones put below what was written.
SENT_FROM = (
    r"from my .{1,60}", r"sent (?:from|via|using|with|by) (?:my|the|a|an)?\b.{1,80}", r"get outlook for (?:ios|android|mac).{0,80}", r"sent from .{1,60} for (?:ios|android|windows|mac)", r"(?:von|über|mit) meine[mr]? .{2,60} gesendet.{0,20}", r"gesendet (?:von|mit|über).{1,60}",
    r"diese nachricht wurde von meinem .{2,80} gesendet.{0,20}", r"envoyé (?:de|depuis|à partir de|avec|par).{1,60}", r"enviado (?:desde|do|de|a partir|por|con|com|pelo|via).{1,60}", r"enviada do meu.{1,60}", r"inviato (?:da|dal|dall'|con|tramite).{1,60}", r"verzonden (?:vanaf|vanuit|met|via).{1,60}",
    r"verstuurd vanaf.{1,60}", r"skickat (?:från|via|med).{1,60}", r"sendt (?:fra|via|med).{1,60}", r"lähetetty .{1,60}", r"wysłan[eo] (?:z|przy|za).{1,60}", r"odesláno z.{1,60}", r"odoslané z.{1,60}", r"отправлено (?:с|из|через).{1,60}", r"надіслано (?:з|із|через).{1,60}", r"(?:изпратено|poslano|poslato) (?:от|s|sa|z).{1,60}",
    r"trimis (?:de pe|din|prin).{1,60}", r"elküldve .{1,60}", r".{1,40}(?:'[dt][ae]n|mdan|mden|adan|eden) gönderildi.{0,20}", r"στάλθηκε από.{1,60}", r"được gửi từ.{1,60}", r"gửi từ.{1,60}", r"dikirim dari.{1,60}", r"נשלח מ.{1,60}", r"أ?رسل[ت]? من.{1,60}", r"تم الإرسال من.{1,60}", r"ارسال شده از.{1,60}",
    r".{0,30}(?:から送信|より送信).{0,20}", r"发自我的.{1,40}", r"从我的.{1,40}发送", r"傳送自我的.{1,40}", r"從我的.{1,40}傳送", r"(?:나의|내) .{1,40}에서 (?:보냄|전송|발송).{0,20}", r"saadetud minu.{1,60}", r"outlook for (?:ios|android)\s*(?:<.*>)?", r"outlook für (?:ios|android).{0,80}", r"(?:obtener|obter|télécharger|holen sie sich|scarica|download) outlook .{1,60}",
    r"(?:obtenir|obtener|obter o|baixe o|baixar o|ottieni|hämta|skaff deg|hent|få|hanki|pobierz program|pobierz|získat|stáhnout|získať|stiahnuť|obțineți|obține|descărcați|получить|скачать|отримати|завантажити|изтегляне на|λήψη του|κατεβάστε το|קבל את|להורדת|الحصول على|获取|取得|下载|下載|tải|ดาวน์โหลด|รับ|dapatkan|nabavite|prenesite|gaukite|hankige|obteniu l[’'])\s?.{0,20}outlook\b.{0,20}(?:ios|android|mac|mobil|windows).{0,60}",
    r"outlook (?:voor|för|til|pour|para|per|для|für) (?:ios|android|mac) ?(?:downloaden|herunterladen|télécharger|descargar|hämta)?", r"(?:ios|android)(?:[ -]?(?:için|용|版|-hez készült)) ?outlook.{0,30}", r"az (?:ios|android)-hez készült outlook.{0,30}", r"outlook for (?:ios|android) (?:を入手|を取得).{0,10}", r"von outlook für (?:ios|android|mac) gesendet",
    r"verstuurd met .{1,40}", r"küldve .{0,20}(?:iphone|ipad|android|samsung|outlook).{0,30}", r"(?:windows|mac|iphone|ipad).{0,10} için posta ile gönderildi", r"εστάλη από.{1,60}", r"(?:أُرسلت|أرسلت|مرسل|مُرسل|أُرسِل) من.{1,60}", r"(?:从|從) (?:windows|mac).{1,20}(?:发送|傳送)", r"发送自我的.{1,40}", r"(?:来自|來自|寄自)我的(?:\s?(?:iphone|ipad|android|手机|手機|小米|华为|huawei|oppo|vivo|荣耀|三星)).{0,20}", r"(?:iphone|ipad|android|갤럭시|galaxy).{0,10}에서 (?:보냄|전송|발송).{0,10}",
    r"(?:đã )?gửi (?:từ|bằng).{1,60}", r"ส่งจาก ?(?:iphone|ipad|android|samsung|outlook|อุปกรณ์|โทรศัพท์|yahoo|mail).{0,60}", r"terkirim dari (?:iphone|ipad|android|samsung|ponsel|perangkat|yahoo|outlook).{0,40}", r"послато са.{1,60}", r"poslano iz (?:mojega |moje )?(?:iphon|ipad|android|outlook|telefon|naprave|samsung).{0,30}", r"išsiųsta iš.{1,60}", r"sūtīts no (?:mana |manas )?.{1,40}", r"enviat des? d?e?l?.{1,60}", r"sent úr.{1,40}",
    r"मेरे .{1,30} से भेजा गया", r"bidalia nire.{1,40}", r"enviado dende.{1,40}", r"göndərildi.{1,40}", r"dihantar dari(?:pada)? (?:iphone|ipad|android|peranti|telefon).{0,40}",
)  # fmt: skip

# What such a line names: a device, an app, or that it is the writer's own.
DEVICES = (
    r"i(?:phone?|pad|pod|os|mac|cloud)", r"android|galaxy|samsung|huawei|xiaomi|redmi|oneplus|oppo|vivo|pixel|nokia|xperia|motorola|blackberry|windows|wiko|honor|realme|小米|华为|三星|荣耀|갤럭시", r"outlook|yahoo|gmail|gmx|web\.de|proton|tuta|aol|spark|aqua ?mail|blue ?mail|typeapp|k-9|thunderbird|mailspring|mailbird|airmail|superhuman|canary|edison|zimbra|roundcube|skype|copilot",
    r"\bmail\b|mail[ -]?app|e-?mail client|\bposta?\b|\bpoczt|почт|courrier|correo para|correio|メール|邮件|郵件|邮箱|메일", r"phone|mobil|tablet|handy|device|gerät|telef|телефон|смартфон|téléphone|móvil|celular|appareil|dispositivo|enhet|enhed|uređaj|zařízen|手机|手機|携帯|スマホ|휴대|điện thoại|ponsel|perangkat|peranti|อุปกรณ์|โทรศัพท์|τηλέφωνο|κινητό|טלפון|هاتف|جوال|موبایل|گوشی",
    r"\b(?:from|via|with|using) (?:my|a|an)\b", r"\b(?:mein(?:em|er)?|mon|ma|mi|meu|minha|mio|mia|mijn|min|mitt|minu|mana|mano|mojego|mého|môjho|meul|моего|моей|мого|моя|мог|mog|mojega|του|της|umdan|imdan|saya|của tôi|ของฉัน|الخاص بي|من دستگاه|שלי|我的|나의|내|मेरे)\b",
)  # fmt: skip

# What a desk writes at the top of its mails; whatever is below was not written now.
ABOVE_THIS_LINE = (
    r"original ?message processed by david.?", r"originalnachricht bearbeitet von david.?",
    r"(?:please )?(?:type|write|enter|add) (?:your )?(?:reply|answer|response|message) above this line", r"(?:please )?reply (?:above|over) (?:this|the) line", r"(?:in replies )?(?:all )?text above this line (?:is added|will be added).{0,60}",
    r"respond above this line", r"please do not write below this line", r"bitte (?:antworten sie|schreiben sie|oberhalb) .{0,60}(?:dieser|diese) (?:zeile|linie).{0,40}", r"antwort(?:en)? (?:bitte )?(?:oberhalb|über) dieser (?:zeile|linie).{0,40}", r"(?:veuillez )?(?:répondre|écrire|saisir)(?:.{0,30}) (?:au-dessus de|sur) cette ligne",
    r"(?:por favor,? )?(?:escriba|responda|escribe)(?:.{0,40}) (?:encima de|por encima de|arriba de|sobre) esta línea", r"(?:responda|escreva|digite)(?:.{0,40}) acima desta linha", r"(?:scrivi|rispondi|scrivere|rispondere)(?:.{0,40}) sopra questa (?:riga|linea)", r"(?:schrijf|typ|plaats|antwoord)(?:.{0,40}) boven deze (?:regel|lijn)",
    r"(?:skriv|svara|svar)(?:.{0,40}) (?:ovanför|over|ovenfor) (?:denna|denne) (?:rad|raden|linje|linjen|linien)", r"(?:proszę )?(?:odpowiedz|wpisz|pisz)(?:.{0,40}) (?:powyżej|nad) (?:tej|tą) (?:linii|linią)", r"(?:пожалуйста,? )?(?:ответьте|пишите|введите)(?:.{0,40}) (?:выше|над) этой (?:строки|строкой|линии|линией)", r"この行より上に.{0,40}", r"请在此行(?:上方|以上).{0,40}", r"이 (?:줄|선) 위에.{0,40}",
)  # fmt: skip

# A greeting or thanks at the top of what is nothing else: never reason enough to hide the rest.
GREETINGS = (
    "hi", "hello", "hey", "dear", "good morning", "good afternoon", "good evening", "greetings", "hallo", "guten tag", "guten morgen", "guten abend", "liebe", "lieber", "sehr geehrte", "sehr geehrter", "moin", "servus", "grüezi", "bonjour", "bonsoir", "salut", "cher", "chère", "hola", "buenos días",
    "buenas tardes", "estimado", "estimada", "querido", "querida", "ciao", "buongiorno", "buonasera", "gentile", "salve", "caro", "cara", "olá", "bom dia", "boa tarde", "boa noite", "prezado", "prezada", "beste", "goedemorgen", "goedemiddag", "dag", "geachte", "hej", "hejsan", "hei", "moi", "kära", "kjære", "kære",
    "cześć", "dzień dobry", "witam", "szanowny", "szanowna", "ahoj", "dobrý den", "dobrý deň", "vážený", "szia", "kedves", "tisztelt", "bună", "salut", "stimate", "здравствуйте", "привет", "добрый день", "доброе утро", "уважаемый", "уважаемая", "добрий день", "вітаю", "здравейте", "zdravo", "pozdravljeni", "tere", "γεια", "αγαπητέ",
    "merhaba", "selam", "sayın", "שלום", "היי", "مرحبا", "السلام عليكم", "سلام", "नमस्ते", "xin chào", "chào", "สวัสดี", "halo", "你好", "您好", "尊敬的", "こんにちは", "お世話になっております", "안녕하세요", "안녕하십니까",
)  # fmt: skip

# "My answers are below": then the past holds new words, and stays in view.
ANSWERS_BELOW = (
    r"\b(?:see|please see|find|read|check|pls see|kindly see) (?:my |the |our |some )?(?:answers?|comments?|replies|reply|responses?|notes?|remarks?|inline|in-line|in line|below|text in|thoughts|feedback|amendments|changes)\b", r"\b(?:answers?|comments?|replies|reply|responded|responses?|answered|replied|notes?|remarks?|marked|written|highlighted) (?:are |is |can be found |further |inserted |interspersed |added |to your (?:questions|points) )*(?:down )?(?:below|inline|in-line|in line|in red|in blue|in green|in bold|in colou?r|in caps|embedded|in the text|in your (?:mail|text|message))",
    r"\b(?:in|marked|written) (?:red|blue|green|bold|purple)\b", r"\binline\b", r"\b(?:siehe unten|s\. ?u\.|antworten (?:im text|unten|inline|in rot|in blau)|im text|in rot|unten (?:im|in) )", r"\b(?:voir ci-dessous|ci-dessous|réponses? (?:dans le texte|en rouge|ci-dessous)|en rouge)\b", r"\b(?:ver abajo|más abajo|respuestas? (?:abajo|en rojo|en el texto)|en rojo)\b",
    r"\b(?:vedi sotto|qui sotto|risposte? (?:sotto|nel testo|in rosso)|in rosso)\b", r"\b(?:veja abaixo|abaixo|em vermelho)\b", r"\b(?:zie (?:hier)?onder|hieronder|in het rood)\b", r"\b(?:se nedan|se nedenfor|se under|patrz poniżej|poniżej|viz níže|níže)\b", r"ниже|в тексте|красным|下記|以下の|如下|见下|아래",
)  # fmt: skip

# The first line of what a list's software appends (the rule above it is recognised by itself).
LIST_FOOTERS = (
    "mailing list", "mailman/listinfo", "to unsubscribe", "you received this message because you are subscribed", "posting guide", "unsubscribe from this group", "list archives",
)  # fmt: skip

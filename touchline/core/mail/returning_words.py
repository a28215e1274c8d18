"""Words by which absence notes say until when, as data: months, days of the week, and what stands around a day."""

# Twelve lines, January first; each name as it stands behind a day ("15 marca"), so in the genitive where a language has one.
MONTHS = (
    "january jan januar jänner janvier januari enero ene gennaio gen janeiro stycznia styczeń ledna января янв januára january tammikuuta tammikuun ocak ianuarie ιανουαρίου ιαν січня januarja januara јануара siječnja sausio janvāris janvārim janvāri jaanuar jaanuari jaanuarini gener януари ינואר يناير ژانویه มกราคม",
    "february feb februar février fév febrero febbraio fevereiro fev februari lutego února февраля фев februára február helmikuuta helmikuun şubat februarie φεβρουαρίου φεβ лютого februarja februara фебруара veljače vasario februāris februārim februāri veebruar veebruari veebruarini febrer февруари פברואר فبراير فوریه กุมภาพันธ์",
    "march mar marts märz mrz maerz mars marzo março marca března марта мар március maaliskuuta maaliskuun mart martie maart mrt μαρτίου μαρ березня бер ožujka ožu kovo martam marta märts märtsi märtsini març март מרץ مارس maret มีนาคม mac",
    "april apr avril abril aprile abr kwietnia dubna апреля апр apríla április huhtikuuta huhtikuun nisan aprilie απριλίου απρ квітня квіт aprila априла travnja balandžio aprīlis aprīlim aprīli aprill aprilli aprillini април אפריל أبريل ابريل آوریل เมษายน",
    "may mai mayo maggio mag maio maja května мая mája május toukokuuta toukokuun mayıs mei maj μαΐου травня трав маја svibnja gegužės maijs maijam maijā maini maig май מאי مايو พฤษภาคม",
    "june jun juni juin junio giugno giu junho czerwca června июня июн júna június kesäkuuta kesäkuun haziran iunie ιουνίου червня чер junija juna јуна lipnja birželio jūnijs jūnijam jūniju juuni juunini juny юни יוני يونيو ژوئن มิถุนายน",
    "july jul juli juillet julio luglio lug julho lipca července июля июл júla július heinäkuuta heinäkuun temmuz iulie ιουλίου липня лип julija jula јула srpnja liepos jūlijs jūlijam jūliju juuli juulini juliol юли יולי يوليو ژوئیه กรกฎาคม",
    "august aug août aout agosto ago sierpnia srpna августа авг augusta augusztus elokuuta elokuun ağustos augustus augusti αυγούστου αυγ серпня серп avgusta августа kolovoza rugpjūčio augusts augustam augustu augustini agost август אוגוסט أغسطس اوت agustus สิงหาคม ogos",
    "september sep sept septembre septiembre settembre set setembro września září сентября сен сент szeptember septembra syyskuuta syyskuun eylül septembrie σεπτεμβρίου σεπ вересня вер септембра rujna rugsėjo septembris septembrim septembri septembrini setembre септември ספטמבר سبتمبر سپتامبر กันยายน",
    "october oct oktober okt octobre octubre ottobre ott outubro out października října октября окт október októbra lokakuuta lokakuun ekim octombrie οκτωβρίου οκτ жовтня жовт oktobra октобра spalio oktobris oktobrim oktobri oktoober oktoobri oktoobrini октомври אוקטובר أكتوبر اکتبر ตุลาคม",
    "november nov novembre noviembre novembro listopadu ноября ноя нояб novembra november marraskuuta marraskuun kasım noiembrie νοεμβρίου νοε листопада новембра studenoga studenog lapkričio novembris novembrim novembri novembrini ноември נובמבר نوفمبر نوامبر พฤศจิกายน",
    "december dec dezember dez décembre déc diciembre dic dicembre dezembro grudnia prosince декабря дек decembra joulukuuta joulukuun aralık decembrie δεκεμβρίου δεκ грудня груд децембра prosinca gruodžio decembris decembrim decembri detsember detsembri detsembrini desembre desember декември דצמבר ديسمبر دسامبر ธันวาคม",
)

# Seven lines, Monday first.
WEEKDAYS = (
    "monday mon שני الاثنين الإثنين montag montags lundi lunes lunedì lunedi segunda-feira maandag måndag mandag maanantai maanantaina maanantaihin poniedziałek poniedziałku poniedziałek pondělí pondelok pondelka hétfő hétfőn hétfőig luni понедельник понедельника понеділок понеділка понеделник pazartesi δευτέρα ponedjeljak ponedjeljka ponedeljek ponedeljka",
    "tuesday tue שלישי الثلاثاء tues dienstag dienstags mardi martes martedì terça-feira dinsdag tisdag tirsdag tiistai tiistaina tiistaihin wtorek wtorku úterý utorok utorka kedd kedden keddig marți вторник вторника вівторок вівторка salı τρίτη utorak utorka torek torka",
    "wednesday wed רביעי الأربعاء mittwoch mittwochs mercredi miércoles mercoledì quarta-feira woensdag onsdag keskiviikko keskiviikkona keskiviikkoon środa środy środę středa středu středy streda stredu stredy szerda szerdán szerdáig miercuri среда среды среду середа середи середу сряда çarşamba τετάρτη srijeda srijede srijedu sreda srede sredo",
    "thursday thu חמישי الخميس thurs donnerstag donnerstags jeudi jueves giovedì quinta-feira donderdag torsdag torstai torstaina torstaihin czwartek czwartku čtvrtek čtvrtka štvrtok štvrtka csütörtök csütörtökön csütörtökig joi четверг четверга четвер четверга четвъртък perşembe πέμπτη četvrtak četvrtka četrtek četrtka",
    "friday fri שישי الجمعة freitag freitags vendredi viernes venerdì sexta-feira vrijdag fredag perjantai perjantaina perjantaihin piątek piątku pátek pátku piatok piatka péntek pénteken péntekig vineri пятница пятницы пятницу п’ятниця п’ятниці п’ятницю петък cuma παρασκευή petak petka petek petka",
    "saturday sat שבת السبت samstag sonnabend samedi sábado sabato zaterdag lördag lørdag lauantai lauantaina sobota soboty sobotu szombat szombaton sâmbătă суббота субботы субботу субота cumartesi σάββατο subota subote",
    "sunday sun ראשון الأحد sonntag dimanche domingo domenica zondag söndag søndag sunnuntai sunnuntaina niedziela niedzieli niedzielę neděle neděli nedeľa nedele nedeľu vasárnap duminică воскресенье воскресенья неділя неділі неділю неделя pazar κυριακή nedjelja nedjelje nedjelju nedelja nedelje",
)

# What stands right before the last day of being away.
UNTIL = (
    r"until", r"till?", r"up to", r"through", r"thru", r"bis", r"jusqu['’]au", r"jusqu['’](?:à|en)", r"hasta", r"fino (?:al?|all['’])", r"sino al", r"até", r"tot", r"t/m", r"till och med", r"till", r"t\.?o\.?m\.?", r"til(?: og med)?", r"frem til", r"fram til", r"do", r"až do", r"до", r"по", r"pana (?:la|pe|in)", r"până (?:la|pe|în)",
    r"μέχρι", r"έως", r"ως", r"עד", r"حتى", r"الى", r"لغاية", r"تا", r"đến(?: hết)?", r"tới", r"sampai(?: dengan)?", r"hingga", r"s/d", r"iki", r"līdz", r"kuni", r"fins (?:al?|a l['’])", r"ate", r"deri",
)  # fmt: skip
# What stands right behind it.
UNTIL_BEHIND = r"まで|迄|까지|为止|為止|(?:tarihine )?kadar|['’](?:e|a|ye|ya|ne|na) kadar|saakka|asti|-?ig\b|-?éig\b|ни(?:\b)"
# What may stand between such a word and the day.
BETWEEN = r"يوم|תאריך|יום|and including|including|the|on|einschließlich|einschl\.?|inkl\.?|inclusive|zum|dem|den|der|le|el|il|lo|ao?|o|dia|día|próximo|data de|data|dnia|dniem|dne|de|del|d[.’']|met|en met|och med|og med|ngày|vào|tanggal|tgl|วันที่|είς|τις|την|και|και τις|στις|день|dato|om|pe|la|au|dd\.?|kl\.?|fecha|incl\.?|včetně|włącznie"
# Being back, anywhere around the day in its sentence.
BACK = (
    r"(?:be|am|are|is|i['’]m|we['’]re|come|coming|office,?|leave,?|;|-|–|^)\s?back\b|\bback (?:in|at|to|on|from|after)\b(?! you)|\breturn(?!ed|\s+your)|\bresum|\breachable again|\bavailable (?:again|from|on)|\bwieder\b(?! weg)|\bzurück|\bretour\b|\breviens|\breprends|\breprendrai|\bvuelv|\bvolver|\bregres|\breincorpor|\brientr|\btorner|\btornerò|\bdi nuovo\b|\bretorn|\bvolt(?:o|arei|a)\b|\bde volta\b|\bterug|\bweer\b|"
    r"\btillbaka|\båter\b|\btilbage|\btilbake|\btakaisin|\bpalaan|\btavoitettavissa|\bjälleen|\bwraca|\bwróc|\bpowr|\bdostępn\w+ od|\bzpět|\bvrát|\bvrac|\bspäť|\bvissza|\bújra|\brevin|\breveni|\bîntorc|върна|върн|верн[уёе]|на рабоч|на работе с|повернус|повернен|\bdöneceğ|\bdönüş|\bdönüyor|επιστρ|אחזור|אשוב|חוזרת?|أعود|العودة|عودتي|برمی|باز می|بازگشت|"
    r"出社|復帰|戻り|戻る|返回|回到|回来|恢复|复工|返工|銷假|복귀|돌아|출근|trở lại|quay lại|กลับ|kembali|\bvrać|\bvraća|\bvratit|\bvrnem|\bvračam|\bgrįš|\bgrįž|atgriež|atgriez|\bnaasen|\btagasi|\btorno|\btornaré"
)
TOMORROW = r"tomorrow|morgen|demain|mañana|domani|amanhã|i morgon|imorgon|i morgen|huomenna|huomiseen|jutro|jutra|zítra|zajtra|holnap|mâine|завтра|yarın|αύριο|明日|明天|내일"
WEEKS = r"weeks?|wochen?|semaines?|semanas?|settiman[ae]|weken|week|veckor|vecka|uger|uge|uker|uke|viikon|tygodni\w*|týdn\w*|týždň\w*|недел\w+|hafta|週間|周|주"
DAYS = r"days?|tagen?|jours?|días?|giorn[io]|dias?|dagen|dagar|dage|dager|päivän|dni|dny|dní|дн\w+|gün"
NUMBERS = {
    "one": 1, "a": 1, "two": 2, "three": 3, "four": 4, "einer": 1, "einem": 1, "zwei": 2, "drei": 3, "vier": 4, "une": 1, "un": 1, "deux": 2, "trois": 3, "quatre": 4, "una": 1, "dos": 2, "tres": 3, "due": 2, "tre": 3, "duas": 2, "dois": 2, "três": 3, "een": 1, "twee": 2, "drie": 3,
    "två": 2, "to": 2, "en": 1, "två veckor": 2, "dwa": 2, "trzy": 3, "dva": 2, "tři": 3, "две": 2, "два": 2, "три": 3, "iki": 2, "kahden": 2, "viikon": 1,
}  # fmt: skip

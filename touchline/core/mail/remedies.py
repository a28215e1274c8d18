"""What mail servers say when something is wrong, what they mean by it, and what puts it right, for whoever never ran one."""

import re
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Remedy:
    """`said` is looked for in a sentence of ours that quotes the server's own words and names it; the first that is found counts."""

    name: str
    said: str
    means: str
    fix: str
    found: re.Pattern[str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "found", re.compile(self.said, re.IGNORECASE))


def remedy(words: str) -> Remedy | None:
    """What is known of a sentence that says what went wrong; None where nothing is."""
    return next((one for one in REMEDIES if one.found.search(words)), None)


_GOOGLE_OAUTH = (
    "Choose “OAuth2” as the way to sign in, with Google as the provider. Or switch on 2-Step Verification for this account, make an app "
    "password at myaccount.google.com/apppasswords, and give that instead of the usual password."
)
_MICROSOFT_OAUTH = "Choose “OAuth2” as the way to sign in, with Microsoft 365 as the provider, and sign in once."
_TYPE_AGAIN = "Type user name and password once more. The user name is often the whole address."
_ONE_FOR_US = "Make an app password in the security settings of this account, and give that instead of the usual password."
_WAIT = "There is nothing to do but wait: we go on trying by ourselves."
_ASK_HOST = "Ask whoever runs the mail server."

REMEDIES = (
    # Google
    Remedy(
        "google-app-password",
        r"application-specific password required|5\.7\.9 application-specific|InvalidSecondFactor",
        "Google does not take the usual password of an account with 2-Step Verification.",
        _GOOGLE_OAUTH,
    ),
    Remedy(
        "google-web-login",
        r"log in (?:via|with|in) your web browser|web login required|webalert|WebLoginRequired|5\.7\.14",
        "Google wants somebody to sign in by a browser first.",
        "Sign in to this account in a browser, answer what Google asks there, and try again within ten minutes.",
    ),
    Remedy(
        "google-imap-off",
        r"not enabled for imap use|imap access is disabled|imap is (?:disabled|not enabled)",
        "IMAP is switched off for this account.",
        "Switch it on: in Gmail under Settings, “Forwarding and POP/IMAP”; in a Google Workspace the administrator may have to allow it. "
        "Other providers have it among the settings of the mailbox.",
    ),
    Remedy(
        "google-password",
        r"(?=.*(?:gmail|google|gsmtp))(?=.*(?:535|5\.7\.8|username and password not accepted|badcredentials|invalid credentials))",
        "Google did not take the user name or the password. It no longer takes usual passwords (“less secure apps” are gone).",
        _GOOGLE_OAUTH,
    ),
    Remedy(
        "google-too-many",
        r"too many simultaneous connections|command or bandwidth limits|too many login attempts|OVERQUOTA\] account exceeded",
        "The provider has had enough of us for now.",
        "Wait an hour. If it stays so, fewer programs may be open on this mailbox at the same time, or IMAP may be told to look less often.",
    ),
    Remedy(
        "daily-limit",
        r"5\.4\.5|daily (?:user )?sending (?:limit|quota)|sending quota exceeded|exceeded (?:its |the |your )?(?:hourly|daily|message|sending)"
        r" ?(?:rate|limit|quota)|4\.7\.28|5\.7\.232|5\.7\.233",
        "The provider lets this account send no more mails for now.",
        "It lasts a day as a rule, and we go on trying. Who sends more needs a larger plan, or a service made for sending.",
    ),
    # Microsoft
    Remedy(
        "microsoft-smtp-off-tenant",
        r"SmtpClientAuthentication is disabled for the tenant",
        "Microsoft 365 has switched off sending by SMTP for the whole organization.",
        "Its administrator can allow it for this mailbox alone: Microsoft 365 admin centre, Users, this mailbox, Mail, “Manage email apps”, "
        "“Authenticated SMTP”. Then sign in by OAuth2.",
    ),
    Remedy(
        "microsoft-smtp-off-mailbox",
        r"SmtpClientAuthentication is disabled for the mailbox",
        "Sending by SMTP is switched off for this mailbox.",
        "An administrator of Microsoft 365 can switch it on: admin centre, Users, this mailbox, Mail, “Manage email apps”, “Authenticated SMTP”.",
    ),
    Remedy(
        "microsoft-basic-off",
        r"basic authentication is disabled|BasicAuthBlocked|basicauthblocked",
        "Microsoft no longer takes user name and password.",
        _MICROSOFT_OAUTH,
    ),
    Remedy(
        "microsoft-policy",
        r"did not meet the criteria to be authenticated|conditional access|user account is locked|5\.7\.139.*security defaults",
        "A rule of your Microsoft 365 organization does not let this sign-in through.",
        "Ask its administrator: security defaults or a conditional-access rule must allow this mailbox. Then sign in by OAuth2.",
    ),
    Remedy(
        "microsoft-send-as",
        r"SendAsDenied|not allowed to send as|5\.7\.60|5\.2\.252|does not have (?:the )?permissions? to send as",
        "Whoever is signed in may not send from this address.",
        "An administrator gives the account that signs in the right “Send as” on this mailbox; it takes up to an hour to hold.",
    ),
    Remedy(
        "microsoft-not-connected",
        r"user is authenticated but not connected",
        "The sign-in is right, but it opens no mailbox.",
        "For a shared mailbox: sign in as a person who may open it, and give the shared address as the user name. Otherwise see that the account "
        "has a licence with a mailbox.",
    ),
    Remedy(
        "microsoft-anonymous",
        r"5\.7\.57|client (?:was )?not authenticated to send",
        "The server wants us to sign in before it takes mail.",
        "Give user name and password for sending, or sign in by OAuth2.",
    ),
    Remedy(
        "microsoft-blocked",
        r"5\.1\.8 access denied|bad outbound sender|5\.7\.70[58]|traffic not accepted from this ip",
        "Microsoft has stopped this account or organization from sending, since it took its mail for spam.",
        "Its administrator sees it in the Defender portal under “Restricted entities”, and can lift it there once the reason is gone.",
    ),
    Remedy(
        "microsoft-password",
        r"(?=.*(?:office365|outlook|hotmail))(?=.*(?:535|5\.7\.3|5\.7\.139|login failed|AUTHENTICATE failed|authenticationfailed))",
        "Microsoft did not take the user name or the password. It no longer takes usual passwords for reading mail.",
        _MICROSOFT_OAUTH,
    ),
    Remedy(
        "microsoft-thread-limit",
        r"STOREDRV\.ClientSubmit|concurrent connections|4\.3\.2.*(?:thread|limit)",
        "Too much is being sent from this mailbox at the same time.",
        _WAIT,
    ),
    # Other providers that want something of their own
    Remedy(
        "yahoo-icloud-aol",
        r"(?=.*(?:yahoo|aol\.com|me\.com|icloud|att\.net))(?=.*(?:535|authenticationfailed|invalid credentials|authentication failed|#AUTH))",
        "This provider takes only app passwords from programs like ours.",
        _ONE_FOR_US,
    ),
    Remedy(
        "app-password",
        r"application password is required|app(?:lication)?[- ](?:specific )?password|neobhodim parol|authori[sz]ation code to login",
        "This provider takes only app passwords from programs like ours.",
        _ONE_FOR_US,
    ),
    Remedy(
        "fastmail-password",
        r"(?=.*fastmail)(?=.*(?:535|incorrect username or password|authenticationfailed))",
        "Fastmail takes only app passwords from programs like ours.",
        "Make one at Settings, Privacy & Security, “Manage app passwords and access”, with the right to mail.",
    ),
    Remedy(
        "access-not-switched-on",
        r"does not have access rights to this service|yet to enable imap|pop3?/imap.*(?:not (?:activated|enabled)|disabled)|unsafe login|"
        r"imap.*(?:must be|has to be|not) (?:activated|allowed|permitted)|protocol disabled",
        "Access by other programs is switched off for this mailbox.",
        "Switch it on in the settings of the mailbox at your provider, under IMAP, POP or “external programs”.",
    ),
    Remedy(
        "ses-credentials",
        r"authentication credentials invalid",
        "The server did not take the user name or the password.",
        "With Amazon SES they are the SMTP credentials made in its console, and no access keys. With GMX and web.de, IMAP must be switched on "
        "first. Otherwise type both once more.",
    ),
    Remedy(
        "sender-not-verified",
        r"not verified|verified sender identity|sender signature|sandbox (?:sub)?domain|domain is not (?:verified|registered)",
        "The sending service does not know yet that this address or domain is yours.",
        "Verify the address or its domain there: it shows what to do, mostly two or three records for your domain.",
    ),
    Remedy(
        "unauthorized-ip",
        r"unauthori[sz]ed ip|525 5\.7\.1",
        "The sending service does not know the address of this machine.",
        "Add it to the authorized addresses there, under security.",
    ),
    # Signing in
    Remedy(
        "no-starttls",
        r"does not offer STARTTLS|would not start encryption|454 4\.7\.0 TLS not available|TLS not available",
        "The server does not encrypt on this port.",
        "Choose TLS: port 993 for IMAP, 465 for SMTP.",
    ),
    Remedy(
        "plaintext-refused",
        r"PRIVACYREQUIRED|plaintext auth|LOGINDISABLED|encryption required for requested|\b538\b|must issue a STARTTLS|530 5\.7\.0 must",
        "The server takes a password only where nobody can listen.",
        "Choose TLS or STARTTLS as the security.",
    ),
    Remedy(
        "temporary-sign-in",
        r"\b454\b|temporary (?:authentication|system|server)|\[UNAVAILABLE\]|lets nobody sign in just now",
        "The server cannot check passwords just now.",
        "Wait some minutes: we go on trying by ourselves. If it lasts, ask whoever runs the mail server.",
    ),
    Remedy(
        "in-use",
        r"\[INUSE\]|already (?:locked|in use)|mailbox is locked",
        "Another program holds the mailbox just now.",
        "Close other mail programs that have it open, or wait some minutes.",
    ),
    Remedy(
        "too-many-tries",
        r"rate limit|\[LIMIT\]|too many (?:bad|failed|invalid)|too many (?:auth|connections|errors)|exceeded.*connections",
        "The server has seen too many tries or connections from here.",
        "Wait an hour. If the password was wrong before, correct it first, so that it does not begin anew.",
    ),
    Remedy(
        "expired",
        r"\[EXPIRED\]|password (?:has )?expired|password must be changed",
        "The password is too old for the server.",
        "Set a new one at your provider, and give it here.",
    ),
    Remedy(
        "contact-admin",
        r"\[CONTACTADMIN\]|account (?:is |has been )?(?:disabled|suspended|locked|blocked)|user (?:is )?(?:disabled|suspended)",
        "The provider has shut this account.",
        "Sign in at the provider by a browser: it says why, or whom to ask.",
    ),
    Remedy(
        "not-authorized",
        r"\[AUTHORIZATIONFAILED\]|not authori[sz]ed to (?:authenticate|access|log ?in) as",
        "The sign-in is right, but this mailbox is not open to it.",
        "See that the user name is that of the mailbox, or ask whoever runs the mail server for the right to open it.",
    ),
    Remedy(
        "token-refused",
        r"invalid_grant|invalid_token|XOAUTH2|OAUTHBEARER|token (?:has )?(?:expired|been revoked)|consent_required|AADSTS",
        "The leave that was given to us by OAuth2 holds no longer: it was taken back, or a password was changed.",
        "Press “Sign in again” in the settings of this mailbox.",
    ),
    Remedy(
        "no-sign-in-here",
        r"takes no user name|AUTH.*not (?:supported|available|implemented|enabled)|503.*AUTH",
        "This port of the server is for other mail servers, where nobody signs in.",
        "Choose port 587 with STARTTLS, or 465 with TLS.",
    ),
    Remedy(
        "sign-in-needed",
        r"\b530\b|authentication (?:is )?required|relay(?:ing)? (?:access )?denied|relaying (?:not allowed|prohibited|denied)|not permitted to relay|"
        r"sender must authenticate|5\.7\.1 .*authenticat",
        "The server does not know us, and takes no mail for others from strangers.",
        "Give user name and password for sending. If they are given, see that port and security are those of your provider: mostly 587 with STARTTLS.",
    ),
    Remedy(
        "wrong-password",
        r"\b535\b|\[AUTHENTICATIONFAILED\]|refused the user name or the password|authentication fail|invalid (?:login|credentials|user)|login (?:failed|incorrect)|"
        r"password (?:is )?(?:wrong|incorrect)|bad (?:username|user name|password)",
        "The server did not take the user name or the password.",
        f"{_TYPE_AGAIN} Was the password changed at your provider? Where it asks for a second step, make an app password there.",
    ),
    Remedy(
        "letters",
        r"letters beyond a-z",
        "The server cannot read some of these letters.",
        "Choose a password, or an address, of plain letters and digits.",
    ),
    # Certificates and encryption
    Remedy(
        "certificate-name",
        r"hostname mismatch|certificate is not valid for|doesn['’]t match|IP address mismatch",
        "The certificate of the server is for another name than the one given here.",
        "Give the server by the name that its certificate bears: mostly the one that your provider's help page names, not one of your own domain.",
    ),
    Remedy(
        "certificate-self-signed",
        r"self[- ]signed",
        "The server has a certificate that nobody but itself vouches for.",
        "Let the server have one from Let's Encrypt, which costs nothing. If it is a house of your own with an authority of its own, point "
        "SSL_CERT_FILE at that authority's certificate when Touchline is started.",
    ),
    Remedy(
        "certificate-expired",
        r"certificate (?:has |is )?expired|certificate is not yet valid",
        "The certificate of the server is out of date, or the clock of one of the two machines is wrong.",
        "Ask whoever runs the mail server to renew it. If it is good elsewhere, set the clock of this machine.",
    ),
    Remedy(
        "certificate-unknown",
        r"unable to get (?:local )?issuer|certificate .*cannot be trusted|certificate verify failed|unknown ca",
        "Nobody whom this machine trusts vouches for the certificate of the server.",
        "Mostly the server leaves out the certificate in between: whoever runs it should serve the full chain. If the server is right, install "
        "the package ca-certificates on this machine.",
    ),
    Remedy(
        "wrong-security",
        r"could not be agreed on|wrong version number|record layer|unexpected eof|tlsv1 alert|handshake|protocol version|dh key too small",
        "The server and we could not agree on how to encrypt.",
        "Mostly port and security do not go together: TLS is 993 for IMAP and 465 for SMTP; STARTTLS is 143 and 587. If they do, the server is "
        "too old: it must speak TLS 1.2.",
    ),
    Remedy(
        "clear-refused",
        r"without encryption the password",
        "Without encryption the password could be read on the way.",
        "Choose TLS or STARTTLS as the security.",
    ),
    # The way there
    Remedy(
        "no-such-name",
        r"no mail server by the name|is not the name of a mail server",
        "There is no machine of this name.",
        "See whether it is spelled right. It is mostly like imap.example.com and smtp.example.com; your provider's help page names both.",
    ),
    Remedy(
        "no-names-now",
        r"could not be looked up just now",
        "This machine cannot look up names just now.",
        "See whether it has a connection to the internet, and a resolver in /etc/resolv.conf.",
    ),
    Remedy(
        "nobody-answers",
        r"nobody answers at|connection refused",
        "The machine is there, but nobody listens on this port.",
        "See whether the port is right: 993 or 143 for IMAP, 587 or 465 for SMTP. If it is, the server has been stopped, or a firewall sends us away.",
    ),
    Remedy(
        "port-25",
        r"port 25\b.*(?:did not answer|took longer|not reached|timed out)|(?:did not answer|took longer).*port 25\b",
        "Port 25 is blocked here, as in most networks.",
        "Use port 587 with STARTTLS, or 465 with TLS.",
    ),
    Remedy(
        "silence",
        r"did not answer within|took longer than|timed out",
        "Nothing came back: somewhere in between nobody lets us through, or the server hangs.",
        "Is the port right? Many networks let nothing out on port 25: use 587 or 465. Else ask whoever looks after the firewall here.",
    ),
    Remedy(
        "not-reached",
        r"could not be reached|no route to host|network is unreachable",
        "There is no way from this machine to that one.",
        "See whether this machine has a connection to the internet, by IPv6 too where the server has only that.",
    ),
    # Folders and room
    Remedy(
        "no-folder",
        r"\[NONEXISTENT\]|\[TRYCREATE\]|folder .*cannot be opened|mailbox (?:doesn'?t|does not) exist|unknown mailbox|\[NOTFOUND\]",
        "There is no folder of this name in the mailbox.",
        "Folders have to be named as the server names them, such as “INBOX/Help” or “INBOX.Help”. The first one is always INBOX.",
    ),
    Remedy(
        "folder-rights",
        r"\[NOPERM\]|\[ACL\]|permission denied|not mark mails as seen",
        "The account may see this folder, and not change it.",
        "Let whoever shares the folder give it the right to mark mails as read (“write seen flag”).",
    ),
    Remedy(
        "folder-numbers",
        r"keeps no lasting numbers",
        "The server does not number mails in this folder for good.",
        "Choose another folder, such as INBOX.",
    ),
    Remedy(
        "full",
        r"OVERQUOTA|over ?quota|mailbox (?:is )?full|quota exceeded|5\.2\.2|4\.2\.2|552 5\.2|insufficient system storage|4\.3\.1",
        "The mailbox, or the disk of its server, is full.",
        "Delete what is not needed in it, its bin and sent mail too, or take a larger plan.",
    ),
    Remedy(
        "too-large",
        r"larger than we take|message (?:size )?exceeds|5\.3\.4|5\.2\.3|takes at most|message (?:too (?:large|big)|file too big)",
        "The mail is larger than the server takes.",
        "Leave a file out, or share it by a link.",
    ),
    # What a server thinks of us
    Remedy(
        "unauthenticated-sender",
        r"5\.7\.26|5\.7\.515|unauthenticated (?:email|mail)|SPF (?:check )?(?:fail|did not pass)|DKIM.*did not pass|DMARC (?:policy|fail)|5\.7\.509",
        "The receiver could not see that the mail is really from your domain.",
        "Set up SPF and DKIM for your domain: whoever sends your mail tells which records. Then DMARC, `p=none` to begin with.",
    ),
    Remedy(
        "no-reverse-name",
        r"reverse (?:dns|hostname)|\bPTR\b|5\.7\.25|cannot find your (?:reverse )?hostname|client host rejected",
        "The address of the sending machine has no name, and receivers mistrust such machines.",
        "Whoever runs the machine gives its address a reverse name (PTR). Simpler: send through the server of your mail provider.",
    ),
    Remedy(
        "block-list",
        r"spamhaus|blocklist|block list|blacklist|black list|barracuda|poor reputation|low reputation|listed (?:at|in|by)|S3140|5\.7\.606|sorbs|spamcop",
        "The address of the sending machine is on a list of those that sent spam.",
        "See at the list's own page how to be taken off, once the reason is gone. Simpler: send through the server of your mail provider.",
    ),
    Remedy(
        "taken-for-spam",
        r"5\.7\.1.*spam|detected as spam|likely (?:unsolicited|suspicious)|looks like spam|spam message rejected|content (?:was )?rejected",
        "The server takes the mail for spam.",
        "See that SPF and DKIM are set up for your domain; then ask whoever runs the server that refused it.",
    ),
    Remedy(
        "sender-not-ours",
        r"5\.7\.1.*sender|sender address rejected|not owned by user|sender verify failed|from address.*(?:not allowed|not match)|\b553\b",
        "The account that signs in may not send from this address.",
        "Sign in with the account of this address, or let your provider add it to that account as an alias.",
    ),
    Remedy(
        "greylisted",
        r"grey ?list|gray ?list|450 4\.[27]\.[01]|451 4\.7\.1|try again later",
        "The server wants us to come again in a while, as it asks of everyone it does not know.",
        _WAIT,
    ),
    Remedy(
        "no-such-recipient",
        r"5\.1\.1|5\.1\.10|user unknown|no such user|recipient (?:address )?rejected|mailbox unavailable|does not exist|5\.4\.1",
        "The server says that there is no such address.",
        "See that the mailbox exists at your provider and is spelled as there. An address with a plus may be refused where all else is well.",
    ),
    Remedy(
        "shut-for-now",
        r"\b421\b|service not available|shutting down|\[SERVERBUG\]|\b432\b",
        "The server is not at work just now.",
        _WAIT,
    ),
    Remedy(
        "turned-away",
        r"turned us away|\b554\b",
        "The server does not want to speak with this machine.",
        f"It may have it on a list of machines that it mistrusts. {_ASK_HOST}",
    ),
    Remedy(
        "hung-up",
        r"hung up|broke off",
        "The server ended the conversation without a word.",
        "Mostly port and security do not go together: TLS is 993 for IMAP and 465 for SMTP; STARTTLS is 143 and 587. If they do, try again in some minutes.",
    ),
)  # fmt: skip

"""The words that announce a secret, and what may stand as its value: parts of patterns, as `re` writes them."""

from collections.abc import Mapping, Sequence

WORDS = (
    r"pass(?:word|wd|phrase)|passwort|pwd(?!\W{1,3}/)|(?<!existing)(?<!pull)secret(?:[_-]?key(?:[_-]?base)?)?|token|credentials?"
    r"|(?:api|access|account|private|signing|encryption|master|auth|app|license)[_-]?key|(?<=[_.-])pass|(?-i:_KEY|\b[A-Z]{0,20}KEY)"
    r"|(?<=[\"'])(?:auth|pass|pw)(?=\\?[\"'])|connection[_-]?string|requirepass|masterauth"
    r"|(?:db|smtp|mail|user|root|admin|redis|mysql|ldap|bind|ftp)(?:pass|pw)|(?<=[_.-])pw|(?<![a-z])(?:pass|pw)(?==)"
)
VARIABLE = (  # what only an environment variable is called: PASSWORD_1, API_KEY_PROD, TOKENS, REDIS_AUTH
    r"(?-i:(?:PASS(?:WORD|WD|PHRASE)?|PWD|SECRET|TOKEN|CREDENTIAL|(?:API|ACCESS|PRIVATE|SECRET|AUTH|SIGNING|ENCRYPTION)_?KEY)"
    r"(?:S|S?_?V?\d{1,3}|_(?:OLD|NEW|PREV|PREVIOUS|NEXT|CURRENT|PROD|PRODUCTION|STAGING|DEV|TEST|LIVE|BACKUP|PRIMARY|SECONDARY))"
    r"|(?<=_)AUTH|(?<=_)PAT|(?<![A-Z])DSN)"
)
HARMLESS = r"\[masked:|<set to the|<unset>|<none>|\$[({]\w{1,80}[)}]|(?:true|false|null|none|nil|expired|invalid|missing|required)\b"
VALUE = (
    rf'(?!\\?["\']?(?:{HARMLESS})|[|>][+-]?\d?[ \t]{{0,8}}(?:\r?\n|\Z))'
    r'(?:\\"[^"\\\n]{1,4096}|"(?:[^"\\\n]|\\.){1,4096}|\'[^\'\n]{1,4096}|[^\s"\',;&{[\\](?:[^\s"\',;&\\]|,(?=[^\s,=:]{1,80}(?:\s|$))){0,4096})'
)
PROSE = r'(?-i:[a-z]{1,30} [a-z"])'  # `token: unexpected end of input` announces no token
STEMS = ("pass", "pw", "secret", "token", "credential", "key", "auth", "connection", "dsn", "_pat", "identified by")
_OF_SYSTEMS = (0, 2, 3, 4, 5)  # db, ftp, user, redis
# How many letters before a stem the words and variables begin that hold it.
BEGINS: Mapping[str, Sequence[int]] = {
    "pass": (*_OF_SYSTEMS, len("require")),
    "pw": _OF_SYSTEMS,
    "key": range(21),  # any upper-case word that ends so
    "auth": (0, len("master")),
    "_pat": (-1,),
    **dict.fromkeys(("secret", "token", "credential", "connection", "dsn"), (0,)),
}

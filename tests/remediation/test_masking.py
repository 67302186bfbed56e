"""Secrets vanish, what explains an incident stays, masking twice is masking once, and a megabyte takes no time."""

import json
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from remediation.masking import learn, mask, mask_object
from remediation.masking.announced import ANNOUNCED, COMMANDS
from remediation.masking.shapes import SHAPES

PEM = "-----BEGIN RSA PRIVATE KEY-----\nMIIEowIBAAKCAQEA7bq\nZmFrZWtleQ==\n-----END RSA PRIVATE KEY-----"
AWS, AWS_SECRET = "AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9P"
SLACK, GITLAB, GITHUB = "xox" + "b-2222222222-3333333333-abcdefghijklmnop", "glpat-" + "aBcDeFgHiJkLmNoPqRsT", "ghp_" + "a1B2" * 9

PLANTED = [
    ("password=hunter2", "hunter2"),
    ("DB_PASSWORD: 's3cr3t!pass'", "s3cr3t!pass"),
    ("Password : hunter2", "hunter2"),
    ('{"password": "a\\"b-c9", "user": "bob"}', "b-c9"),
    ('{"msg": "{\\"api_key\\": \\"k-42-xyz\\"}"}', "k-42-xyz"),
    ("pwd=abc,def;user=sa", "abc"),
    ("export PGPASSWORD=swordfish9", "swordfish9"),
    ("client_secret=abc123&scope=all", "abc123"),
    ("postgres://app:p@ss:w0rd@db.shop:5432/app?sslmode=disable", "ss:w0rd"),
    ("postgres://u:p@ss/w0rd@db", "ss/w0rd"),
    ("postgres://u:p@s/s@w/0rd@db.shop:5432/app", "0rd"),
    ("postgres://u:p@ss/w0rd@db.shop/app/me@example.com", "ss/w0rd"),
    ("postgres://u:80@db/app", ":80@"),
    ("redis://:hunter22@cache:6379/0", "hunter22"),
    ("app:hunter2@tcp(mysql:3306)/shop", "hunter2"),
    ("Server=db;User Id=sa;Password=Str0ng#Pw;", "Str0ng#Pw"),
    ("DefaultEndpointsProtocol=https;AccountKey=abcd/efg+hij==;EndpointSuffix=core", "abcd/efg+hij"),
    (f"Authorization: Bearer {JWT}", JWT),
    ("authorization: Basic dXNlcjpwYXNz", "dXNlcjpwYXNz"),
    ("curl -u admin:hunter2 http://x", "hunter2"),
    ("mysqldump -uroot -phunter2 shop", "hunter2"),
    ("sent header bearer abcDEF123456", "abcDEF123456"),
    (f"token {JWT} refused", JWT),
    (PEM, "MIIEowIBAAKCAQEA7bq"),
    (PEM.replace("\n", "\\n"), "ZmFrZWtleQ=="),
    (PEM[:60], "MIIEowIBAAKCAQEA7bq"),
    (f"key id {AWS}", AWS),
    (f"AWS_SECRET_ACCESS_KEY={AWS_SECRET}", AWS_SECRET),
    (f"posting with {SLACK}", SLACK),
    ("https://hooks.slack.com/services/T000/B000/abcdefgh12345678", "abcdefgh12345678"),
    (f"https://oauth2:{GITLAB}@gitlab.com/x.git", GITLAB),
    (f"clone {GITLAB}", GITLAB),
    (f"remote: {GITHUB}", GITHUB),
    ("the token 8f14e45fceea167a5a36dedd4bea2543 was refused", "8f14e45fceea167a5a36dedd4bea2543"),
    ("- name: DB_PASSWORD\n  value: hunter2", "hunter2"),
    ('- name: SIGNING_KEY\n  value: "abc def"', "abc def"),
    ('{"name":"API_TOKEN","value":"hunter2"}', "hunter2"),
    ("      DB_PASSWORD:   hunter2\n      HOST: db", "hunter2"),
    ("--db-password hunter2 --verbose", "hunter2"),
    ("Cookie: session=abcdef; theme=dark", "abcdef"),
    ("apiVersion: v1\ndata:\n  user: Ym9i\n  cert: c2VjcmV0\nkind: Secret\nmetadata:\n  name: db", "c2VjcmV0"),
    ("kind: Secret\nstringData:\n  plain: swordfish\n  more: |\n    swordfish\ntype: Opaque", "swordfish"),
    ('{"kind": "Secret", "data": {"x": "c3dvcmRmaXNo"}}', "c3dvcmRmaXNo"),
    ('note: "{\\"data\\":{\\"x\\":\\"c3dvcmRmaXNo\\"},\\"kind\\":\\"Secret\\"}"', "c3dvcmRmaXNo"),
    ('{"pass": "hunter2"}', "hunter2"),
    ("pass: hunter2", "hunter2"),
    ("DBPASS=hunter2 DB_PW=swordfish9 pw=hunter2", "hunter2"),
    ("DB_PW=swordfish9", "swordfish9"),
    ("CREATE USER app WITH PASSWORD 'hunter2';", "hunter2"),
    ("ALTER USER app IDENTIFIED BY 'hunter2'", "hunter2"),
    ("login failed for user bob with password hunter2", "hunter2"),
    ("<password>hunter2</password>", "hunter2"),
    ("[password] => hunter2", "hunter2"),
    ("password:\n  hunter2", "hunter2"),
    ("db:\n  password: |\n    swordfish\n    swordfish\n  host: db", "swordfish"),
    ("-password hunter2", "hunter2"),
    ("docker login -u bot -p hunter2 registry.example.com", "hunter2"),
    ("redis-cli -h cache -a hunter2 ping", "hunter2"),
    ("sshpass -p hunter2 ssh bob@host", "hunter2"),
    ("redis-server --requirepass hunter2", "hunter2"),
    ("password%3Dhunter2", "hunter2"),
    ("https://0123456789abcdefABCDEF@o1.ingest.example.com/2", "0123456789abcdefABCDEF"),
    ("https://a.blob.example.net/c?sv=2020&sig=abcD%2Fefg1234567890hijk%3D", "abcD%2Fefg"),
    ("GET /x?signature=abcdef123456", "abcdef123456"),
    ("https://b.example.com/x?X-Amz-Expires=60&X-Amz-Signature=fe5f80f77d5fa3beca038a248ff027d0", "fe5f80f7"),
    ("GET /x?key=AbC123xyz", "AbC123xyz"),
    ("GET /cb?code=4/0AX4XfWhxyz123", "4/0AX4"),
    ("Authorization: AWS4-HMAC-SHA256 Credential=x/2026, SignedHeaders=host, Signature=fe5f80f77d5fa3beca03", "fe5f80f7"),
    ('Authorization: Digest username="a", realm="r", response="6629fae49393a05397450978507c4ef1"', "6629fae4"),
    ("whsec_" + "0123456789abcdefghijABCDEFGH", "0123456789abc"),
    ("shpat_" + "0123456789abcdef" * 2, "0123456789abc"),
    ("glsa_" + "0123456789abcdefghijABCDEFGHIJ01_abcdef01", "0123456789abc"),
    ("glc_" + "eyJvIjoiMTIzNDU2Nzg5MGFiY2RlZmdoaWprIn0=", "eyJvIjoiMTIz"),
    ("dapi" + "0123456789abcdef" * 2, "0123456789abc"),
    ("NRAK-" + "0123456789ABCDEFGHIJKLMNOPQ", "0123456789ABC"),
    ("lin_api_" + "0123456789abcdefghijABCDEFGHIJ0123456789", "0123456789abc"),
    ("secret_" + "0123456789abcdefghijABCDEFGHIJ0123456789abc", "0123456789abc"),
    ("dp.pt." + "0123456789abcdefghijABCDEFGHIJ0123456789abc", "0123456789abc"),
    ("pul-" + "0123456789abcdef0123456789abcdef01234567", "0123456789abc"),
    ("sq0atp-" + "0123456789abcdefghijkl", "0123456789abc"),
    ("AGE-SECRET-KEY-1" + "Q" * 58, "QQQQQQ"),
    ("vault said s." + "0123456789abcdefghijABCD", "0123456789abc"),
    ("bot 123456789:AA" + "F0123456789abcdefghijklmnopqrstuv", "0123456789abc"),
    ("https://discord.com/api/webhooks/123456/abcdefghijklmnop_qrstuvwxyz", "abcdefghijklm"),
    ("https://x.webhook.office.com/webhookb2/abc-123@def/IncomingWebhook/0123456789abcdef/xyz", "0123456789abc"),
    ("client-key-data: LS0tLS1CRUdJTiBSU0EgUFJJVkFURSBLRVktLS0tLQo=", "LS0tLS1CRUdJTi"),
    ("key LS0tLS1CRUdJTiBSU0EgUFJJVkFURSBLRVktLS0tLQpNSUlFb3dJQkFBS0NBUUVB", "NSUlFb3dJQkFB"),
    (".dockerconfigjson: eyJhdXRocyI6eyJyLmlvIjp7ImF1dGgiOiJkWE5s", "eyJhdXRocyI6"),
    ('{"kind": "Secret", "stringData": {"x": "swordfish!"}}', "swordfish!"),
    ("PASSWORD_OLD=hunter2", "hunter2"),
    ('unlocked with passphrase "Corr3ct Horse"', "Horse"),
    ("login as bob, password 'hunter2' was refused", "hunter2"),
    ('{"msg": "passphrase \\"Corr3ct Horse\\" refused"}', "Horse"),
    ("- name: API_KEY_PROD\n  value: hunter2", "hunter2"),
]

KEPT = [
    "Error: couldn't find key DB_PASSWORD in Secret shop/db-credentials",
    'secret "db-credentials" not found',
    'FATAL: password authentication failed for user "app"',
    "DB_PASSWORD:  <set to the key 'password' in secret 'db'>  Optional: false",
    "secretName: api-tls",
    "valueFrom:\n  secretKeyRef:\n    key: password\n    name: db",
    "automountServiceAccountToken: false",
    'MountVolume.SetUp failed for volume "creds": secret "db-credentials-7d9f8bcd4f" not found',
    "topologyKey: kubernetes.io/hostname",
    "error: token: unexpected end of input",
    "imagePullSecrets:\n- name: regcred",
    "DB_PASSWORD: $(OTHER_VAR)",
    "password=",
    "PWD=/home/app",
    "image: registry.example.com:5000/shop/api@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
    "http://api.shop:8080/path?mail=a@b.com",
    "http://api:8080?mail=a@b.com",
    "http://api:${PORT}/users/me@example.com",
    "the token of spec.containers[name=auth].ports[containerPort=80]",
    "api-token[containerPort=8080].name",
    'Www-Authenticate: Bearer realm="https://auth.docker.io/token",service="registry.docker.io"',
    "unauthorized: authentication required, basic authentication",
    "apiVersion: v1\ndata:\n  LOG_LEVEL: debug\nkind: ConfigMap",
    "node(s) had untolerated taint {key: value}",
    "pod-template-hash=5d59d67564",
    "passed: 12, failed: 3",
    "--- PASS: TestThing (0.01s)",
    "pass: 12 fail: 3",
    "pass=12 fail=0",
    "bypass: disabled",
    "compass: north",
    "tokens: 1200",
    "MAX_TOKENS=4096",
    "GET /x?key=user-42&code=404",
    "git clone ssh://deploy-user-of-the-shop@git.example.com/x",
    "failed with password authentication",
    "certificate-authority-data: LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCk1JSUM=",
    "secret:\n  secretName: db-credentials",
    "token:\n- name: x",
    "author: bob",
    "https://shop.example.com/orders?page=2&sort=created_at",
    "at com.example.Orders.place(Orders.java:17)",
    "MultiAZ failover of db-1.abcdefghij.eu-west-1.rds.example.com took 30s.",
]  # fmt: skip


@pytest.mark.parametrize(("text", "secret"), PLANTED)
def test_a_planted_secret_vanishes(text, secret):
    """In the form in which logs, manifests and commands show it."""
    masked = mask(text)
    assert secret not in masked
    assert "[masked:" in masked
    assert mask(masked) == masked


@pytest.mark.parametrize("text", KEPT)
def test_what_explains_an_incident_stays(text):
    """Names of secrets and words about them are no secrets."""
    assert mask(text) == text


HOSTS = st.sampled_from(
    ["gitlab.example.com", "db.shop.svc:5432", "cache:6379", "10.0.0.7", "10.0.0.7:8443", "[::1]:5432", "api.shop:${PORT}"]
)
PARTS = st.lists(st.sampled_from(["me@example.com", "@scope", "pkg@1.2.3", "a", "x:y@z", "~bob@host", "v1"]), min_size=1, max_size=4).map(
    "/".join
)


@given(host=HOSTS, path=PARTS, password=st.sampled_from(["", "hunter2", "p@ss", "s/l@sh", "p:w"]))
def test_of_an_address_only_the_password_is_masked(host, path, password):
    """Whatever its path holds: the host explains an incident."""
    address = f"https://{f'bob:{password}@' if password else ''}{host}/{path} answered 503"

    assert mask(address) == address.replace(f":{password}@", ":[masked:password]@", 1) if password else mask(address) == address


@given(
    word=st.sampled_from(["token", "secret", "api-key", "db-password", "key"]),
    field=st.sampled_from(["containerPort", "name", "spec.ports.targetPort", "metadata.name", "terminationGracePeriodSeconds"]),
    value=st.integers(0, 99999).map(str) | st.sampled_from(["http", "http-metrics", "TCP", "nginx"]),
    opening=st.sampled_from(["[", " [", ".ports[", " at spec.ports["]),
)
def test_a_path_into_an_object_stays(word, field, value, opening):
    """Though a word of it announces secrets elsewhere."""
    text = f"{word}{opening}{field}={value}].name"

    assert mask(text) == text


def test_json_stays_json():
    """A masked body can still be read."""
    text = json.dumps({"password": "hunter2", "auth": "abc", "nested": {"token": "t0"}, "list": [{"name": "X_TOKEN", "value": "v"}]})
    masked = json.loads(mask(text))
    assert masked["password"] == "[masked:password]"
    assert masked["list"][0]["value"] == "[masked:token]"


def test_a_config_map_beside_a_secret_is_left_alone():
    """In one YAML list only the Secret's data goes."""
    text = (
        "apiVersion: v1\nitems:\n- apiVersion: v1\n  data:\n    a: c2VjcmV0\n  kind: Secret\n"
        "- apiVersion: v1\n  data:\n    LEVEL: debug\n  kind: ConfigMap\nkind: List\n"
    )
    assert mask(text) == text.replace("c2VjcmV0", "[masked:secret_data]")


def test_objects_lose_their_secrets_and_nothing_else():
    """Secret data, variables with sensitive names, flags, and strings that hold one."""
    pod = {
        "kind": "Pod",
        "spec": {
            "automountServiceAccountToken": False,
            "containers": [
                {
                    "name": "api",
                    "args": ["--password", "hunter2", "--token=abc1", "--port", "80"],
                    "env": [
                        {"name": "DB_PASSWORD", "value": "hunter2"},
                        {"name": "DB_TOKEN", "valueFrom": {"secretKeyRef": {"name": "db", "key": "token"}}},
                        {"name": "URL", "value": "redis://:pw1@cache"},
                        {"name": "API_KEY", "value": "$(OTHER)"},
                        {"name": "EMPTY_SECRET", "value": ""},
                    ],
                }
            ],
        },
    }
    container = mask_object(pod)["spec"]["containers"][0]
    assert container["args"] == ["--password", "[masked:password]", "--token=[masked:token]", "--port", "80"]
    assert [e.get("value") for e in container["env"]] == ["[masked:password]", None, "redis://:[masked:password]@cache", "$(OTHER)", ""]
    assert container["env"][1]["valueFrom"] == {"secretKeyRef": {"name": "db", "key": "token"}}
    secret = {"kind": "Secret", "data": {"a": "b"}, "metadata": {"name": "s"}}
    assert mask_object(secret) == {"kind": "Secret", "data": {"a": "[masked:secret_data]"}, "metadata": {"name": "s"}}
    assert mask_object(mask_object(pod)) == mask_object(pod)


VARIABLES = [
    "DBPASS", "DB_PW", "REDIS_AUTH", "SMTP_PW", "PASSWORD_1", "PASSWORD_OLD", "API_KEY_PROD", "CLIENT_SECRET_OLD", "TOKEN2",
    "TOKENS", "SECRETS", "BASIC_AUTH", "GITHUB_PAT", "DSN", "SENTRY_DSN",
]  # fmt: skip


@pytest.mark.parametrize("name", VARIABLES)
def test_a_variable_that_announces_a_secret_loses_its_value(name):
    """As an object, and in a text."""
    assert mask_object({"name": name, "value": "hunter2"})["value"].startswith("[masked:")
    assert "hunter2" not in mask(f"{name}=hunter2")
    assert "hunter2" not in mask(f"- name: {name}\n  value: hunter2")


@pytest.mark.parametrize(
    ("name", "value"), [("MAX_TOKENS", "4096"), ("TOPOLOGY_KEYS", "3"), ("COMPATIBLE", "yes"), ("AUTHOR", "bob"), ("LOG_PATH", "/x")]
)
def test_a_variable_that_only_sounds_so_keeps_its_value(name, value):
    """A plural beside a number counts things."""
    assert mask_object({"name": name, "value": value})["value"] == value
    assert mask(f"{name}={value}") == f"{name}={value}"


def test_what_stands_under_a_sensitive_key_is_masked_too():
    """One level below, but names of the cluster's objects stay."""
    assert "hunter2" not in str(mask_object({"password": {"value": "hunter2"}, "passwords": ["hunter2"], "token": {"raw": "hunter2"}}))
    named = {
        "secrets": ["db-credentials"],
        "imagePullSecrets": [{"name": "regcred"}],
        "secret": {"secretName": "db"},
        "token": {"path": "t"},
    }
    assert mask_object(named) == named
    assert mask_object({"args": ["redis-server", "--requirepass", "hunter2"]})["args"][2] == "[masked:password]"
    applied = '{"apiVersion":"v1","stringData":{"x":"hunter2!"},"kind":"Secret"}'
    assert "hunter2!" not in str(mask_object({"metadata": {"annotations": {"kubectl.kubernetes.io/last-applied-configuration": applied}}}))


PIECES = [text for text, _ in PLANTED] + KEPT + [
    "password", "token", "KEY", "=", ": ", '"', "\\", "'", "://", "@", "\n", " ", "[masked:", "]", "-----BEGIN PRIVATE KEY-----", "eyJ", "{", "data:",
    "kind: Secret", "--", "name: ", "value: ", ",", "secret ", "0a", "- ", "auth", "bearer ", "$(", "xoxb-",
]  # fmt: skip


@settings(max_examples=600, deadline=None)
@given(st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=6)), max_size=14))
def test_masking_twice_is_masking_once(pieces):
    """For hostile neighbours too."""
    masked = mask("".join(pieces))
    assert mask(masked) == masked


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from(["password=", "DB_PASSWORD: ", '"token": "', "--api-key ", "client_secret=", "PGPASSWORD="]),
    st.text(alphabet="ABCDEFGHJKLMNPQRSTUVWXYZabcdefghjkmnpqrstuvwxyz23456789", min_size=9, max_size=64),
    st.text(alphabet=" abc\n", max_size=20),
)
def test_a_random_value_beside_its_word_vanishes(word, value, around):
    """Whatever stands around it."""
    value += "9Z"
    assert value not in mask(f"{around} {word}{value}" + ('"' if '"' in word else "") + f" {around}")


HOSTILE = ["password=", "a", "-", "://a:", "eyJ", "-----BEGIN PRIVATE KEY-----", "name: ", "token ", '"', "\\", "curl ", "mysql ", "--", "AKIA", " ",
           "Authorization: ", "key" * 3, "x:", "@", '{"data":{', "kind: Secret\ndata:\n", "https://user:pass@", "bearer a", "{" * 3, "cookie: ",
           "docker login ", "redis-cli ", "?key=", "&sig=", "<password>", "with password ", "password:\n ", "password: |\n  a\n", "Digest username=", "s.",
           "_AUTH", "TOKENS", "DSN", "://a", "dp.pt.", "1:AA", "secret_", "pass: "]  # fmt: skip


@pytest.mark.parametrize("piece", HOSTILE)
def test_the_time_grows_with_the_text_only(piece):
    """No text makes a rule go over it again and again: four times as much takes about four times as long, where a bad rule takes sixteen."""
    short, long = (_seconds("secret kind data token password " + piece * (size // len(piece))) for size in (75_000, 300_000))
    assert long < 10 * max(short, 0.02)


def _seconds(text: str) -> float:
    """The processor's time that masking takes, the better of two runs."""
    taken = []
    for _ in range(2):
        began = time.process_time()
        mask(text)
        taken.append(time.process_time() - began)
    return min(taken)


def test_a_secret_is_found_in_a_megabyte_of_log():
    """However seldom it stands there."""
    line = '2026-01-31T15:04:05Z INFO api request_id=4f6 path=/v1/orders status=200 took=12ms msg="order accepted for customer 81723"\n'
    text = (line * 99 + "2026-01-31 connecting with password=hunter2 to db\n") * (1_000_000 // (len(line) * 99))
    assert "hunter2" not in mask(text)


def test_what_we_were_entrusted_with_is_known_by_heart(monkeypatch):
    """A key of bare hexadecimal digits looks like any digest; short words may be names."""
    monkeypatch.setattr("remediation.masking.text._by_heart", [])
    learn(["9da7b88dfbb7645e6140ee2bb258240c", "dev", ""])
    assert mask("env dev leaks 9da7b88dfbb7645e6140ee2bb258240c!") == "env dev leaks [masked:own]!"
    assert mask_object({"url": "https://h/?x=9da7b88dfbb7645e6140ee2bb258240c", "n": 1}) == {"url": "https://h/?x=[masked:own]", "n": 1}
    learn([])
    assert mask("9da7b88dfbb7645e6140ee2bb258240c") == "9da7b88dfbb7645e6140ee2bb258240c"


def test_what_we_were_entrusted_with_is_known_as_json_writes_it(monkeypatch):
    """Where an object is looked at as a whole, a quote in a secret has a backslash before it."""
    monkeypatch.setattr("remediation.masking.text._by_heart", [])
    learn(['zq"8\\mn-zq8mn'])
    assert mask_object({"url": 'x zq"8\\mn-zq8mn y'}) == {"url": "x [masked:own] y"}
    assert mask('{"url": "x zq\\"8\\\\mn-zq8mn y"}') == '{"url": "x [masked:own] y"}'
    learn([])


@pytest.mark.parametrize(
    "thing",
    [
        {"DB_PASSWORD": "hunter2"},
        {"args": ["--password", "hunter2"]},
        {"kind": "Secret", "data": {"a": "hunter2"}},
        {("not", "text"): {"password": "hunter2"}},
        {"half": "\ud800", "password": "hunter2"},
        {"env": [{"name": "A\u0130_KEY", "value": "hunter2"}]},
    ],
)
def test_a_secret_is_found_in_an_object_whatever_stands_beside_it(thing):
    """That an object holds none is told by how JSON writes it, where JSON can."""
    assert "hunter2" not in str(mask_object(thing))


def test_an_object_in_which_nothing_sounds_like_a_secret_is_the_very_same():
    """Most are: none is copied in vain."""
    thing = {"metadata": {"name": "cart"}, "status": {"phase": "Running"}}
    assert mask_object(thing) is thing


@pytest.mark.parametrize(("secret", "hidden"), PLANTED)
def test_a_secret_in_a_long_text_is_found_as_in_a_short_one(secret, hidden):
    """Of a long one only the suspicious lines are asked what they hold."""
    assert hidden not in mask("\n".join(["an order was stored and a basket was priced"] * 40 + [secret]))


PIECES = ("password", "DB_", "db", "pass", "pw", "secret", "Token", "_PAT", "api", "_", "-", "KEY", "key", "APPKEY", "encryption", "master",
          "auth", "require", "connection", " ", "=", ": ", '"', "\n", "abcdEF1234567890abcd", "x", "DSN", "mail", "\u017fecret", "\u0130")  # fmt: skip


@given(st.lists(st.sampled_from(PIECES), max_size=14).map("".join))
def test_a_rule_that_is_tried_where_words_begin_finds_what_it_finds_anywhere(text):
    """Where a word may begin is told by its stem: a place that this forgets would let a secret through."""
    for rule in ANNOUNCED:
        assert rule.applied(text, text.lower()) == rule.pattern.sub(rule.replace, text)


@given(st.lists(st.sampled_from([text for text, _ in PLANTED] + KEPT + [" ", "\n", "x"]), max_size=6).map("".join))
def test_a_rule_that_is_tried_at_its_hints_finds_what_it_finds_anywhere(text):
    """A hint that names only one of a rule's beginnings would let the others through."""
    for rule in (*SHAPES, *COMMANDS):
        assert rule.applied(text, text.lower()) == rule.pattern.sub(rule.replace, text)


@given(
    word=st.sampled_from(["password", "passphrase", "Passwort", "passwd"]),
    quote=st.sampled_from("\"'"),
    secret=st.text("abcdefgXYZ019 #.-", min_size=4).filter(lambda text: text.strip() == text and text[:1] not in ".#-"),
)
def test_what_is_quoted_after_a_word_for_a_password_is_masked(word, quote, secret):
    """Without `=` or `:`, and with blanks inside; what surrounds it stays, and masking twice is masking once."""
    masked = mask(f"login using {word} {quote}{secret}{quote} was refused by db-3")

    assert masked == f"login using {word} {quote}[masked:password]{quote} was refused by db-3"
    assert mask(masked) == masked

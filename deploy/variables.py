"""What each variable means, in English and Japanese; names and defaults come from the programs.

`{smtp_ports}` stands for the ports that tests may reach without being allowed to. Links are
relative to `deploy/`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Meaning:
    """One variable in both languages; `name` is the whole name."""

    name: str
    en: str
    ja: str


_ROLES = "README.md#two-roles-the-owner-migrates-the-application-adds"
_KEYS = "../services/config_api/README.md#keys"
_OPENID = "../services/config_api/README.md#who-gets-in"

MEANINGS: Final = (
    Meaning(
        "RELAYBOOK_DATA_DIR",
        "Embedded database and bus, master key, `admin.token` and `tester.token`.",
        "組み込みのデータベースとバス、マスター鍵、`admin.token`、`tester.token` の置き場所。",
    ),
    Meaning(
        "RELAYBOOK_DATABASE_URL",
        "`postgresql+psycopg://…`, as the application's role, or `sqlite:///FILE`.",
        "`postgresql+psycopg://…`(アプリケーションのロール)または `sqlite:///ファイル`。",
    ),
    Meaning(
        "RELAYBOOK_MIGRATION_DATABASE_URL",
        f"The same database as [its owner]({_ROLES}), for `migrate`. Without it that of "
        "`RELAYBOOK_DATABASE_URL`.",
        f"`migrate` が使う[所有者のロール]({_ROLES})の URL。未設定なら "
        "`RELAYBOOK_DATABASE_URL` と同じ。",
    ),
    Meaning(
        "RELAYBOOK_URL",
        "Where CLI and tester find the API.",
        "CLI とテスターが接続する API の URL。",
    ),
    Meaning(
        "RELAYBOOK_TOKEN",
        "The API token of CLI or tester; the tester's own file is `DATA_DIR/tester.token`.",
        "CLI またはテスターの API トークン。テスターの既定のファイルは `DATA_DIR/tester.token`。",
    ),
    Meaning(
        "RELAYBOOK_BROKER_URL",
        "`amqp://…` or `amqps://…`; without it the embedded bus in that file.",
        "`amqp://…` または `amqps://…`。未設定なら既定のファイルを使う組み込みのバス。",
    ),
    Meaning(
        "RELAYBOOK_MASTER_KEY",
        "32 bytes in base64, or [several such keys](" + _KEYS + "), the first of which wraps. Made "
        "in embedded use only, needed with PostgreSQL. The word `lost` starts without: settings "
        "can be read, secrets cannot.",
        "base64 の 32 バイト。[複数](" + _KEYS + ")書くと先頭の鍵で封印する。自動で作られるのは"
        "組み込みの場合だけで、PostgreSQL では必須。`lost` と書くと鍵なしで起動し、設定は読めるが"
        "秘密情報は読めない。",
    ),
    Meaning(
        "RELAYBOOK_BIND",
        "`HOST:PORT` where API and web client listen; IPv6 in brackets.",
        "API と Web クライアントの待ち受け `HOST:PORT`。IPv6 は角括弧で囲む。",
    ),
    Meaning(
        "RELAYBOOK_PUBLIC_URL",
        "The URL that people use: its host is accepted, https makes cookies secure. Without it "
        "`http://` and the bind address.",
        "利用者がアクセスする URL。このホスト名を受け付け、https なら Cookie を Secure にする。"
        "未設定なら `http://` と待ち受けアドレス。",
    ),
    Meaning(
        "RELAYBOOK_TRUSTED_PROXIES",
        "How many proxies stand in front, whose `X-Forwarded-…` are believed.",
        "前段にあるプロキシの段数。その段数分の `X-Forwarded-…` だけを信用する。",
    ),
    Meaning(
        "RELAYBOOK_DEFAULTS_FILE",
        "The [default settings](README.md#default-settings): `.xml` (javamail), `.json`, `.yaml`, "
        "`.yml` or `.csv`.",
        "[規定の設定](README.md#default-settings)のファイル: `.xml`(javamail)、`.json`、`.yaml`、"
        "`.yml`、`.csv`。",
    ),
    Meaning(
        "RELAYBOOK_CHECKPOINT_FILE",
        "The newest signed checkpoint of the log, kept outside the database: a restored older one "
        "is noticed by it. With PostgreSQL none is kept unless named.",
        "封印ログの最新の署名済みチェックポイントをデータベースの外に残すファイル。古いバックアップ"
        "への復元に気付ける。PostgreSQL では指定した場合だけ書く。",
    ),
    Meaning(
        "RELAYBOOK_PROBE_ALLOW",
        "What tests, and the service's own connections, may reach besides public and private "
        "addresses on the ports {smtp_ports} (443 for OAuth, OpenID and webhooks): comma list of "
        "`ADDR/LEN[:PORTS]`, IPv6 in brackets (`[::1]/128:*`), PORTS = `*`, `P` or `P-P`.",
        "接続テストとサービス自身の接続に追加で許可する宛先。既定は公開・プライベートアドレスの"
        "ポート {smtp_ports}(OAuth、OpenID、Webhook は 443)。`ADDR/LEN[:PORTS]` をカンマ区切りで"
        "書き、IPv6 は角括弧(`[::1]/128:*`)、PORTS は `*`、`P`、`P-P`。",
    ),
    Meaning(
        "RELAYBOOK_PROBE_DENY",
        "What they may not reach, in the same form; wins over `RELAYBOOK_PROBE_ALLOW`.",
        "接続を禁止する宛先。書式は同じで、`RELAYBOOK_PROBE_ALLOW` より優先される。",
    ),
    Meaning(
        "RELAYBOOK_PROBE_CONCURRENCY",
        "Tests at once in one tester.",
        "1 つのテスターが同時に実行するテストの数。",
    ),
    Meaning(
        "RELAYBOOK_PROBE_DEADLINE_MS",
        "Milliseconds for the whole of one test; the smaller of the service's and the tester's "
        "counts.",
        "1 回のテスト全体の制限時間(ミリ秒)。サービスとテスターのうち小さいほうが有効。",
    ),
    Meaning(
        "RELAYBOOK_CA_FILE",
        "Trust anchors (PEM) besides the system's, for tests, OAuth, OpenID and webhooks.",
        "システムの認証局に追加して信頼する証明書(PEM)。接続テスト、OAuth、OpenID、Webhook "
        "に使う。",
    ),
    Meaning(
        "RELAYBOOK_DNS_SERVERS",
        "Resolvers for tests instead of the system's: comma list of `IP[:PORT]`. The hosts file is "
        "read first.",
        "接続テストで使う DNS サーバー(`IP[:PORT]` をカンマ区切り)。未設定ならシステムのもの。"
        "hosts ファイルを先に読む。",
    ),
    Meaning(
        "RELAYBOOK_TEST_RATE",
        "Connection tests that a principal may ask for, and that all of them may ask for one "
        "setting, or for one user at a host; counted for all processes together: "
        "`COUNT/second`, `/minute`, `/hour`, `/day`, or `off`.",
        "接続テストの上限。依頼者ごと、設定ごと、同じホストの同じユーザーごとに、全プロセスを通して"
        "数える。`回数/second`、`/minute`、`/hour`、`/day`、または `off`。",
    ),
    Meaning(
        "RELAYBOOK_RETEST_EVERY",
        "How often [each setting is tested again](README.md#re-tests): `90s`, `30m`, `24h`, `7d`, "
        "at most `366d`, or `off`.",
        "各設定を[定期的に再テスト](README.md#re-tests)する間隔。`90s`、`30m`、`24h`、`7d`"
        "(最長 `366d`)、または `off`。",
    ),
    Meaning(
        "RELAYBOOK_READ_CACHE_MIB",
        "MiB for [answers that a `serve` keeps](README.md#reading); 0 keeps none.",
        "各 `serve` が[応答を保持する](README.md#reading)メモリの MiB。0 なら保持しない。",
    ),
    Meaning(
        "RELAYBOOK_OIDC_ISSUER",
        f"[Sign-in with OpenID Connect]({_OPENID}): the provider's issuer as it spells it itself.",
        f"[OpenID Connect によるサインイン]({_OPENID})で使うプロバイダーの issuer(表記どおり)。",
    ),
    Meaning(
        "RELAYBOOK_OIDC_CLIENT_ID",
        "The client's ID there; needed with an issuer.",
        "プロバイダーに登録したクライアント ID。issuer とともに必須。",
    ),
    Meaning(
        "RELAYBOOK_OIDC_CLIENT_SECRET",
        "Its secret; a public client has none.",
        "クライアントシークレット。公開クライアントでは不要。",
    ),
    Meaning(
        "RELAYBOOK_OIDC_ROLES",
        "Which claims give which roles: comma list of `CLAIM=VALUE:ROLE[+ROLE]`; needed with an "
        "issuer.",
        "クレームとロールの対応。`CLAIM=VALUE:ROLE[+ROLE]` をカンマ区切りで書く。"
        "issuer とともに必須。",
    ),
    Meaning(
        "RELAYBOOK_LOG_LEVEL",
        "The least level of a log line; `debug` also tells of each request that reads.",
        "出力するログの最低レベル。`debug` では読み取り要求も 1 行ずつ出力する。",
    ),
    Meaning(
        "RELAYBOOK_LOG_FORMAT",
        "Without it `console` on a terminal, otherwise `json`.",
        "未設定なら端末では `console`、それ以外では `json`。",
    ),
    Meaning(
        "RELAYBOOK_METRICS_BIND",
        "`HOST:PORT` where relay and tester answer [Prometheus](README.md#figures); without it "
        "nowhere.",
        "リレーとテスターが [Prometheus](README.md#figures) に応答する `HOST:PORT`。"
        "未設定なら応答しない。",
    ),
)

#: Read by themselves, before or beside the settings.
BESIDE: Final = (
    Meaning(
        "RELAYBOOK_LANG",
        "The language of the command line, `en` or `ja`; without it the locale's (`LC_ALL`, "
        "`LC_MESSAGES`, `LANG`).",
        "コマンドラインの言語(`en` または `ja`)。未設定ならロケール(`LC_ALL`、`LC_MESSAGES`、"
        "`LANG`)に従う。",
    ),
    Meaning(
        "RELAYBOOK_FAILPOINT",
        "For the tests of crashes only: kills the process at a named place.",
        "障害テスト専用。指定した箇所でプロセスを強制終了する。",
    ),
)

"""What comments of rendered texts say, in English and Japanese."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal

Language = Literal["en", "ja"]

#: Code of a comment → language → one line with the names of its facts.
NOTES: Final[Mapping[str, Mapping[Language, str]]] = {
    "rendered": {
        "en": "SMTP setting {setting_id}, version {version}, written by Relaybook for {target}.",
        "ja": "SMTP 設定 {setting_id}(バージョン {version})を Relaybook が {target} 用に"
        "出力したものです。",
    },
    "java_password": {
        "en": "The password is no session property: give it to Transport.connect() or to an "
        "Authenticator.",
        "ja": "パスワードはセッションプロパティではありません。Transport.connect() または "
        "Authenticator に渡してください。",
    },
    "java_access_token": {
        "en": "Sign in with an OAuth access token: give a fresh one to Transport.connect() as the "
        "password.",
        "ja": "OAuth のアクセストークンでサインインします。有効なトークンを取得し、パスワード"
        "として Transport.connect() に渡してください。",
    },
    "replace_placeholders": {
        "en": "Put the secrets where values stand in angle brackets.",
        "ja": "山括弧で囲まれた値は、実際のパスワードやトークンに置き換えてください。",
    },
    "token_expires": {
        "en": "{placeholder} is an OAuth access token. It expires: fetch a fresh one in time.",
        "ja": "{placeholder} は OAuth のアクセストークンです。有効期限があるため、期限が切れる"
        "前に取得し直してください。",
    },
    "token_left": {
        "en": "This setting signs in with an OAuth access token, which {target} cannot do by "
        "itself: it signs in nowhere here.",
        "ja": "この設定は OAuth のアクセストークンでサインインしますが、{target} 単体では対応して"
        "いません。この出力ではサインインしません。",
    },
    "private_ca": {
        "en": "The server's certificate comes from a private CA. Save these certificates as a "
        "file and make it trusted: {how}",
        "ja": "サーバー証明書はプライベート CA が発行したものです。次の証明書をファイルに保存し、"
        "信頼されるように設定してください: {how}",
    },
    "protocols_left": {
        "en": "{target} has no parameter for TLS versions. This setting allows only {versions}.",
        "ja": "{target} には TLS バージョンを指定する項目がありません。この設定で許可している"
        "のは {versions} だけです。",
    },
    "opportunistic_left": {
        "en": "This setting uses TLS where the server offers it. {target} knows only always or "
        "never: here it is never.",
        "ja": "この設定では、サーバーが対応していれば TLS を使用します。{target} では常に使用する"
        "か使用しないかしか選べないため、ここでは使用しません。",
    },
    "opportunistic_unverified": {
        "en": "TLS is used where the server offers it; its certificate is not checked then.",
        "ja": "サーバーが対応していれば TLS を使用しますが、証明書は検証しません。",
    },
    "one_timeout": {
        "en": "{target} has one time limit for connecting and for answers: the longer of this "
        "setting's two.",
        "ja": "{target} のタイムアウトは、接続と応答の両方に共通の 1 つだけです。この設定の 2 つ"
        "のうち長いほうを使用しています。",
    },
    "no_limit_left": {
        "en": "This setting sets no time limit for answers. {target} needs one and keeps its own.",
        "ja": "この設定では応答のタイムアウトを設けていません。{target} では必須のため、"
        "{target} の既定値のままです。",
    },
    "mechanism_left": {
        "en": "{target} chooses the SASL mechanism itself. This setting wants {mechanisms}.",
        "ja": "{target} は SASL メカニズムを自動的に選択します。この設定で指定しているのは "
        "{mechanisms} です。",
    },
    "mechanism_unknown": {
        "en": "This setting wants the SASL mechanism {mechanisms}, which {target} may not know.",
        "ja": "この設定では SASL メカニズム {mechanisms} を指定していますが、{target} が対応して"
        "いない可能性があります。",
    },
    "user_not_ascii": {
        "en": "{target} signs in with ASCII user names only; this one has other characters.",
        "ja": "{target} でサインインに使用できるのは ASCII 文字のユーザー名だけですが、この"
        "ユーザー名にはそれ以外の文字が含まれています。",
    },
    "user_not_inline": {
        "en": "An inline table of {target} cannot hold this user name; where “<user>” stands, "
        "another one is needed.",
        "ja": "このユーザー名は {target} のインラインテーブルに記述できません。「<user>」の"
        "部分には別のユーザー名が必要です。",
    },
    "postfix_password": {
        "en": "Put the password where “<password>” stands, each “$” doubled, and let only root "
        "read the file; or move the line to a table of its own (postmap).",
        "ja": "「<password>」をパスワードに置き換え(「$」は「$$」と書きます)、root だけが"
        "このファイルを読めるようにしてください。または、別のテーブル(postmap)に移して"
        "ください。",
    },
    "postfix_trust": {
        "en": "smtp_tls_CAfile is where Debian has its trusted CAs; other systems have them "
        "elsewhere.",
        "ja": "smtp_tls_CAfile は Debian での信頼済み CA の場所です。システムによって場所が"
        "異なります。",
    },
    "postfix_private_trust": {
        "en": "smtp_tls_CAfile holds the private CA alone.",
        "ja": "smtp_tls_CAfile のファイルにはプライベート CA だけを入れます。",
    },
    "shell_only": {
        "en": "Some values hold quotes or backslashes: a POSIX shell reads them, not every reader "
        "of .env files does.",
        "ja": "引用符やバックスラッシュを含む値があります。POSIX シェルでは正しく読み込めますが、"
        ".env ファイルを読むツールでは正しく読めないことがあります。",
    },
    "debug": {
        "en": "This setting has debugging on, which is turned on elsewhere: {how}",
        "ja": "この設定ではデバッグ出力が有効です。別の場所で有効にしてください: {how}",
    },
    "x_mailer": {
        "en": "This setting gives each message the header X-Mailer: {value}",
        "ja": "この設定では、各メッセージに次のヘッダーを付けます。X-Mailer: {value}",
    },
    "properties_left": {
        "en": "Session properties of this setting that have no place here: {names}",
        "ja": "この設定のセッションプロパティのうち、ここに書けないもの: {names}",
    },
}


def note(code: str, language: Language, **facts: object) -> str:
    """Return a comment's text."""
    return NOTES[code][language].format(**facts)

"""Sentences, in English and Japanese, for what the diagnosis catalogue has no code for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

Sentences = Mapping[str, Mapping[str, str]]

#: Code of a field error → language → sentence with the names of its facts.
ERRORS: Final[Sentences] = {
    "required": {
        "en": "This field is required.",
        "ja": "この項目は必須です。",
    },
    "unknown_field": {
        "en": "There is no such field.",
        "ja": "この名前の項目はありません。",
    },
    "wrong_type": {
        "en": "The value must be of type {expected}.",
        "ja": "値の型は {expected} でなければなりません。",
    },
    "out_of_range": {
        "en": "The value must lie between {minimum} and {maximum}.",
        "ja": "{minimum} 以上 {maximum} 以下の値を入力してください。",
    },
    "not_one_of": {
        "en": "The value must be one of {choices}.",
        "ja": "{choices} のいずれかを指定してください。",
    },
    "too_long": {
        "en": "The value may have at most {limit} characters.",
        "ja": "{limit} 文字以内で入力してください。",
    },
    "too_many": {
        "en": "There may be at most {limit} entries.",
        "ja": "{limit} 件以内で指定してください。",
    },
    "id_invalid": {
        "en": "An ID has 1 to 64 characters: letters, digits, “.”, “_”, “@” and “-”; the first is "
        "a letter or a digit.",
        "ja": "ID は英数字で始まる 1 ~ 64 文字で、使用できる文字は英数字と「.」「_」「@」「-」"
        "です。",
    },
    "id_repeated": {
        "en": "The file holds this ID more than once.",
        "ja": "ファイルにこの ID が複数回あります。",
    },
    "id_differs": {
        "en": "The ID differs from the one in the address of the request, {path_id}.",
        "ja": "ID がリクエストのアドレスにある ID({path_id})と異なります。",
    },
    "masked_password": {
        "en": "This is a mask and not a password: leave the field out to keep the stored one.",
        "ja": "これは伏せ字です。保存済みのパスワードをそのまま使う場合は、この項目を省略して"
        "ください。",
    },
    "password_without_method": {
        "en": "A password needs the sign-in method “password”.",
        "ja": "パスワードを指定するには、認証方式を「password」にしてください。",
    },
    "mechanism_without_token": {
        "en": "The mechanism {mechanism} cannot carry an access token: choose one of {choices}, or "
        "null for the best one offered.",
        "ja": "メカニズム {mechanism} ではアクセストークンを使用できません。{choices} のいずれか、"
        "または null(サーバーが提示するうち最適なもの)を指定してください。",
    },
    "ca_pem_invalid": {
        "en": "This is not one or more certificates in PEM form "
        "(-----BEGIN CERTIFICATE----- … -----END CERTIFICATE-----).",
        "ja": "PEM 形式の証明書(-----BEGIN CERTIFICATE----- … -----END CERTIFICATE-----)では"
        "ありません。",
    },
    "version_without_values": {
        "en": "There is no version {version} of this setting whose values could be restored.",
        "ja": "この設定に、復元できる値を持つバージョン {version} はありません。",
    },
    "property_name_invalid": {
        "en": "The name of a session property begins with “mail.” and holds letters, digits, “.” "
        "and “-”.",
        "ja": "セッションプロパティの名前は「mail.」で始まり、使用できる文字は英数字と「.」「-」"
        "です。",
    },
    "property_contradicts_security": {
        "en": "{name}={value} contradicts the security of this setting: remove the property, or "
        "set security to “{security}”.",
        "ja": "{name}={value} はこの設定の security と矛盾します。プロパティを削除するか、"
        "security を「{security}」にしてください。",
    },
    "not_json": {
        "en": "This cell must hold a JSON object. {reason}",
        "ja": "このセルには JSON のオブジェクトを入力してください。{reason}",
    },
    "element_repeated": {
        "en": "The element {element} occurs more than once in {parent}.",
        "ja": "要素 {element} が {parent} の中に複数あります。",
    },
    "property_repeated": {
        "en": "The file gives this property more than once.",
        "ja": "ファイルにこのプロパティが複数あります。",
    },
    "attribute_expected": {
        "en": "In this file, “{attribute}” is an attribute of the element {element}, not an "
        "element inside it.",
        "ja": "このファイルでは「{attribute}」は要素 {element} の属性です。子要素としては読み取れ"
        "ません。",
    },
    "user_name_invalid": {
        "en": "A user's name has 1 to 64 characters: letters, digits, “.”, “_”, “@” and “-”; the "
        "first is a letter or a digit.",
        "ja": "ユーザー名は英数字で始まる 1 ~ 64 文字で、使用できる文字は英数字と"
        "「.」「_」「@」「-」です。",
    },
    "password_short": {
        "en": "A password has at least {least} characters.",
        "ja": "パスワードは {least} 文字以上にしてください。",
    },
    "password_is_name": {
        "en": "The password must not be the user's name.",
        "ja": "ユーザー名と同じパスワードは使用できません。",
    },
    "password_controls": {
        "en": "A password holds no control characters, such as the end of a line.",
        "ja": "パスワードに改行などの制御文字は使用できません。",
    },
    "url_invalid": {
        "en": "This URL cannot be used.",
        "ja": "この URL は使用できません。",
    },
    "private_key_invalid": {
        "en": "This private key cannot be used.",
        "ja": "この秘密鍵は使用できません。",
    },
    "secret_of_grant": {
        "en": "The grant “{grant}” needs this secret.",
        "ja": "グラント「{grant}」にはこの秘密情報が必要です。",
    },
    "no_consent": {
        "en": "The grant “{grant}” needs no consent; only “authorization_code” asks a person.",
        "ja": "グラント「{grant}」に同意は不要です。同意を求めるのは「authorization_code」だけ"
        "です。",
    },
    "directory_missing": {
        "en": "Name the directory (tenant) of your organisation, by its ID or domain, or give the "
        "URLs themselves.",
        "ja": "組織のディレクトリ(テナント)を ID またはドメイン名で指定するか、URL を直接指定して"
        "ください。",
    },
    "directory_invalid": {
        "en": "A directory is an ID or a domain, such as contoso.onmicrosoft.com.",
        "ja": "ディレクトリには ID、または contoso.onmicrosoft.com のようなドメイン名を指定して"
        "ください。",
    },
    "directory_without_preset": {
        "en": "A directory belongs to the preset “microsoft365” only.",
        "ja": "ディレクトリを指定できるのは、プリセット「microsoft365」だけです。",
    },
    "scope_invalid": {
        "en": "A scope is one word: each in a text of its own, without blanks and quotation marks.",
        "ja": "スコープは 1 つずつ別の文字列で指定してください。空白と引用符は使用できません。",
    },
    "parameter_reserved": {
        "en": "This parameter is set by the service itself.",
        "ja": "このパラメーターはサービスが設定します。",
    },
    "parameter_invalid": {
        "en": "The name of a parameter consists of visible ASCII characters.",
        "ja": "パラメーターの名前には ASCII の印字可能文字を使用してください。",
    },
    "type_unknown": {
        "en": "No message has such a type: name one, such as smtp_setting.updated, or a pattern "
        "with * for one word and # for any number.",
        "ja": "この種類のメッセージはありません。smtp_setting.updated のような種類か、* (1 語)や "
        "# (任意の数の語)を含むパターンを指定してください。",
    },
    "signing_secret_invalid": {
        "en": "A secret is whsec_ and the base64 of {least} to {most} random bytes; leave it out "
        "to have one made.",
        "ja": "シークレットは、whsec_ の後に {least} ~ {most} バイトの乱数を Base64 で続けた"
        "形式です。省略すると自動で生成されます。",
    },
    "address_invalid": {
        "en": "This is not an e-mail address.",
        "ja": "メールアドレスではありません。",
    },
    "domain_missing": {
        "en": "Enter the domain of the e-mail addresses, such as acme.example.",
        "ja": "acme.example のように、メールアドレスのドメインを入力してください。",
    },
    "domain_is_address": {
        "en": "This is an e-mail address: enter the domain alone, that is what follows the @.",
        "ja": "メールアドレスが入力されています。@ より後ろのドメインだけを入力してください。",
    },
    "domain_is_more": {
        "en": "Enter the domain alone, without a scheme, port or path.",
        "ja": "スキーム、ポート、パスを除いて、ドメインだけを入力してください。",
    },
    "domain_incomplete": {
        "en": "“{value}” is not the domain of an e-mail address: enter a whole one, such as "
        "acme.example.",
        "ja": "「{value}」はメールアドレスのドメインではありません。acme.example のように完全な"
        "ドメインを入力してください。",
    },
}

#: Code of a warning → language → sentence with the names of its facts.
WARNED: Final[Sentences] = {
    "starttls_not_enabled": {
        "en": "STARTTLS has no effect in this file without smtps/@enable: mail goes in plain text.",
        "ja": "このファイルでは smtps の enable が無効なため STARTTLS は使用されず、平文で"
        "送信されます。",
    },
    "port_unusual": {
        "en": "With the security “{security}” port {port} is unusual, for servers mostly expect "
        "“{usual}” there: test the setting, and check both fields if the test fails.",
        "ja": "ポート {port} では通常「{usual}」を使用するため、security「{security}」との"
        "組み合わせは一般的ではありません。接続テストを行い、失敗する場合は両方の項目を確認してください。",
    },
    "timeout_short": {
        "en": "{field} is {value} milliseconds, less than a second: if seconds are meant, enter "
        "{suggestion}.",
        "ja": "{field} は {value} ミリ秒で、1 秒未満です。秒単位のつもりで入力した場合は "
        "{suggestion} を指定してください。",
    },
    "ca_pem_expired": {
        "en": "The certificate “{subject}” in ca_pem expired on {not_after}: replace it by the one "
        "that the authority uses now.",
        "ja": "ca_pem の証明書「{subject}」は {not_after} に期限が切れています。認証局の現在の"
        "証明書に置き換えてください。",
    },
    "ca_pem_not_yet_valid": {
        "en": "The certificate “{subject}” in ca_pem is valid from {not_before} on only: until "
        "then senders refuse the server.",
        "ja": "ca_pem の証明書「{subject}」の有効期間は {not_before} からです。それまではサーバーに"
        "接続できません。",
    },
    "ca_pem_not_a_ca": {
        "en": "The certificate “{subject}” in ca_pem is not that of an authority: enter the "
        "certificate of “{issuer}”, which issued it.",
        "ja": "ca_pem の証明書「{subject}」は認証局の証明書ではありません。発行元「{issuer}」の"
        "証明書を指定してください。",
    },
    "password_dropped": {
        "en": "The password was left out: this setting does not sign in with a password.",
        "ja": "この設定はパスワードで認証しないため、パスワードを取り込みませんでした。",
    },
}


def sentence(sentences: Sentences, code: str, facts: Mapping[str, Any], language: str) -> str:
    """Return the sentence of a code; English where the language is not known.

    Raises KeyError for a code without a sentence.
    """
    by_language = sentences[code]
    template = by_language.get(language, by_language["en"])
    return template.format_map({name: _shown(fact) for name, fact in facts.items()})


def _shown(fact: object) -> str:
    return ", ".join(str(part) for part in fact) if isinstance(fact, list) else str(fact)

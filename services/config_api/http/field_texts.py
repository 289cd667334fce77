"""What is wrong with a field that only HTTP has, in English and Japanese."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from services.config_api.domain.field_errors import describe
from services.config_api.domain.words import sentence

if TYPE_CHECKING:
    from services.config_api.domain.field_errors import FieldError
    from services.config_api.domain.words import Sentences

#: Code → language → sentence with the names of its facts.
FIELDS: Final[Sentences] = {
    "unknown_parameter": {
        "en": "There is no such query parameter.",
        "ja": "この名前のクエリパラメーターはありません。",
    },
    "repeated": {
        "en": "Give this query parameter once.",
        "ja": "このクエリパラメーターは 1 回だけ指定してください。",
    },
    "wrong_value": {
        "en": "This value is not taken here.",
        "ja": "この値は指定できません。",
    },
    "wrong_length": {
        "en": "The text must have 1 to {limit} characters.",
        "ja": "1 文字以上 {limit} 文字以内で入力してください。",
    },
    "not_different_texts": {
        "en": "The value must be a list of at least one text, none of them twice.",
        "ja": "1 つ以上の文字列を重複のないリストで指定してください。",
    },
    "not_an_instant": {
        "en": "The value must be an RFC 3339 instant such as 2026-01-31T12:00:00Z.",
        "ja": "2026-01-31T12:00:00Z のような RFC 3339 形式の日時を指定してください。",
    },
    "not_a_moment": {
        "en": "The value must be a position or an RFC 3339 instant such as 2026-01-31T12:00:00Z.",
        "ja": "位置(整数)、または 2026-01-31T12:00:00Z のような RFC 3339 形式の日時を"
        "指定してください。",
    },
    "not_a_cursor": {
        "en": "The value must be the `next` of an earlier page of this list.",
        "ja": "この一覧の前のページにある `next` の値を指定してください。",
    },
    "no_such_version": {
        "en": "There is no version {version} of this setting; the newest is {newest}.",
        "ja": "この設定にバージョン {version} はありません。最新のバージョンは {newest} です。",
    },
    "not_a_key": {
        "en": "An idempotency key has 1 to 255 visible ASCII characters.",
        "ja": "冪等キーは、1 文字以上 255 文字以内の ASCII 印字可能文字(空白を除く)で"
        "指定してください。",
    },
    "not_an_event_id": {
        "en": "The value must be the id of an event of this stream.",
        "ja": "このストリームで受信したイベントの id を指定してください。",
    },
    "passphrase_missing": {
        "en": "Give the passphrase of the sealed file.",
        "ja": "暗号化されたファイルのパスフレーズを指定してください。",
    },
    "passphrase_short": {
        "en": "The passphrase must have at least {least} characters.",
        "ja": "パスフレーズは {least} 文字以上にしてください。",
    },
    "passphrase_blanks": {
        "en": "A passphrase has no control characters, and no blanks at its ends: it could not be "
        "sent with an import.",
        "ja": "パスフレーズに制御文字は使用できません。また、先頭と末尾に空白を置くことはできません"
        "(インポートのときに送信できないためです)。",
    },
    "passphrase_wrong": {
        "en": "The passphrase does not open the file.",
        "ja": "このパスフレーズではファイルを開けません。",
    },
    "passphrase_not_utf8": {
        "en": "The passphrase must be sent in UTF-8.",
        "ja": "パスフレーズは UTF-8 で送信してください。",
    },
    "format_of_sealed": {
        "en": "Name the format inside the sealed file.",
        "ja": "暗号化されたファイルの中の形式を指定してください。",
    },
    "no_setting": {
        "en": "There is no setting {id}.",
        "ja": "設定 {id} はありません。",
    },
    "format_loses": {
        "en": "The format {format} has no place for {fields} of the setting {id}. Choose another "
        "format, or send `lossy` to leave it out.",
        "ja": "形式 {format} では、設定 {id} の {fields} を書き出せません。別の形式を選ぶか、"
        "`lossy` を指定して省いてください。",
    },
    "nothing_to_test": {
        "en": "Name a setting, or send a draft.",
        "ja": "設定の ID か、テストする内容(draft)を指定してください。",
    },
}


def field_text(error: FieldError, language: str) -> str:
    """Return the sentence for a wrong field, parameter or header in `language` (`en` or `ja`)."""
    if error.code in FIELDS:
        return sentence(FIELDS, error.code, error.facts, language)
    return describe(error, language)

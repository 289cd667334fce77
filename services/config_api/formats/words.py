"""Sentences, in English and Japanese, for files and documents that cannot be read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from services.config_api.domain.words import Sentences, sentence

_LINE: Final[Sentences] = {"line": {"en": " (line {line})", "ja": "({line} 行目)"}}

#: Code → language → sentence with the names of its facts.
MALFORMED: Final[Sentences] = {
    "not_utf8": {
        "en": "The file is not in UTF-8. Save it with the encoding UTF-8 and try again.",
        "ja": "UTF-8 で書かれていません。文字コードを UTF-8 にして保存し、もう一度お試しください。",
    },
    "document_not_utf8": {
        "en": "The document is not UTF-8.",
        "ja": "UTF-8 で書かれていません。",
    },
    "csv_not_utf8": {
        "en": "The file is not in UTF-8. Save it as “CSV UTF-8” in the spreadsheet program and try "
        "again.",
        "ja": "UTF-8 で書かれていません。表計算ソフトで「CSV UTF-8」形式を選んで保存し、もう一度"
        "お試しください。",
    },
    "not_in_encoding": {
        "en": "The file holds bytes that are not {encoding}.",
        "ja": "{encoding} として正しくないバイトが含まれています。",
    },
    "encoding_undeclared": {
        "en": "The file is not in UTF-8, and its first line declares no other encoding.",
        "ja": "UTF-8 で書かれておらず、1 行目にほかの文字コードの宣言もありません。",
    },
    "encoding_unknown": {
        "en": "The encoding {encoding} is not supported.",
        "ja": "文字コード {encoding} には対応していません。",
    },
    "encoding_differs": {
        "en": "The file says that its encoding is {encoding}, but it is not.",
        "ja": "文字コードの宣言は {encoding} ですが、実際の文字コードと一致しません。",
    },
    "empty": {"en": "The file is empty.", "ja": "ファイルが空です。"},
    "nul": {
        "en": "The file holds a NUL character.",
        "ja": "ファイルに NUL 文字が含まれています。",
    },
    "too_deep": {
        "en": "The document has more than {limit} levels.",
        "ja": "階層が {limit} 段を超えています。",
    },
    "setting_too_large": {
        "en": "One setting is too large: it may have at most {limit} characters.",
        "ja": "1 件の設定が大きすぎます。{limit} 文字以内にしてください。",
    },
    "too_many_values": {
        "en": "One setting has more than {limit} values.",
        "ja": "1 件の設定の値の数が {limit} を超えています。",
    },
    "not_json": {
        "en": "The document is not JSON: {reason}.",
        "ja": "JSON として読み取れません: {reason}。",
    },
    "key_repeated": {
        "en": "The key {key} occurs twice in an object.",
        "ja": "1 つのオブジェクトにキー {key} が 2 回あります。",
    },
    "integer_too_large": {
        "en": "An integer is beyond 64 bits.",
        "ja": "64 ビットで表せない整数があります。",
    },
    "number_too_large": {"en": "A number is too large.", "ja": "数値が大きすぎます。"},
    "not_a_number": {
        "en": "{name} is not JSON.",
        "ja": "{name} は JSON の値として使用できません。",
    },
    "surrogate": {
        "en": "A string holds half of a surrogate pair.",
        "ja": "サロゲートペアの片方だけを含む文字列があります。",
    },
    "not_a_document": {
        "en": "The file must be an object with “relaybook” and “settings”.",
        "ja": "ファイル全体は「relaybook」と「settings」を持つオブジェクトでなければなりません。",
    },
    "key_unknown": {
        "en": "There is no key {key} beside “relaybook” and “settings”.",
        "ja": "「relaybook」と「settings」のほかにキー {key} を置くことはできません。",
    },
    "version_missing": {
        "en": "“relaybook” is missing: it says the version of the file's format, 1.",
        "ja": "ファイル形式の版を示す「relaybook」がありません。値は 1 です。",
    },
    "version_unknown": {
        "en": "“relaybook” must be 1, the version of the file's format that is known here.",
        "ja": "「relaybook」の値は、対応しているファイル形式の版である 1 にしてください。",
    },
    "settings_missing": {
        "en": "“settings” is missing.",
        "ja": "「settings」がありません。",
    },
    "settings_no_list": {
        "en": "“settings” must be a list.",
        "ja": "「settings」の値は配列でなければなりません。",
    },
    "not_yaml": {
        "en": "The file is not YAML: {reason}.",
        "ja": "YAML として読み取れません。字下げ、コロン、引用符を確認してください。",
    },
    "yaml_character": {
        "en": "The file holds the character {character}, which YAML takes only as an escape in "
        "double quotes.",
        "ja": "YAML にそのまま書けない文字 {character} があります。二重引用符の中でエスケープして"
        "ください。",
    },
    "yaml_alias": {
        "en": "Anchors (&) and aliases (*) are not allowed: write the value out, or put it in "
        "quotes.",
        "ja": "アンカー(&)とエイリアス(*)は使用できません。値をそのまま書くか、引用符で囲んで"
        "ください。",
    },
    "yaml_tag": {
        "en": "Tags (!) are not allowed: leave the tag out, or put the value in quotes.",
        "ja": "タグ(!)は使用できません。タグを外すか、値を引用符で囲んでください。",
    },
    "yaml_merge": {
        "en": "Merge keys (<<) are not allowed: write the fields out.",
        "ja": "マージキー(<<)は使用できません。項目をそれぞれ書いてください。",
    },
    "yaml_key": {
        "en": "A key must be a plain text.",
        "ja": "キーは文字列でなければなりません。",
    },
    "yaml_documents": {
        "en": "The file holds more than one document (---).",
        "ja": "ファイルに複数の文書(---)があります。",
    },
    "not_csv": {
        "en": "The row cannot be read as CSV: check its quotation marks; inside a quoted cell they "
        "are doubled.",
        "ja": "CSV として読み取れない行があります。引用符を確認してください。引用符で囲んだセルの"
        "中では、引用符を 2 つ続けて書きます。",
    },
    "csv_separator": {
        "en": "The header has no cells “id” and “host” separated by commas.",
        "ja": "見出し行に、コンマで区切られた「id」と「host」がありません。",
    },
    "column_unknown": {
        "en": "There is no column {column}.",
        "ja": "{column} という列はありません。",
    },
    "column_repeated": {
        "en": "The column {column} occurs twice.",
        "ja": "列 {column} が 2 回あります。",
    },
    "column_missing": {
        "en": "The column {column} is missing.",
        "ja": "列 {column} がありません。",
    },
    "cell_count": {
        "en": "The row has {found} cells, but the header has {expected}.",
        "ja": "見出し行は {expected} 列ですが、この行には {found} 個のセルがあります。",
    },
    "not_xml": {
        "en": "The file is not well-formed XML: {reason}.",
        "ja": "整形式の XML ではありません: {reason}。",
    },
    "xml_doctype": {
        "en": "The file has a document type declaration, which is not allowed.",
        "ja": "文書型宣言(DOCTYPE)は使用できません。",
    },
    "xml_root": {
        "en": "The file's root element is not {expected}.",
        "ja": "ルート要素が {expected} ではありません。",
    },
    "xml_tag_endless": {
        "en": "The file has a tag without end.",
        "ja": "閉じられていないタグがあります。",
    },
    "xml_misplaced": {
        "en": "The element {name} stands in {found}; it is read only in {expected}.",
        "ja": "要素 {name} が {found} の中にあります。読み取れるのは {expected} の中だけです。",
    },
    "xml_too_many": {
        "en": "One setting has more than {limit} elements.",
        "ja": "1 件の設定の要素数が {limit} を超えています。",
    },
    "xml_no_servers": {
        "en": "The file has no element {expected}, but other elements where it belongs: {found}.",
        "ja": "要素 {expected} がなく、その位置に別の要素があります: {found}。",
    },
    "age_missing": {
        "en": "The file is not an age file (age-encryption.org/v1).",
        "ja": "age 形式(age-encryption.org/v1)のファイルではありません。",
    },
    "age_armored": {
        "en": "The age file is armoured. Send the binary form: `age --decrypt` it and seal it "
        "again without `--armor`.",
        "ja": "テキスト形式(armor)の age ファイルには対応していません。`--armor` を付けずに暗号化"
        "し直してください。",
    },
    "age_recipients": {
        "en": "The age file is not sealed for one passphrase but for keys.",
        "ja": "この age ファイルはパスフレーズではなく鍵で暗号化されています。",
    },
    "age_header": {
        "en": "The header of the age file cannot be read.",
        "ja": "age ファイルのヘッダーを読み取れません。",
    },
    "age_work": {
        "en": "The age file asks for the scrypt work factor {found}; at most {limit} is carried "
        "out.",
        "ja": "age ファイルの scrypt の計算量が {found} です。{limit} までしか処理できません。",
    },
    "age_altered": {
        "en": "The sealed file was altered or cut off after it was made.",
        "ja": "暗号化されたファイルが作成後に改変されたか、途中で切れています。",
    },
    "age_cut_off": {
        "en": "The sealed file ends too early.",
        "ja": "暗号化されたファイルが途中で切れています。",
    },
    "age_trailing": {
        "en": "The sealed file has more bytes behind its end.",
        "ja": "暗号化されたファイルの終わりの後に余分なデータがあります。",
    },
}

#: What a parser says is wrong → the same in Japanese.
_REASONS: Final[Mapping[str, str]] = {
    # the standard JSON decoder
    "Expecting value": "値がありません",
    "Expecting ',' delimiter": "コンマ(,)がありません",
    "Expecting ':' delimiter": "コロン(:)がありません",
    "Expecting property name enclosed in double quotes": ("二重引用符で囲んだキーがありません"),
    "Illegal trailing comma before end of object": "オブジェクトの末尾に余分なコンマがあります",
    "Illegal trailing comma before end of array": "配列の末尾に余分なコンマがあります",
    "Unterminated string starting at": "閉じられていない文字列があります",
    "Invalid control character at": "文字列の中に制御文字があります",
    "Invalid \\escape": "\\ に続く文字が正しくありません",
    "Invalid \\uXXXX escape": "\\u に続く 16 進数が正しくありません",
    "Extra data": "文書の後に余分な文字があります",
    # expat
    "syntax error": "構文が正しくありません",
    "no element found": "要素がないか、途中で終わっています",
    "not well-formed (invalid token)": "使用できない文字または記号があります",
    "unclosed token": "閉じられていないタグまたは宣言があります",
    "mismatched tag": "開始タグと終了タグが一致しません",
    "duplicate attribute": "同じ属性が 2 回あります",
    "junk after document element": "ルート要素の後に余分な文字があります",
    "undefined entity": "定義されていない実体参照があります",
    "reference to invalid character number": "使用できない文字の参照があります",
    "unclosed CDATA section": "閉じられていない CDATA セクションがあります",
    "XML or text declaration not at start of entity": "XML 宣言がファイルの先頭にありません",
    "XML declaration not well-formed": "XML 宣言が正しくありません",
    "unbound prefix": "宣言されていない名前空間の接頭辞があります",
}
_ANY_REASON: Final = "構文が正しくありません"


def line_told(line: int | None, language: str) -> str:
    """Return what follows a sentence about a file to tell the line; empty where none is known."""
    return "" if line is None else sentence(_LINE, "line", {"line": line}, language)


def told_facts(facts: Mapping[str, Any], language: str) -> dict[str, Any]:
    """Return the facts of a sentence, what a parser said of it in the same language."""
    told = dict(facts)
    if language == "ja" and "reason" in told:
        told["reason"] = _REASONS.get(told["reason"], _ANY_REASON)
    return told

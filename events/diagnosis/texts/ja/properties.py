"""Sentences of warnings about session properties and what senders on Java make of them."""

from events.diagnosis.texts.text import Text, Texts

WARNINGS: Texts = {
    "unknown_property": Text(
        "セッションプロパティ {name} は認識されません",
        "{name} の綴りを確認してください[[({suggestion} の誤りの可能性があります)]]。",
    ),
    "property_value_ignored": Text(
        "{name} の値は無視されます",
        "「{value}」を修正してください。Java の送信プログラムはこの値を無視し、{name} の既定値"
        "[[({default})]]を使用します。",
    ),
    "property_for_java_only": Text(
        "{name} は Java の内部でのみ意味を持ちます",
        "{name} は Java の送信プログラムでは有効ですが、接続テストでは使用されません。実際の"
        "プログラムで確認してください。",
    ),
    "property_list_separator": Text(
        "{name} は空白区切りのリストです",
        "「{value}」ではなく「{suggestion}」と入力してください。",
    ),
    "property_without_effect": Text(
        "{name} は効果がありません",
        "{name} を削除するか、必要な他のプロパティを指定してください。この設定の他の値では、Java の"
        "送信プログラムは {name} を参照しません。",
    ),
    "java_skips_sign_in": Text(
        "Java の送信プログラムは認証せずに続行します",
        "{host} のポート {port} で認証を有効にするか、認証に対応したポートを選んでください。"
        "Jakarta Mail はパスワードを使わずに接続し、失敗するとしても後になってからです。",
    ),
    "java_lacks_mechanism": Text(
        "Jakarta Mail は {mechanism} に対応していません",
        "Java のサービスがこの設定で送信する場合は、TLS のもとで LOGIN または PLAIN を有効にする"
        "よう依頼してください。提示された {offered} の中に使用できる方式がありません。",
    ),
    "cipher_outside_list": Text(
        "暗号スイートの一覧が守られていません",
        "サーバーは {name} にない {cipher} を選びました。TLS 1.3 ではテストが暗号スイートを限定"
        "できないため、テストが成功しても Java の送信プログラムは失敗することがあります。",
    ),
    "noop_refused": Text(
        "サーバーが {command} に正常応答を返しません",
        "mail.smtp.noop.strict=false を指定するか、mail.smtp.userset=true で RSET を使って"
        "ください。そのままでは Java の送信プログラムが開いている接続を切断されたものとみなします"
        "[[(サーバーの応答: 「{reply}」)]]。",
    ),
}

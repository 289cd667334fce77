"""Sentences about the first words of the dialogue: banner and EHLO."""

from events.diagnosis.texts.text import Text, Texts

TEXTS: Texts = {
    "no_greeting": Text(
        "サーバーから挨拶がありません",
        "{host} のポート {port} は接続を受け付けましたが、{limit_ms} ミリ秒以内に最初の応答を"
        "返しませんでした。SMTP サーバーのポートであること、途中で接続が保留されていないことを"
        "確認してください。",
    ),
    "closed_before_greeting": Text(
        "サーバーが挨拶の前に切断しました",
        "{host} のポート {port} はすぐに接続を閉じました。テスターのアドレスからの接続が許可されて"
        "いるか、メールサービスが稼働しているかを確認してください。",
    ),
    "too_slow": Text(
        "サーバーの応答が終わりません",
        "{host} のポート {port} の応答が {limit_ms} ミリ秒または 32 KiB 以内に完了しませんでした。"
        "ホストとポート番号を確認するか、サーバーの管理者に問い合わせてください。",
    ),
    "port_expects_tls": Text(
        "ポート {port} は最初から TLS を必要とします",
        "{host} のポート {port} では、接続の保護を「暗黙的 TLS」に変更してください。",
    ),
    "refused_by_policy": Text(
        "サーバーがこのクライアントを拒否しました",
        "送信元アドレスからの接続を許可するよう {host} の管理者に依頼してください"
        "[[(サーバーの応答: 「{reply}」)]]。",
    ),
    "temporarily_unavailable": Text(
        "サーバーは現在利用できません",
        "設定は正しい可能性があります。しばらくしてからもう一度テストしてください"
        "[[(サーバーの応答: 「{reply}」)]]。",
    ),
    "too_many_connections": Text(
        "サーバーへの接続が多すぎます",
        "しばらくしてからもう一度テストしてください。続く場合は、上限の引き上げを {host} の管理者に"
        "依頼してください[[(サーバーの応答: 「{reply}」)]]。",
    ),
    "client_certificate_required": Text(
        "サーバーがクライアント証明書を要求しています",
        "{host} のポート {port} は、証明書を持つクライアントだけを受け付けます。ユーザー名と"
        "パスワードで認証できるポートまたはサーバーを指定してください"
        "[[(サーバーの応答: 「{reply}」)]]。",
    ),
    "not_smtp": Text(
        "SMTP サーバーではありません",
        "{host} のポート {port} の応答は「{reply}」でした。メールサーバーのホストとポート番号"
        "(通常は 587 または 465)を入力してください。",
    ),
    "not_smtp_http": Text(
        "Web サーバーが応答しています",
        "{host} のポート {port} は HTTP です。SMTP サーバーの名前とポート番号(通常は 587 または "
        "465)を入力してください。",
    ),
    "not_smtp_imap": Text(
        "IMAP サーバーが応答しています",
        "{host} のポート {port} はメール閲覧用の IMAP(通常は 143 または 993)です。SMTP のポート"
        "番号(通常は 587 または 465)を入力してください。",
    ),
    "not_smtp_pop3": Text(
        "POP3 サーバーが応答しています",
        "{host} のポート {port} はメール受信用の POP3(通常は 110 または 995)です。SMTP のポート"
        "番号(通常は 587 または 465)を入力してください。",
    ),
    "not_smtp_ssh": Text(
        "SSH サーバーが応答しています",
        "{host} のポート {port} はリモートログイン用の SSH(通常は 22)です。SMTP のポート番号"
        "(通常は 587 または 465)を入力してください。",
    ),
    "not_smtp_ftp": Text(
        "FTP サーバーが応答しています",
        "{host} のポート {port} はファイル転送用の FTP(通常は 21)です。SMTP のポート番号"
        "(通常は 587 または 465)を入力してください。",
    ),
    "closed_after_ehlo": Text(
        "クライアント名を送信した後にサーバーが切断しました",
        "{host} は EHLO {ehlo_name} の後に接続を閉じました。mail.smtp.localhost をサーバーが"
        "受け付ける名前に変更するか、送信元アドレスの許可を管理者に依頼してください。",
    ),
    "ehlo_name_refused": Text(
        "サーバーがクライアント名を拒否しました",
        "mail.smtp.localhost を {ehlo_name} から、{host} が受け付ける完全なホスト名に変更して"
        "ください[[(サーバーの応答: 「{reply}」)]]。",
    ),
    "protocol_error": Text(
        "サーバーの応答が SMTP の規則に合っていません",
        "{host} のポート {port} が SMTP で認められない応答を返しました。途中の機器が通信を変更して"
        "いないか確認するか、管理者に問い合わせてください[[(サーバーの応答: 「{reply}」)]]。",
    ),
}

"""Sentences of evidence: what speaks for a proposed server, and the notes beside proposals."""

EVIDENCE: dict[str, str] = {
    "srv_record": "ドメインの SRV レコード {name} に記載されています(優先度 {priority}、重み "
    "{weight})。",
    "autoconfig": "ドメインが {url} で公開している設定に記載されています。",
    "provider_of_mx": "ドメイン宛てのメールは {exchanger} が受け取っています。{provider} の利用者"
    "はこのサーバーから送信します。",
    "mail_exchanger": "ドメイン宛てのメールを受け取るサーバーです(MX {exchanger})。",
    "usual_name": "ドメインのメールサーバーによく使われる名前です。",
    "answered": "{address} でメールサーバーが応答しました。",
    "tls_checked": "接続は {version} で暗号化され、証明書はこの名前に対して有効です。",
    "certificate_for_other_name": "証明書は別の名前のものです。プロバイダーが案内するサーバー名を"
    "入力する必要があるかもしれません。",
    "certificate_expired": "証明書の有効期間外です。",
    "certificate_not_trusted": "証明書を発行した認証局は、ここでは信頼されていません。独自の認証局"
    "の場合は、その証明書を CA の項目に登録してください。",
    "certificate_refused": "証明書の検証に失敗しました。",
    "tls_failed": "暗号化された接続を確立できませんでした。",
    "starttls_not_offered": "暗号化に対応していません。社内ネットワークでのみ使用してください。",
    "sign_in_offered": "認証に対応しています({mechanisms})。",
    "no_sign_in": "認証に対応していません。ドメイン宛てのメールを受け取るだけのサーバーかもしれ"
    "ません。",
    "turned_away": "サーバーは応答しましたが、接続を拒否しました(「{reply}」)。",
    "name_without_address": "この名前にはアドレスがありません。",
    "not_reached": "ここからは接続できませんでした。",
    "no_smtp_there": "応答したのは SMTP サーバーではありません。",
    "address_not_allowed": "この環境のポリシーによりテストの対象にできないアドレスのため、接続して"
    "いません。",
    "not_tried": "接続していません(1 回の検出での接続は最大 {limit} 回です)。",
    "domain_not_found": "ドメイン {domain} は存在しません。入力内容を確認してください。",
    "name_servers_failed": "{domain} についてネームサーバーから回答が得られませんでした。しばらく"
    "してからもう一度お試しください。",
    "null_mx": "{domain} はメールを受信しないドメインです(Null MX)。",
    "service_not_offered": "ドメインは {name} で、このサービスを提供していないと宣言しています。",
    "deadline_exceeded": "検出は {limit_ms} ミリ秒で打ち切られました。ほかにも候補があるかもしれ"
    "ません。",
    "no_tester": "検出は実行されませんでした。接続テスター(relaybook-tester)が動作していることを"
    "確認してから、もう一度お試しください。",
}

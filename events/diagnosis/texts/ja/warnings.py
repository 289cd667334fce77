"""Sentences of warnings, which stand beside any verdict."""

from events.diagnosis.texts.text import Text, Texts

WARNINGS: Texts = {
    "not_encrypted": Text(
        "接続が暗号化されていません",
        "{host} が対応していれば、接続の保護を STARTTLS または暗黙的 TLS に変更してください。現"
        "状では経路上でメールを読み取られたり改ざんされたりするおそれがあります。",
    ),
    "password_without_tls": Text(
        "パスワードが暗号化されずに送信されます",
        "接続の保護を STARTTLS または暗黙的 TLS に変更してください。現状では {host} までの経路上で"
        "パスワードを読み取られるおそれがあります。",
    ),
    "old_protocol": Text(
        "{version} で接続しています",
        "サーバーで TLS 1.2 または 1.3 を有効にするよう依頼してください。{version} は安全とは"
        "みなされず、Java は無効アルゴリズムの設定を変えない限り使用しません。",
    ),
    "cert_expires_soon": Text(
        "証明書の有効期限まで残り {days} 日です",
        "{not_after} までに {subject} の証明書を更新するよう依頼してください。",
    ),
    "cert_without_san": Text(
        "証明書のホスト名が旧来の形式だけで記載されています",
        "サブジェクト代替名を持つ証明書を導入するよう依頼してください。{subject} の共通名だけでは、"
        "多くのクライアントが受け付けません。",
    ),
    "ipv6_broken": Text(
        "IPv6 アドレスで接続できません",
        "サーバーの {addresses} を修復するか、DNS から削除してください。このテストでは "
        "{cost_ms} ミリ秒を失いました。IPv6 を優先するクライアントでは"
        "さらに遅延や失敗が起こります。",
    ),
    "address_failed": Text(
        "接続できないアドレスがあります",
        "サーバーの {addresses} を修復するか、DNS から削除してください。このアドレスを選んだ"
        "クライアントは失敗します。",
    ),
    "slow_greeting": Text(
        "サーバーの挨拶に時間がかかっています",
        "最初の応答までに {seconds} 秒かかりました。設定のタイムアウトはこれより十分に長くして"
        "ください。",
    ),
    "quit_no_answer": Text(
        "サーバーが QUIT に応答しませんでした",
        "支障はありません。mail.smtp.quitwait=false を指定すると、送信側は応答を待ちません。",
    ),
    "helo_only": Text(
        "HELO だけで接続しています",
        "{name} を削除してください。EHLO を使わないと STARTTLS も認証も利用できません。",
    ),
    "helo_fallback": Text(
        "サーバーは HELO にしか対応していません",
        "EHLO が拒否されたため、STARTTLS と認証は使用できません[[(サーバーの応答: 「{reply}」)]]。",
    ),
    "odd_characters": Text(
        "{field} に通常使わない文字が含まれています",
        "{field} の前後の空白、全角文字、見えない文字を確認してください。貼り付けた文字列に含まれて"
        "いることがよくあります。",
    ),
    "bare_lf": Text(
        "サーバーの改行が LF だけです",
        "SMTP の規定どおり CR LF で改行するようサーバーの修正を依頼してください。厳密なクライアント"
        "では拒否されます。",
    ),
    "token_expires_soon": Text(
        "{provider_id} への同意がまもなく期限切れになります",
        "{ends_at} までに OAuth プロバイダー {provider_id} でもう一度同意するか、新しいリフレッシュ"
        "トークンを登録してください。期限を過ぎるとメールを送信できなくなります。",
    ),
    "host_trimmed": Text(
        "ホストの前後の空白を取り除きました",
        "空白を除いた「{host}」をホストとして登録しました。正しいか確認してください。",
    ),
    "starttls_ignored": Text(
        "暗黙的 TLS では STARTTLS は無視されます",
        "{name} を削除してください。暗黙的 TLS では最初から暗号化されます。",
    ),
    "certificate_not_verified": Text(
        "サーバーの証明書が検証されません",
        "{name} を削除し、独自の認証局の場合はその証明書を ca_pem に指定してください。現状では"
        "経路上の第三者がサーバーになりすますおそれがあります。",
    ),
    "identity_not_checked": Text(
        "証明書のホスト名が確認されません",
        "{name} を削除してください。現状では別のホストの証明書でも受け入れられます。",
    ),
}

"""Sentences about transport security and certificates."""

from events.diagnosis.texts.text import Text, Texts

TEXTS: Texts = {
    "starttls_not_offered": Text(
        "サーバーが STARTTLS に対応していません",
        "{host} の STARTTLS に対応したポート(587)または暗黙的 TLS のポート(465)を使用するか、"
        "サーバーで STARTTLS を有効にしてください。暗号化せずにテストを続けることはありません。",
    ),
    "starttls_stripped": Text(
        "STARTTLS が途中で隠されています",
        "送信元と {host} の間のファイアウォールで SMTP 検査を無効にしてください。サーバーが提示"
        "した STARTTLS が「{seen}」に書き換えられています。",
    ),
    "starttls_refused": Text(
        "サーバーは STARTTLS を提示しましたが、拒否しました",
        "{host} の TLS の設定を修正するよう依頼してください。多くの場合、証明書や秘密鍵を読み込めて"
        "いません[[(サーバーの応答: 「{reply}」)]]。",
    ),
    "starttls_injection": Text(
        "TLS の開始前に平文のデータが挿入されました",
        "送信元と {host} の間に、攻撃者または不具合のある機器がないか調べてください。STARTTLS の"
        "承諾の直後に余分なデータが届いたため、テストを中断しました[[(先頭: 「{seen}」)]]。",
    ),
    "port_expects_plain": Text(
        "ポート {port} は平文で始まります",
        "{host} のポート {port} は平文で挨拶します。接続の保護を STARTTLS(サーバーが対応して"
        "いない場合は「なし」)に変更するか、ポート番号を 465 に変更してください。",
    ),
    "protocol_version": Text(
        "共通の TLS バージョンがありません",
        "設定で許可されているのは {allowed} です[[が、サーバーが受け付けるのは {accepted} です]]。"
        "双方が対応するバージョンを選ぶか、サーバーの TLS を更新するよう依頼してください"
        "[[(サーバーの応答: 「{reply}」)]]。",
    ),
    "no_common_cipher": Text(
        "共通の暗号スイートがありません",
        "{host} とテスターに共通の暗号スイートがありません。サーバーで現行の暗号スイートを有効に"
        "するよう依頼してください[[(サーバーの警告: {alert})]]。",
    ),
    "handshake_failed": Text(
        "TLS ハンドシェイクに失敗しました",
        "{host} のポート {port} がハンドシェイクを中断しました。サーバーのログを確認するよう管理"
        "者に依頼してください[[(サーバーの警告: {alert})]]。",
    ),
    "handshake_timeout": Text(
        "TLS ハンドシェイクが時間内に完了しませんでした",
        "{host} のポート {port} のハンドシェイクが {limit_ms} ミリ秒以内に完了しませんでした。"
        "TLS のポートであること、途中で接続が保留されていないことを確認してください。",
    ),
    "closed_in_handshake": Text(
        "TLS ハンドシェイク中にサーバーが切断しました",
        "{host} のポート {port} はハンドシェイクに応答せずに接続を閉じました。TLS のポートである"
        "こと、途中の機器が TLS を禁止していないことを確認してください。",
    ),
    "closed_after_tls": Text(
        "TLS ハンドシェイクの後にサーバーが切断しました",
        "{host} は[[ {version} の]]ハンドシェイクを終えた後に接続を閉じました。クライアント証明書を"
        "求めている場合が多いため、サーバーのログを確認するよう管理者に依頼してください。",
    ),
    "server_tls_broken": Text(
        "サーバーの TLS が正しく動作していません",
        "{host} のポート {port} は、TLS が必要なところで TLS ではないデータを送信しました。サー"
        "バーの TLS を修正するよう依頼してください[[(サーバーの警告: {alert})]]"
        "[[(受信データ: 「{seen}」)]]。",
    ),
    "cert_expired": Text(
        "証明書の有効期限が {not_after} に切れています",
        "{host} の証明書を更新するよう依頼してください。{issuer} が発行した {subject} の証明書は "
        "{not_after} に失効しました。",
    ),
    "cert_not_yet_valid": Text(
        "証明書の有効期間は {not_before} からです",
        "テスターと {host} の時計を確認してください。{issuer} が発行した {subject} の証明書は "
        "{not_before} から有効になります。",
    ),
    "cert_self_signed": Text(
        "自己署名証明書です",
        "信頼された認証局の証明書を {host} に導入するか、所有者に確認したうえで、この証明書"
        "({subject}、SHA-256 {sha256})を設定の CA 証明書欄に登録してください。",
    ),
    "cert_unknown_ca": Text(
        "証明書の発行元が信頼されていません",
        "証明書の発行元は {issuer} です。自社の認証局であれば、そのルート証明書を設定の CA 証明"
        "書欄に登録してください。",
    ),
    "cert_chain_incomplete": Text(
        "サーバーが中間証明書を送信していません",
        "{host} のサーバー証明書の後に中間証明書 {issuer} を追加するよう依頼するか、その証明書を"
        "設定の CA 証明書欄に登録してください。",
    ),
    "cert_wrong_host": Text(
        "証明書の名前がホストと一致しません",
        "証明書に含まれる名前は {names} で、{host} は含まれていません。これらの名前のいずれかを"
        "ホストに指定するか、証明書に {host} を追加するよう依頼してください。",
    ),
    "cert_weak": Text(
        "証明書の強度が不足しています",
        "2048 ビット以上の RSA 鍵と SHA-2 署名の証明書を {host} に導入するよう依頼してください。"
        "現在の証明書({subject})は {weakness} です。",
    ),
    "cert_wrong_purpose": Text(
        "サーバー用の証明書ではありません",
        "サーバー認証用の証明書を {host} に導入するよう依頼してください。現在の証明書({subject})は"
        "[[ {purposes} 用で、]]サーバー認証には使用できません。",
    ),
    "not_in_trust_list": Text(
        "{host} は信頼するホストの一覧にありません",
        "{name} に {host} を追加するか、このプロパティを削除してください。現在は証明書の内容に"
        "かかわらず {trusted} だけが信頼され、大文字と小文字も区別されます。",
    ),
}

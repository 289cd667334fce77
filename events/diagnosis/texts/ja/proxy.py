"""Sentences about a proxy between the tester and the server."""

from events.diagnosis.texts.text import Text, Texts

TEXTS: Texts = {
    "proxy_unreachable": Text(
        "プロキシが応答しません",
        "メールセッションプロパティにあるプロキシのホストとポート番号、プロキシの稼働状態を確認して"
        "ください。{proxy} に接続できません[[({reason})]]。",
    ),
    "proxy_auth_required": Text(
        "プロキシが認証を要求しています",
        "{proxy} で有効なユーザーとパスワードを mail.smtp.proxy.user と mail.smtp.proxy.password に"
        "指定してください。SOCKS プロキシは Java をパスワードなしで受け入れる必要があります"
        "[[(プロキシの応答: 「{reply}」)]]。",
    ),
    "proxy_denied": Text(
        "プロキシが接続を許可していません",
        "{host} のポート {port} への接続を許可するよう {proxy} の管理者に依頼してください。多くの"
        "プロキシはポート 443 だけを許可します[[(プロキシの応答: 「{reply}」)]]。",
    ),
    "proxy_target_unreachable": Text(
        "プロキシから {host} に到達できません",
        "ホストとポート番号、および {proxy} が {host} のポート {port} を名前解決して接続できるかを"
        "確認してください[[(プロキシの応答: 「{reply}」)]]。",
    ),
    "proxy_protocol_error": Text(
        "プロキシのプロトコルが正しくありません",
        "{proxy} が指定した種類のプロキシであるか確認してください。mail.smtp.proxy.host は HTTP "
        "CONNECT 用、mail.smtp.socks.host は SOCKS 5 用です[[(プロキシの応答: 「{reply}」)]]。",
    ),
}

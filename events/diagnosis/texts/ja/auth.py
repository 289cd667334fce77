"""Sentences about signing in."""

from events.diagnosis.texts.text import Text, Texts

TEXTS: Texts = {
    "provider_unknown": Text(
        "OAuth プロバイダーが登録されていません",
        "この設定に登録済みの OAuth プロバイダーを選択する[[({provider_id} は存在しません)]]か、"
        "パスワードによる認証に変更してください。",
    ),
    "token_host_not_allowed": Text(
        "OAuth プロバイダー {provider_id} は {host} 用のトークンを発行しません",
        "{host} がこのプロバイダーのサーバーであれば、管理者に依頼して {provider_id} の mail_hosts "
        "に追加してください[[(現在の許可: {allowed})]]。",
    ),
    "token_endpoint_unreachable": Text(
        "OAuth プロバイダー {provider_id} が応答しません",
        "しばらくしてからもう一度テストしてください。続く場合は {provider_id} のトークン URL を"
        "確認してください[[({reason})]][[。応答: 「{error}」]][[「{description}」]]。",
    ),
    "token_request_refused": Text(
        "OAuth プロバイダー {provider_id} がトークンの発行を拒否しました",
        "OAuth プロバイダー {provider_id} の設定を修正してください[[。応答: 「{error}」]]"
        "[[「{description}」]]。",
    ),
    "token_grant_expired": Text(
        "{provider_id} への同意がないか、期限が切れています",
        "OAuth プロバイダー {provider_id} でもう一度同意するか、新しいリフレッシュトークンを登録"
        "してください[[。応答: 「{error}」]][[「{description}」]]。",
    ),
    "auth_not_offered": Text(
        "サーバーが認証に対応していません",
        "{host} の送信用ポート(587 または 465)を使用してください。アドレスで送信元を許可する"
        "サーバーの場合は、認証方式を「なし」にしてください。ポート {port} は AUTH を提示して"
        "いません。",
    ),
    "auth_needs_tls": Text(
        "TLS なしでは認証できません",
        "接続の保護を STARTTLS に変更するか、ポート 465 の暗黙的 TLS に変更してください"
        "[[(サーバーの応答: 「{reply}」)]]。",
    ),
    "no_common_mechanism": Text(
        "共通の認証メカニズムがありません",
        "サーバーが提示したのは {offered}、テスターと設定で使用できるのは {supported} です。"
        "いずれかを {host} で有効にするよう依頼してください。",
    ),
    "mechanism_not_offered": Text(
        "サーバーが {mechanism} に対応していません",
        "{offered} から認証メカニズムを選ぶか、自動選択にしてください。",
    ),
    "mechanism_refused": Text(
        "サーバーが {mechanism} を拒否しました",
        "{mechanism} 以外の認証メカニズムを選ぶか、自動選択にしてください"
        "[[(サーバーの応答: 「{reply}」)]]。",
    ),
    "bad_credentials": Text(
        "ユーザー名またはパスワードが正しくありません",
        "「{user}」のユーザー名とパスワードを、{host} に登録されているとおり(多くの場合はメール"
        "アドレス全体)に入力し直してください[[(アプリパスワードが必要な場合があります: {switch})]]"
        "[[(サーバーの応答: 「{reply}」)]]。",
    ),
    "app_password_required": Text(
        "アプリパスワードが必要です",
        "プロバイダーのアカウント設定で「{user}」のアプリパスワードを作成し、通常のパスワードの"
        "代わりに入力してください[[(設定場所: {switch})]][[(サーバーの応答: 「{reply}」)]]。",
    ),
    "web_login_required": Text(
        "先にブラウザーでのログインが必要です",
        "ブラウザーで「{user}」としてログインし、プロバイダーの確認に応じてから、もう一度テストして"
        "ください[[(設定場所: {switch})]][[(サーバーの応答: 「{reply}」)]]。",
    ),
    "basic_auth_disabled": Text(
        "プロバイダーはパスワード認証を廃止しています",
        "{host} では基本認証が無効です。認証方式をアクセストークン(OAuth)に変更してください"
        "[[(サーバーの応答: 「{reply}」)]]。",
    ),
    "smtp_auth_disabled": Text(
        "このアカウントでは SMTP 認証が無効です",
        "「{user}」または組織全体の SMTP 認証を有効にしてください[[(設定: {switch})]]"
        "[[(サーバーの応答: 「{reply}」)]]。",
    ),
    "security_defaults": Text(
        "組織のセキュリティの既定値群により認証が禁止されています",
        "「{user}」をセキュリティの既定値群または条件付きアクセスの対象外にするよう管理者に依頼する"
        "か[[({switch})]]、アクセストークン(OAuth)を使用してください"
        "[[(サーバーの応答: 「{reply}」)]]。",
    ),
    "oauth_required": Text(
        "サーバーはアクセストークンだけを受け付けます",
        "認証方式をアクセストークン(OAuth)に変更してください。{host} が提示したのは {offered} で"
        "す。",
    ),
    "oauth_not_offered": Text(
        "サーバーがアクセストークンに対応していません",
        "パスワードによる認証に変更してください。{host} が提示したのは {offered} で、{mechanism} は"
        "含まれていません。",
    ),
    "token_rejected": Text(
        "サーバーがアクセストークンを拒否しました",
        "「{user}」の新しいトークンを取得してください[[(先頭の「{prefix}」は不要です)]]"
        "[[。このトークンは {expired_at} に失効しました]][[。対象は {audience} です]]"
        "[[。スコープは {scope} です]][[。サーバーが求めるスコープは {wanted_scope} です]]"
        "[[。サーバーのステータスは {status} です]]"
        "[[(サーバーの応答: 「{reply}」)]]。",
    ),
    "server_signature_wrong": Text(
        "サーバーがパスワードを知っていることを証明できませんでした",
        "{host} が目的のサーバーであることを確認してください。{mechanism} の認証で、正しいサーバー"
        "だけが示せる証明がなかったため、テストを中断しました。",
    ),
    "throttled": Text(
        "認証の試行回数が多すぎます",
        "数分待ってからもう一度テストしてください。ユーザー名とパスワードの正否は判定されていません"
        "[[(サーバーの応答: 「{reply}」)]]。",
    ),
    "temporary_auth_failure": Text(
        "サーバーは現在認証を処理できません",
        "パスワードの誤りではありません。しばらくしてからもう一度テストしてください"
        "[[(サーバーの応答: 「{reply}」)]]。",
    ),
    "closed_in_auth": Text(
        "認証中にサーバーが切断しました",
        "{host} は AUTH {mechanism} の後に接続を閉じました。送信元アドレスが遮断されていないか"
        "確認するか、別の認証メカニズムを選んでください。",
    ),
    "auth_timeout": Text(
        "認証に対する応答がありません",
        "{host} は AUTH {mechanism} に {limit_ms} ミリ秒以内に応答しませんでした。サーバーがユー"
        "ザー情報を参照できているか、管理者に問い合わせてください。",
    ),
}

"""The titles of problems and the sentences for their usual reasons, in English and Japanese."""

from __future__ import annotations

#: Slug → status, title in English, title in Japanese (contract §4).
PROBLEMS: dict[str, tuple[int, str, str]] = {
    "malformed": (400, "The request cannot be read", "リクエストを読み取れません"),
    "unauthenticated": (401, "Sign in first", "認証が必要です"),
    "forbidden": (403, "Not allowed", "許可されていません"),
    "not-found": (404, "Not found", "見つかりません"),
    "method-not-allowed": (405, "Method not allowed", "このメソッドは使えません"),
    "already-exists": (409, "It exists already", "すでに存在します"),
    "default-protected": (409, "A default is protected", "規定の設定は保護されています"),
    "in-use": (409, "It is taken or has ended", "使用中か、すでに終了しています"),
    "idempotency-conflict": (409, "The idempotency key is taken", "冪等キーが使われています"),
    "version-conflict": (412, "It was changed meanwhile", "ほかの変更と競合しました"),
    "payload-too-large": (413, "The body is too large", "本文が大きすぎます"),
    "unsupported-media-type": (415, "Unsupported media type", "対応していない形式です"),
    "validation-failed": (422, "Some values are wrong", "値に誤りがあります"),
    "secret-required": (422, "Enter the password again", "パスワードを再入力してください"),
    "import-invalid": (422, "The file has invalid settings", "ファイルに不正な設定があります"),
    "precondition-required": (428, "If-Match is required", "If-Match が必要です"),
    "too-many-requests": (429, "Too many requests", "リクエストが多すぎます"),
    "internal": (500, "Something broke here", "内部エラーが発生しました"),
    "unavailable": (503, "Unavailable for the moment", "一時的に利用できません"),
}

#: Reason → English, Japanese; `{…}` is filled from the problem's facts.
_REASONS: dict[str, tuple[str, str]] = {
    "no_credentials": (
        "Send a token as `Authorization: Bearer …`, or sign in.",
        "`Authorization: Bearer …` でトークンを送るか、サインインしてください。",
    ),
    "bad_token": (
        "The token is unknown, has expired or was revoked.",
        "トークンが不明か、期限切れか、取り消されています。",
    ),
    "role_missing": (
        "This needs one of the roles: {roles}.",
        "次のいずれかのロールが必要です: {roles}。",
    ),
    "other_tenant": (
        "Your access is limited to other tenants.",
        "アクセスできるテナントが制限されています。",
    ),
    "cross_site": (
        "The request came from another site or lacks the page's token.",
        "ほかのサイトからの要求か、ページのトークンがありません。",
    ),
    "mail_hosts_admin": (
        "Only an administrator may choose the mail hosts of an OAuth provider.",
        "OAuth プロバイダーの mail_hosts を指定できるのは管理者だけです。",
    ),
    "plain_http": (
        "On plain http people sign in on the machine itself only; set RELAYBOOK_PUBLIC_URL.",
        "http ではサーバー上でのみサインインできます。RELAYBOOK_PUBLIC_URL を設定してください。",
    ),
    "no_route": ("There is nothing at this address.", "このアドレスには何もありません。"),
    "no_setting": ("There is no setting {id}.", "設定 {id} はありません。"),
    "no_test": ("There is no connection test {id}.", "接続テスト {id} はありません。"),
    "no_detection": ("There is no detection {id}.", "検出 {id} はありません。"),
    "no_token": ("There is no token {id}.", "トークン {id} はありません。"),
    "no_user": ("There is no user {name}.", "ユーザー {name} はいません。"),
    "no_provider": ("There is no OAuth provider {id}.", "OAuth プロバイダー {id} はありません。"),
    "no_webhook": ("There is no webhook {id}.", "Webhook {id} はありません。"),
    "no_delivery": ("There is no delivery {id}.", "配信 {id} はありません。"),
    "webhook_exists": (
        "The webhook {id} exists already.",
        "Webhook {id} はすでに存在します。",
    ),
    "webhook_types_auditor": (
        "Only auditors may ask for events of access and of keys.",
        "アクセスと鍵のイベントを指定できるのは監査者だけです。",
    ),
    "provider_exists": (
        "The OAuth provider {id} exists already.",
        "OAuth プロバイダー {id} はすでに存在します。",
    ),
    "provider_in_use": (
        "Settings name the OAuth provider {id}: {settings}. Change these first.",
        "OAuth プロバイダー {id} は次の設定で使用されています: {settings}。先に変更してください。",
    ),
    "no_event": (
        "There is no event at position {position}.",
        "位置 {position} にイベントはありません。",
    ),
    "not_sealed": (
        "It is not sealed yet; events are within a few seconds, while a relay runs.",
        "まだ封印されていません。リレーが動作していれば数秒以内に封印されます。",
    ),
    "not_provable": (
        "The event at position {position} is not the one that was sealed: it was changed.",
        "位置 {position} のイベントは封印されたものと異なります。改変されています。",
    ),
    "method": ("Use one of: {allowed}.", "使えるメソッド: {allowed}。"),
    "setting_exists": ("The setting {id} exists already.", "設定 {id} はすでに存在します。"),
    "user_exists": ("The user {name} exists already.", "ユーザー {name} はすでに存在します。"),
    "row_exists": ("It was made meanwhile.", "ほかの要求がすでに作成しました。"),
    "default_protected": (
        "{id} is a default setting: it can be deleted or exported once it was changed.",
        "{id} は規定の設定です。内容を変更すると、削除やエクスポートができるようになります。",
    ),
    "attempt_taken": (
        "This attempt was claimed already.",
        "この試行はすでに引き受けられています。",
    ),
    "test_ended": ("The test has ended.", "テストはすでに終了しています。"),
    "detection_ended": ("The detection has ended.", "検出はすでに終了しています。"),
    "key_running": (
        "A request with this Idempotency-Key is still running.",
        "同じ Idempotency-Key の要求を処理中です。",
    ),
    "key_reused": (
        "This Idempotency-Key was used for another request.",
        "この Idempotency-Key は別の要求で使われました。",
    ),
    "stale": (
        "It is at version {actual} now; read it again, then repeat your change.",
        "現在のバージョンは {actual} です。読み直してから変更してください。",
    ),
    "stale_unknown": (
        "It is not at the version that you named; read it again.",
        "指定されたバージョンではありません。読み直してください。",
    ),
    "too_large": (
        "At most {limit} bytes are taken here.",
        "ここで受け付けるのは {limit} バイトまでです。",
    ),
    "media_type": ("Send one of: {accepted}.", "次のいずれかで送ってください: {accepted}。"),
    "content_encoding": (
        "Send the body without Content-Encoding.",
        "Content-Encoding なしで送ってください。",
    ),
    "invalid": ("{count} wrong: {names}.", "誤り {count} 件: {names}。"),
    "invalid_body": ("The body as a whole is wrong.", "本文全体の形が正しくありません。"),
    "bad_request": (
        "The request is not what HTTP asks for.",
        "HTTP のリクエストとして正しくありません。",
    ),
    "cut_off": (
        "The connection ended before the whole body was there; nothing was done.",
        "本文をすべて受け取る前に接続が終わったため、何も処理しませんでした。",
    ),
    "length_needed": (
        "A part of such a file looks like a whole one: send it with Content-Length.",
        "この形式は途中で切れても判別できません。Content-Length を付けて送ってください。",
    ),
    "transfer_coding": (
        "Send the body with Content-Length, or with `Transfer-Encoding: chunked` alone.",
        "Content-Length か `Transfer-Encoding: chunked` のみで送ってください。",
    ),
    "method_case": (
        "Methods are written in capital letters.",
        "メソッドは大文字で書いてください。",
    ),
    "other_host": (
        "This service is not called {host}; if people call it so, set RELAYBOOK_PUBLIC_URL.",
        "{host} はこのサービスの名前ではありません。RELAYBOOK_PUBLIC_URL で設定できます。",
    ),
    "bodies_taken": (
        "Too many requests are being received at once; try again soon.",
        "受信中のリクエストが上限に達しています。しばらくしてから試してください。",
    ),
    "secret_required": (
        "The stored secret belongs to the old destination; changed: {fields}.",
        "保存された秘密情報は変更前の接続先のものです。変更された項目: {fields}。",
    ),
    "import_invalid": (
        "{count} settings are invalid and nothing was imported; the plan names them.",
        "{count} 件の設定が不正なため、何も取り込みませんでした。詳細は plan にあります。",
    ),
    "past_secret_required": (
        "The password of version {version} is not held: send `password`, or null for none.",
        "バージョン {version} のパスワードは保存されていません。`password` を指定してください。",
    ),
    "secret_lacking": (
        "A secret of the setting {id} is missing since it moved or was imported; store it again.",
        "設定 {id} は接続先の変更または取り込みにより秘密情報がありません。再登録してください。",
    ),
    "secret_lost": (
        "A secret of the setting {id} is not held any more; store it again.",
        "設定 {id} の秘密情報は失われています。もう一度登録してください。",
    ),
    "setting_there": (
        "The setting is there, at version {actual}; send its ETag as If-Match.",
        "設定は存在します(バージョン {actual})。ETag を If-Match に指定してください。",
    ),
    "setting_deleted": (
        "The setting was deleted; send `If-None-Match: *` to bring it back.",
        "設定は削除されています。復元するには `If-None-Match: *` を指定してください。",
    ),
    "if_match_or_deleted": (
        "Send the ETag as If-Match, or `If-None-Match: *` for a setting that was deleted.",
        "If-Match に ETag を指定してください(削除された設定では `If-None-Match: *`)。",
    ),
    "if_match": (
        "Send the ETag that you read as If-Match, or `*` for any version.",
        "読み取った ETag を If-Match に指定してください(どのバージョンでもよい場合は `*`)。",
    ),
    "rate": (
        "At most {count} tests of a principal, a setting or a mail account in {seconds} seconds.",
        "テストは操作者、設定、メールアカウントごとに {seconds} 秒に {count} 回までです。",
    ),
    "internal": (
        "It was logged under this trace id.",
        "このトレース ID で記録しました。",
    ),
    "store_away": ("The database cannot be reached.", "データベースに接続できません。"),
    "overtaken": (
        "Too many change this at the same time, and nothing was done; send it again.",
        "同時に多くの変更が行われたため、処理しませんでした。もう一度送ってください。",
    ),
    "vault_away": ("The stored secret cannot be opened.", "保存された秘密情報を開けません。"),
    "streams_taken": (
        "Too many streams are open; try again soon.",
        "ストリームが上限に達しています。しばらくしてから試してください。",
    ),
    "not_migrated": ("The database has an older schema.", "データベースの更新が必要です。"),
}


def title_of(slug: str, language: str) -> str:
    """Return the title of a problem."""
    _, english, japanese = PROBLEMS[slug]
    return japanese if language == "ja" else english


def reason_text(reason: str, facts: dict[str, object], language: str) -> str:
    """Return the sentence for a reason, filled with its facts."""
    english, japanese = _REASONS[reason]
    return (japanese if language == "ja" else english).format(**facts)

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
    "beyond_own": (
        "Your access is limited to some tenants; you cannot give access to others.",
        "アクセスできるテナントが制限されているため、ほかのテナントへの権限は付与できません。",
    ),
    "cross_site": (
        "The request came from another site or lacks the page's token.",
        "ほかのサイトからの要求か、ページのトークンがありません。",
    ),
    "denied": ("This is not allowed: {reason}.", "許可されていません: {reason}。"),
    "no_route": ("There is nothing at this address.", "このアドレスには何もありません。"),
    "no_setting": ("There is no setting {id}.", "設定 {id} はありません。"),
    "no_test": ("There is no connection test {id}.", "接続テスト {id} はありません。"),
    "no_token": ("There is no token {id}.", "トークン {id} はありません。"),
    "no_user": ("There is no user {name}.", "ユーザー {name} はいません。"),
    "no_event": (
        "There is no event at position {position}.",
        "位置 {position} にイベントはありません。",
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
        "This attempt of the test was claimed already.",
        "この試行はすでに引き受けられています。",
    ),
    "test_ended": ("The test has ended.", "テストはすでに終了しています。"),
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
    "rate": ("At most {count} in {seconds} seconds.", "{seconds} 秒に {count} 回までです。"),
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

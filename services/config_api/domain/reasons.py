"""What exactly is wrong with a field, and what to change, where its code alone says too little."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from services.config_api.domain.words import Sentences

_HOST: Final[Sentences] = {
    "host_invalid.blank": {
        "en": "Remove the blank inside the name, and enter one server only.",
        "ja": "名前の途中の空白を取り除き、サーバーを 1 つだけ入力してください。",
    },
    "host_invalid.character": {
        "en": "Remove “{character}”: a host name holds letters, digits, hyphens and dots.",
        "ja": "「{character}」を取り除いてください。ホスト名に使用できるのは文字、数字、ハイフン、"
        "ドットです。",
    },
    "host_invalid.empty_label": {
        "en": "Enter a name between the dots: one stands at the beginning, or two follow each "
        "other.",
        "ja": "ドットとドットの間に名前を入力してください。先頭のドットや連続したドットは使用でき"
        "ません。",
    },
    "host_invalid.hyphen": {
        "en": "Remove the hyphen at an end of “{label}”.",
        "ja": "「{label}」の先頭または末尾のハイフンを取り除いてください。",
    },
    "host_invalid.label_too_long": {
        "en": "Shorten “{label}…”: the part between two dots has at most 63 characters.",
        "ja": "「{label}…」を短くしてください。ドットで区切った各部分は 63 文字以内です。",
    },
    "host_invalid.too_long": {
        "en": "Shorten the name: it has at most 253 characters, counted in the form that DNS uses.",
        "ja": "名前を短くしてください。DNS で使用する形式に変換して 253 文字以内です。",
    },
    "host_invalid.not_idna": {
        "en": "Correct “{label}”: the rules for internationalised names (IDNA) do not allow it, "
        "for example because of a symbol or of mixed writing directions.",
        "ja": "「{label}」を修正してください。記号や書字方向の混在など、国際化ドメイン名(IDNA)の"
        "規則で認められない文字の並びです。",
    },
    "host_invalid.ends_in_a_number": {
        "en": "Write an IPv4 address as four decimal numbers, such as 192.0.2.7; no name ends in a "
        "number.",
        "ja": "IPv4 アドレスは 192.0.2.7 のように 4 つの 10 進数で入力してください。末尾の部分が"
        "数値の名前は使用できません。",
    },
    "host_invalid.brackets": {
        "en": "Remove the brackets: only an IPv6 address may stand in them.",
        "ja": "角括弧を取り除いてください。角括弧で囲めるのは IPv6 アドレスだけです。",
    },
    "host_invalid.zone": {
        "en": "Remove the zone behind “%”: it is valid on one machine only. Enter an address or a "
        "name that every sender can reach.",
        "ja": "「%」以降のゾーン ID はそのマシンでしか有効ではありません。取り除いて、どの送信元"
        "からも到達できるアドレスか名前を入力してください。",
    },
    "host_invalid.not_an_address": {
        "en": "Correct the IPv6 address: eight groups of up to four hexadecimal digits, and “::” "
        "once at most.",
        "ja": "IPv6 アドレスを修正してください。4 桁以内の 16 進数 8 組で、「::」は 1 回だけ使用"
        "できます。",
    },
}

_FIELDS: Final[Sentences] = {
    "not_one_of.near": {
        "en": "The value must be one of {choices}; “{suggestion}” is probably meant.",
        "ja": "{choices} のいずれかを指定してください(「{suggestion}」の誤りの可能性があります)。",
    },
    "not_one_of.tls": {
        "en": "The value must be one of {choices}: “starttls” where the connection begins in plain "
        "text (port 587), “implicit_tls” where it is encrypted from the first byte (port 465).",
        "ja": "{choices} のいずれかを指定してください。平文で接続を開始する場合(ポート 587)は"
        "「starttls」、最初から暗号化する場合(ポート 465)は「implicit_tls」です。",
    },
    "out_of_range.timeout": {
        "en": "Enter {minimum} to {maximum} milliseconds, or null for no limit of its own.",
        "ja": "{minimum} ~ {maximum} ミリ秒の値を入力してください。独自の制限を設けない場合は "
        "null を指定します。",
    },
    "protocol_unknown.near": {
        "en": "Write {suggestion} for it.",
        "ja": "{suggestion} と入力してください。",
    },
    "protocol_unknown.obsolete": {
        "en": "SSL is broken and no longer in use: choose TLSv1.2 and TLSv1.3.",
        "ja": "SSL は安全ではなく、現在は使用されていません。TLSv1.2 と TLSv1.3 を選択して"
        "ください。",
    },
    "credentials_missing.user": {
        "en": "Enter the user: with an access token too, the server asks whose it is.",
        "ja": "ユーザー名を入力してください。アクセストークンを使用する場合も必要です。",
    },
    "password_without_method.access_token": {
        "en": "Remove the password: with the method “access_token” the token comes from the OAuth "
        "provider. To enter a token yourself, choose the method “password” and the mechanism "
        "XOAUTH2 or OAUTHBEARER.",
        "ja": "パスワードを削除してください。認証方式「access_token」では OAuth プロバイダーから"
        "トークンを取得します。トークンを直接入力する場合は、認証方式を「password」、メカニズムを "
        "XOAUTH2 または OAUTHBEARER にしてください。",
    },
    "property_name_invalid.near": {
        "en": "The name of a session property begins with “mail.” and holds letters, digits, “.” "
        "and “-”; “{suggestion}” is probably meant.",
        "ja": "セッションプロパティの名前は「mail.」で始まり、使用できる文字は英数字と「.」「-」"
        "です(「{suggestion}」の誤りの可能性があります)。",
    },
    "property_contradicts_security.weakens": {
        "en": "{name}={value} weakens the security “{now}” of this setting: remove the property, "
        "or set security to “{security}”.",
        "ja": "{name}={value} はこの設定の security「{now}」を弱めます。プロパティを削除するか、"
        "security を「{security}」にしてください。",
    },
}

_CERTIFICATES: Final[Sentences] = {
    "ca_pem_invalid.private_key": {
        "en": "This holds a private key: remove it, for only the certificate of the authority "
        "belongs here. A key that left its machine should be replaced.",
        "ja": "秘密鍵が含まれています。ここに必要なのは認証局の証明書だけなので、秘密鍵を取り除いて"
        "ください。外部に渡った秘密鍵は交換することをお勧めします。",
    },
    "ca_pem_invalid.no_armour": {
        "en": "The lines -----BEGIN CERTIFICATE----- and -----END CERTIFICATE----- are missing: "
        "put them around this text.",
        "ja": "前後の -----BEGIN CERTIFICATE----- と -----END CERTIFICATE----- の行がありません。"
        "この文字列の前後に追加してください。",
    },
    "ca_pem_invalid.layout": {
        "en": "The line breaks of the certificate were lost or its label is an old one: paste it "
        "again as it stands in its file.",
        "ja": "証明書の改行が失われているか、古い形式のラベルが使用されています。ファイルの内容を"
        "そのまま貼り付け直してください。",
    },
    "ca_pem_invalid.incomplete": {
        "en": "A certificate is incomplete: paste it again from its line -----BEGIN "
        "CERTIFICATE----- to its line -----END CERTIFICATE-----.",
        "ja": "証明書が途中で切れています。-----BEGIN CERTIFICATE----- の行から -----END "
        "CERTIFICATE----- の行まで貼り付け直してください。",
    },
    "ca_pem_invalid.damaged": {
        "en": "Certificate {number} in this text is damaged: paste it again as a whole.",
        "ja": "{number} 番目の証明書が壊れています。全体を貼り付け直してください。",
    },
    "ca_pem_invalid.other_block": {
        "en": "This holds “{label}” where a certificate is wanted: paste the certificate of the "
        "authority, which begins with -----BEGIN CERTIFICATE-----.",
        "ja": "証明書ではなく「{label}」が含まれています。-----BEGIN CERTIFICATE----- で始まる"
        "認証局の証明書を貼り付けてください。",
    },
}

_PROVIDERS: Final[Sentences] = {
    "url_invalid.syntax": {
        "en": "Enter an https:// URL in ASCII characters.",
        "ja": "ASCII 文字の https:// で始まる URL を入力してください。",
    },
    "url_invalid.credentials": {
        "en": "Remove user and password from the URL: they belong into fields of their own.",
        "ja": "URL からユーザー名とパスワードを取り除き、それぞれの項目に入力してください。",
    },
    "url_invalid.fragment": {
        "en": "Remove “#” and what follows: it is never sent.",
        "ja": "「#」以降は送信されません。取り除いてください。",
    },
    "url_invalid.host": {
        "en": "Correct the host name or the port in the URL.",
        "ja": "URL のホスト名かポートを修正してください。",
    },
    "private_key_invalid.not_a_key": {
        "en": "Paste the private key in PEM, from its line -----BEGIN PRIVATE KEY----- to its line "
        "-----END PRIVATE KEY-----.",
        "ja": "-----BEGIN PRIVATE KEY----- の行から -----END PRIVATE KEY----- の行まで、PEM 形式の"
        "秘密鍵を貼り付けてください。",
    },
    "private_key_invalid.encrypted": {
        "en": "Take the passphrase off the private key: it is stored sealed here.",
        "ja": "秘密鍵のパスフレーズを解除してください。鍵は暗号化して保存されます。",
    },
    "private_key_invalid.kind": {
        "en": "Use an RSA key of at least 2048 bits, or an EC key (P-256, P-384, P-521).",
        "ja": "2048 ビット以上の RSA 鍵、または EC 鍵(P-256、P-384、P-521)を使用してください。",
    },
}

_DOMAINS: Final[Sentences] = {
    "domain_is_address.cleaned": {
        "en": "This is an e-mail address: enter its domain alone, “{cleaned}”.",
        "ja": "メールアドレスが入力されています。ドメインの「{cleaned}」だけを入力してください。",
    },
    "domain_is_more.cleaned": {
        "en": "Enter the domain alone, “{cleaned}”.",
        "ja": "ドメインの「{cleaned}」だけを入力してください。",
    },
}

#: Code and reason of a field error → language → sentence with the names of its facts.
REASONS: Final[Sentences] = {**_HOST, **_FIELDS, **_CERTIFICATES, **_PROVIDERS, **_DOMAINS}

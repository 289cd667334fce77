"""Sentences about signing in."""

from events.diagnosis.texts.text import Text, Texts

TEXTS: Texts = {
    "provider_unknown": Text(
        "The OAuth provider is not known",
        "Choose a registered OAuth provider for this setting[[ instead of {provider_id}]], or sign "
        "in with a password.",
    ),
    "token_host_not_allowed": Text(
        "The OAuth provider {provider_id} issues no tokens for {host}",
        "Have an administrator add {host} to the mail hosts of {provider_id} if it is a server of "
        "that provider[[; allowed now: {allowed}]].",
    ),
    "token_endpoint_unreachable": Text(
        "The OAuth provider {provider_id} does not answer",
        "Test again later; if it stays so, check the token URL of {provider_id}[[: {reason}]]"
        "[[; it said “{error}”]][[: “{description}”]].",
    ),
    "token_request_refused": Text(
        "The OAuth provider {provider_id} refuses to issue a token",
        "Correct the OAuth provider {provider_id}[[; it said “{error}”]][[: “{description}”]].",
    ),
    "token_grant_expired": Text(
        "The consent to {provider_id} is missing or has ended",
        "Consent again at the OAuth provider {provider_id}, or enter a new refresh token there"
        "[[; it said “{error}”]][[: “{description}”]].",
    ),
    "auth_not_offered": Text(
        "The server offers no sign-in",
        "Use the submission port of {host} (587 or 465), or choose the sign-in method “none” if "
        "the server admits this sender by its address; port {port} offers no AUTH.",
    ),
    "auth_needs_tls": Text(
        "The server lets nobody sign in without TLS",
        "Change the security to STARTTLS, or to implicit TLS with port 465[[; the server said: "
        "“{reply}”]].",
    ),
    "no_common_mechanism": Text(
        "No sign-in mechanism in common",
        "The server offers {offered}, the tester and the setting allow {supported}; have one of "
        "these switched on at {host}.",
    ),
    "mechanism_not_offered": Text(
        "The server does not offer {mechanism}",
        "Choose a mechanism among {offered}, or leave the choice to the tester.",
    ),
    "mechanism_refused": Text(
        "The server refuses {mechanism}",
        "Choose another mechanism than {mechanism}, or leave the choice to the tester[[; the "
        "server said: “{reply}”]].",
    ),
    "bad_credentials": Text(
        "User or password is wrong",
        "Enter user and password of “{user}” again, exactly as {host} knows them (often the whole "
        "e-mail address)[[; this provider may want an app password: {switch}]]"
        "[[; the server said: “{reply}”]].",
    ),
    "app_password_required": Text(
        "An app password is needed",
        "Create an app password for “{user}” in the provider's account settings and enter it "
        "instead of the usual password[[ ({switch})]][[; the server said: “{reply}”]].",
    ),
    "web_login_required": Text(
        "The provider wants a sign-in in the browser first",
        "Sign in as “{user}” in a browser, confirm what the provider asks[[ ({switch})]], then "
        "test again[[; the server said: “{reply}”]].",
    ),
    "basic_auth_disabled": Text(
        "The provider takes no passwords any more",
        "Change the sign-in method to access token (OAuth): {host} has switched off basic "
        "authentication[[; the server said: “{reply}”]].",
    ),
    "smtp_auth_disabled": Text(
        "SMTP sign-in is switched off for this account",
        "Have authenticated SMTP switched on for “{user}”, or for the whole organisation"
        "[[: {switch}]][[; the server said: “{reply}”]].",
    ),
    "security_defaults": Text(
        "The organisation's security defaults forbid this sign-in",
        "Have an administrator exempt “{user}” from the security defaults or a conditional access "
        "policy[[ ({switch})]], or use an access token (OAuth)[[; the server said: “{reply}”]].",
    ),
    "oauth_required": Text(
        "The server takes access tokens only",
        "Change the sign-in method to access token (OAuth); {host} offers {offered}.",
    ),
    "oauth_not_offered": Text(
        "The server takes no access tokens",
        "Sign in with a password: {host} offers {offered} but not {mechanism}.",
    ),
    "token_rejected": Text(
        "The server rejects the access token",
        "Get a new token for “{user}”[[ without “{prefix}” in front of it]][[; this one expired at "
        "{expired_at}]][[; it is for the audience {audience}]][[ with the scope {scope}]][[; the "
        "server wants the scope {wanted_scope}]][[; its status is {status}]][[; the "
        "server said: “{reply}”]].",
    ),
    "server_signature_wrong": Text(
        "The server could not prove that it knows the password",
        "Check that {host} is the server you mean: it took the {mechanism} sign-in without the "
        "proof that only the right server can give, so the test went no further.",
    ),
    "throttled": Text(
        "Too many sign-ins",
        "Wait some minutes before the next test; user and password were not judged[[; the server "
        "said: “{reply}”]].",
    ),
    "temporary_auth_failure": Text(
        "The server cannot check the sign-in now",
        "Test again later, it is not the password's fault[[; the server said: “{reply}”]].",
    ),
    "closed_in_auth": Text(
        "The server hung up during the sign-in",
        "{host} closed the connection after AUTH {mechanism}; check whether it has blocked the "
        "sending address, or choose another mechanism.",
    ),
    "auth_timeout": Text(
        "The server did not answer the sign-in",
        "{host} gave no answer to AUTH {mechanism} within {limit_ms} ms; ask its operator whether "
        "its directory of users can be reached.",
    ),
}

"""OpenID Connect 1.0 from the relying party's side: code flow with PKCE, state and nonce."""

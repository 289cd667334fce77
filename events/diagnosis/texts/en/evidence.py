"""Sentences of evidence: what speaks for a proposed server, and the notes beside proposals."""

EVIDENCE: dict[str, str] = {
    "srv_record": "The domain names it in its SRV record {name} (priority {priority}, weight "
    "{weight}).",
    "autoconfig": "The configuration that the domain publishes at {url} names it.",
    "provider_of_mx": "Mail for the domain goes to {exchanger}, so that it is a customer of "
    "{provider}, whose customers hand mail in here.",
    "mail_exchanger": "It takes in the mail for the domain (MX {exchanger}).",
    "usual_name": "Its name is the usual one for a mail server of the domain.",
    "answered": "A mail server answered at {address}.",
    "tls_checked": "The connection is encrypted by {version}, and the certificate is good for this "
    "name.",
    "certificate_for_other_name": "The certificate is for another name: perhaps the server has a "
    "name of its provider that should be entered instead.",
    "certificate_expired": "The certificate has expired or is not valid yet.",
    "certificate_not_trusted": "The certificate comes from an authority that is not known here: a "
    "private one belongs in the field for the CA.",
    "certificate_refused": "The certificate does not pass the checks.",
    "tls_failed": "The encrypted connection could not be set up.",
    "starttls_not_offered": "It offers no encryption: of use within a network of your own only.",
    "sign_in_offered": "It lets clients sign in by {mechanisms}.",
    "no_sign_in": "It offers no sign-in here: perhaps it only takes in mail for the domain.",
    "turned_away": "It answered, but turned the connection away: “{reply}”.",
    "name_without_address": "The name has no address.",
    "not_reached": "It could not be reached from here.",
    "no_smtp_there": "What answers there does not speak SMTP.",
    "address_not_allowed": "It was not tried, for the deployment's policy does not let tests reach "
    "it.",
    "not_tried": "It was not tried: a search makes at most {limit} connections.",
    "domain_not_found": "There is no domain {domain}: check the spelling.",
    "name_servers_failed": "The name servers did not answer for {domain}; try again later.",
    "null_mx": "{domain} takes in no mail (null MX), so that its MX record names no server.",
    "service_not_offered": "The domain says by {name} that it does not offer this service.",
    "deadline_exceeded": "The search had to end after {limit_ms} ms; there may be more to find.",
    "no_tester": "Nobody searched: see to it that a connection tester (relaybook-tester) runs, and "
    "try again.",
}

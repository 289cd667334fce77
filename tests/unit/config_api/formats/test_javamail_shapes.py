from __future__ import annotations

import pytest

from services.config_api.domain.field_errors import describe
from services.config_api.domain.secret import Secret
from services.config_api.domain.setting_fields import make_draft
from tests.support.javamail import config, fields_of, one, read

MISPLACED_NAME = "<session-property>\n<name>n</name></session-property>"


def test_what_cannot_be_read_and_what_breaks_the_rules_are_told_together() -> None:
    item = one(
        "<auth enable='true'><user/></auth><debug>maybe</debug><timeout>999999999</timeout>"
        "<session-properties><session-property name='smtp.x' value=''/></session-properties>",
        'id="a b" host="smtp://x.example" port="0x19"',
    )

    assert item.fields is None
    assert {error.pointer: error.code for error in item.errors} == {
        "/id": "id_invalid",
        "/host": "host_is_url",
        "/port": "port_invalid",
        "/auth/user": "credentials_missing",
        "/debug": "wrong_type",
        "/timeout_ms": "out_of_range",
        "/session_properties/smtp.x": "property_name_invalid",
    }


def test_what_depends_on_something_that_cannot_be_read_is_not_judged() -> None:
    item = one(
        "<smtps enable='yes'/><auth enable='yes'><user/></auth><session-properties>"
        "<session-property name='mail.smtp.ssl.enable' value='true'/></session-properties>"
    )

    assert [error.pointer for error in item.errors] == ["/security", "/auth/method"]


def test_an_item_tells_its_line() -> None:
    first, second = read(config('\n<smtp-server id="a" host="h"/>\n\n<smtp-server\nid="b"/>'))

    assert (first.line, second.line) == (2, 4)


@pytest.mark.parametrize(
    ("inside", "attributes", "pointer", "attribute"),
    [
        ("\n<id>acme</id>", 'host="h"', "/id", "id"),
        ("\n<host>h</host>", 'id="acme"', "/host", "host"),
        ("\n<port>25</port>", 'id="acme" host="h"', "/port", "port"),
        ("<smtps>\n<enable>true</enable></smtps>", 'id="acme" host="h"', "/security", "enable"),
        ("<smtps>\n<starttls>1</starttls></smtps>", 'id="acme" host="h"', "/security", "starttls"),
        ("<auth>\n<enable>true</enable></auth>", 'id="acme" host="h"', "/auth", "enable"),
        (
            f"<session-properties>{MISPLACED_NAME}</session-properties>",
            'id="acme" host="h"',
            "/session_properties",
            "name",
        ),
    ],
)
def test_an_element_in_place_of_an_attribute_is_told(
    inside: str, attributes: str, pointer: str, attribute: str
) -> None:
    item = one(inside, attributes)
    first = item.errors[0]

    assert item.setting_id == "acme"
    assert item.ignored == ()
    assert (first.pointer, first.code) == (pointer, "attribute_expected")
    assert (first.facts["attribute"], first.facts["line"]) == (attribute, 2)
    assert attribute in describe(first, "en")
    assert attribute in describe(first, "ja")


def test_commented_out_protocols_do_not_count() -> None:
    item = one(
        '<smtps enable="true"><protocols><!-- <protocol>TLSv1</protocol> -->'
        "<protocol>TLSv1.<!-- 2 -->3</protocol></protocols></smtps>"
    )

    assert fields_of(item)["tls_protocols"] == ["TLSv1.3"]


def test_blanks_around_a_text_are_layout_unless_a_section_says_that_they_are_meant() -> None:
    item = one(
        "<auth enable='true'><user>\n  u\n</user><password><![CDATA[ ]]></password></auth>"
        "<x-mailer><![CDATA[ <m> ]]></x-mailer>"
    )

    assert fields_of(item)["auth"]["user"] == "u"
    assert fields_of(item)["auth"]["password"] == Secret(" ")
    assert fields_of(item)["x_mailer"] == " <m> "


@pytest.mark.parametrize(
    ("typed", "host"),
    [("メール.example", "メール.example"), ("evil.example", "xn--4dkua4c.example"), ("a b", None)],
)
def test_how_the_host_was_typed_counts_only_for_the_same_host(typed: str, host: str | None) -> None:
    item = one(f"<?relaybook-host {typed}?>", 'id="acme" host="xn--4dkua4c.example"')

    assert fields_of(item)["host"] == (host or "xn--4dkua4c.example")


def test_the_platforms_own_file_is_read() -> None:
    vendor = """<?xml version="1.0" encoding="UTF-8"?>
<!-- javamail settings -->
<javamail-config xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
    xmlns="http://intra-mart.co.jp/system/mail/javamail/config/javamail-config"
    xsi:schemaLocation="http://intra-mart.co.jp/system/mail/javamail/config/javamail-config
        ../../schema/javamail-config.xsd ">
  <smtp>
    <smtp-server id="old" host="localhost" port="25">
      <!-- no smtps, no provider, no session properties: older versions had none -->
      <auth enable="false"><user/><password/></auth>
      <x-mailer>intra-mart MailSender ver 8.0</x-mailer>
      <debug>false</debug>
      <connection-timeout>0</connection-timeout>
      <timeout>-1</timeout>
    </smtp-server>
  </smtp>
</javamail-config>
"""
    (item,) = read(vendor)
    values = make_draft(fields_of(item)).values

    assert (item.ignored, item.warnings) == ((), ())
    assert (values.security, values.auth.method) == ("none", "none")
    assert (values.connection_timeout_ms, values.timeout_ms) == (None, None)

"""A `javamail-config.xml`, and what reading one gives."""

from __future__ import annotations

import io
from typing import Any

import pytest

from services.config_api.formats.port import MalformedFile, ReadItem
from services.config_api.formats.registry import FORMATS

SAMPLE = """<?xml version="1.0" encoding="UTF-8"?>
<javamail-config xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
    xmlns="http://intra-mart.co.jp/system/mail/javamail/config/javamail-config"
    xsi:schemaLocation="http://intra-mart.co.jp/system/mail/javamail/config/javamail-config x.xsd">
  <smtp>
    <!-- the setting of every tenant without one of its own -->
    <smtp-server id="default" host="localhost" port="25">
      <smtps enable="false" starttls="false"/>
      <auth enable="false"><user/><password/><system-oauth-provider-id/></auth>
      <x-mailer/>
      <debug>false</debug>
      <connection-timeout>60000</connection-timeout>
      <timeout>0</timeout>
    </smtp-server>
    <smtp-server id="acme" host="smtp.acme.example" port="587">
      <smtps enable="true" starttls="true">
        <protocols><protocol>TLSv1.2</protocol><protocol>TLSv1.3</protocol></protocols>
      </smtps>
      <auth enable="true">
        <user>mailer@acme.example</user>
        <password> canary </password>
        <system-oauth-provider-id/>
      </auth>
      <x-mailer>経理部メール</x-mailer>
      <debug>true</debug>
      <connection-timeout>-1</connection-timeout>
      <timeout>10000</timeout>
      <session-properties>
        <session-property name="mail.smtp.localhost" value="app01.acme.example"/>
        <session-property name="mail.smtp.proxy.password" value="canary"/>
        <session-property name="mail.smtp.socks.password" value=""/>
      </session-properties>
    </smtp-server>
  </smtp>
  <content-type><file extension=".txt" content-type="text/plain"/></content-type>
  <listener><listener-class>a.B</listener-class></listener>
</javamail-config>
"""


def read(text: str | bytes) -> list[ReadItem]:
    data = text.encode() if isinstance(text, str) else text
    return list(FORMATS["javamail"].read(io.BytesIO(data)))


def one(inside: str = "", attributes: str = 'id="acme" host="smtp.acme.example"') -> ReadItem:
    (item,) = read(config(f"<smtp-server {attributes}>{inside}</smtp-server>"))
    return item


def config(inside: str) -> str:
    return f"<javamail-config><smtp>{inside}</smtp></javamail-config>"


def fields_of(item: ReadItem) -> dict[str, Any]:
    assert item.errors == ()
    assert item.fields is not None
    return dict(item.fields)


def refused(text: str | bytes) -> MalformedFile:
    with pytest.raises(MalformedFile) as raised:
        read(text)
    return raised.value

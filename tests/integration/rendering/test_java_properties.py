"""Java itself reads what is rendered for Jakarta Mail and Spring Boot."""

from __future__ import annotations

import base64
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from services.config_api.rendering.registry import TARGETS
from services.config_api.rendering.spring_boot import literal
from tests.support.hostile import HOSTILE, a_sending
from tests.support.properties_reader import read_properties

if TYPE_CHECKING:
    from pathlib import Path

_RUN_S = 100
_PROGRAM = """
import java.io.FileInputStream;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Properties;

public class Read {
    public static void main(String[] files) throws Exception {
        Properties properties = new Properties();
        try (FileInputStream stream = new FileInputStream(files[0])) {
            properties.load(stream);
        }
        Base64.Encoder encoder = Base64.getEncoder();
        for (String name : properties.stringPropertyNames()) {
            for (String text : new String[] {name, properties.getProperty(name)}) {
                System.out.print(encoder.encodeToString(text.getBytes(StandardCharsets.UTF_8)));
                System.out.print(" ");
            }
            System.out.println();
        }
    }
}
"""


def read_by_java(folder: Path, text: str) -> dict[str, str]:
    """Return what `java.util.Properties` makes of a text; skips the test where no JDK is."""
    if shutil.which("java") is None or shutil.which("javac") is None:
        pytest.skip("no JDK on PATH: the strict reader of the unit tests stands in for it")
    (folder / "Read.java").write_text(_PROGRAM, encoding="utf-8")
    (folder / "mail.properties").write_text(text, encoding="utf-8")
    printed = subprocess.run(
        ["java", "Read.java", "mail.properties"],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=_RUN_S,
        check=True,
    ).stdout
    pairs = (
        [base64.b64decode(word).decode() for word in line.split(" ")[:2]]
        for line in printed.splitlines()
    )
    return dict(pairs)


@pytest.mark.parametrize("language", ["en", "ja"])
def test_java_reads_every_value_as_it_was_written(language: str, tmp_path: Path) -> None:
    properties = {f"mail.x.{number}": value for number, value in enumerate(HOSTILE)}
    sending = a_sending(session_properties=properties, x_mailer="日本\\", debug=True)
    text = TARGETS["javamail"].render(sending, "ja" if language == "ja" else "en")
    read = read_by_java(tmp_path, text)
    assert read == {name: one["value"] for name, one in sending.properties.items()}
    assert read == read_properties(text)


def test_java_reads_the_properties_of_spring_boot(tmp_path: Path) -> None:
    properties = {f"mail.x.{number}": value for number, value in enumerate(HOSTILE)}
    sending = a_sending(session_properties={**properties, "mail..odd": "1"}, auth={"user": "田中"})
    text = TARGETS["spring-boot"].render(sending, "ja")
    read = read_by_java(tmp_path, text)
    assert read == read_properties(text)
    assert read["spring.mail.username"] == "田中"
    assert read["spring.mail.properties[mail..odd]"] == "1"
    for name, value in properties.items():
        assert read[f"spring.mail.properties.{name}"] == literal(value)

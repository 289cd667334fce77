"""Flask's smallest answer, on the same server as the product."""

from __future__ import annotations

from flask import Flask

app = Flask(__name__, static_folder=None)


@app.get("/hello/<name>")
def hello(name: str) -> str:
    return f"hello {name}"

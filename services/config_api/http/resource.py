"""A blueprint whose routes are made from declarations of what they check and answer."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Any

from flask import Response, g
from flask_smorest import Blueprint  # type: ignore[import-untyped]  # it has no types

from services.config_api.http.idempotency import once
from services.config_api.http.openapi import describe_operation, path_parameters

if TYPE_CHECKING:
    from collections.abc import Callable

    from services.config_api.http.operation import Operation

    View = Callable[..., Response]


class Resource(Blueprint):  # type: ignore[misc]  # the same
    """The operations on one kind of thing."""

    def __init__(
        self, name: str, import_name: str, description: str, *, prefix: str = "/v1"
    ) -> None:
        super().__init__(name, import_name, url_prefix=prefix, description=description)

    def serve(self, operation: Operation) -> Callable[[View], View]:
        """Return the decorator that makes a view the operation's; its name is the operationId."""

        def decorate(view: View) -> View:
            @wraps(view)
            def served(**path: Any) -> Response:  # noqa: ANN401 -- the path's own parameters
                g.operation = operation
                if not operation.writes:
                    return view(**path)
                return once(lambda: view(**path), operation.kind)

            marked = operation.access(served)
            described = self.doc(**describe_operation(operation, view.__name__))(marked)
            in_path = path_parameters(operation.rule)
            self.route(operation.rule, methods=[operation.method], parameters=in_path)(described)
            return view

        return decorate

"""Settings by Django REST Framework, on the same server as the product and the same tables."""

from __future__ import annotations

import hashlib
import json
import os
from typing import Any
from urllib.parse import urlsplit

import django  # type: ignore[import-untyped]  # it has no types
from django.conf import settings  # type: ignore[import-untyped]  # the same

_DATABASE = urlsplit(os.environ["BENCH_DATABASE_URL"])
settings.configure(
    ALLOWED_HOSTS=["*"],
    ROOT_URLCONF=__name__,
    MIDDLEWARE=["django.middleware.http.ConditionalGetMiddleware"],
    INSTALLED_APPS=["rest_framework"],
    REST_FRAMEWORK={"UNAUTHENTICATED_USER": None},
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": _DATABASE.path[1:],
            "USER": _DATABASE.username,
            "HOST": _DATABASE.hostname,
            "PORT": _DATABASE.port,
            "CONN_MAX_AGE": None,
        }
    },
)
django.setup()

from django.core.wsgi import get_wsgi_application  # type: ignore[import-untyped]  # noqa: E402 -- after the set-up
from django.db import models  # type: ignore[import-untyped]  # noqa: E402 -- the same
from django.urls import path  # type: ignore[import-untyped]  # noqa: E402 -- the same
from rest_framework import (  # type: ignore[import-not-found]  # noqa: E402 -- the same; the peers' own
    authentication,
    exceptions,
    generics,
    pagination,
    permissions,
    serializers,
)


class Token(models.Model):  # type: ignore[misc]  # noqa: DJ008 -- no types, and nobody prints it
    id = models.TextField(primary_key=True)
    sha256 = models.TextField()
    revoked_at = models.DateTimeField(null=True)
    is_authenticated = True

    class Meta:
        app_label = "bench"
        db_table = "tokens"
        managed = False


class Setting(models.Model):  # type: ignore[misc]  # noqa: DJ008 -- the same
    id = models.TextField(primary_key=True)
    version = models.BigIntegerField()
    is_default = models.BooleanField()
    search = models.TextField()
    document = models.TextField()

    class Meta:
        app_label = "bench"
        db_table = "smtp_settings"
        managed = False


class BearerAuthentication(authentication.BaseAuthentication):  # type: ignore[misc]  # it has no types here
    def authenticate(self, request: Any) -> tuple[Token, None]:
        text = request.META.get("HTTP_AUTHORIZATION", "").removeprefix("Bearer ")
        sha256 = hashlib.sha256(text.encode()).hexdigest()
        token = Token.objects.filter(sha256=sha256, revoked_at=None).first()
        if token is None:
            raise exceptions.AuthenticationFailed
        return token, None


class SettingSerializer(serializers.BaseSerializer):  # type: ignore[misc]  # the same
    def to_representation(self, instance: Setting) -> Any:
        return json.loads(instance.document)


class ReadSetting(generics.RetrieveAPIView):  # type: ignore[misc]  # the same
    authentication_classes = (BearerAuthentication,)
    permission_classes = (permissions.IsAuthenticated,)
    queryset = Setting.objects.all()
    serializer_class = SettingSerializer


class ByNumber(pagination.PageNumberPagination):  # type: ignore[misc]  # the same
    page_size = 50


class ById(pagination.CursorPagination):  # type: ignore[misc]  # the same
    ordering = "id"
    page_size = 50


class ListSettings(generics.ListAPIView):  # type: ignore[misc]  # the same
    authentication_classes = (BearerAuthentication,)
    permission_classes = (permissions.IsAuthenticated,)
    pagination_class = ByNumber
    serializer_class = SettingSerializer

    def get_queryset(self) -> Any:
        asked, settings_ = self.request.query_params, Setting.objects.order_by("id")
        if "q" in asked:
            settings_ = settings_.filter(search__contains=asked["q"].casefold())
        if "is_default" in asked:
            settings_ = settings_.filter(is_default=asked["is_default"] == "true")
        return settings_


urlpatterns = [
    path("v1/smtp-settings", ListSettings.as_view()),
    path("v1/smtp-settings-by-cursor", ListSettings.as_view(pagination_class=ById)),
    path("v1/smtp-settings/<str:pk>", ReadSetting.as_view()),
]
application = get_wsgi_application()

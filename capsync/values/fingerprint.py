"""Short names for exact values: of live objects, and of whole plans."""

from __future__ import annotations

import hashlib
from typing import Any

from capsync import jsonio
from capsync.fields import Schema
from capsync.values.forms import Form, form_of

Json = Any


def digest(value: Json) -> str:
    """`sha256:` and the hash of a JSON value, member order aside."""
    return "sha256:" + hashlib.sha256(jsonio.dumps_sorted(value)).hexdigest()


def fingerprint(schema: Schema, canon: Json) -> str:
    """The digest of a canonical live object, secrets left out."""
    return digest(public(schema, canon))


def public(schema: Schema, value: Json) -> Json:
    """The value without its secrets and write-only parts; itself where it can not have any."""
    return _public(form_of(schema), value)


def _public(form: Form, value: Json) -> Json:
    if not form.hides:
        return value
    if isinstance(value, dict):
        hiding = form.members_that("hides", value)
        if not hiding:
            return value
        shown = {
            name: _public(part, value[name])
            for name in hiding
            if not (part := form.part(name)).is_hidden
        }
        kept = value.keys() - set(hiding) | shown.keys()
        return {name: shown.get(name, each) for name, each in value.items() if name in kept}
    if isinstance(value, list):
        return [_public(form.item, each) for each in value]
    return value

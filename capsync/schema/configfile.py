"""The schema of capsync.yaml."""

from __future__ import annotations

from capsync.fields import (
    Schema,
    boolean,
    enum,
    integer,
    list_of,
    map_of,
    number,
    obj,
    string,
)
from capsync.schema.expand import Expander
from capsync.schema.manifest import DIALECT

VARIABLE_NAME = "^[A-Za-z_][A-Za-z0-9_-]*$"
_VARIABLES = map_of(True, "Values for ${var.NAME} in manifests.") | {
    "propertyNames": {"pattern": VARIABLE_NAME}
}

AUTH: Schema = obj(
    doc="How the environment's API is called.",
    required=["type"],
    type=enum("oauth", "basic", doc="OAuth client credentials, or a till and its password."),
    key=string("OAuth: the key of the API client."),
    secret=string('OAuth: its secret, as "${env.NAME}".'),
    username=string("Basic: the till."),
    password=string('Basic: its password, as "${env.NAME}"; sent as md5, as the API wants.'),
) | {
    "allOf": [
        {
            "if": {"properties": {"type": {"const": "oauth"}}, "required": ["type"]},
            "then": {
                "required": ["key", "secret"],
                "properties": {"username": False, "password": False},
            },
        },
        {
            "if": {"properties": {"type": {"const": "basic"}}, "required": ["type"]},
            "then": {
                "required": ["username", "password"],
                "properties": {"key": False, "secret": False},
            },
        },
    ]
}
ADMIN_AUTH: Schema = obj(
    doc="Only for the endpoints that demand an admin user (custom fields).",
    required=["username", "password"],
    username=string("The admin user."),
    password=string('Its password, as "${env.NAME}".'),
    key=string('Its key for X-CAP-API-AUTH-KEY, as "${env.NAME}".'),
)
WAIVER: Schema = obj(
    doc="Drift that is known and accepted.",
    required=["address", "reason"],
    address=string("Address or glob: Badge/*."),
    path=string("Path or glob of the fields; all where left out."),
    reason=string(minLength=1),
    owner=string("Who answers for it."),
    expires={
        "type": "string",
        "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$",
        "description": "The last day on which it counts.",
    },
)
ENVIRONMENT: Schema = obj(
    doc="One org on one host.",
    required=["endpoint"],
    endpoint=string("sandbox, or the https URL of the cluster."),
    org_id=integer("Guard: any other org is refused before the first write.", minimum=1),
    brand={
        "type": ["string", "integer"],
        "description": "Rewards brand, by name or id; optional where the org has one.",
    },
    auth=AUTH,
    admin_auth=ADMIN_AUTH,
    rate_limit={
        "type": ["string", "integer", "null"],
        "minimum": 1,
        "pattern": "^(none|[1-9][0-9]*/(s|sec|second|min|minute|h|hour))$",
        "description": "Requests: 100/min, 5/s or none. Default 60/min, none for the sandbox.",
    },
    concurrency=integer("Calls in flight.", minimum=1, maximum=256, default=8),
    timeout=number("Seconds until a call is given up.", exclusiveMinimum=0, default=60),
    variables=_VARIABLES,
    overlays=list_of(string(minLength=1), "Folders of overlays, the later win."),
    limits=obj(
        doc="A plan above them is blocked unless --force.",
        max_changes=integer("Changes of any kind.", minimum=0),
        max_destructive=integer("Retirements and replacements.", minimum=0),
    ),
    state=obj(
        doc="Where the memory is kept; default a file beside the project.",
        required=["url"],
        url=string("A file, or s3://, gs://, az://.", minLength=1),
    ),
    approve=boolean("Apply may approve the loyalty promotions that it submits.", default=False),
    waivers=list_of(WAIVER, "Drift that is known and accepted."),
    paths=map_of(
        {"type": "string", "pattern": "^/"},
        "Endpoint paths that this org has differently, by their names in `explain`.",
    ),
)
CONFIG: Schema = obj(
    doc="A capsync project.",
    required=["version", "environments"],
    version={"type": "integer", "enum": [1], "description": "The version of this file's format."},
    project=string("Name of the project.", minLength=1, pattern="^[A-Za-z0-9][A-Za-z0-9._-]*$"),
    manifests=list_of(
        string(minLength=1), "Folders or files with manifests.", default=["manifests"]
    ),
    default_environment=string("The environment where none is named."),
    environments=map_of(ENVIRONMENT, "The orgs by name.", minProperties=1)
    | {"propertyNames": {"pattern": "^[A-Za-z0-9][A-Za-z0-9._-]*$"}},
    variables=_VARIABLES,
    waivers=list_of(WAIVER, "Drift that is known and accepted in every environment."),
)


def config_schema() -> Schema:
    """The schema of capsync.yaml: any value may be taken from the process environment."""
    about = {"$schema": DIALECT, "$id": "urn:capsync:v1:capsync.yaml", "title": "capsync.yaml"}
    return about | Expander(variables=True).structure(CONFIG)

"""What badges are made with: groups, custom fields and the tag definitions of the org."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from capsync.api.dialect import Paging
from capsync.api.dialects import GATEWAY
from capsync.fields import (
    boolean,
    dated,
    enum,
    fixed,
    instant,
    integer,
    list_by,
    obj,
    obj_of,
    server_set,
    string,
)
from capsync.kind import (
    Check,
    Finding,
    Kind,
    Listing,
    Retire,
    Route,
    Task,
    Verdict,
    Write,
    key_by,
)
from capsync.model import Action, Spec

Json = Any

BADGES = "/api_gateway/v1/badges"
# The default is 10 rows; no page states the largest size, and 100 is the largest in an example.
PAGES = Paging(size=100, total="data.pagination.total", total_pages="data.pagination.totalPages")
AUDIT = {
    "orgId": server_set(integer(), "Id of the org."),
    "createdOn": server_set(instant(wire="seconds"), "When it was created."),
    "createdOnISO": server_set(string(), "createdOn as text."),
    "createdBy": server_set(integer(), "Id of the user who created it."),
    "lastUpdatedOn": server_set(instant(wire="seconds"), "When it was last changed."),
    "lastUpdatedOnISO": server_set(string(), "lastUpdatedOn as text."),
    "lastUpdatedBy": server_set(integer(), "Id of the user who changed it last."),
}
_FOR_GOOD = (
    "disabling is for good: take the manifest out and run `capsync apply --prune owned` instead"
)


def _disabled(raw: Json) -> bool:
    return raw.get("isActive") is False


def _not_disabled(spec: Spec) -> Iterable[Finding]:
    if spec.get("isActive") is False:
        yield Finding(("isActive",), "a manifest means in service", hint=_FOR_GOOD)


def _group(raw: Json) -> dict[str, Json]:
    return {name: raw[name] for name in ("name", "rank") if name in raw}


BADGE_GROUP = Kind(
    name="BadgeGroup",
    family="badges",
    doc="A group that orders badges.",
    pages=("create-badges-group", "update-badges-group", "get-all-groups", "get-group-by-id"),
    dialect=GATEWAY,
    lists=(
        Listing(
            Route("GET", f"{BADGES}/group", params={"order": "ASC"}),
            rows="badgeGroups",
            paging=PAGES,
        ),
    ),
    detail=Route("GET", f"{BADGES}/group/{{id}}"),
    read=_group,
    keys=(key_by("name"),),
    create=Route("POST", f"{BADGES}/group", omit=frozenset({"isActive"})),
    duplicate_codes=frozenset({"733"}),
    update=Route("PUT", f"{BADGES}/group/{{id}}", whole=True),
    retire=Retire("disable", sets={"isActive": False}, reversible=False),
    absent=_disabled,
    stamp="lastUpdatedOn",
    changed_by="lastUpdatedBy",
    schema=obj_of(
        {
            "name": string(
                "Name, unique among the active groups of the org, upper and lower case apart.",
                minLength=1,
            ),
            "rank": integer(
                "Place among groups; several may have the same.",
                # A number in all examples, a text in one schema of the docs.
                **{"type": ["integer", "string"], "pattern": "^-?[0-9]+$"},
            ),
            "isActive": boolean("Whether the group is in service.", default=True),
            "id": server_set(string(), "Id of the group."),
            **AUDIT,
        },
        required=["name", "rank"],
    ),
    rules=(_not_disabled,),
    notes=(
        "No call deletes a group. A guide says that isActive false disables one, although the"
        " update page does not list the key; pruning sends it, and a disabled group counts as"
        " absent, since its name is free again.",
        "Pages differ on whether a higher or a lower rank comes first.",
        "What becomes of the badges of a disabled group is not documented.",
        "Writing groups needs WRITE on the loyalty access group resource.",
    ),
)


def _default_value(spec: Spec) -> Iterable[Finding]:
    """What the server says of a default: needed when mandatory, and of the field's type."""
    default, path = spec.get("defaultValue"), ("defaultValue",)
    if spec.get("isMandatory") is True and default is None:
        yield Finding(path, "is needed with isMandatory true", code="742")
    if not isinstance(default, str) or not default:
        return
    if spec.get("dataType") == "INTEGER" and not _WHOLE_NUMBER.fullmatch(default):
        yield Finding(path, "is no whole number, as dataType INTEGER wants", code="744")
    if spec.get("dataType") == "BOOLEAN" and default not in ("true", "false"):
        yield Finding(path, "is true or false with dataType BOOLEAN", code="745")


_WHOLE_NUMBER = re.compile(r"[+-]?\d+")


def _unlinked(check: Check) -> Iterable[Verdict]:
    for change in check.changes("isMandatory"):
        if check.action is Action.UPDATE and change.after is False:
            reason = "isMandatory false unlinks the field from badges that relied on its default"
            yield Verdict("warning", reason)
    if check.action is Action.UPDATE and check.changes("name"):
        yield Verdict("warning", "badges know the field by its name: their customFields change too")


BADGE_CUSTOM_FIELD = Kind(
    name="BadgeCustomField",
    family="badges",
    doc="A field of one's own that badges can carry.",
    pages=(
        "create-custom-field",
        "update-custom-field-badge",
        "get-all-custom-fields",
        "get-custom-field-by-id",
    ),
    dialect=GATEWAY,
    lists=(
        Listing(
            # Oldest change first: a field that is written meanwhile moves to the end, not past us.
            Route(
                "GET",
                f"{BADGES}/customField",
                params={"sortOn": "LAST_UPDATED_DATE", "order": "ASC"},
            ),
            rows="customFieldROList",
            paging=PAGES,
        ),
    ),
    detail=Route("GET", f"{BADGES}/customField/{{id}}"),
    keys=(key_by("name"),),
    create=Route("POST", f"{BADGES}/customField", omit=frozenset({"isActive"})),
    duplicate_codes=frozenset({"740"}),
    update=Route("PUT", f"{BADGES}/customField/{{id}}", whole=True),
    retire=Retire("disable", sets={"isActive": False}, reversible=False),
    frees_key=True,
    absent=_disabled,
    stamp="lastUpdatedOn",
    changed_by="lastUpdatedBy",
    schema=obj_of(
        {
            "name": string(
                "Name, unique among active fields, upper and lower case apart.", minLength=1
            ),
            "dataType": fixed(
                enum("INTEGER", "BOOLEAN", "DATE", "STRING", doc="Type of its values."),
                "disable this field (take the manifest out and prune) and make a new one (746)",
            ),
            "isMandatory": boolean(
                "Whether every badge has it: those that leave it out get its default.",
                default=False,
            ),
            "defaultValue": dated(
                string("Default, always a text; dates come back as ISO 8601 with Z.")
            ),
            "isActive": boolean("Whether the field is in service.", default=True),
            "id": server_set(string(), "Id of the field."),
            **AUDIT,
        },
        required=["name", "dataType"],
    ),
    rules=(_not_disabled, _default_value),
    guard=_unlinked,
    notes=(
        "A disabled field never comes back, vanishes from reads and frees its name, so that it"
        " counts as absent: pruning one is irreversible.",
        "Badges hold the values by the field's name.",
    ),
)


def _tags(raw: Json) -> dict[str, Json]:
    return {"tags": raw.get("tags") or []}


def _org_meta(task: Task) -> tuple[Write]:
    """The whole list of definitions, with the org's id that the call wants in its body."""
    body = {"orgId": task.variables.get("org"), "tags": task.body.get("tags") or []}
    creates = task.action is Action.CREATE
    method, summary = ("POST", "create") if creates else ("PUT", "update")
    return (Write(summary, method, f"{BADGES}/orgMeta", body=body, creates=creates),)


BADGE_ORG_META = Kind(
    name="BadgeOrgMeta",
    family="badges",
    doc="The tags that badges of the org may carry.",
    pages=("create-badges-org-meta", "update-badges-org-meta", "get-badges-org-meta"),
    dialect=GATEWAY,
    lists=(Listing(Route("GET", f"{BADGES}/orgMeta")),),
    singleton=True,
    read=_tags,
    create=Route("POST", f"{BADGES}/orgMeta"),
    duplicate_codes=frozenset({"999999"}),
    update=Route("PUT", f"{BADGES}/orgMeta", whole=True),
    writer=_org_meta,
    stamp="lastUpdatedOn",
    changed_by="lastUpdatedBy",
    schema=obj_of(
        {
            "tags": list_by(
                "key",
                obj(
                    required=["key", "dataType"],
                    key=string("Name of the tag.", minLength=1),
                    dataType=string("Its type in lower case; string and integer are known."),
                    description=string("What it says."),
                    mandatory=boolean("Whether badges must have it.", default=False),
                ),
                "Definitions of tags, written whole.",
            ),
            "id": server_set(string(), "Id of the object."),
            **AUDIT,
        },
        required=["tags"],
    ),
    notes=(
        "The pages of these calls are hidden today, since custom fields have replaced tags; an org"
        " without them answers 404, which counts as none.",
        "Nothing deletes it: pruning leaves it alone.",
    ),
)

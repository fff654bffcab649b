"""Vendors of rewards, and the calls that are made to them when a reward is redeemed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from capsync.api.dialects import REWARDS as DIALECT
from capsync.fields import (
    Schema,
    blank,
    boolean,
    enum,
    integer,
    json_text,
    list_by,
    map_of,
    obj,
    ref,
    secret,
    server_set,
    service,
    set_of,
    string,
    unread,
    whole,
)
from capsync.kind import (
    Cap,
    Check,
    Finding,
    Kind,
    Listing,
    Pair,
    Retire,
    Route,
    Service,
    Task,
    Verdict,
    key_by,
)
from capsync.kinds.rewards_parts import (
    BRAND,
    BRAND_ID,
    MEDIA_NOTE,
    REDEMPTION_TYPES,
    REWARDS,
    fields,
    image,
    media_list,
    pages,
    reading,
    video,
)
from capsync.model import Action, Spec
from capsync.values.wire import settable

Json = Any

_VENDOR = f"{REWARDS}/vendor"
_ENCRYPTIONS = ("LINKAJA", "AIRSPRING", "OVO", "BONUSLINK")
_VENDOR_FIELDS = fields(
    {
        "name": string("Name, unique (5007).", minLength=1, maxLength=255),
        "code": string(
            "Code, unique; the server chooses one where it is left out.",
            maxLength=255,
        ),
        "type": enum(
            "REWARDS",
            "POINTS",
            doc="What it is for. A brand has one POINTS vendor, which stays one.",
        ),
        "enabled": boolean("Whether it is in use.", default=True),
        "isEncryptionRequired": boolean("Whether calls to it are encrypted.", default=False),
        "vendorTypes": set_of(
            string(),
            f"Kinds of encryption, {', '.join(_ENCRYPTIONS)}; needed with isEncryptionRequired.",
        )
        | {"x-clear": []},
        "vendorDetails": secret(
            unread(
                map_of(
                    string(),
                    "Credentials by name. The server encrypts them and shows asterisks; null"
                    " disables all that are stored.",
                )
            )
        ),
        "images": media_list(image, "Images of the vendor, at most 5.", 5) | {"x-clear": []},
        "videos": media_list(video, "Videos of the vendor, at most 2.", 2) | {"x-clear": []},
        "rank": integer("Place among vendors.", minimum=1),
        "description": blank(string("What it offers.", maxLength=1034), ""),
        "encryptionRequired": server_set(boolean(), "The same as isEncryptionRequired."),
        "redemptionsConfigured": server_set(integer(), "How many redemptions it has."),
        **BRAND_ID,
    },
    required=["name", "type"],
)


def _encryption(spec: Spec) -> Iterable[Finding]:
    if spec.get("isEncryptionRequired") is True and not spec.get("vendorTypes"):
        yield Finding(("vendorTypes",), "is needed with isEncryptionRequired true", code="400")
    for place, word in enumerate(spec.get("vendorTypes") or ()):
        if word not in _ENCRYPTIONS:
            # A documented body holds other words than the table allows.
            message = f"{word} is not documented: the API may refuse it"
            hint = f"documented: {', '.join(_ENCRYPTIONS)}"
            yield Finding(("vendorTypes", place), message, severity="warning", hint=hint)


def _code_stays(spec: Spec) -> Iterable[Finding]:
    if "code" in spec and not spec["code"]:
        message = "can not be emptied: the server chooses one, and keeps it"
        hint = "leave it out, or write a code"
        yield Finding(("code",), message, severity="warning", hint=hint)


def _shape(pair: Pair) -> dict[str, Json]:
    """The desired vendor; an empty code is left to the server, which would choose again for one."""
    desired = dict(pair.desired)
    if not desired.get("code"):
        desired.pop("code", None)
    return desired


def _type_stays(check: Check) -> Iterable[Verdict]:
    changes = check.action is Action.UPDATE and check.changes("type")
    if changes and check.live.get("type") == "POINTS":
        reason = "type is fixed for a POINTS vendor: disable it and make another vendor"
        yield Verdict("blocked", reason)


def _vendor_status(action: str) -> Route:
    return Route("PUT", f"{_VENDOR}/{{id}}/status/{action}/brand/{{brand}}")


VENDOR = Kind(
    name="Vendor",
    family="rewards",
    doc="A partner that rewards come from.",
    pages=(
        "createvendor",
        "update-vendor-metadata",
        "enable-disable-vendor",
        "get-vendor-explode-info",
        "get-vendor-list-for-specific-brand",
    ),
    dialect=DIALECT,
    lists=(
        Listing(
            Route("GET", f"{_VENDOR}/brand/{{brand}}"),
            rows="vendorList",
            # Without a type the list shows REWARDS vendors only.
            passes=({"type": "REWARDS"}, {"type": "POINTS"}),
        ),
    ),
    keys=(key_by("name"),),
    read=reading(_VENDOR_FIELDS, ("encryptionRequired", "isEncryptionRequired")),
    shape=_shape,
    create=Route("POST", f"{_VENDOR}/create", fills=BRAND, omit=frozenset({"enabled"})),
    created_id="vendor.id",
    duplicate_codes=frozenset({"5007"}),
    # What is left out keeps its value; name, type and enabled have to be there.
    update=Route("PUT", f"{_VENDOR}/{{id}}", whole=True, keeps=True),
    retire=Retire("disable", _vendor_status("disable")),
    service=Service("enabled"),
    stamp="lastUpdatedOn",
    changed_by="lastUpdatedBy",
    schema=_VENDOR_FIELDS,
    rules=(_encryption, _code_stays),
    caps=(
        Cap(
            1,
            "a brand has one POINTS vendor",
            counts=lambda spec: spec.get("type") == "POINTS",
            code="409",
        ),
    ),
    guard=_type_stays,
    notes=(
        "vendorDetails is never shown by the API: a keyed hash in the state tells whether the"
        " manifest's values changed. Without state, --resend sends them.",
        "An update sends vendorDetails only if it changes them: what is left out is kept.",
        MEDIA_NOTE,
    ),
)


# Redemptions

_REDEMPTION = f"{_VENDOR}/redemption"
_MOST_ACTIONS = 20
_METHODS = ("GET", "POST", "PUT", "DELETE")
_ACTION: Schema = obj(
    required=["name", "execOrder", "apiUrl", "apiType"],
    name=string("Name of the action, which tells it from the others.", minLength=1),
    execOrder=integer("Place in the order of calls; the console takes 1 to 99.", minimum=1),
    apiUrl=string("Address that is called.", minLength=1),
    apiType=string(f"HTTP method; the console offers {', '.join(_METHODS)}.", minLength=1),
    apiHeaders=secret(
        map_of(string(), "Headers of the call. They may hold credentials, so they are not shown.")
    ),
    apiBody=whole(
        json_text(
            doc="Body of the call. `${rewardTransactionId}`, `${fulfillmentStatus}`,"
            " `${customfield_NAME}` (scope ISSUE_REWARD) and earlier context keys are filled in."
        )
    ),
    contextKeys=map_of(
        string(), "Values to keep of the answer: name -> path, such as `response.coupon.code`."
    ),
    retryAction=boolean("Whether a failed call is made again.", default=False),
    enabled=service(boolean("Whether the action is in use.", default=True)),
    actionId=server_set(integer(), "Id of the action; capsync sends that of the live one."),
    apiBodyField=server_set(string(), "Repeats apiBody; capsync sends apiBody."),
)
_REDEMPTION_FIELDS = fields(
    {
        "vendorId": ref(
            "Vendor",
            base={"type": ["integer", "string"], "pattern": "^[0-9]+$"},
            doc="The vendor that fulfils it.",
        ),
        "name": string("Name, told apart by vendor; the API does not keep it unique.")
        | {"minLength": 1, "maxLength": 255},
        "redemptionType": enum(*REDEMPTION_TYPES, doc="Type of the rewards that it is for."),
        "enabled": boolean("Whether it is in use.", default=True),
        "actions": list_by(
            "name",
            _ACTION,
            "Calls to the vendor, by name. Those that the list leaves out are unmanaged.",
            children=True,
            carry=("actionId",),
        ),
        "responseKeys": set_of(string(), "Context keys that are given to the caller.")
        | {"x-clear": []},
        "vendorName": server_set(string(), "Name of the vendor."),
        "actionCount": server_set(integer(), "How many actions there are."),
        "redemptionActionList": server_set(doc="The actions, as reads show them."),
        **BRAND_ID,
    },
    required=["vendorId", "name", "redemptionType"],
)


def _read_redemption(raw: Json) -> dict[str, Json]:
    """A live redemption: its actions have another name and their ids too."""
    spec: dict[str, Json] = settable(_REDEMPTION_FIELDS, raw)
    if "redemptionActionList" in raw:
        spec["actions"] = [
            {**settable(_ACTION, each), "actionId": each.get("id")}
            for each in raw["redemptionActionList"] or ()
        ]
    return spec


def _redemption_body(body: Json) -> Json:
    """The body with the members that the API wants even where there is nothing to say."""
    needed: dict[str, Json] = {"apiHeaders": {}, "contextKeys": {}}
    actions = [{**needed, **_written(each)} for each in body.get("actions") or ()]
    return {**body, "actions": actions}


def _written(action: Mapping[str, Json]) -> dict[str, Json]:
    return {name: value for name, value in action.items() if value is not None}


def _stray_actions(task: Task, raw: Json) -> str:
    """Actions that the service added beside those that were sent; "" where there are none."""
    names = [each.get("name") for each in raw.get("redemptionActionList") or ()]
    sent = [each.get("name") for each in task.body.get("actions") or ()]
    extra = len(names) - len(sent)
    if "actions" not in task.body or extra <= 0:
        return ""
    twice = ", ".join(sorted({str(name) for name in names if names.count(name) > 1}))
    which = f" (more than one: {twice})" if twice else ""
    return (
        f"{len(sent)} actions were sent and the redemption now has {len(names)}{which}: the service"
        " added some; no call takes an action away, so disable the ones too many in the console"
    )


def _new_actions(check: Check) -> Iterable[Verdict]:
    """New actions need their headers, which export leaves out."""
    have = {each.get("name") for each in check.live.get("actions") or ()}
    for each in check.desired.get("actions") or ():
        if each.get("name") not in have and each.get("apiHeaders") is None:
            reason = f"actions[{each.get('name')}].apiHeaders is needed for a new action"
            yield Verdict("blocked", f"{reason}: write {{}} where there are none")


def _many_actions(spec: Spec) -> Iterable[Finding]:
    if len(spec.get("actions") or ()) > _MOST_ACTIONS:
        message = f"the console takes {_MOST_ACTIONS} actions; the API may refuse more"
        yield Finding(("actions",), message, severity="warning")


def _is_off(action: Json, _now: float) -> bool:
    return action.get("enabled") is False


def _keys_known(spec: Spec) -> Iterable[Finding]:
    known = {
        key
        for each in spec.get("actions") or ()
        if isinstance(each.get("contextKeys"), Mapping)
        for key in each["contextKeys"]
    }
    for place, key in enumerate(spec.get("responseKeys") or ()):
        if spec.get("actions") and key not in known:
            message = f"{key} is no context key of an action written here"
            yield Finding(("responseKeys", place), message, severity="warning")


VENDOR_REDEMPTION = Kind(
    name="VendorRedemption",
    family="rewards",
    doc="How a vendor is called when a reward is redeemed.",
    pages=(
        "create-vendor-redemption",
        "update-vendor-redemption",
        "get-vendor-redemptions-details",
        "get-list-of-vendor-redemption-details-by-vendor-id",
    ),
    dialect=DIALECT,
    lists=(
        Listing(
            Route("GET", f"{_VENDOR}/redemptions"),
            rows="redemptionList",
            paging=pages(50, "pagingDetails"),
        ),
    ),
    detail=Route("GET", f"{_VENDOR}/{{vendorId}}/redemption/{{id}}/brand/{{brand}}"),
    detail_rows="redemption",
    keys=(key_by("vendorId", "name", enforced=False),),
    title="name",
    read=_read_redemption,
    create=Route("POST", f"{_REDEMPTION}/create", fills=BRAND, wrap=_redemption_body),
    created_id="redemption.id",
    update=Route("PUT", f"{_REDEMPTION}/{{id}}/brand/{{brand}}", whole=True, wrap=_redemption_body),
    read_back=_stray_actions,
    retire=Retire("disable", sets={"enabled": False}),
    retire_child={"actions": Retire("disable", sets={"enabled": False}, gone=_is_off)},
    service=Service("enabled"),
    stamp="lastUpdatedOn",
    changed_by="lastUpdatedBy",
    schema=_REDEMPTION_FIELDS,
    rules=(_many_actions, _keys_known),
    guard=_new_actions,
    after=("RewardCustomField", "FulfillmentStatus"),
    notes=(
        "Names are not unique in the API: several live ones of one vendor and name are an error.",
        "An update may add actions instead of changing them: capsync sends the id of every action,"
        " reads the redemption back and reports what was added.",
        "No call takes an action away: set its enabled to false. --prune disables the actions that"
        " a written list leaves out.",
        "apiHeaders come back in clear. They are compared, but never shown, logged or exported.",
        "The list is of the whole org.",
    ),
)

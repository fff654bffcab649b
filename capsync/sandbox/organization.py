"""What other families look up in the org: loyalty programs and card series, read only."""

from __future__ import annotations

from typing import Any

from capsync.sandbox.envelopes import failure
from capsync.sandbox.store import Store
from capsync.sandbox.web import Reply, Request, Routes

Json = Any

routes = Routes()

PROGRAMS = "loyalty-programs"
CARD_SERIES = "card-series"


def seed(store: Store, org_id: int, now: float) -> None:  # noqa: ARG001
    """Two loyalty programs, one with partner programs; three card series, one inactive."""
    partner = {
        "partnerProgramId": 6,
        "partnerProgramName": "Airline",
        "partnerProgramDescription": "Airline",
        "partnerProgramTiers": [
            {"tierNumber": 1, "tierName": "Blue"},
            {"tierNumber": 2, "tierName": "Black"},
        ],
        "pointsExchangeRate": 1.0,
        "partnerProgramType": "EXTERNAL",
        "membershipPeriodValue": 0,
        "tierBased": True,
    }
    for number, (name, partners) in enumerate((("AcmeDefault", [partner]), ("AcmePlus", []))):
        program_id = 626 + 104 * number
        program = {
            "programId": program_id,
            "programName": name,
            "pointsToCurrencyRatio": 0.05,
            "programDescription": f"{name} program",
            "partnerPrograms": partners,
            "default": number == 0,
        }
        store.put(PROGRAMS, program_id, program)
    for number, code in enumerate(("SILVER01", "GOLD01", "OLD01"), 41):
        store.put(CARD_SERIES, number, _card_series(org_id, number, code, active=code != "OLD01"))


def _card_series(org_id: int, series_id: int, code: str, *, active: bool) -> Json:
    return {
        "expiryDays": 900,
        "lastUpdateBy": 75000111,
        "maxActiveCardsPerCustomer": 0,
        "cardGenerationConfiguration": {
            "lastUpdatedBy": 75000111,
            "orgId": org_id,
            "seriesId": series_id,
            "suffix": "2026",
            "prefix": code[:3],
            "length": 16,
            "type": "DEFAULT",
        },
        "cardGenerationEnabled": True,
        "code": code,
        "createdBy": 75000111,
        "createdOn": "2026-03-27T09:12:13Z",
        "name": f"{code.title()} card",
        "id": series_id,
        "isActive": active,
        "orgId": org_id,
        "type": "PHYSICAL",
        # The list shows these two, the single read does not.
        "trigger": "SERIES_ID",
        "cardExpiryEnabled": True,
    }


@routes("GET", "/v2/organization/programs")
def list_programs(request: Request) -> Reply:
    """Active loyalty programs with their partner programs."""
    return Reply({"data": request.store.all(PROGRAMS), "warnings": [], "errors": []})


@routes("GET", "/v2/card/series/get/all")
def list_card_series(request: Request) -> Reply:
    """Active card series, unpaged (the documented list holds no others)."""
    rows = [row for row in request.store.all(CARD_SERIES) if row["isActive"]]
    return Reply({"data": rows, "warnings": [], "errors": []})


@routes("GET", "/v2/card/series/{seriesId}")
def card_series(request: Request) -> Reply:
    """One card series, also an inactive one."""
    row = request.store.get(CARD_SERIES, request.params["seriesId"])
    if row is None:
        return Reply(failure(request.path, 3004, "Card series does not exist"), 400)
    shown = {k: v for k, v in row.items() if k not in ("trigger", "cardExpiryEnabled")}
    return Reply({**shown, "warnings": []})

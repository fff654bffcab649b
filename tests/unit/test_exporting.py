"""What an export says of values that it can not hold."""

from __future__ import annotations

from typing import Any

from capsync.exporting.manifests import Export, export_objects
from capsync.kinds import KINDS
from capsync.snapshot import LiveObject, Snapshot


def exported(kind: str, **raw: Any) -> Export:
    """The export of an org with one object."""
    declared = KINDS[kind]
    item = LiveObject(declared, "1", raw, declared.read(raw), whole=True)
    return export_objects([declared], Snapshot({kind: [item]}), {})


def test_fields_that_are_never_read_back_are_told_once_a_kind() -> None:
    assert exported("Badge", name="Walker").left_out == (
        "Badge: the API never shows benefits[].points, benefits[].defaultTillId, defaultTillId;"
        " write them where they are in use",
    )


def test_fields_that_reads_may_misstate_are_told() -> None:
    [doubt] = exported("CustomField", name="fax", type="text", dataType="String").left_out[1:]
    assert doubt == (
        "CustomField: the API may show helptext, attrs otherwise than they are; look them over"
    )


def test_nothing_is_told_of_kinds_that_are_read_as_they_are_written() -> None:
    assert exported("BadgeGroup", name="Explorers", rank=1).left_out == ()


def test_secrets_that_reads_mask_are_told_for_each_object() -> None:
    masked = exported("Vendor", id=1, name="Quay", type="REWARDS", vendorDetails={"key": "****"})
    assert "Vendor/quay vendorDetails: left out, it is a secret" in masked.left_out
    assert masked.manifests[0].comments == {
        "vendorDetails": "vendorDetails: left out, it is a secret"
    }
    bare = exported("Vendor", id=1, name="Quay", type="REWARDS", vendorDetails={})
    assert bare.manifests[0].comments == {}


def test_files_belong_to_the_org() -> None:
    files = [{"name": "a", "id": "H1"}, {"name": "b", "isExternal": True, "url": "https://b"}]
    told = exported("Vendor", id=1, name="Quay", type="REWARDS", images=files).left_out
    assert told[-1] == (
        "Vendor: images[].id name files of this org; for another one write {file: PATH}"
    )
    (shown,) = exported("Vendor", id=1, name="Quay", type="REWARDS", images=files[1:]).left_out
    assert "files" not in shown


def test_names_are_made_of_names_not_of_ids() -> None:
    vendor, redemption = KINDS["Vendor"], KINDS["VendorRedemption"]
    partner = {"id": 731, "name": "Quay & Co", "type": "REWARDS"}
    play = {"id": 9, "vendorId": 731, "name": "PLAY", "redemptionType": "API"}
    objects = {
        kind.name: [LiveObject(kind, str(raw["id"]), raw, kind.read(raw), whole=True)]
        for kind, raw in ((vendor, partner), (redemption, play))
    }
    export = export_objects([vendor, redemption], Snapshot(objects), {})
    names = {str(each.resource.address) for each in export.manifests}
    assert names == {"Vendor/quay-co", "VendorRedemption/quay-co-play"}


def test_texts_without_case_are_spelt_as_the_org_has_them() -> None:
    (category,) = exported("RewardCategory", id=4, name="Fine Dining").manifests
    assert category.resource.spec == {"name": "Fine Dining"}
    kind = {"name": "customer", "type": "CUSTOMER"}
    attributes = {"identifierType": {"valueType": "ENUM", "value": "cardExternalId"}}
    meta = {
        "eventName": "visit",
        "actions": ["EMFConsumer"],
        "fields": [kind | {"attributes": attributes}],
    }
    (event,) = exported("BehavioralEvent", clickEventsMeta=meta).manifests
    (field,) = event.resource.spec["fields"]
    assert field == {"name": "customer", "type": "customer", "attributes": attributes}


def test_required_members_are_written_even_if_they_are_empty() -> None:
    block = {"languageCode": "en", "name": "Sale", "description": "", "enabled": True}
    export = exported("CatalogPromotion", id=1, languageSpecificInfo=[block], rewards=[])
    assert export.manifests[0].resource.spec["languageSpecificInfo"] == [block]

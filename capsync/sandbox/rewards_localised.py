"""The texts and media of a reward in its languages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from capsync.sandbox.rewards_audience import Codes
from capsync.sandbox.rewards_envelope import refusal
from capsync.sandbox.rewards_fields import FieldError, active_fields, field_values, shown_values
from capsync.sandbox.rewards_files import media, shown_media, signed_url
from capsync.sandbox.rewards_input import Body, Json
from capsync.sandbox.rewards_metadata import DEFAULT_LANGUAGE
from capsync.sandbox.rewards_rich_content import active_rich_content
from capsync.sandbox.store import Store
from capsync.sandbox.web import Request

_MOST_MEDIA = 10


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The names that rewards can use: custom fields and rich contents that are active."""

    fields: Sequence[Json]
    rich: Sequence[Json]

    @classmethod
    def of(cls, store: Store) -> Vocabulary:
        """What the org has now."""
        return cls(active_fields(store, "REWARD"), active_rich_content(store))

    def values(self, body: Body, codes: Codes) -> Json:
        """The custom field values of a body, by field id."""
        try:
            return field_values(body.mapping("customFields"), self.fields)
        except FieldError as error:
            raise codes.refusal(codes.field, str(error)) from None


def languages(store: Store, body: Body, words: Vocabulary, codes: Codes) -> list[Json] | None:
    """The languages of a body; those that it leaves out are dropped from the reward."""
    sent = body.objects("languageSpecificInfo")
    if sent is None:
        return None
    if not sent:
        raise refusal(400, "languageSpecificInfo needs a language")
    blocks = [_language(store, one, words, codes) for one in sent]
    if len({one["languageCode"] for one in blocks}) < len(blocks):
        raise refusal(400, "a language is given twice")
    return blocks


def _language(store: Store, body: Body, words: Vocabulary, codes: Codes) -> Json:
    body.need("languageCode", "name", "enabled")
    code = str(body.text("languageCode"))
    known = store.get("reward-languages", code)
    if known is None or not known["enabled"]:
        raise refusal(400, f"language unknown or disabled: {code}")
    return {
        "languageCode": code,
        "name": body.text("name"),
        "description": body.text("description", None),
        "enabled": body.flag("enabled"),
        "termNConditionsId": body.text("termNConditionsId"),
        "imageId": body.text("imageId"),
        "thumbnailId": body.text("thumbnailId"),
        "terms": body.text("termNConditions", None),  # kept, never answered
        "images": media(body, "images", _MOST_MEDIA) or [],
        "videos": media(body, "videos", _MOST_MEDIA) or [],
        "values": words.values(body, codes),
        "rich": _rich(body, words, codes),
    }


def _rich(body: Body, words: Vocabulary, codes: Codes) -> Json:
    sent = body.part("richContentRO")
    ids = {one["name"]: one["id"] for one in words.rich}
    texts = {}
    for name, _ in sent.items() if sent else ():
        text = sent.part(name) if sent else None
        if name not in ids or text is None:
            raise codes.refusal(codes.field, f"rich content unknown: {name}")
        if text.text("content", 50_000) is None or text.flag("isEnabled") is None:
            raise refusal(400, "rich content needs content and isEnabled")
        shown = {"content": text.text("content", 50_000), "isEnabled": text.flag("isEnabled")}
        texts[str(ids[name])] = shown
    return texts


def shown_languages(request: Request, reward: Json, words: Vocabulary) -> list[Json]:
    """The languages of a reward as the get by id answers them."""
    return [_shown(request, reward["id"], one, words) for one in reward["languages"]]


def _shown(request: Request, reward_id: int, block: Json, words: Vocabulary) -> Json:
    shown: Json = {"rewardId": reward_id}
    shown |= {name: block[name] for name in ("languageCode", "name", "description", "enabled")}
    for name in ("termNConditions", "image", "thumbnail"):
        shown[f"{name}Id"] = block[f"{name}Id"]
        shown[f"{name}Url"] = signed_url(request, block[f"{name}Id"])
    shown["images"] = shown_media(request, block["images"])
    shown["videos"] = shown_media(request, block["videos"])
    shown["customFields"] = shown_values(block["values"], words.fields)
    rich = _shown_rich(block["rich"], words.rich)
    # Answers of orgs that have no rich content do not show the member.
    return {**shown, "richContentRO": rich} if words.rich else shown


def _shown_rich(texts: Json, metadata: Sequence[Json]) -> Json:
    """Rich contents by name, with the defaults of all others."""
    shown = {}
    for one in metadata:
        default = {"content": one["defaultValue"], "isEnabled": True}
        text = texts.get(str(one["id"])) or default
        if text["content"] is not None:
            shown[one["name"]] = text
    return shown


def name_in(reward: Json, language: str | None) -> str:
    """The name of a reward in a language, else in the default language, else in its first."""
    names = {one["languageCode"]: str(one["name"]) for one in reward["languages"]}
    for code in (language, DEFAULT_LANGUAGE):
        if code in names:
            return names[code]
    return next(iter(names.values()))

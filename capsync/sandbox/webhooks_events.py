"""The notifications that a webhook may name, and their JSON schemas."""

from __future__ import annotations

from typing import Any

Json = Any

_LOYALTY = (
    "customerAdded customerUpdated customerSubscription loyaltyCustomerMerge cardUpdated"
    " pointsIssued pointsRedeemed pointsExpired pointsExpiryChange pointsExpiryReminder"
    " pointsContributionToGroup pointsTransferredInitiated pointsTransferredReceived"
    " issuedPointsReversed redeemedPointsReversed manualPointsAdjustment"
    " promisedToCurrentPointsConversion singlePointsExpiryUpdated alternateCurrenciesIssued"
    " issuedAlternateCurrenciesReversed manualAlternateCurrencyAdjustment"
    " promisedToCurrentAlternateCurrencyConversion tierUpgraded tierDowngraded tierRenewed"
    " tierDowngradeReminder supplementaryMembershipExpiryReminder partnerProgramLinked"
    " partnerProgramDelinked partnerProgramUpdated groupCreated groupUpdated groupMemberAdded"
    " groupMemberRemoved"
)
_OFFERS = (
    "CouponIssue CouponRedeem badgeEarned cartPromotionEarned cartPromotionIssued"
    " cartPromotionRedeemed cartPromotionRevoked promotionCreated promotionUpdated promotionEarned"
    " promotionIssued revokeEarnedPromotion revokeIssuedPromotion rewardCreated rewardUpdated"
    " rewardIssued rewardExpiryReminder issueRewardFailure issueRewardPermanentFailure"
    " updateRewardTransaction streakStart streakEnd streakCustomerEnrolment"
    " streakCustomerUnEnrolment streakLevelAchieved streakLevelUnAchieved"
    " targetAchievedValueUpdated targetCustomerEnrolment targetCustomerUnenrolment"
    " targetPeriodStarted targetPeriodCompleted targetValueAchieved targetValueUpdated"
    " unifiedTargetsAchieved unifiedTargetsUnAchieved"
)
_REST = (
    "transaction transactionAdded transactionUpdated transactionRejected notInterestedBillAdded"
    " retroBillAdded rejectedTransactionRetrigger requestUpdated requestWorkflowEvent"
    " communicationMessageOpened communicationMessageClicked communicationMessageUndelivered"
)
EVENT_NAMES = tuple(" ".join((_LOYALTY, _OFFERS, _REST)).split())

_INTEGER, _STRING = {"type": "integer"}, {"type": "string"}
_TRANSACTION = {
    "type": "object",
    "required": ["transactionNumber", "transactionId"],
    "properties": {
        "amount": {"type": "number"},
        "transactionNumber": _STRING,
        "transactionId": _INTEGER,
        "customerId": {"type": ["integer", "null"]},
    },
}
_CUSTOMER = {"type": "object", "properties": {"customerId": {"type": ["integer", "null"]}}}


def notification_schema(name: str) -> dict[str, Json]:
    """The draft-04 schema of one notification's body."""
    top = {"ingestionTimestamp": _INTEGER, "name": _STRING, "description": _STRING}
    attributes = _TRANSACTION if name.startswith("transaction") else _CUSTOMER
    return {
        "$schema": "http://json-schema.org/draft-04/schema#",
        "type": "object",
        "required": [*top, "attributes"],
        "properties": {**top, "attributes": attributes},
    }

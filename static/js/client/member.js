// What a member's browser does with keys and cases, without a line of DOM (docs/sealing.md; static/js/pages/staff shows it).
//
// The server is never trusted for a key: member keys come from the roster signed by the pinned organisation key,
// the reporter's keys from the first item of the report ring, and nothing else.

export { enrolMember, passphraseStrength, recoveryMatches } from "./member/enrolment.js";
export { authSecretOf, unlockSeed, sealTab, openTab, standing } from "./member/unlocking.js";
export { newerPins, openRecovery, recoveryProof, renewRecovered, renewedPins, rewrap, secondFactor } from "./member/renewal.js";
export { ClientFault } from "./faults.js";
export { verifyTrust, emptySeen, readSeen, writeSeen } from "./trust.js";
export { openHeader, openCase, openSummary, compareWithHeader } from "./member/opening.js";
export { buildBadKey, buildItem, buildEpoch, nextReaders } from "./building.js";
export { buildDeclaration, buildWithdrawal, internalReaders } from "./member/building.js";
export { buildGrant, callCase } from "./member/granting.js";
export { buildMove } from "./member/moving.js";
export { answerDrill, setsOf } from "./member/drill.js";
export { buildRotation } from "./member/rotation.js";
export { buildRelation, buildRelationEnd, touching } from "./member/relations.js";
export { hasNew, rememberShown } from "./member/shown.js";
export { accessHistory, verifyCaseChain } from "./member/chain.js";
export { buildPackage, concernedBodies } from "./member/packages.js";
export { outsideBodies } from "./outside.js";

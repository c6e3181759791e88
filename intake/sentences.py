"""One sentence for every code with which something is refused: what happened, and what to do now."""

from __future__ import annotations

from flask_babel import gettext
from flask_babel import lazy_gettext as _

SENTENCES = {
    # Any page or answer
    "malformed": _("What arrived could not be read. Reload the page and try again."),
    "not_found": _("There is nothing at this address. Check it, or start again from the first page."),
    "method_not_allowed": _("This address does not work in this way. Start again from the first page."),
    "too_large": _("This is larger than can be taken. Shorten it and try again."),
    "busy": _("The server is busy. Wait a minute and try again; nothing has been stored."),
    "storage_failed": _(
        "The server's storage is full or out of reach, so nothing could be kept. Try again later, or use the paper way."
    ),
    "server_failed": _("The server could not do this. Nothing has been stored; wait a minute and try again."),
    "stale_page": _("This page has been open for too long or was opened twice. Reload it and try again."),
    # Sealed envelopes and what they hold
    "replayed": _("This was already sent and answered. Reload the page before you send again."),
    "routing_key_gone": _("The key with which this was sealed has been replaced. Reload the page and send again."),
    "wrong_binding": _("A sealed part is not made for this place. Reload the page and try again."),
    "wrong_size": _("A sealed part has a size that can't be. Reload the page and try again."),
    "unknown_version": _("This was made by a newer or older page. Reload the page and try again."),
    "missing_object": _("A sealed part is missing. Reload the page and send again."),
    "unexpected_object": _("There is a sealed part that doesn't belong here. Reload the page and send again."),
    "swapped_object": _("A sealed part is not the one that was signed. Reload the page and send again."),
    "unknown_reader": _(
        "It was sealed to somebody whom the signed roster doesn't hold. Reload the page and try again."
    ),
    "decision_changed": _("Who receives this has changed meanwhile. Look at the choice again, then send."),
    "roster_stale": _("There is a newer signed roster. Reload the page and try again."),
    "roster_expired": _("The signed roster has expired, so nothing can be sealed. Please use the paper way."),
    "known_id_other_content": _(
        "Something else has already been stored under this number. Reload the page and try again."
    ),
    "bad_signature": _("A signature does not fit what it signs. Reload the page and try again."),
    "weak_key": _("A key is not safe to use. Reload the page, so that a new one is made."),
    "epoch_pending": _("The key of this case is being renewed. Reload the page; it then makes the new key."),
    "epoch_closed": _("The key of this case has been renewed. Reload the page and send again."),
    "checkpoint_unknown": _("The page refers to a state of the ledger that doesn't exist here. Reload the page."),
    "clock_off": _("The clock of this device is not right. Set its date, time and time zone right, then try again."),
    "too_many": _("You have written very often in this case today. Write again tomorrow, or use the paper way."),
    "nobody_competent": _("Nobody who may read this can receive it now. Please use the paper way."),
    "wrong_code": _("This code is not right. Check it and type it again."),
    # Members
    "signed_out": _("You are not signed in. Sign in and try again."),
    "sign_in_failed": _(
        "This did not work. Check user name, passphrase and one-time code, and try again with a new code."
    ),
    "work_needed": _(
        "The server is under load, and this page did not work out the sum it asked for. Reload the page and try again."
    ),
    "not_entitled": _("You are not entitled to see this. If you think you should be, ask the head of your body."),
    "already_reader": _("A colleague has already given this case to them. Reload the page."),
    "reader_not_eligible": _(
        "By the rules of today this person may not be given the case. Reload the page and look at the list again."
    ),
    "case_stays": _("By the rules of today this case stays with its body. Reload the page and look again."),
    "readers_full": _("This case has as many readers as it can have. Nobody else can be added."),
    "outside_unknown": _(
        "The organisation's key has not signed for this body outside, or no longer. Reload the page and choose again."
    ),
    "outside_key_changed": _("This body outside has another key by now. Reload the page and make the package again."),
    "packages_full": _("This case has left in as many packages as it can. Tell the administrator."),
    "already_declared": _("You have already declared yourself in this case. Reload the page."),
    "last_reader": _(
        "You are the last who can read this case: if you leave, nobody ever will. Move the case to another body "
        "instead: your access ends in the same act."
    ),
    "link_expired": _("This link has been used or has expired. Ask the administrator for a new one."),
    "enrolment_ended": _("Half an hour has passed and the enrolment has ended. Ask the administrator for a new link."),
    "recovery_ended": _("The recovery has ended: half an hour has passed, or it was finished already. Begin again."),
    "second_factor_ended": _("Half an hour has passed since the picture was shown. Ask for a new one and try again."),
    "drill_ended": _("This drill has ended or was answered already. Begin a new one."),
    "drill_wrong": _(
        "What was opened is not what was sealed. Begin a new drill; if it fails again, tell the administrator."
    ),
    "session_gone": _("This session has ended already."),
    "own_link": _("Nobody makes or ends a link of their own. Ask another administrator, or whoever runs the server."),
    "not_enrolled": _("This person has no key here yet. They first have to enrol."),
    # Set-up and office
    "organisation_key_missing": _("The organisation's key is not known here yet. Tell the administrator."),
    "installation_key_missing": _(
        "This server does not hold the installation key that the newest roster names. Copy the secrets from where the "
        "roster was published."
    ),
    "already_installed": _("This database already holds an installation. Use another one, or leave it as it is."),
    "not_installed": _("This database has not been set up yet. Run `niemphong init` first."),
    "unknown_person": _("There is nobody under this code. Check the code."),
    "unknown_inspection": _("There is no inspection under this code. Check the code."),
    "unknown_unit": _("There is no unit under this code. Check the code."),
    "relatives_in_team": _(
        "These people are relatives by the relations on record, so they can't be in one team: one of them has to withdraw "
        "(Plan 84-KH/ĐU, II.5.3)."
    ),
    "tied_to_inspected": _(
        "By the relations on record these people are tied to what is inspected, so they can't take part or direct "
        "(Plan 84-KH/ĐU, II.2.2)."
    ),
    "relation_with_self": _("A relation is with somebody else. Choose another person."),
    "relation_known": _("This relation is on record already for these days. Look at the list."),
    "relation_ended": _("This relation ends on that day or earlier already. Look at the list."),
    "relation_is_declared": _("Only who declared this relation can end it, on the page My relations."),
    "relations_full": _("You have declared as many relations as there is room for. Tell the administrator."),
    "unknown_relation": _("There is no such relation. Reload the page."),
    "inspection_without_head": _("An inspection needs its head. Name whoever leads the team."),
    "inspection_without_unit": _("An inspection needs the body of whoever is inspected. Name at least one."),
    "rotation_due": _(
        "This person has been in charge of this field or area for as long as the rules allow, so nothing new in it can be given "
        "to them. Choose somebody else, or have the head of their body sign an exception."
    ),
    "known_charge": _("This person is entered as in charge of it at that time already. End the earlier entry first."),
    "unknown_charge": _("This person is not entered as in charge of it. Check field or area."),
    "unknown_field": _("There is no field under this code. niemphong rules check shows the fields."),
    "exception_too_long": _(
        "The last day of an exception has to be today or later, and not more than twelve months away."
    ),
    "unknown_body": _("There is no body under this code. Check the code."),
    "known_code": _("This code or user name is taken. Choose another."),
    "administrator_handles": _(
        "An administrator handles no cases. Take away the roles of the seat, or the duty of administrator."
    ),
    "bad_merger": _(
        "A body is merged into another one that exists then and isn't below it. Choose another successor or another day."
    ),
    "plan_changed": _(
        "What this would change is not what was shown: somebody has changed something meanwhile. Look at it once more."
    ),
    "bad_custodian_set": _("A custodian set needs at least four people, and at least two but not all of them to open."),
    "demonstration_key": _("A demonstration's key can't be used here. The person has to enrol again."),
    "roster_unsigned": _("The roster does not carry the organisation's signature. Sign it with the right key."),
    "roster_other_key": _(
        "The roster is signed with a key that nobody announced. Use the known key or its named successor."
    ),
    "successor_is_former": _(
        "The roster names the key that is being replaced as the next successor: whoever has it could take over again. "
        "Make a new key and give its fingerprint with --successor."
    ),
    "successor_is_itself": _(
        "The roster names its own key as the successor. Make another key, keep it in another safe, and give its "
        "fingerprint with --successor."
    ),
    "roster_out_of_turn": _("The roster does not follow the newest one. Make a new draft and have it signed."),
    "outside_unsigned": _("This does not carry the organisation's signature. Sign it with the key in force."),
    "outside_expired": _("What was signed about this body outside is not valid today. Have it signed anew."),
    "outside_older": _("Something newer is known of this body outside. Have it signed anew."),
    "unknown_package": _("No package of this number has left from here. Check which installation sent it."),
    "receipt_wrong": _("This is not the receipt number of this package. Ask the addressee to read it out again."),
    "receipt_entered": _("This receipt has been entered before. Nothing was changed."),
    "roster_differs": _("The roster is not what the database holds today. Make a new draft and have it signed."),
}


def sentence(code: str) -> str:
    """The sentence for a code in the present language; one for "something" where nobody wrote any."""
    text = SENTENCES.get(code)
    return str(text) if text is not None else gettext("This is not possible now. Reload the page and try again.")

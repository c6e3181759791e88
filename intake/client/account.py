"""What a member does for their own account, and an administrator for others', as their browser does it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from crypto import passphrase as stretching
from crypto.encoding import b64u, unb64u
from crypto.errors import CryptoError
from crypto.keys import member_keys
from intake.client.errors import ClientFault
from intake.client.member import MemberClient, Unlocked
from intake.client.pins import newer_pins, pinned


class AccountClient:
    """The account and office pages of one member's browser."""

    def __init__(self, member: MemberClient) -> None:
        self.member = member

    def recover(
        self, username: str, recovery_key: str, code: str, passphrase: str, kept: Callable[[str], None]
    ) -> Unlocked:
        """Open the seed with the printed key and wrap it anew; `kept` is given the new recovery key before it counts.

        `code` is a one-time or backup code. Signing in with the new passphrase comes after. Refused, ClientFault.
        """
        proof = b64u(stretching.recovery_auth_secret(recovery_key))
        begun = self.member.post("recovery/begin", {"username": username, "recovery_auth": proof, "totp": code})
        raw_id = UUID(begun["member"]["id"]).bytes
        try:
            wrapping = stretching.recovery_wrapping_key(recovery_key)
            seed, pins = stretching.unwrap_recovery(wrapping, raw_id, unb64u(begun["recovery"]))
        except CryptoError:
            raise ClientFault("seed_damaged") from None
        pins = self.member.renewed(pins)  # the printed key opens what was pinned when it was printed
        stretched = stretching.stretch(passphrase, unb64u(begun["salt"]))
        new_key = stretching.new_recovery_key()
        kept(new_key)
        wrapping, recovery = (
            stretching.wrapping_key(stretched, unb64u(begun["pepper"])),
            stretching.recovery_wrapping_key(new_key),
        )
        self.member.post(
            "recovery",
            {
                "ticket": begun["ticket"],
                "auth": b64u(stretching.auth_secret(stretched)),
                "wrapped": b64u(stretching.wrap_seed(wrapping, raw_id, seed, pins)),
                "recovery_auth": b64u(stretching.recovery_auth_secret(new_key)),
                "recovery": b64u(stretching.wrap_recovery(recovery, raw_id, seed, pins)),
            },
        )
        return Unlocked(begun["member"]["code"], member_keys(seed), *pinned(pins))

    def change_passphrase(self, old: str, new: str) -> None:
        """Wrap the seed under a new passphrase; ends all other sessions."""
        who = self.member.get("session")["member"]
        salt = self._salt(who["username"])
        stretched = stretching.stretch(old, salt)
        auth = b64u(stretching.auth_secret(stretched))
        released = self.member.post("session/unlock", {"auth": auth})
        raw_id, pepper = UUID(who["id"]).bytes, unb64u(released["pepper"])
        try:
            wrapping = stretching.wrapping_key(stretched, pepper)
            seed, pins = stretching.unwrap_seed(wrapping, raw_id, unb64u(released["wrapped"]))
        except CryptoError:
            raise ClientFault("seed_damaged") from None
        pins = self.member.renewed(newer_pins(pins, self.member.unlocked.pins))
        renewed = stretching.stretch(new, salt)
        wrapped = stretching.wrap_seed(stretching.wrapping_key(renewed, pepper), raw_id, seed, pins)
        new_auth = b64u(stretching.auth_secret(renewed))
        self.member.post("account/passphrase", {"auth": auth, "new_auth": new_auth, "wrapped": b64u(wrapped)})

    def change_second_factor(self, passphrase: str, one_time_code: Callable[[str], str]) -> str:
        """Put a new TOTP secret in force and return it; `one_time_code` is the phone: secret in, six figures out."""
        offer = self.member.post("account/second-factor/offer", {})
        secret = str(offer["totp"]["secret"])
        proof = {"auth": self._auth(passphrase), "ticket": offer["ticket"], "totp": one_time_code(secret)}
        self.member.post("account/second-factor", proof)
        return secret

    def make_backup_codes(self, passphrase: str) -> list[str]:
        """Ten new codes, which end all former ones."""
        return list(self.member.post("account/backup-codes", {"auth": self._auth(passphrase)})["codes"])

    def overview(self) -> dict[str, Any]:
        """`{backup_codes, sessions: [{id, begun, seen, current}]}`."""
        return dict(self.member.get("account"))

    def end_session(self, handle: str) -> None:
        self.member.delete(f"account/sessions/{handle}")

    def end_other_sessions(self) -> int:
        return int(self.member.delete("account/sessions")["ended"])

    def enrolments(self) -> list[dict[str, Any]]:
        """For an administrator: everybody, who is enrolled, and whose link still works."""
        page = self.member.get("office/people")
        found = list(page["people"])
        while page["next"]:
            page = self.member.get("office/people", after=page["next"])
            found += page["people"]
        return found

    def make_link(self, person: str) -> str:
        """The address of a one-time link, for one person's hands."""
        return str(self.member.post("office/links", {"person": person})["address"])

    def end_link(self, person: str) -> None:
        self.member.delete(f"office/links/{person}")

    def _salt(self, username: str) -> bytes:
        return unb64u(self.member.post("session/salt", {"username": username})["salt"])

    def _auth(self, passphrase: str) -> str:
        salt = self._salt(self.member.get("session")["member"]["username"])
        return b64u(stretching.auth_secret(stretching.stretch(passphrase, salt)))

"""Whether a link looks as if opening it uses it up: a password reset, an invitation, a sign-in link, a callback.

A missing preview costs little, a used-up invitation costs somebody their way in: in doubt it looks single-use.
"""

from __future__ import annotations

import re
from itertools import pairwise

from unfurler.sdk import Link

# Query names that only such links have, written without `-` and `_`.
_DECISIVE_NAMES = frozenset(
    ["resettoken", "resetpasswordtoken", "passwordtoken", "confirmationtoken", "confirmtoken", "invitationtoken",
     "invitetoken", "invitecode", "verificationtoken", "verificationcode", "activationcode", "activationtoken",
     "activationkey", "emailtoken", "logintoken", "signintoken", "magic", "magictoken", "magiclink", "onetimetoken",
     "onetimecode", "otp", "oobcode", "otl", "unsubscribe", "unsubscribetoken", "samlresponse", "samlrequest",
     "authcode", "authtoken", "accesstoken", "idtoken", "refreshtoken", "sesame", "nonce",
     "xamzsignature", "xgoogsignature", "xosssignature", "xcossignature", "xmssignature"]
)  # fmt: skip
# Parts of a path that mean it as soon as anything follows them, or the query says anything.
_STRONG_PARTS = frozenset(
    ["resetpassword", "passwordreset", "newpassword", "setpassword", "changepassword", "forgotpassword",
     "confirmemail", "emailconfirmation", "emailconfirm", "verifyemail", "emailverification", "confirmaccount",
     "confirmregistration", "accountconfirmation", "activateaccount", "accountactivation", "acceptinvite",
     "acceptinvitation", "invite", "invites", "invitation", "invitations", "magiclink", "magiclogin", "loginlink",
     "onetimelogin", "oauthcallback", "authcallback", "signinoidc", "signincallback", "logincallback", "optout"]
)  # fmt: skip
# Parts that mean it only together with something that reads like a token.
_WEAK_PARTS = frozenset(
    ["reset", "recover", "recovery", "password", "passwords", "confirm", "confirmation", "confirmations", "verify",
     "verification", "verifications", "validate", "activate", "activation", "activations", "join", "magic", "login",
     "signin", "signup", "register", "auth", "oauth", "oauth2", "sso", "saml", "acs", "callback", "redeem", "claim",
     "accept", "approve", "token"]
)  # fmt: skip
_TOKEN_NAMES = frozenset(
    ["token", "code", "key", "hash", "ticket", "signature", "sig", "secret", "state", "t", "k", "jwt", "confirm",
     "confirmation", "verify", "invite", "invitation", "uid", "activation", "email"]
)  # fmt: skip
_ALWAYS = ("unsubscribe", "unsub")
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_PIECE = re.compile(r"[A-Za-z0-9]{12,}")


def looks_single_use(link: Link) -> bool:
    """Whether the address alone says so; nothing is asked for."""
    parts = [part for part in link.path.split("/") if part]
    plain = [_plain(part.partition(".")[0]) for part in parts]
    names = {_plain(name) for name, _ in link.query}
    if any(part in _ALWAYS for part in plain) or names & _DECISIVE_NAMES:
        return True
    if _is_presigned(names) or {"code", "state"} <= names:
        return True
    for index, part in enumerate(plain):
        if part in _STRONG_PARTS and (index + 1 < len(plain) or names):
            return True
        followed = any(_is_token(later) for later in parts[index + 1 :])
        if part in _WEAK_PARTS and (followed or names & _TOKEN_NAMES):
            return True
    # `/users/password/reset/…`, `/email/confirm/…`: two words that are one elsewhere.
    pairs = {first + second for first, second in pairwise(plain)}
    return bool(pairs & _STRONG_PARTS) and bool(names or plain[-1] not in _WEAK_PARTS)


def _is_presigned(names: set[str]) -> bool:
    """An address with a signature in it, as storage services give out for one upload or download."""
    return {"signature", "expires"} <= names or {"sig", "se"} <= names


def _is_token(text: str) -> bool:
    """A UUID, or a dozen characters on end that are no word: with digits among letters, or capitals in the middle."""
    return bool(_UUID.fullmatch(text)) or any(_is_random(piece) for piece in _PIECE.findall(text))


def _is_random(piece: str) -> bool:
    if piece.isdigit() or piece.isalpha():
        return piece.isalpha() and piece[1:] not in (piece[1:].lower(), piece[1:].upper())
    return True


def _plain(word: str) -> str:
    return word.lower().replace("-", "").replace("_", "")

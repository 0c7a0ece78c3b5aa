//! Signatures of components: they tell who vouches for one, and change nothing of what it may do.

use ed25519_dalek::{Signature as Ed25519, VerifyingKey};
use folkmoot_core::{Reason, Sha256Hash, Violation};

use crate::model::Signature;

/// Stands before the hash, so that a signature means a plugin of Folkmoot and nothing else.
const DOMAIN: &[u8] = b"folkmoot/plugin/v1\0";

/// The signature of a component, if one was given.
///
/// # Errors
/// `BAD_FIELD` for what has not the size of a signature or a key, `FIELD_REQUIRED` for one without the
/// other, `BAD_SIGNATURE` for one that the key did not make over this component.
pub(super) fn check(component: Sha256Hash, signature: &[u8], key: &[u8]) -> Result<Option<Signature>, Violation> {
    let (signature, public_key) = match (sized(signature, "signature")?, sized(key, "public_key")?) {
        (None, None) => return Ok(None),
        (Some(signature), Some(key)) => (signature, key),
        (Some(_), None) => return Err(missing("public_key", "a signature needs the key that made it")),
        (None, Some(_)) => return Err(missing("signature", "a key without a signature says nothing")),
    };
    let message = [DOMAIN, component.as_bytes()].concat();
    let key = VerifyingKey::from_bytes(&public_key).map_err(|_| bad("public_key", "these bytes are no key"))?;
    key.verify_strict(&message, &Ed25519::from_bytes(&signature))
        .map_err(|_| bad("signature", "the key did not make this signature over this component"))?;
    Ok(Some(Signature { signature, public_key }))
}

fn sized<const N: usize>(bytes: &[u8], field: &str) -> Result<Option<[u8; N]>, Violation> {
    if bytes.is_empty() {
        return Ok(None);
    }
    let size = |_| Violation::new(field, Reason::BadField, format!("has {} bytes, not {N}", bytes.len()));
    bytes.try_into().map(Some).map_err(size)
}

fn missing(field: &str, words: &str) -> Violation {
    Violation::new(field, Reason::FieldRequired, words)
}

fn bad(field: &str, words: &str) -> Violation {
    Violation::new(field, Reason::BadSignature, words)
}

#[cfg(test)]
mod tests {
    use ed25519_dalek::{Signer, SigningKey};

    use super::*;

    #[test]
    fn a_signature_is_the_keys_own_over_this_component() {
        let component = Sha256Hash::of(b"component");
        let key = SigningKey::from_bytes(&[7; 32]);
        let sign = |message: &[u8]| key.sign(message).to_bytes().to_vec();
        let over = |hash: Sha256Hash| sign(&[DOMAIN, hash.as_bytes()].concat());
        let public = key.verifying_key().to_bytes().to_vec();
        let other = SigningKey::from_bytes(&[8; 32]).verifying_key().to_bytes().to_vec();
        let check = |signature: &[u8], key: &[u8], want: Result<bool, (&str, Reason)>| {
            let got = super::check(component, signature, key).map(|signed| signed.is_some());
            assert_eq!(got.as_ref().map_err(|v| (v.field.as_str(), v.reason)), want.as_ref().map_err(|e| *e));
        };
        check(&[], &[], Ok(false));
        check(&over(component), &public, Ok(true));
        check(&over(component), &other, Err(("signature", Reason::BadSignature)));
        check(&over(Sha256Hash::of(b"other")), &public, Err(("signature", Reason::BadSignature)));
        check(&sign(component.as_bytes()), &public, Err(("signature", Reason::BadSignature)));
        check(&over(component)[1..], &public, Err(("signature", Reason::BadField)));
        check(&over(component), &public[1..], Err(("public_key", Reason::BadField)));
        check(&over(component), &[], Err(("public_key", Reason::FieldRequired)));
        check(&[], &public, Err(("signature", Reason::FieldRequired)));
        // A key of small order would accept a signature over anything.
        check(&[0; 64], &[0; 32], Err(("signature", Reason::BadSignature)));
    }
}

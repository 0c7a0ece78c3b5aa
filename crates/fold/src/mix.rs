//! Numbers that look random and are the same on every machine.

/// The finaliser of SplitMix64 (Steele, Lea and Flood 2014): every bit of the result depends on every bit of
/// `z`, and no two numbers give the same.
pub fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_numbers_are_those_of_splitmix64() {
        // The first outputs of Vigna's splitmix64.c from the state 1234567, as Rosetta Code lists them.
        let from = |step: u64| mix(1_234_567_u64.wrapping_add(step.wrapping_mul(0x9E37_79B9_7F4A_7C15)));
        let want = [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423];
        assert_eq!([1, 2, 3].map(from), want);
    }
}

//! How numbers are packed in states and models: few bytes for the numbers that come often.

use folkmoot_plugin_sdk::MethodError;

/// First byte of a packed 0, which has no trailing zeros to count.
const ZERO: u8 = u8::MAX;

/// Appends `n` with seven bits a byte, the lowest first; a set high bit says that more follow.
pub(crate) fn put(bytes: &mut Vec<u8>, mut n: u64) {
    while n >= 0x80 {
        bytes.push(n as u8 | 0x80);
        n >>= 7;
    }
    bytes.push(n as u8);
}

/// As [`put`]; only what does not fit 64 bits is shifted in 128, which WebAssembly does slowly.
fn put_wide(bytes: &mut Vec<u8>, mut n: u128) {
    while n > u128::from(u64::MAX) {
        bytes.push(n as u8 | 0x80);
        n >>= 7;
    }
    put(bytes, n as u64);
}

/// Appends `n` as the number of its trailing zero bits and what is left of it: weights of whole people
/// are large multiples of [`folkmoot_plugin_sdk::WEIGHT_ONE`], which take two or three bytes so.
pub(crate) fn put_packed(bytes: &mut Vec<u8>, n: u128) {
    if n == 0 {
        return bytes.push(ZERO);
    }
    let zeros = n.trailing_zeros();
    // The cast is exact: below 128.
    bytes.push(zeros as u8);
    match u64::try_from(n) {
        Ok(n) => put(bytes, n >> zeros >> 1),
        Err(_) => put_wide(bytes, n >> zeros >> 1),
    }
}

/// Appends a double's eight bytes.
pub(crate) fn put_double(bytes: &mut Vec<u8>, x: f64) {
    bytes.extend(x.to_le_bytes());
}

/// Reads what the functions above wrote.
pub(crate) struct Reader<'a> {
    rest: &'a [u8],
}

fn cut() -> MethodError {
    MethodError::BadState("it is cut short or damaged".to_owned())
}

impl<'a> Reader<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    /// The next `count` bytes.
    pub(crate) fn take(&mut self, count: usize) -> Result<&'a [u8], MethodError> {
        let (head, rest) = self.rest.split_at_checked(count).ok_or_else(cut)?;
        self.rest = rest;
        Ok(head)
    }

    pub(crate) fn byte(&mut self) -> Result<u8, MethodError> {
        self.take(1).map(|bytes| bytes[0])
    }

    pub(crate) fn number(&mut self) -> Result<u64, MethodError> {
        let mut n = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            let bits = u64::from(byte & 0x7F);
            if bits << shift >> shift != bits {
                return Err(cut());
            }
            n |= bits << shift;
            if byte < 0x80 {
                return Ok(n);
            }
        }
        Err(cut())
    }

    /// A number that is at most `most`.
    pub(crate) fn at_most(&mut self, most: usize) -> Result<usize, MethodError> {
        let n = usize::try_from(self.number()?).map_err(|_| cut())?;
        if n <= most { Ok(n) } else { Err(cut()) }
    }

    fn wide(&mut self) -> Result<u128, MethodError> {
        let mut n = 0;
        for shift in (0..128).step_by(7) {
            let byte = self.byte()?;
            let bits = u128::from(byte & 0x7F);
            if bits << shift >> shift != bits {
                return Err(cut());
            }
            n |= bits << shift;
            if byte < 0x80 {
                return Ok(n);
            }
        }
        Err(cut())
    }

    pub(crate) fn packed(&mut self) -> Result<u128, MethodError> {
        let zeros = u32::from(self.byte()?);
        if zeros == u32::from(ZERO) {
            return Ok(0);
        }
        let odd = self.wide()?.checked_mul(2).ok_or_else(cut)? | 1;
        if odd.leading_zeros() < zeros { Err(cut()) } else { Ok(odd << zeros) }
    }

    pub(crate) fn double(&mut self) -> Result<f64, MethodError> {
        let bytes = self.take(8)?;
        Ok(f64::from_le_bytes(std::array::from_fn(|place| bytes[place])))
    }

    /// Nothing may be left.
    pub(crate) fn end(self) -> Result<(), MethodError> {
        if self.rest.is_empty() { Ok(()) } else { Err(cut()) }
    }
}

#[cfg(test)]
mod tests {
    use folkmoot_plugin_sdk::WEIGHT_ONE;

    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        let mut numbers = vec![0, 1, 2, 127, 128, u128::from(u64::MAX), u128::MAX, 1 << 127, WEIGHT_ONE as u128];
        numbers.extend((0..128).map(|bit| (1 << bit) | 5));
        let mut bytes = Vec::new();
        for &n in &numbers {
            put_packed(&mut bytes, n);
            put(&mut bytes, n as u64);
            put_double(&mut bytes, n as f64);
        }
        let mut reader = Reader::new(&bytes);
        for &n in &numbers {
            assert_eq!(reader.packed().unwrap(), n);
            assert_eq!(reader.number().unwrap(), n as u64);
            assert_eq!(reader.double().unwrap(), n as f64);
        }
        reader.end().unwrap();
    }

    #[test]
    fn a_weight_of_one_takes_two_bytes() {
        let mut bytes = Vec::new();
        put_packed(&mut bytes, WEIGHT_ONE as u128);
        assert_eq!(bytes, [20, 0]);
    }

    #[test]
    fn damaged_bytes_are_refused() {
        let refused = |bytes: &[u8]| assert!(Reader::new(bytes).packed().is_err(), "{bytes:?}");
        refused(&[]);
        refused(&[3]);
        refused(&[127, 1]);
        refused(&[200, 0]);
        refused(&[0, 0x80]);
        refused(&[0xFF; 20][1..].iter().map(|_| 0x80).collect::<Vec<u8>>());
        assert!(Reader::new(&[0xFF; 19]).number().is_err());
        assert!(Reader::new(&[1]).end().is_err());
    }
}

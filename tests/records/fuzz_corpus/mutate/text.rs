//! Changes to bytes whatever they are: one put in, some taken out, some doubled, one overwritten.

use super::Random;

/// A changed copy.
pub(super) fn changed(bytes: &[u8], random: &mut Random) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for _ in 0..3 {
        let at = random.below(bytes.len() + 1);
        let to = (at + random.below(256)).min(bytes.len());
        match random.below(5) {
            0 => bytes.insert(at, odd(random)),
            1 => drop(bytes.drain(at..to)),
            2 => bytes.extend_from_within(at..to),
            3 => {
                let piece = random.of(&PIECES).as_bytes();
                drop(bytes.splice(at..at, piece.iter().copied()));
            }
            _ => bytes.get_mut(at).into_iter().for_each(|byte| *byte = odd(random)),
        }
    }
    bytes
}

/// What tables and their readers trip over.
const PIECES: [&str; 16] = [
    "\"",
    "\"\"",
    ",",
    ";",
    "\r\n",
    "\n",
    "\r",
    "\u{feff}",
    "-",
    "1e308",
    "1e-400",
    "nan",
    "24:60",
    "\0",
    "\u{fffd}",
    "99999999999",
];

fn odd(random: &mut Random) -> u8 {
    if random.below(2) == 0 { random.of(b"\",;\n\r\t .-+eE019:/'\0\xff") } else { random.below(256) as u8 }
}

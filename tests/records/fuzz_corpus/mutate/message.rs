//! Changes to a protobuf message that leave it one, whatever its fields mean.

use super::Random;
use crate::wire::{Field, Message};

/// A changed copy; empty where the bytes are no message.
pub(super) fn changed(bytes: &[u8], random: &mut Random) -> Vec<u8> {
    let Some(mut message) = Message::read(bytes) else { return vec![] };
    for _ in 0..=random.below(2) {
        change(&mut message, random, 0);
    }
    message.write()
}

fn change(message: &mut Message, random: &mut Random, depth: usize) {
    if message.0.is_empty() {
        return;
    }
    let at = random.below(message.0.len());
    let is_message =
        |field: &Field| matches!(field, Field::Bytes(bytes) if bytes.len() > 1 && Message::read(bytes).is_some());
    // Mostly downwards, where the meaning is.
    if depth < 6 && is_message(&message.0[at].1) && random.below(5) > 0 {
        return message.edit(at, |inner| change(inner, random, depth + 1));
    }
    match random.below(6) {
        0 => drop(message.0.remove(at)),
        1 => message.0.insert(at, message.0[at].clone()),
        2 => {
            let other = random.below(message.0.len());
            message.0.swap(at, other);
        }
        3 => message.0[at].0 = 1 + random.below(25) as u64,
        _ => alter(&mut message.0[at].1, random),
    }
}

/// Numbers that code tends to get wrong, and bytes.
fn alter(field: &mut Field, random: &mut Random) {
    const ODD: [u64; 10] = [0, 1, 2, 7, 255, 1 << 20, 1 << 31, 1 << 40, i64::MAX as u64, u64::MAX];
    match field {
        Field::Varint(value) => *value = ODD[random.below(ODD.len())],
        Field::Fixed(bytes) => {
            let at = random.below(bytes.len());
            bytes[at] = random.below(256) as u8;
        }
        Field::Bytes(bytes) => match random.below(4) {
            0 => bytes.truncate(random.below(bytes.len() + 1)),
            1 => bytes.clear(),
            2 => bytes.extend_from_within(..bytes.len().min(16)),
            _ if bytes.is_empty() => bytes.push(0),
            _ => {
                let at = random.below(bytes.len());
                bytes[at] = random.below(256) as u8;
            }
        },
    }
}

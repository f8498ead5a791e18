//! Changes to a JSON text that leave it one: a value, a key, an entry, somewhere in it.

use serde_json::{Map, Value, json};

use super::Random;

/// A changed copy; empty where the bytes are no JSON.
pub(super) fn changed(bytes: &[u8], random: &mut Random) -> Vec<u8> {
    let Ok(mut value) = serde_json::from_slice::<Value>(bytes) else { return vec![] };
    for _ in 0..=random.below(3) {
        change(&mut value, random, 0);
    }
    value.to_string().into_bytes()
}

fn change(value: &mut Value, random: &mut Random, depth: usize) {
    let goes_down = depth < 12 && random.below(6) > 0;
    match value {
        Value::Object(map) if goes_down && !map.is_empty() => {
            let at = random.below(map.len());
            if let Some(inner) = map.values_mut().nth(at) {
                change(inner, random, depth + 1);
            }
        }
        Value::Array(list) if goes_down && !list.is_empty() => {
            let at = random.below(list.len());
            change(&mut list[at], random, depth + 1);
        }
        Value::Object(map) if random.below(4) > 0 => change_map(map, random),
        Value::Array(list) if random.below(4) > 0 => change_list(list, random),
        other => *other = odd(other, random),
    }
}

fn change_map(map: &mut Map<String, Value>, random: &mut Random) {
    let keys: Vec<String> = map.keys().cloned().collect();
    if keys.is_empty() {
        return drop(map.insert("added".into(), json!(1)));
    }
    let (one, other) = (&keys[random.below(keys.len())], &keys[random.below(keys.len())]);
    match random.below(4) {
        0 => drop(map.remove(one)),
        1 => drop(map.insert(format!("{one}x"), json!({}))),
        2 => {
            // One field's value under another's name.
            let value = map[one].clone();
            map.insert(other.clone(), value);
        }
        _ => {
            if let Some(value) = map.remove(one) {
                map.insert(random.of(&["", "resourceType", "value", "\u{0}", "__proto__"]).to_owned(), value);
            }
        }
    }
}

fn change_list(list: &mut Vec<Value>, random: &mut Random) {
    let at = random.below(list.len());
    match random.below(5) {
        0 => list.clear(),
        1 => list.reverse(),
        2 => list.truncate(at),
        3 if !list.is_empty() => list.extend_from_within(at..),
        _ => list.push(json!(null)),
    }
}

/// A value that code tends to get wrong, mostly of the same type.
fn odd(value: &Value, random: &mut Random) -> Value {
    const NUMBERS: [f64; 12] =
        [0.0, -0.0, 1.0, -1.0, 0.5, 1e300, -1e300, 1e-320, f64::MAX, 16_777_217.0, 1e15, -9_007_199_254_740_993.0];
    const WHOLE: [u64; 8] = [0, 1, 2, 255, 65_536, 1 << 20, 1 << 40, u64::MAX];
    const TEXTS: [&str; 12] = [
        "",
        " ",
        "0",
        "1e999",
        "NaN",
        "2024-02-30",
        "2024-01-01T25:00:00Z",
        "9999-12-31T23:59:60+99:99",
        "\u{0}\n\t",
        "\u{202e}\u{1f600}",
        "Patient/",
        "vitrine-view/1",
    ];
    match (value, random.below(8)) {
        (_, 0) => Value::Null,
        (_, 1) => random.of(&[true, false]).into(),
        (_, 2) => Value::Array(vec![value.clone(); random.of(&[1, 2, 100])]),
        (_, 3) => json!({ "value": value }),
        (Value::Number(_), 4 | 5) => random.of(&WHOLE).into(),
        (Value::Number(_), _) => random.of(&NUMBERS).into(),
        (Value::String(text), 4) => text.repeat(random.of(&[2, 100])).into(),
        (Value::String(text), 5) => text.chars().rev().collect::<String>().into(),
        (Value::String(_), _) => random.of(&TEXTS).into(),
        (_, 4) => random.of(&WHOLE).into(),
        _ => random.of(&TEXTS).into(),
    }
}
